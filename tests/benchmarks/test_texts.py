"""Made-up text has the lengths that are asked for, and words by Zipf's law."""

import numpy as np
import pytest
from benchmarks.texts import LENGTHS, draw_sentences, write_corpus, write_text


@pytest.mark.parametrize("kind", LENGTHS)
def test_lengths_are_those_of_the_kind(kind):
    lengths = draw_sentences(kind, 1000, 5000, seed=1).lengths
    expected = LENGTHS[kind]
    assert lengths.mean() == pytest.approx(expected.mean, rel=0.03)
    assert lengths.min() >= expected.shortest
    assert lengths.max() <= expected.longest


def test_frequent_words_come_first_and_all_are_words():
    tokens = draw_sentences("cbt-like", 1000, 5000, seed=1).tokens
    counts = np.bincount(tokens, minlength=1001)
    # `<eos>` is no word of a sentence.
    assert counts[0] == 0
    assert len(counts) == 1001
    assert counts[1:11].sum() > counts[101:111].sum() > counts[901:911].sum()


def test_a_corpus_and_a_text_hold_the_same_sentences(tmp_path):
    sizes = {"train": 30, "valid": 5, "test": 5}
    corpus = write_corpus(tmp_path / "corpus", "cbt-like", 50, sizes)
    write_text(tmp_path / "text.txt", "cbt-like", 50, 30)
    lines = (tmp_path / "text.txt").read_text().splitlines()
    split = corpus.split("train")
    assert len(lines) == len(split) == 30
    assert lines[7].split() == [f"w{word}" for word in split[7]]
