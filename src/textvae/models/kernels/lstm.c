/* One time step of an LSTM (the equations of torch.nn.LSTM) for several sentences, each a row.
   Gates are in the order input, forget, cell, output. */

#include "numbers.h"

/* gates (rows, 4 size): the terms from the tokens, replaced by the activated gates. product, of the
   same shape: the terms from the previous states. Writes cells and hidden (rows, size). */
void lstm_forward(long rows, long size, float *gates, const number *product, const float *bias,
                  const float *cells_before, float *cells, float *hidden)
{
    for (long row = 0; row < rows; row++) {
        float *i = gates + row * 4 * size;
        float *f = i + size, *g = f + size, *o = g + size;
        const number *from_i = product + row * 4 * size, *from_f = from_i + size,
                     *from_g = from_f + size, *from_o = from_g + size;
        const float *bias_i = bias, *bias_f = bias + size, *bias_g = bias_f + size,
                    *bias_o = bias_g + size, *before = cells_before + row * size;
        float *cell = cells + row * size, *state = hidden + row * size;
        FOR_EACH (j, size) {
            i[j] = sigmoid(i[j] + exact(from_i[j]) + bias_i[j]);
            f[j] = sigmoid(f[j] + exact(from_f[j]) + bias_f[j]);
            g[j] = hyperbolic_tangent(g[j] + exact(from_g[j]) + bias_g[j]);
            o[j] = sigmoid(o[j] + exact(from_o[j]) + bias_o[j]);
            cell[j] = f[j] * before[j] + i[j] * g[j];
            state[j] = o[j] * hyperbolic_tangent(cell[j]);
        }
    }
}

/* Writes the gradients of the gates before activation, (rows, 4 size), to `gradients` (which may be
   the array `gates`), and adds their sum over the rows to bias_gradient (4 size). by_hidden: the
   gradient of the loss with respect to the hidden states; by_product: the gradient through the next
   step's product; by_cells: the gradient through the next step's cells, replaced by that for the
   previous step. */
void lstm_backward(long rows, long size, const float *gates, const float *by_hidden,
                   const number *by_product, float *by_cells, const float *cells,
                   const float *cells_before, number *gradients, float *bias_gradient)
{
    for (long row = 0; row < rows; row++) {
        const float *i = gates + row * 4 * size, *f = i + size, *g = f + size, *o = g + size;
        const float *own = by_hidden + row * size, *cell = cells + row * size,
                    *before = cells_before + row * size;
        const number *later = by_product + row * size;
        float *by_cell = by_cells + row * size;
        number *by_i = gradients + row * 4 * size, *by_f = by_i + size, *by_g = by_f + size,
               *by_o = by_g + size;
        float *bias_i = bias_gradient, *bias_f = bias_i + size,
              *bias_g = bias_f + size, *bias_o = bias_g + size;
        FOR_EACH (j, size) {
            float input = i[j], forget = f[j], candidate = g[j], output = o[j];
            float squashed = hyperbolic_tangent(cell[j]);
            float by_state = own[j] + exact(later[j]);
            float by_now = by_cell[j] + by_state * output * (1.0f - squashed * squashed);
            float d_i = by_now * candidate * input * (1.0f - input);
            float d_f = by_now * before[j] * forget * (1.0f - forget);
            float d_g = by_now * input * (1.0f - candidate * candidate);
            float d_o = by_state * squashed * output * (1.0f - output);
            by_cell[j] = by_now * forget;
            by_i[j] = rounded(d_i);
            by_f[j] = rounded(d_f);
            by_g[j] = rounded(d_g);
            by_o[j] = rounded(d_o);
            bias_i[j] += d_i;
            bias_f[j] += d_f;
            bias_g[j] += d_g;
            bias_o[j] += d_o;
        }
    }
}
