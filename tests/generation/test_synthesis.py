"""Synthetic corpora: decoded from codes, and read with their reports."""

import hashlib
import json
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from one_by_one import LATENT, VOCABULARY, lively_model
from textvae.cells import Cell
from textvae.errors import InputError
from textvae.generation import synthesis
from textvae.generation.codes import corpus_codes, load
from textvae.generation.generated import Generated, GeneratedText, check_text, read_report
from textvae.generation.synthesis import Tally, synthesise, warn
from textvae.models.decoding import Decoded, decode
from textvae.schemes import DecodingStrategy

TRAINED = lively_model()
NUCLEUS = DecodingStrategy.parse("nucleus0.9")


def test_tally_by_hand(monkeypatch):
    """Word 1 is <unk>, word i + 2 is wi; one sentence is empty, the last does not end."""
    ids = [[5, 1, 9], [], [1], [4] * 6]
    decoded = [Decoded(each, ended=len(each) < 6) for each in ids]
    monkeypatch.setattr(synthesis, "decode", lambda *args: iter(decoded))
    tally = Tally()
    text = list(synthesise(TRAINED, np.zeros((4, LATENT)), NUCLEUS, (1, 1), 6, tally))
    assert text == ["w3 <unk> w7", "", "<unk>", "w2 w2 w2 w2 w2 w2"]
    assert tally == Tally(sentences=4, words=10, unknown=2, empty=1, cut=1)


def test_sentences_are_decoded_from_the_codes_in_order(tmp_path):
    """The codes may be mapped from a file, which torch must not write to."""
    codes = 2 * corpus_codes(30, LATENT, 1, 1)
    np.save(tmp_path / "codes.npy", codes)
    tally = Tally()
    mapped = load(tmp_path / "codes.npy", 2, LATENT)
    text = list(synthesise(TRAINED, mapped, NUCLEUS, (1, 2), 9, tally))
    decoded = list(decode(TRAINED.model, torch.from_numpy(codes), 9, NUCLEUS, (1, 2)))
    assert [VOCABULARY.encode(line.split()) for line in text] == [each.ids for each in decoded]
    assert tally.words == sum(len(line.split()) for line in text)
    assert tally.cut == sum(not each.ended for each in decoded)
    assert 0 < tally.cut < 30


@pytest.mark.parametrize(
    ("tally", "messages"),
    [
        (Tally(sentences=10, words=50, unknown=49, empty=3), []),
        (Tally(sentences=20_000, words=90_000, cut=1_500), ["1,500 of 20,000 "]),
        (Tally(sentences=10, empty=10), ["every one of 10 "]),
        (Tally(sentences=10, words=120, unknown=120, cut=10), ["10 of 10 ", "every one of 10 "]),
    ],
)
def test_warnings_name_the_cell_and_count_sentences(capsys, tally, messages):
    warn("the cell", tally, 12)
    out, err = capsys.readouterr()
    assert out == ""
    for line, message in zip(err.splitlines(), messages, strict=True):
        assert line.startswith(f"the cell: {message}")
        assert ("within 12 words" in line) == ("every" not in message)
        if "every" in message:
            assert ("<unk>" in line) == (tally.words > 0)


CELL = Cell("cbt", "lstm", 15.0, 1)
REPORT = {
    "cell": CELL.as_dict(),
    "decoding": "nucleus0.9",
    "copy": 2,
    "seed": 1,
    "longest": 30,
    **asdict(Tally(sentences=10, words=80, unknown=3, empty=1, cut=4)),
}


def test_report_is_read(tmp_path):
    (tmp_path / "report.json").write_text(json.dumps(REPORT))
    generated = read_report(tmp_path / "report.json")
    assert generated == Generated(CELL, "nucleus0.9", copy=2, cut=4, longest=30, sentences=10)
    assert str(generated) == "cbt/lstm/C15/seed1, nucleus0.9, copy 2"
    (tmp_path / "report.json").write_text(json.dumps(REPORT | {"cut": 0}))
    assert read_report(tmp_path / "report.json").cut == 0


def test_text_of_another_report_is_refused(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("a b\nc\n")
    made = Generated(CELL, "greedy", copy=1, cut=0, longest=30)
    check_text(made, path, 2)
    sha256 = hashlib.sha256(b"a b\nc\n").hexdigest()
    check_text(replace(made, sentences=2, sha256=sha256), path, 2)
    with pytest.raises(InputError, match=f"^{path}: 2 sentences, expected the 3 "):
        check_text(replace(made, sentences=3, sha256=sha256), path, 2)
    path.write_text("a b\nd\n")
    with pytest.raises(InputError, match=f"^{path}: .*SHA-256"):
        check_text(replace(made, sentences=2, sha256=sha256), path, 2)


@pytest.mark.parametrize(
    "content",
    [
        *([], {}, 3, None),
        REPORT | {"cell": {"corpus": "cbt"}},
        REPORT | {"cell": "cbt/lstm/C15/seed1"},
        REPORT | {"cell": {**CELL.as_dict(), "\x1b": 1}},
        *(REPORT | {"decoding": value} for value in (None, "", "greedy\x1b[2J", "../greedy")),
        *(REPORT | {"cut": value} for value in (-1, None, True, 1.5, float("inf"))),
        REPORT | {"copy": "2"},
        *(REPORT | {"longest": value} for value in ("30", 10**400)),
    ],
)
def test_other_json_is_refused_as_a_report(tmp_path, content):
    path = tmp_path / "report.json"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError) as error:
        read_report(path)
    assert str(error.value).startswith(f"{path}: not a report ")
    assert str(error.value).isprintable()


def test_text_is_read_again_at_every_iteration(tmp_path):
    path = tmp_path / "sentences.txt"
    path.write_text("the cat sat\n\n<unk> sat\n")
    text = GeneratedText(path)
    assert len(text) == 3
    for _ in range(2):
        assert list(text) == [["the", "cat", "sat"], [], ["<unk>", "sat"]]
