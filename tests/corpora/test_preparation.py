"""Raw text to a corpus: what is kept, counted, drawn and numbered, and how it is told."""

import hashlib
import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raw_texts import decoded, write
from realdata import real_file
from textvae.corpora import SPLITS
from textvae.corpora import preparation as draft_module
from textvae.corpora.encoded import EncodedCorpus, Sentences
from textvae.corpora.preparation import Preparation, most_frequent, prepare, sample, table
from textvae.errors import InputError


def test_a_small_corpus_by_hand(tmp_path: Path) -> None:
    """Frequencies in train: the 3, cat 3, sat 2, . 2, then a, dog, on once each."""
    statistics = prepare("cats", write(tmp_path), Preparation(vocabulary=5), tmp_path / "out")
    corpus = EncodedCorpus(tmp_path / "out")
    assert corpus.vocabulary.words == ("<eos>", "<unk>", "cat", "the", ".", "sat", "a")
    train = corpus.split("train")
    assert train.tokens.tolist() == [3, 2, 5, 4, 3, 1, 5, 1, 3, 2, 4, 6, 2]
    assert train.offsets.tolist() == [0, 4, 11, 13]
    assert train.tokens.dtype == np.uint16
    assert decoded(tmp_path / "out", "valid") == ["the <unk> sat .", "a cat"]
    assert decoded(tmp_path / "out", "test") == ["cat", "the <unk>", "the <unk>"]
    sha256 = statistics["splits"]["train"].pop("sha256")
    assert statistics["splits"]["train"] == {
        "file": "train.txt",
        "blank_lines": 1,
        "read": 3,
        "too_short": 0,
        "too_long": 0,
        "kept": 3,
        "asked": None,
        "sentences": 3,
        "tokens": 13,
        "mean_length": 13 / 3,
        "mean_length_with_eos": 16 / 3,
        "longest": 7,
        "unk_percent": 200 / 13,
        "types": 5,
    }
    assert set(sha256) == {"tokens", "offsets"}
    assert statistics["vocabulary"]["reached"] == statistics["vocabulary"]["asked"] == 5


def test_the_hashes_are_those_of_the_files(tmp_path: Path) -> None:
    statistics = prepare("cats", write(tmp_path), Preparation(), tmp_path / "out")
    for split in SPLITS:
        for part, sha256 in statistics["splits"][split]["sha256"].items():
            data = (tmp_path / "out" / f"{split}.{part}.npy").read_bytes()
            assert hashlib.sha256(data).hexdigest() == sha256


def test_what_is_written_is_what_is_returned_and_nothing_else_stays(tmp_path: Path) -> None:
    statistics = prepare("cats", write(tmp_path), Preparation(), tmp_path / "out")
    assert json.loads((tmp_path / "out" / "statistics.json").read_text()) == json.loads(
        json.dumps(statistics)
    )
    arrays = {f"{split}.{part}.npy" for split in SPLITS for part in ("tokens", "offsets")}
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == arrays | {"vocabulary.txt", "statistics.json"}


def test_sentences_are_cut_by_dropping(tmp_path: Path) -> None:
    settings = Preparation(shortest=2, longest=4)
    statistics = prepare("cats", write(tmp_path), settings, tmp_path / "out")["splits"]
    assert decoded(tmp_path / "out", "train") == ["the cat sat .", "a cat"]
    assert (statistics["train"]["too_long"], statistics["test"]["too_short"]) == (1, 1)
    # A word that only dropped sentences have is no word of the corpus.
    assert "dog" not in EncodedCorpus(tmp_path / "out").vocabulary.words


def test_normalisation_comes_before_counting_and_cutting(tmp_path: Path) -> None:
    texts = dict.fromkeys(SPLITS, "The CAT 's\nthe cat\n``\n")
    settings = Preparation(normalise=("lowercase", "drop-quotes"), longest=3)
    statistics = prepare("cats", write(tmp_path, texts), settings, tmp_path / "out")
    assert decoded(tmp_path / "out", "train") == ["the cat s", "the cat"]
    assert statistics["splits"]["train"]["too_short"] == 1


def test_end_marks_that_a_step_makes_are_no_words(tmp_path: Path) -> None:
    texts = dict.fromkeys(SPLITS, "a b <Eos>\n( <eos> ) c\n")
    settings = Preparation(normalise=("lowercase", "drop-brackets"))
    prepare("marks", write(tmp_path, texts), settings, tmp_path / "out")
    assert decoded(tmp_path / "out", "train") == ["a b", "c"]


