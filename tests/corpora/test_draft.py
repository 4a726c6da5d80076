"""A split as it is first read, before anything is drawn or renumbered."""

from pathlib import Path

import numpy as np

from raw_texts import write
from textvae.corpora.preparation import GrowingIds, read_draft
from textvae.corpora.vocabulary import Vocabulary


def test_a_draft_is_what_was_read(tmp_path: Path) -> None:
    write(tmp_path)
    ids = GrowingIds()
    draft = read_draft(tmp_path / "train.txt", ids, tmp_path)
    assert list(ids) == ["<eos>", "<unk>", "the", "cat", "sat", ".", "dog", "on", "a"]
    assert draft.tokens.tolist() == [2, 3, 4, 5, 2, 6, 4, 7, 2, 3, 5, 8, 3]
    assert draft.lengths.tolist() == [4, 7, 2]
    assert draft.count(np.array([True, False, True]), 9).tolist() == [0, 0, 1, 2, 1, 1, 0, 0, 1]


def test_splits_share_one_numbering(tmp_path: Path) -> None:
    write(tmp_path)
    ids = GrowingIds()
    read_draft(tmp_path / "train.txt", ids, tmp_path)
    valid = read_draft(tmp_path / "valid.txt", ids, tmp_path)
    assert valid.tokens.tolist() == [2, 9, 4, 5, 8, 3]
    assert ids["cow"] == 9


def test_a_closed_vocabulary_does_not_grow(tmp_path: Path) -> None:
    write(tmp_path)
    ids = GrowingIds(Vocabulary(["cat", "a"]))
    draft = read_draft(tmp_path / "valid.txt", ids, tmp_path)
    assert draft.tokens.tolist() == [1, 1, 1, 1, 3, 2]
    assert len(ids) == 4


def test_the_temporary_file_is_gone_while_it_is_read(tmp_path: Path) -> None:
    write(tmp_path)
    folder = tmp_path / "out"
    folder.mkdir()
    draft = read_draft(tmp_path / "train.txt", GrowingIds(), folder)
    assert list(folder.iterdir()) == []
    assert len(draft.tokens) == 13
