"""Vocabularies, encoded sentences, and prepared corpora on disk."""

import hashlib
import json
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from input_errors import refusal
from textvae.corpora import SPLITS
from textvae.corpora.encoded import EncodedCorpus, Sentences, save_array, save_stream
from textvae.corpora.vocabulary import EOS, EOS_ID, UNK, UNK_ID, Vocabulary


def words_of(texts):
    text = unicodedata.normalize("NFC", " ".join(texts)).replace(EOS, "").replace(UNK, "")
    return list(dict.fromkeys(text.split()))


# All words that a corpus can have: `str.split` of any composed text, without the marks.
WORDS = st.lists(st.text(), max_size=30).map(words_of)


def test_vocabulary_encodes_and_decodes_by_hand():
    vocabulary = Vocabulary(["the", "cat"])
    assert vocabulary.words == ("<eos>", "<unk>", "the", "cat")
    assert (EOS_ID, UNK_ID, len(vocabulary), vocabulary.types) == (0, 1, 4, 2)
    assert vocabulary.encode(["the", "dog", "<unk>", "cat"]) == [2, 1, 1, 3]
    assert vocabulary.decode([2, 1, 0, 3]) == ["the", "<unk>"]
    assert vocabulary.digest != Vocabulary(["cat", "the"]).digest
    for words in (["the", "the"], ["<unk>"]):
        assert "vocabulary" in refusal(Vocabulary, words)


@settings(deadline=None, max_examples=50)
@given(WORDS)
def test_saved_vocabulary_is_read_back(tmp_path_factory, words):
    path = tmp_path_factory.getbasetemp() / "vocabulary.txt"
    vocabulary = Vocabulary(words)
    vocabulary.save(path)
    assert vocabulary.decode(vocabulary.encode(words)) == words
    assert Vocabulary.load(path).words == vocabulary.words
    assert hashlib.sha256(path.read_bytes()).hexdigest() == vocabulary.digest
    if words:
        assert Vocabulary.read_words(path).words == vocabulary.words
        path.write_text("\n".join(words), encoding="utf-8", newline="")
        assert Vocabulary.read_words(path).words == vocabulary.words


def test_other_file_is_not_a_vocabulary(tmp_path):
    for text in ("", "the\ncat\n", "<eos>\n<unk>\nthe", "<unk>\n<eos>\n"):
        (tmp_path / "v.txt").write_text(text)
        assert "v.txt: " in refusal(Vocabulary.load, tmp_path / "v.txt")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "no words"),
        ("<eos>\n<unk>\n", "no words"),
        ("a\n\nb\n", "w.txt, line 2: ''"),
        ("<eos>\n<unk>\nb c\n", "w.txt, line 3: 'b c'"),
        ("a\nb\na\n", "w.txt, line 3: 'a' again, as in line 1"),
        ("a\n<unk>\n", "w.txt, line 2: '<unk>'"),
    ],
)
def test_invalid_list_of_words_is_named(tmp_path, text, key):
    (tmp_path / "w.txt").write_text(text)
    assert key in refusal(Vocabulary.read_words, tmp_path / "w.txt")


IDS = st.lists(st.lists(st.integers(1, 65_535), max_size=6), max_size=12)


@settings(deadline=None, max_examples=50)
@given(ids=IDS, dtype=st.sampled_from(["uint16", "uint32", "int64"]))
def test_sentences_are_concatenated_and_streamed(tmp_path_factory, ids, dtype):
    sentences = Sentences.of(ids)
    assert len(sentences) == len(ids)
    assert [list(sentences[i]) for i in range(len(ids))] == ids
    assert list(sentences.lengths) == [len(sentence) for sentence in ids]
    assert sentences.offsets.dtype == np.int64
    folder = tmp_path_factory.getbasetemp()
    save_array(folder / "joined.npy", sentences.tokens.astype(dtype))
    parts = (np.array(chunk, dtype=np.int64) for chunk in ids)
    sha256 = save_stream(folder / "stream.npy", np.dtype(dtype), len(sentences.tokens), parts)
    data = (folder / "stream.npy").read_bytes()
    assert data == (folder / "joined.npy").read_bytes()
    assert sha256 == hashlib.sha256(data).hexdigest()


