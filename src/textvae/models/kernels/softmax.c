/* The output layer's loss and its gradient, in place of the logits: three passes over a row that
   lies near the processor. */

#include <math.h>

#include "numbers.h"

/* logits (tokens, words), without their bias (words), become the gradients of the summed
   -log p of the words said (tokens); gradients of the bias (words) are added to what is there.
   row (words) is room to work in. Returns the sum, in nats. */
double softmax_gradient(long tokens, long words, number *logits, const float *bias,
                        const int64_t *said, float *bias_gradient, float *restrict row)
{
    double nll = 0;
    for (long token = 0; token < tokens; token++) {
        number *restrict here = logits + token * words;
        long word_said = said[token];
        float largest = -INFINITY;
        _Pragma("omp simd reduction(max : largest)")
        for (long word = 0; word < words; word++) {
            row[word] = exact(here[word]) + bias[word];
            largest = row[word] > largest ? row[word] : largest;
        }
        float logit_said = row[word_said], sum = 0;
        _Pragma("omp simd reduction(+ : sum)")
        for (long word = 0; word < words; word++) {
            row[word] = exponential(row[word] - largest);
            sum += row[word];
        }
        float share = 1.0f / sum;
        FOR_EACH (word, words) {
            float probability = row[word] * share;
            bias_gradient[word] += probability;
            here[word] = rounded(probability);
        }
        /* p - onehot, from a p that is not rounded yet. */
        here[word_said] = rounded(row[word_said] * share - 1.0f);
        bias_gradient[word_said] -= 1.0f;
        nll += largest + logf(sum) - logit_said;
    }
    return nll;
}