def test_unknown_words_of_the_source_stay_unknown_and_uncounted(tmp_path: Path) -> None:
    texts = dict.fromkeys(SPLITS, "_UNK _UNK _UNK a\nUNK <unk> b a\n")
    prepare("unk", write(tmp_path, texts), Preparation(vocabulary=1), tmp_path / "out")
    assert EncodedCorpus(tmp_path / "out").vocabulary.words == ("<eos>", "<unk>", "a")


def test_a_draw_keeps_the_order_of_the_file_and_counts_only_what_it_drew(tmp_path: Path) -> None:
    lines = [f"w{number} common" for number in range(100)]
    texts = dict.fromkeys(SPLITS, "\n".join(lines))
    settings = Preparation(train_size=10, valid_size=20, seed=3)
    statistics = prepare("draw", write(tmp_path, texts), settings, tmp_path / "out")
    train = decoded(tmp_path / "out", "train")
    assert len(train) == len(set(train)) == 10
    assert train == [line for line in lines if line in set(train)]
    assert len(EncodedCorpus(tmp_path / "out").vocabulary) == 2 + 11
    sizes = [statistics["splits"][split]["sentences"] for split in SPLITS]
    assert sizes == [10, 20, 100]


def test_the_seed_decides_the_draw(tmp_path: Path) -> None:
    texts = dict.fromkeys(SPLITS, "\n".join(f"w{number} x" for number in range(1000)))

    def draw(seed: int, name: str) -> list[str]:
        settings = Preparation(train_size=10, seed=seed)
        prepare("draw", write(tmp_path, texts), settings, tmp_path / name)
        return decoded(tmp_path / name, "train")

    assert draw(1, "a") == draw(1, "b")
    assert draw(1, "a") != draw(2, "c")
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    for file in files:  # to the last byte
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_each_sentence_is_as_likely_drawn_as_any_other() -> None:
    drawn = sum(sample(10, 3, [seed, 0]).astype(int) for seed in range(2000))
    deviation = math.sqrt(2000 * 0.3 * 0.7)
    assert np.all(np.abs(drawn - 600) < 4 * deviation)


def test_where_fewer_are_there_all_are_taken_and_it_is_told(tmp_path: Path) -> None:
    settings = Preparation(train_size=192_000, vocabulary=12_000)
    statistics = prepare("cats", write(tmp_path), settings, tmp_path / "out")
    assert statistics["splits"]["train"]["sentences"] == 3
    assert statistics["vocabulary"]["reached"] == 7
    printed = table(statistics).splitlines()
    assert printed[0] == "cats"
    assert printed[1].split() == ["train", "valid", "test"]
    assert printed[2].split() == ["sentences", "3", "2", "3"]
    assert printed[3].split() == ["asked", "for", "192,000", "all", "all"]
    assert printed[-1].split() == ["vocabulary", "7,", "asked", "for", "12,000"]


def test_words_that_tie_are_taken_as_they_sort() -> None:
    words = ["<eos>", "<unk>", "d", "b", "c", "a", "never"]
    counts = np.array([0, 9, 2, 1, 1, 1, 0])
    vocabulary, final = most_frequent(words, counts, 3)
    assert vocabulary.words[2:] == ("d", "a", "b")
    assert final.tolist() == [1, 1, 2, 4, 1, 3, 1]
    assert most_frequent(words, counts, None)[0].words[2:] == ("d", "a", "b", "c")


