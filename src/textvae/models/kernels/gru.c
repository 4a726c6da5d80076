/* One time step of a GRU (the equations of torch.nn.GRU) for several sentences, each a row. Gates
   are in the order reset, update, new. */

#include "numbers.h"

/* gates (rows, 3 size): the terms from the tokens, replaced by the activated gates. product, of the
   same shape: the terms from the previous states. Writes offered (rows, size), the factor of the
   reset gate, and hidden (rows, size). */
void gru_forward(long rows, long size, float *gates, const number *product, const float *bias_in,
                 const float *bias_state, const float *hidden_before, float *offered,
                 float *hidden)
{
    for (long row = 0; row < rows; row++) {
        float *r = gates + row * 3 * size;
        float *u = r + size, *n = u + size;
        const number *from_r = product + row * 3 * size, *from_u = from_r + size,
                     *from_n = from_u + size;
        const float *in_r = bias_in, *in_u = in_r + size, *in_n = in_u + size;
        const float *state_r = bias_state, *state_u = state_r + size, *state_n = state_u + size;
        const float *before = hidden_before + row * size;
        float *offer = offered + row * size, *state = hidden + row * size;
        FOR_EACH (j, size) {
            r[j] = sigmoid(r[j] + in_r[j] + exact(from_r[j]) + state_r[j]);
            u[j] = sigmoid(u[j] + in_u[j] + exact(from_u[j]) + state_u[j]);
            offer[j] = exact(from_n[j]) + state_n[j];
            n[j] = hyperbolic_tangent(n[j] + in_n[j] + r[j] * offer[j]);
            state[j] = n[j] + u[j] * (before[j] - n[j]);
        }
    }
}

/* Writes the gradients of the gates before activation, (rows, 3 size): of the terms from the tokens
   to `outer`, of the terms from the states to `inner`; they differ in the new gate only. Adds the
   sum of outer over the rows to bias_gradient (3 size), and that of inner's new gate to
   offered_bias_gradient (size). by_hidden: the gradient of the loss with respect to the hidden
   states; by_product: the gradient through the next step's product; by_states: the gradient that
   bypasses that product, replaced by the one that bypasses this step. */
void gru_backward(long rows, long size, const float *gates, const float *by_hidden,
                  const number *by_product, float *by_states, const float *hidden_before,
                  const float *offered, number *outer, number *inner, float *bias_gradient,
                  float *offered_bias_gradient)
{
    for (long row = 0; row < rows; row++) {
        const float *r = gates + row * 3 * size, *u = r + size, *n = u + size;
        const float *own = by_hidden + row * size, *before = hidden_before + row * size,
                    *offer = offered + row * size;
        const number *later = by_product + row * size;
        float *by_state = by_states + row * size;
        number *outer_r = outer + row * 3 * size, *outer_u = outer_r + size,
               *outer_n = outer_u + size;
        number *inner_r = inner + row * 3 * size, *inner_u = inner_r + size,
               *inner_n = inner_u + size;
        float *bias_r = bias_gradient, *bias_u = bias_r + size, *bias_n = bias_u + size;
        FOR_EACH (j, size) {
            float reset = r[j], update = u[j], candidate = n[j];
            float by_now = own[j] + exact(later[j]) + by_state[j];
            float d_n = by_now * (1.0f - update) * (1.0f - candidate * candidate);
            float d_u = by_now * (before[j] - candidate) * update * (1.0f - update);
            float d_r = d_n * offer[j] * reset * (1.0f - reset);
            by_state[j] = by_now * update;
            outer_r[j] = inner_r[j] = rounded(d_r);
            outer_u[j] = inner_u[j] = rounded(d_u);
            outer_n[j] = rounded(d_n);
            inner_n[j] = rounded(d_n * reset);
            bias_r[j] += d_r;
            bias_u[j] += d_u;
            bias_n[j] += d_n;
            offered_bias_gradient[j] += d_n * reset;
        }
    }
}
