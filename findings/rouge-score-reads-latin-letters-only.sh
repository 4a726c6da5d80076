#!/usr/bin/env bash
# Package: rouge-score 0.1.2 (PyPI). Seen: 2026-11-29.
#
# Behaviour: its default tokenizer keeps a to z and 0 to 9 and drops every other character, without a
# warning. Sentences in Greek, Cyrillic or Devanagari have no tokens, and a perfect copy has ROUGE 0;
# letters with accents end a word, so that two different French words have a ROUGE-1 of 1.
# One would have guessed: words are what is between spaces, or letters in the sense of Unicode; or an
# error where a text has no tokens. A model of another language looks as if it reconstructed nothing.
#
# Output seen, F-measure of ROUGE-1:
#   the cat sleeps, copied: 1.0
#   η γάτα κοιμάται, copied: 0.0
#   кошка спит, copied: 0.0
#   बिल्ली सोती है, copied: 0.0
#   gâté instead of gêté: 1.0
#
# What to do: give RougeScorer a tokenizer whose tokenize(text) is text.split().
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check rouge-score==0.1.2 nltk==3.9.4 numpy==2.4.6 \
  absl-py==2.3.1 six==1.17.0 2> pip.log || { cat pip.log; exit 2; }

venv/bin/python - <<'END'
import sys

from rouge_score.rouge_scorer import RougeScorer


def rouge(reference, text, **how):
    return RougeScorer(["rouge1"], **how).score(reference, text)["rouge1"].fmeasure


class Spaces:
    def tokenize(self, text):
        return text.split()


copied = ("the cat sleeps", "η γάτα κοιμάται", "кошка спит", "बिल्ली सोती है")
scores = [rouge(sentence, sentence) for sentence in copied]
for sentence, score in zip(copied, scores):
    print(f"{sentence}, copied: {score}")
scores.append(rouge("gêté", "gâté"))
print(f"gâté instead of gêté: {scores[-1]}")
if scores != [1, 0, 0, 0, 1]:
    sys.exit("changed: other letters are read now")
if [rouge(sentence, sentence, tokenizer=Spaces()) for sentence in copied] != [1] * 4:
    sys.exit("changed: a tokenizer at spaces gives no 1 for copies")
END
