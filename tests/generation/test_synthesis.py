"""A synthetic corpus: codes in, text out, and what a reader of it should know."""

import numpy as np
import pytest
import torch

from one_by_one import LATENT, VOCABULARY, lively_model
from textvae.generation import synthesis
from textvae.generation.codes import corpus_codes, load
from textvae.generation.synthesis import Tally, synthesise, warn
from textvae.models.decoding import Decoded, decode
from textvae.schemes import DecodingStrategy

TRAINED = lively_model()
NUCLEUS = DecodingStrategy.parse("nucleus0.9")


def test_counts_by_hand(monkeypatch):
    """Word 1 is <unk>, word i + 2 is wi; the second sentence ended at once, the last did not."""
    said = [[5, 1, 9], [], [1], [4] * 6]
    decoded = [Decoded(ids, ended=len(ids) < 6) for ids in said]
    monkeypatch.setattr(synthesis, "decode", lambda *a: iter(decoded))
    tally = Tally()
    text = list(synthesise(TRAINED, np.zeros((4, LATENT)), NUCLEUS, (1, 1), 6, tally))
    assert text == ["w3 <unk> w7", "", "<unk>", "w2 w2 w2 w2 w2 w2"]
    assert tally == Tally(sentences=4, words=10, unknown=2, empty=1, cut=1)


def test_sentences_are_those_of_the_codes_in_their_order():
    codes = 2 * corpus_codes(30, LATENT, 1, 1)
    tally = Tally()
    text = list(synthesise(TRAINED, codes, NUCLEUS, (1, 2), 9, tally))
    decoded = list(decode(TRAINED.model, torch.from_numpy(codes), 9, NUCLEUS, (1, 2)))
    assert [VOCABULARY.encode(line.split()) for line in text] == [each.ids for each in decoded]
    assert tally.sentences == 30
    assert tally.words == sum(len(line.split()) for line in text)
    assert tally.empty == text.count("")
    assert tally.cut == sum(not each.ended for each in decoded)
    assert 0 < tally.cut < 30


def test_codes_mapped_from_a_file_are_read_and_left_alone(tmp_path):
    """torch warns of arrays that may not be written to, and a warning is an error here."""
    codes = corpus_codes(5, LATENT, 1, 1)
    np.save(tmp_path / "codes.npy", codes)
    mapped = load(tmp_path / "codes.npy", 2, LATENT)
    from_file = list(synthesise(TRAINED, mapped, NUCLEUS, (1, 1), 9, Tally()))
    assert from_file == list(synthesise(TRAINED, codes, NUCLEUS, (1, 1), 9, Tally()))


@pytest.mark.parametrize(
    ("tally", "message"),
    [
        (Tally(sentences=10, words=50, unknown=49, empty=3), ""),
        (
            Tally(sentences=20_000, words=90_000, cut=1_500),
            "the cell: 1,500 of 20,000 sentences did not end within 12 words and were cut there\n",
        ),
        (Tally(sentences=10, empty=10), "the cell: every one of 10 sentences is empty\n"),
        (
            Tally(sentences=10, words=5, unknown=5, empty=5),
            "the cell: every one of 10 sentences has no word but <unk>\n",
        ),
        (
            Tally(sentences=10, words=120, unknown=120, cut=10),
            "the cell: 10 of 10 sentences did not end within 12 words and were cut there\n"
            "the cell: every one of 10 sentences has no word but <unk>\n",
        ),
    ],
)
def test_what_a_reader_should_know_is_said_with_the_cell_s_name(capsys, tally, message):
    warn("the cell", tally, 12)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", message)
