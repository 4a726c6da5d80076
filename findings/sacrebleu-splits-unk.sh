#!/usr/bin/env bash
# Package: sacrebleu 2.6.0 (PyPI). Seen: 2026-11-29.
#
# Behaviour: the default tokenizer, 13a, makes three tokens of <unk>, and intl does so, too. Two
# sentences that share nothing but one unknown word have three common 1-grams, two 2-grams and a
# 3-gram, and a BLEU-2 of 45. Split at spaces, they have a common 1-gram, and a BLEU-2 of 0.
# One would have guessed: text in which rare words are <unk>, as language models and VAEs read and
# write it, is text that is tokenised already, and a marker of these models stays a token. Where 5%
# of the words are <unk>, a part of BLEU is credit for the brackets.
#
# Output seen, of "the <unk> was old" with the reference "some <unk> had gone":
#   13a:  common n-grams [3, 2, 1, 0] of [6, 5, 4, 3], BLEU-2 44.7
#   intl: common n-grams [3, 2, 1, 0] of [6, 5, 4, 3], BLEU-2 44.7
#   none: common n-grams [1, 0, 0, 0] of [4, 3, 2, 1], BLEU-2 0.0
#
# What to do: tokenize="none" for text of a model with a vocabulary.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check sacrebleu==2.6.0 2> pip.log || { cat pip.log; exit 2; }

venv/bin/python - <<'END'
import sys

from sacrebleu.metrics import BLEU

text, reference = ["the <unk> was old"], [["some <unk> had gone"]]
common = {}
for name in ("13a", "intl", "none"):
    four = BLEU(tokenize=name).corpus_score(text, reference)
    two = BLEU(tokenize=name, max_ngram_order=2, smooth_method="none").corpus_score(text, reference)
    print(f"{name + ':':5} common n-grams {four.counts} of {four.totals}, BLEU-2 {two.score:.1f}")
    common[name] = four.counts
if common != {"13a": [3, 2, 1, 0], "intl": [3, 2, 1, 0], "none": [1, 0, 0, 0]}:
    sys.exit("changed: <unk> is tokenised otherwise now")
END