def test_a_closed_vocabulary_keeps_its_words_and_their_order(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("zebra\ncat\nthe\n")
    paths, out = write(tmp_path), tmp_path / "out"
    statistics = prepare("cats", paths, Preparation(), out, words=tmp_path / "words.txt")
    assert EncodedCorpus(out).vocabulary.words[2:] == ("zebra", "cat", "the")
    assert decoded(out, "train")[0] == "the cat <unk> <unk>"
    assert statistics["vocabulary"]["closed"] is True
    assert statistics["splits"]["train"]["types"] == 2


def test_many_words_need_wider_ids(tmp_path: Path) -> None:
    many = " ".join(f"w{number}" for number in range(65_535))
    texts = dict.fromkeys(SPLITS, f"{many}\nw1 w2\n")
    prepare("wide", write(tmp_path, texts), Preparation(), tmp_path / "out")
    assert EncodedCorpus(tmp_path / "out").split("test").tokens.dtype == np.uint32
    # 65,534 words and the two marks are the most that 16 bits can number.
    prepare("narrow", write(tmp_path, texts), Preparation(vocabulary=65_534), tmp_path / "out")
    assert EncodedCorpus(tmp_path / "out").split("test").tokens.dtype == np.uint16
    assert EncodedCorpus(tmp_path / "out").split("test").tokens.max() == 65_535


TEXT = st.lists(
    st.lists(st.sampled_from(["a", "b", "c", "d", "e", "<unk>", "é"]), max_size=6).map(" ".join),
    min_size=2,
    max_size=25,
)


@settings(deadline=None, max_examples=60)
@given(
    texts=st.tuples(TEXT, TEXT, TEXT),
    longest=st.none() | st.integers(1, 5),
    size=st.none() | st.integers(1, 6),
    drawn=st.none() | st.integers(2, 20),
    chunk=st.integers(1, 9),
)
def test_it_is_what_a_slow_and_simple_preparation_makes(
    tmp_path_factory: pytest.TempPathFactory,
    texts: tuple[list[str], list[str], list[str]],
    longest: int | None,
    size: int | None,
    drawn: int | None,
    chunk: int,
) -> None:
    """Against lists, Counter and sorted; the chunks of the fast one are made small here."""
    folder = tmp_path_factory.getbasetemp() / "slow"
    folder.mkdir(exist_ok=True)
    paths = write(folder, dict(zip(SPLITS, map("\n".join, texts), strict=True)))
    kept = {
        split: [line.split() for line in lines if 0 < len(line.split()) <= (longest or 6)]
        for split, lines in zip(SPLITS, texts, strict=True)
    }
    too_few = any(len(sentences) < 2 for sentences in kept.values())
    if drawn is not None and drawn < len(kept["train"]):
        chosen = np.random.default_rng([7, 0]).choice(len(kept["train"]), drawn, replace=False)
        kept["train"] = [kept["train"][i] for i in sorted(chosen)]
    counts = Counter(word for words in kept["train"] for word in words if word != "<unk>")
    ranked = sorted(counts, key=lambda word: (-counts[word], word))[:size]
    expected = {
        split: [[word if word in ranked else "<unk>" for word in words] for words in sentences]
        for split, sentences in kept.items()
    }
    no_words = any(
        all(word == "<unk>" for words in sentences for word in words)
        for sentences in expected.values()
    )
    wanted = Preparation(longest=longest, vocabulary=size, train_size=drawn, seed=7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(draft_module, "SENTENCES_PER_CHUNK", chunk)
        patch.setattr(draft_module, "MAX_BUFFERED_WORDS", chunk)
        if too_few or no_words:
            with pytest.raises(InputError, match=r"at least 2|unknown"):
                prepare("slow", paths, wanted, folder / "out")
            return
        prepare("slow", paths, wanted, folder / "out")
    for split, sentences in expected.items():
        assert decoded(folder / "out", split) == [" ".join(words) for words in sentences]
    assert EncodedCorpus(folder / "out").vocabulary.words[2:] == tuple(ranked)


def test_real_books_come_near_the_papers_length(tmp_path: Path) -> None:
    """Table 3 gives 15.3 words a sentence for CBT's test set; these are books of the kind."""
    paths = {split: real_file(f"cbt/DERIVED_cbtlike_{split}.txt") for split in SPLITS}
    settings = Preparation(
        format="cbt",
        normalise=("lowercase", "drop-quotes", "single-dash"),
        longest=30,
        vocabulary=12_000,
    )
    statistics = prepare("books", paths, settings, tmp_path / "out")
    assert statistics["vocabulary"]["reached"] == 12_000
    for split in SPLITS:
        counted = statistics["splits"][split]
        assert 14 < counted["mean_length"] < 17
        assert counted["longest"] == 30
        assert counted["unk_percent"] < 3
    sentences = EncodedCorpus(tmp_path / "out").split("train")
    assert isinstance(sentences, Sentences)
    assert len(sentences) == statistics["splits"]["train"]["sentences"]
