/* Number types of the products, and element-wise functions, shared by all kernels.

   Without branches, calls or tables, so that any compiler vectorises them. */

#ifndef NUMBERS_H
#define NUMBERS_H

#include <stdint.h>
#include <string.h>

#define FOR_EACH(j, size) _Pragma("omp simd") for (long j = 0; j < (size); j++)

static inline float of_bits(uint32_t bits)
{
    float number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static inline uint32_t bits_of(float number)
{
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

#ifdef BFLOAT16
/* The upper half of a float32, rounded to nearest, ties to even. NaN is not handled: the loss
   reports it before any gradient is used. */
typedef uint16_t number;
static inline float exact(number half) { return of_bits((uint32_t)half << 16); }
static inline number rounded(float value)
{
    uint32_t bits = bits_of(value);
    return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}
#else
typedef float number;
static inline float exact(number value) { return value; }
static inline number rounded(float value) { return value; }
#endif

/* e^x to 2 units in the last place, x clamped to where e^x is a normal number; NaN stays NaN. */
static inline float exponential(float x)
{
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    /* x = n log 2 + r: adding 1.5 * 2^23 leaves n in the lowest bits. */
    float shifted = x * 1.442695041f + 12582912.0f;
    float n = shifted - 12582912.0f;
    /* log 2 in two parts; the first has few bits, so its product with n is exact. */
    float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    /* Taylor series to the seventh power; |r| is at most 0.35. */
    float series = 1.0f / 5040;
    series = series * r + 1.0f / 720;
    series = series * r + 1.0f / 120;
    series = series * r + 1.0f / 24;
    series = series * r + 1.0f / 6;
    series = series * r + 0.5f;
    series = series * r + 1.0f;
    series = series * r + 1.0f;
    /* Times 2^n, a number whose mantissa is zero. */
    return series * of_bits((bits_of(shifted) << 23) + 0x3f800000u);
}

static inline float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }

/* Absolute error 1e-7, also for small results: states are added to numbers near 1. */
static inline float hyperbolic_tangent(float x) { return 2.0f * sigmoid(2.0f * x) - 1.0f; }

#endif
