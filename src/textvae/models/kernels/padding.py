"""Padding of rows, so that products have few distinct shapes.

For a product in bfloat16 of a shape that it has not seen, oneDNN generates code, which takes longer
than the product itself. The number of tokens differs from batch to batch; so it is rounded up to a
multiple of ROWS with rows of zeros. In float32 no code is generated.
"""

import torch
from torch import Tensor

# Few rows are wasted, and all shapes have been seen after some dozens of batches.
ROWS = 64


def pad_rows(rows: Tensor, precision: torch.dtype) -> Tensor:
    """Convert rows (n, ...) to a precision, with rows of zeros up to the next multiple of ROWS."""
    if not (missing := missing_rows(len(rows), precision, rows.device)):
        return rows.to(precision)
    # F.pad would copy them once more.
    result = rows.new_empty(len(rows) + missing, *rows.shape[1:], dtype=precision)
    result[: len(rows)] = rows
    result[len(rows) :] = 0
    return result


def missing_rows(count: int, precision: torch.dtype, device: torch.device) -> int:
    """Return the number of rows to add to `count`; 0 where no code is generated."""
    return -count % ROWS if precision == torch.bfloat16 and device.type == "cpu" else 0
