#!/usr/bin/env bash
# Package: torch 2.13.0 (PyPI, run on a CPU). Seen: 2026-11-28.
#
# Behaviour: torch.nn.functional.linear_cross_entropy with chunking options adds the losses of its
# chunks in the precision of its input. With bfloat16 input and reduction "mean" (or "sum") the loss
# depends on the chunk size and is off by up to 8%; the losses with reduction "none" are right, and so
# are the gradients.
# One would have guessed: a fused loss sums in float32, as cross_entropy does under autocast, so that
# chunking is a matter of memory and speed alone.
#
# Output seen (2,048 tokens, 12,000 words):
#   float32 reference            9.4985
#   mean of reduction="none"     9.4984
#   reduction="mean", chunks of   16: 8.7500 (-7.9%)
#   reduction="mean", chunks of   64: 9.6875 (+2.0%)
#   reduction="mean", chunks of  256: 9.5000 (+0.0%)
#   reduction="mean", default options: 9.5625 (+0.7%)
#
# What to do: use reduction="none" and take the mean in float32, or do not read the loss.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 2> pip.log \
  || { cat pip.log; exit 2; }

venv/bin/python -W ignore - <<'END'
import sys

import torch
from torch.nn import LinearCrossEntropyOptions
from torch.nn.functional import cross_entropy, linear_cross_entropy

torch.set_num_threads(1)
torch.manual_seed(0)
features = torch.randn(2048, 512).bfloat16()
weight = (0.02 * torch.randn(12_000, 512)).bfloat16()
target = torch.randint(12_000, (2048,))


def fused(reduction, **options):
    options = LinearCrossEntropyOptions(**options)
    return linear_cross_entropy(features, weight, target, reduction=reduction, options=options)


right = cross_entropy(features.float() @ weight.float().T, target).item()
print(f"float32 reference            {right:.4f}")
print(f'mean of reduction="none"     {fused("none", batch_chunk_size=64).float().mean():.4f}')
errors = []
for size in (16, 64, 256, None):
    loss = fused("mean", **({"batch_chunk_size": size} if size else {})).item()
    errors.append(loss / right - 1)
    name = f"chunks of {size:4}" if size else "default options"
    print(f'reduction="mean", {name}: {loss:.4f} ({errors[-1]:+.1%})')
if max(map(abs, errors)) < 0.01:
    sys.exit("changed: the mean is within 1% for every chunk size now")
END
