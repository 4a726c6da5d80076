"""A corpus on disk: flat arrays, sentence by sentence in memory."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.corpora.encoded import EncodedCorpus, Sentences, save_array, save_stream
from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError

IDS = st.lists(st.lists(st.integers(1, 70_000), max_size=6), max_size=12)


@settings(deadline=None)
@given(IDS)
def test_sentences_lie_end_to_end(ids: list[list[int]]) -> None:
    sentences = Sentences.of(ids)
    assert len(sentences) == len(ids)
    assert [list(sentences[i]) for i in range(len(ids))] == ids
    assert list(sentences.lengths) == [len(sentence) for sentence in ids]
    assert sentences.offsets.dtype == np.int64


def test_there_is_no_sentence_beyond_the_last() -> None:
    sentences = Sentences.of([[2, 3], [4]])
    for i in (-1, 2):
        with pytest.raises(IndexError):
            sentences[i]


def test_chosen_sentences_are_sentences() -> None:
    sentences = Sentences.of([[2, 3], [4], [5, 6, 7]])
    chosen = sentences.take(np.array([0, 2]))
    assert [list(chosen[i]) for i in range(2)] == [[2, 3], [5, 6, 7]]
    assert len(sentences.take(np.array([], dtype=np.int64))) == 0


def test_a_sample_is_of_all_parts_of_a_split_and_the_same_for_one_seed() -> None:
    sentences = Sentences.of([[2]] * 1000)
    first, again, other = (sentences.sample(100, seed) for seed in (1, 1, 2))
    assert list(first) == list(again) == sorted(set(first))
    assert len(first) == 100
    assert list(first) != list(other)
    # 100 of 1,000: about ten in each tenth.
    assert all(np.histogram(first, bins=10, range=(0, 1000))[0] > 1)


def test_a_sample_of_more_than_there_are_is_all() -> None:
    assert list(Sentences.of([[2], [3]]).sample(9, seed=1)) == [0, 1]


@settings(deadline=None, max_examples=50)
@given(chunks=IDS, dtype=st.sampled_from(["uint16", "uint32", "int64"]))
def test_a_stream_is_saved_as_its_parts_joined(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[list[int]], dtype: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    chunks = [[id % 65_536 for id in chunk] for chunk in chunks]
    joined = np.array([id for chunk in chunks for id in chunk], dtype=dtype)
    save_array(folder / "joined.npy", joined)
    parts = (np.array(chunk, dtype=np.int64) for chunk in chunks)
    sha256 = save_stream(folder / "stream.npy", np.dtype(dtype), len(joined), parts)
    data = (folder / "stream.npy").read_bytes()
    assert data == (folder / "joined.npy").read_bytes()
    assert sha256 == hashlib.sha256(data).hexdigest()


def test_a_stream_of_another_length_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="got 2 elements, expected 3"):
        save_stream(tmp_path / "a.npy", np.dtype(np.uint16), 3, [np.array([1, 2])])
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A prepared corpus of two sentences a split."""
    Vocabulary(["the", "cat"]).save(tmp_path / "vocabulary.txt")
    for split in ("train", "valid", "test"):
        save_array(tmp_path / f"{split}.tokens.npy", np.array([2, 3, 2], dtype=np.uint16))
        save_array(tmp_path / f"{split}.offsets.npy", np.array([0, 2, 3]))
    (tmp_path / "statistics.json").write_text(json.dumps({"name": "cats"}))
    return tmp_path


def test_a_corpus_opens_without_reading_its_arrays(folder: Path) -> None:
    corpus = EncodedCorpus(folder)
    assert corpus.name == "cats"
    train = corpus.split("train")
    assert isinstance(train.tokens, np.memmap)
    assert not train.tokens.flags.writeable
    assert corpus.vocabulary.decode(train[0]) == ["the", "cat"]


def test_a_folder_without_statistics_is_no_corpus(folder: Path) -> None:
    (folder / "statistics.json").unlink()
    with pytest.raises(InputError, match=r"not a prepared corpus \(`textvae prepare` makes one\)"):
        EncodedCorpus(folder)


def test_missing_and_cut_arrays_are_named(folder: Path) -> None:
    (folder / "test.offsets.npy").unlink()
    tokens = folder / "valid.tokens.npy"
    tokens.write_bytes(tokens.read_bytes()[:-3])
    corpus = EncodedCorpus(folder)
    with pytest.raises(InputError, match=r"test\.offsets\.npy: no such file"):
        corpus.split("test")
    with pytest.raises(InputError, match=r"valid\.tokens\.npy: not a whole \.npy array"):
        corpus.split("valid")