def test_stream_of_another_length_leaves_no_file(tmp_path):
    with pytest.raises(ValueError, match="2 elements, expected 3"):
        save_stream(tmp_path / "a.npy", np.dtype(np.uint16), 3, [np.array([1, 2])])
    assert list(tmp_path.iterdir()) == []


def test_sentences_are_taken_by_index():
    sentences = Sentences.of([[2, 3], [4], [5, 6, 7]])
    taken = sentences.take(np.array([0, 2]))
    assert [list(taken[i]) for i in range(2)] == [[2, 3], [5, 6, 7]]
    assert len(sentences.take(np.array([], dtype=np.int64))) == 0
    for i in (-1, 3):
        with pytest.raises(IndexError):
            sentences[i]


def test_sample_is_sorted_spread_and_decided_by_the_seed():
    sentences = Sentences.of([[2]] * 1000)
    first, again, other = (sentences.sample(100, seed) for seed in (1, 1, 2))
    assert list(first) == list(again) == sorted(set(first))
    assert len(first) == 100
    assert list(first) != list(other)
    # 100 of 1,000: about ten in each tenth.
    assert all(np.histogram(first, bins=10, range=(0, 1000))[0] > 1)
    assert list(Sentences.of([[2], [3]]).sample(9, seed=1)) == [0, 1]


def corpus_of(folder, tokens=(2, 3, 2), offsets=(0, 2, 3)):
    """Write a prepared corpus with one split, train."""
    Vocabulary(["the", "cat"]).save(folder / "vocabulary.txt")
    tokens = tokens if isinstance(tokens, np.ndarray) else np.array(tokens, np.uint16)
    save_array(folder / "train.tokens.npy", tokens)
    save_array(folder / "train.offsets.npy", np.array(offsets, np.int64))
    counts = {split: {"sha256": {"tokens": "a1", "offsets": "b2"}} for split in SPLITS}
    sha256 = {
        part: hashlib.sha256((folder / f"train.{part}.npy").read_bytes()).hexdigest()
        for part in ("tokens", "offsets")
    }
    counts["train"] = {"sentences": 2**40, "longest": 1, "sha256": sha256}
    (folder / "statistics.json").write_text(json.dumps({"name": "cats", "splits": counts}))
    return EncodedCorpus(folder)


def test_corpus_is_mapped(tmp_path):
    corpus = corpus_of(tmp_path)
    assert corpus.name == "cats"
    train = corpus.split("train")
    assert isinstance(train.tokens, np.memmap)
    assert not train.tokens.flags.writeable
    assert corpus.vocabulary.decode(train[0]) == ["the", "cat"]
    assert (corpus.counted("train", "sentences"), corpus.counted("train", "longest")) == (2**40, 1)
    (tmp_path / "statistics.json").unlink()
    assert "textvae prepare" in refusal(EncodedCorpus, tmp_path)


def test_fingerprint_is_of_the_text_not_of_its_counts(tmp_path):
    corpus = corpus_of(tmp_path)
    statistics = json.loads((tmp_path / "statistics.json").read_text())

    def fingerprint(splits):
        contents = json.dumps(statistics | {"splits": splits})
        (tmp_path / "statistics.json").write_text(contents)
        return EncodedCorpus(tmp_path).fingerprint

    counted = {name: split | {"blank_lines": 3} for name, split in statistics["splits"].items()}
    assert fingerprint(counted) == corpus.fingerprint
    for split in SPLITS:
        other = counted | {split: {"sha256": {"tokens": "c3", "offsets": "b2"}}}
        assert fingerprint(other) != corpus.fingerprint
        without = counted | {split: {"sentences": 2}}
        assert "sha256" in refusal(fingerprint, without)
    assert fingerprint(counted) == corpus.fingerprint
    Vocabulary(["cat", "the"]).save(tmp_path / "vocabulary.txt")
    assert EncodedCorpus(tmp_path).fingerprint != corpus.fingerprint


