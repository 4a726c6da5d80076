/* The loss of the output layer and its gradient, which overwrites the logits: three passes over a
   row in the cache. */

#include <math.h>

#include "numbers.h"

/* Replaces logits (tokens, words), to which bias (words) has not been added, by the gradients of
   the sum of -log p(target) over targets (tokens), and adds the gradient of the bias to
   bias_gradient (words). row (words) is a scratch array. Returns the sum in nats. */
double softmax_gradient(long tokens, long words, number *logits, const float *bias,
                        const int64_t *targets, float *bias_gradient, float *restrict row)
{
    double nll = 0;
    for (long token = 0; token < tokens; token++) {
        number *restrict gradient = logits + token * words;
        long target = targets[token];
        float largest = -INFINITY;
        _Pragma("omp simd reduction(max : largest)")
        for (long word = 0; word < words; word++) {
            row[word] = exact(gradient[word]) + bias[word];
            largest = row[word] > largest ? row[word] : largest;
        }
        float target_logit = row[target], sum = 0;
        _Pragma("omp simd reduction(+ : sum)")
        for (long word = 0; word < words; word++) {
            row[word] = exponential(row[word] - largest);
            sum += row[word];
        }
        float scale = 1.0f / sum;
        FOR_EACH (word, words) {
            float probability = row[word] * scale;
            bias_gradient[word] += probability;
            gradient[word] = rounded(probability);
        }
        /* p - onehot, from the unrounded p. */
        gradient[target] = rounded(row[target] * scale - 1.0f);
        bias_gradient[target] -= 1.0f;
        nll += largest + logf(sum) - target_logit;
    }
    return nll;
}
