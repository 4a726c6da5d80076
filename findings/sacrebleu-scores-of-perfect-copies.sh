#!/usr/bin/env bash
# Package: sacrebleu 2.6.0 (PyPI). Seen: 2026-11-29.
#
# Behaviour: corpus BLEU-4 of sentences under four words that equal their references is 0.0, because
# there is no 4-gram to match; with longer sentences that equal their references it can exceed 100 in
# the last digits.
# One would have guessed: a perfect copy scores exactly 100, or the score is undefined where no
# sentence has a 4-gram. In a table by length the zeros of short sentences look like a poor model, and
# a comparison of such rows looks like a result.
#
# Output seen:
#   "turn left" copied: 0.0
#   "the cat sat on the mat" copied: 100.00000000000004
#
# What to do: leave orders without any n-gram out, and clip the score to 100.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check sacrebleu==2.6.0 2> pip.log || { cat pip.log; exit 2; }

venv/bin/python - <<'END'
import sys

from sacrebleu.metrics import BLEU

metric = BLEU(tokenize="none", smooth_method="none", force=True)
scores = {}
for sentence in ("turn left", "the cat sat on the mat"):
    scores[sentence] = metric.corpus_score([sentence], [[sentence]]).score
    print(f'"{sentence}" copied: {scores[sentence]!r}')
short, long = scores.values()
if short != 0 or not 100 < long < 100 + 1e-9:
    sys.exit("changed: perfect copies are scored otherwise now")
END
