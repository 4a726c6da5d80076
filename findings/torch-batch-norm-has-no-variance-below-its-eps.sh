#!/usr/bin/env bash
# Package: torch 2.13.0 (PyPI). Seen: 2026-11-30.
#
# Behaviour: BatchNorm1d divides by sqrt(variance + 1e-5), so that its output has the variance 1 only
# where that of its input is far above 1e-5; at 1e-5 it is a half, at 1e-9 a ten-thousandth. Training
# can go there: with a loss of only the output's second moment, Adam shrinks the weights before the
# layer until nothing is left of the output, although a normalised output has a constant moment.
# One would have guessed: normalised values have the variance 1, whatever comes in. The least rate of
# BN-VAE (Zhu et al. 2020), gamma^2 / 2 in each dimension, rests on it: the mean code cannot collapse.
# In a text VAE whose encoder starts with means that hardly vary it does, in some seeds.
#
# Output seen:
#   variance 1 -> 0.99999
#   variance 1e-05 -> 0.50000
#   variance 1e-09 -> 0.00010
#   after 2000 steps: variance before 5.9e-09, after 0.001
#
# What to do: look at R of held-out sentences; a smaller eps, or a layer before it of larger weights.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6 2> pip.log || { cat pip.log; exit 2; }

venv/bin/python - <<'END'
import sys

import torch

torch.manual_seed(1)
torch.set_num_threads(1)
x = torch.randn(512, 8)
x = (x - x.mean(0)) / x.std(0, correction=0)
after = []
for variance in (1, 1e-5, 1e-9):
    normal = torch.nn.BatchNorm1d(8, affine=False)
    after.append(normal(x * variance**0.5).var(0, correction=0).mean().item())
    print(f"variance {variance:g} -> {after[-1]:.5f}")

layer, normal = torch.nn.Linear(8, 8, bias=False), torch.nn.BatchNorm1d(8, affine=False)
torch.nn.init.normal_(layer.weight, std=0.01)
optimiser = torch.optim.Adam(layer.parameters(), lr=1e-3)
for _ in range(2000):
    optimiser.zero_grad()
    normal(layer(x)).pow(2).mean().backward()
    optimiser.step()
before, left = (values.var(0, correction=0).mean().item() for values in (layer(x), normal(layer(x))))
print(f"after 2000 steps: variance before {before:.1e}, after {left:.3f}")
if not (after[0] > 0.999 and 0.49 < after[1] < 0.51 and after[2] < 1e-3 and left < 0.1):
    sys.exit("changed: batch normalisation keeps the variance now")
END
