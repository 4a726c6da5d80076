/* Products are rounded; their sums are not. */

#include "numbers.h"

/* Adds products (count) to sums (count), both contiguous. */
void add(long count, float *restrict sums, const number *restrict products)
{
    FOR_EACH (j, count) sums[j] += exact(products[j]);
}