def corpus_of(folder: Path, tokens: np.ndarray, offsets: np.ndarray) -> EncodedCorpus:
    Vocabulary(["a", "b"]).save(folder / "vocabulary.txt")
    save_array(folder / "train.tokens.npy", tokens)
    save_array(folder / "train.offsets.npy", offsets)
    (folder / "statistics.json").write_text('{"name": "c"}')
    return EncodedCorpus(folder)


@pytest.mark.parametrize(
    ("tokens", "offsets", "message"),
    [
        ([2, 3, 2], [0, 2, 4], "train.offsets.npy does not fit train.tokens.npy"),
        ([2, 3, 2], [0, 2], "train.offsets.npy does not fit train.tokens.npy"),
        ([2, 3, 2], [1, 3], "train.offsets.npy does not fit train.tokens.npy"),
        ([2, 3, 2], [0, 2, 2, 3], "train.offsets.npy does not fit train.tokens.npy"),
        ([2, 4, 2], [0, 3], "train.tokens.npy has ids outside vocabulary.txt"),
        ([2, 3, 2], [], "train.*.npy are not the arrays of a split"),
        # A step down so deep that the difference is a step up again.
        ([2, 3, 2], [0, 2**62, -(2**62) - 2, 3], "train.offsets.npy does not fit train.tokens.npy"),
        ([2, 0, 2], [0, 3], "train.tokens.npy has end marks inside sentences"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    tmp_path: Path, tokens: list[int], offsets: list[int], message: str
) -> None:
    corpus = corpus_of(tmp_path, np.array(tokens, np.uint16), np.array(offsets, np.int64))
    with pytest.raises(InputError) as error:
        corpus.split("train")
    assert str(error.value) == f"{tmp_path}: {message}"


@pytest.mark.parametrize("dtype", ["f8", "i8", "u1", "u8", ">u2", "S1"])
def test_arrays_of_other_numbers_are_refused(tmp_path: Path, dtype: str) -> None:
    corpus = corpus_of(tmp_path, np.array([2, 3], dtype), np.array([0, 2], np.int64))
    with pytest.raises(InputError, match="are not the arrays of a split"):
        corpus.split("train")


def header(text: bytes) -> bytes:
    """A .npy file of nothing but a header, with room for 9 bytes behind it."""
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + 9 * b"\x00"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        header(b"{'descr': '<u2', 'shape': (1"),
        header(b"{'descr': '<u2', \x00"),
        header(b" {'descr': '<u2'}"),
        header(b"{'descr': '<u2', 'fortran_order': False, 'shape': (9223372036854775808,), }"),
        header(b"{'descr': '<u2', 'fortran_order': False, 'shape': (-1,), }"),
        # As Python 2 wrote it, and as objects are.
        header(b"{'descr': '<u2', 'fortran_order': False, 'shape': (1L,), }"),
        header(b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"),
    ],
)
def test_a_broken_array_file_is_refused(tmp_path: Path, content: bytes) -> None:
    corpus = corpus_of(tmp_path, np.array([2], np.uint16), np.array([0, 1], np.int64))
    (tmp_path / "train.tokens.npy").write_bytes(content)
    with pytest.raises(InputError, match=r"train\.tokens\.npy: not a whole \.npy array"):
        corpus.split("train")


@pytest.mark.parametrize("text", ["[]", "{}", '{"name": 3}'])
def test_statistics_of_something_else_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "statistics.json").write_text(text)
    with pytest.raises(InputError, match="not the statistics of a prepared corpus"):
        _ = EncodedCorpus(tmp_path).name


@pytest.mark.parametrize(
    "count", ["null", "true", '"7"', "7.5", "0", "-1", "1e400", "2" + 99 * "0"]
)
def test_a_count_that_is_none_is_refused(tmp_path: Path, count: str) -> None:
    text = f'{{"name": "mine", "splits": {{"train": {{"longest": {count}}}}}}}'
    (tmp_path / "statistics.json").write_text(text)
    with pytest.raises(InputError, match="'longest' of the split 'train' is missing"):
        EncodedCorpus(tmp_path).counted("train", "longest")


def test_what_preparation_counted_of_a_split(tmp_path: Path) -> None:
    path = tmp_path / "statistics.json"
    path.write_text(json.dumps({"name": "mine", "splits": {"train": {"sentences": 7}}}))
    assert EncodedCorpus(tmp_path).counted("train", "sentences") == 7
    for split, what in (("train", "longest"), ("test", "sentences")):
        with pytest.raises(InputError, match=f"'{what}' of the split '{split}' is missing"):
            EncodedCorpus(tmp_path).counted(split, what)
