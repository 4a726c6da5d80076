"""Products whose shapes come again, whatever the number of tokens in a batch.

For a product in bfloat16 of a shape that it has not seen, the library under torch writes a program,
which takes longer than the product itself. The tokens of a batch are a new number every time; so
they are counted in steps, and zeros make up the rest. In float32 there is no such program.
"""

import torch
from torch import Tensor

# Few rows are wasted, and all shapes have been seen after some dozens of batches.
ROWS = 64


def recurring(rows: Tensor, precision: torch.dtype) -> Tensor:
    """Rows (n, ...) in a precision, with rows of zeros up to the next shape that comes again."""
    if not (missing := missing_rows(len(rows), precision, rows.device)):
        return rows.to(precision)
    # torch's own padding would make one more copy of them.
    result = rows.new_empty(len(rows) + missing, *rows.shape[1:], dtype=precision)
    result[: len(rows)] = rows
    result[len(rows) :] = 0
    return result


def missing_rows(count: int, precision: torch.dtype, device: torch.device) -> int:
    """How many rows make `count` up to the next shape that comes again."""
    return -count % ROWS if precision == torch.bfloat16 and device.type == "cpu" else 0