def test_files_of_two_preparations_are_refused(tmp_path):
    corpus = corpus_of(tmp_path)
    assert corpus.split("train").digest
    # Fits the offsets and the vocabulary.
    save_array(tmp_path / "train.tokens.npy", np.array([3, 2, 2], np.uint16))
    assert f"{tmp_path}/train.tokens.npy: its SHA-256" in refusal(corpus.split, "train")
    statistics = json.loads((tmp_path / "statistics.json").read_text())
    other = statistics | {"vocabulary": {"sha256": Vocabulary(["cat", "the"]).digest}}
    (tmp_path / "statistics.json").write_text(json.dumps(other))
    assert "vocabulary.txt: its SHA-256" in refusal(lambda: EncodedCorpus(tmp_path).vocabulary)
    # Earlier versions recorded no SHA-256.
    (tmp_path / "statistics.json").write_text(json.dumps({"name": "cats"}))
    assert list(EncodedCorpus(tmp_path).split("train")[0]) == [3, 2]


TYPES = ["f8", "i8", "u1", ">u2", "S1"]


@pytest.mark.parametrize(
    ("tokens", "offsets", "key"),
    [
        *((np.array([2, 3, 2], dtype), [0, 3], "train.*.npy") for dtype in TYPES),
        ([2, 3, 2], [0, 2, 4], "train.offsets.npy"),
        ([2, 3, 2], [0, 2], "train.offsets.npy"),
        ([2, 3, 2], [1, 3], "train.offsets.npy"),
        ([2, 3, 2], [0, 2, 2, 3], "train.offsets.npy"),
        # A step down that is so large that the difference overflows to a step up.
        ([2, 3, 2], [0, 2**62, -(2**62) - 2, 3], "train.offsets.npy"),
        ([2, 3, 2], [], "train.*.npy"),
        ([2, 3, 2], [[0, 3]], "train.*.npy"),
        ([2, 4, 2], [0, 3], "train.tokens.npy has ids"),
        ([2, 0, 2], [0, 3], "train.tokens.npy has end marks"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path, tokens, offsets, key):
    message = refusal(corpus_of(tmp_path, tokens, offsets).split, "train")
    assert message.startswith(f"{tmp_path}: ")
    assert key in message


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00\x02\x00{\x00"])
def test_broken_or_missing_array_file_is_refused(tmp_path, content):
    corpus = corpus_of(tmp_path)
    path = tmp_path / "train.tokens.npy"
    path.write_bytes(content)
    assert f"{path}: " in refusal(corpus.split, "train")
    path.unlink()
    assert f"{path}: no such file" in refusal(corpus.split, "train")
    path.mkdir()
    assert f"{path}: is a folder" in refusal(corpus.split, "train")


def test_other_statistics_are_refused(tmp_path):
    for text in ("[]", "{}", '{"name": 3}'):
        (tmp_path / "statistics.json").write_text(text)
        assert "statistics.json: " in refusal(lambda: EncodedCorpus(tmp_path).name)


@pytest.mark.parametrize(
    "count", [*("null", "true", '"7"', "7.5", "0", "1e400", str(2**40 + 1)), None]
)
def test_invalid_or_missing_count_is_refused(tmp_path, count):
    counts = f'{{"longest": {count}}}' if count else "{}"
    (tmp_path / "statistics.json").write_text(f'{{"name": "a", "splits": {{"train": {counts}}}}}')
    message = refusal(EncodedCorpus(tmp_path).counted, "train", "longest")
    assert all(key in message for key in ("statistics.json: ", "'longest'", "'train'"))
