"""Preparation of a corpus from raw text, and the split of one text into three."""

import hashlib
import json
import math
import os
import subprocess
import unicodedata
from collections import Counter
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from input_errors import refusal
from raw_texts import TEXTS, decoded, write
from textvae.corpora import SPLITS, draft, preparation
from textvae.corpora.encoded import EncodedCorpus
from textvae.corpora.origins import name_of
from textvae.corpora.preparation import (
    Preparation,
    most_frequent,
    prepare,
    sample,
)
from textvae.corpora.splitting import split_text
from textvae.corpora.statistics import table
from textvae.errors import InputError


def prepared(tmp_path, texts=TEXTS, name="out", **values):
    """Prepare `texts`, one for all splits or one for each; return statistics and train."""
    texts = texts if isinstance(texts, dict) else dict.fromkeys(SPLITS, texts)
    statistics = prepare("cats", write(tmp_path, texts), Preparation(**values), tmp_path / name)
    return statistics, decoded(tmp_path / name, "train")


def test_small_corpus_by_hand(tmp_path):
    """Frequencies in train: the 3, cat 3, sat 2, . 2, then a, dog, on once each."""
    statistics, _ = prepared(tmp_path, vocabulary=5)
    out = tmp_path / "out"
    corpus = EncodedCorpus(out)
    assert corpus.vocabulary.words == ("<eos>", "<unk>", "cat", "the", ".", "sat", "a")
    train = corpus.split("train")
    assert train.tokens.tolist() == [3, 2, 5, 4, 3, 1, 5, 1, 3, 2, 4, 6, 2]
    assert train.offsets.tolist() == [0, 4, 11, 13]
    assert train.tokens.dtype == np.uint16
    assert decoded(out, "valid") == ["the <unk> sat .", "a cat"]
    assert decoded(out, "test") == ["cat", "the <unk>", "the <unk>"]
    assert json.loads((out / "statistics.json").read_text()) == json.loads(json.dumps(statistics))
    arrays = {f"{split}.{part}.npy" for split in SPLITS for part in ("tokens", "offsets")}
    assert {path.name for path in out.iterdir()} == arrays | {"vocabulary.txt", "statistics.json"}
    for split in SPLITS:
        for part, sha256 in statistics["splits"][split]["sha256"].items():
            data = (out / f"{split}.{part}.npy").read_bytes()
            assert hashlib.sha256(data).hexdigest() == sha256
    assert set(statistics["splits"]["train"].pop("sha256")) == {"tokens", "offsets"}
    numbers = {"mean_length": 13 / 3, "mean_length_with_eos": 16 / 3, "unk_percent": 200 / 13}
    assert statistics["splits"]["train"] == numbers | json.loads(
        """{"file": "train.txt", "blank_lines": 1, "read": 3, "too_short": 0, "too_long": 0,
        "kept": 3, "asked": null, "sentences": 3, "tokens": 13, "longest": 7, "types": 5,
        "repeated": 0}"""
    )
    assert statistics["vocabulary"]["reached"] == statistics["vocabulary"]["asked"] == 5


def test_sentences_outside_the_length_limits_are_dropped_and_noted(tmp_path, capsys):
    statistics, train = prepared(tmp_path, shortest=2, longest=4)
    assert train == ["the cat sat .", "a cat"]
    splits = statistics["splits"]
    assert (splits["train"]["too_long"], splits["test"]["too_short"]) == (1, 1)
    assert splits["train"]["read"] == 3
    # 1 of 3 is too long in train, and 1 of 3 too short in test.
    assert "33.3% of train are" in statistics["notes"]["too_long"]
    assert "33.3% of test are" in statistics["notes"]["too_short"]
    assert f"warning: cats: {statistics['notes']['too_long']}\n" in capsys.readouterr().err
    # A word of dropped sentences only is not in the vocabulary.
    assert "dog" not in EncodedCorpus(tmp_path / "out").vocabulary.words


def test_steps_apply_before_counting_and_length_limits(tmp_path):
    text = "The CAT 's\n_UNK UNK CAT\n``\n( <eos> ) the <Eos>\n"
    steps = ("lowercase", "drop-quotes", "drop-brackets")
    statistics, train = prepared(tmp_path, text, normalise=steps, longest=3, vocabulary=2)
    assert train == ["the cat <unk>", "<unk> <unk> cat", "the"]
    assert statistics["splits"]["train"]["too_short"] == 1


def test_sample_keeps_file_order_and_depends_on_the_seed(tmp_path):
    lines = [f"w{number} common" for number in range(100)]
    sizes = {"train_size": 10, "valid_size": 20}
    statistics, train = prepared(tmp_path, "\n".join(lines), "a", seed=3, **sizes)
    assert len(train) == len(set(train)) == 10
    assert train == [line for line in lines if line in set(train)]
    assert len(EncodedCorpus(tmp_path / "a").vocabulary) == 2 + 11  # words of drawn sentences only
    assert [statistics["splits"][split]["sentences"] for split in SPLITS] == [10, 20, 100]
    # The three splits have the same text: each is drawn with its own stream.
    assert train != decoded(tmp_path / "a", "valid")[:10]
    prepared(tmp_path, "\n".join(lines), "b", seed=3, **sizes)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    assert prepared(tmp_path, "\n".join(lines), "c", seed=4, **sizes)[1] != train


def test_sample_draws_every_sentence_equally_often():
    drawn = sum(sample(10, 3, [seed, 0]).astype(int) for seed in range(2000))
    deviation = math.sqrt(2000 * 0.3 * 0.7)
    assert np.all(np.abs(drawn - 600) < 4 * deviation)


def test_table_shows_requested_and_reached_sizes(tmp_path):
    statistics, train = prepared(tmp_path, train_size=192_000, vocabulary=12_000)
    assert len(train) == 3
    rows = [line.split() for line in table(statistics).splitlines()]
    assert rows == [
        ["cats"],
        ["train", "valid", "test"],
        ["sentences", "3", "2", "3"],
        ["asked", "for", "192,000", "all", "all"],
        ["to", "draw", "from", "3", "2", "3"],
        ["too", "long", "0", "0", "0"],
        ["too", "short", "0", "0", "0"],
        ["blank", "lines", "1", "0", "0"],
        ["mean", "length", "4.3", "3.0", "1.7"],
        ["longest", "7", "4", "2"],
        ["%", "<unk>", "0.00", "16.67", "20.00"],
        ["repeated", "0", "0", "0"],
        ["also", "in", "train", "1", "0"],
        ["also", "in", "valid", "0"],
        ["word", "types", "7", "5", "3"],
        ["vocabulary", "7,", "asked", "for", "12,000"],
    ]


def test_ties_in_frequency_are_in_alphabetical_order():
    words = ["<eos>", "<unk>", "d", "b", "c", "a", "never"]
    counts = np.array([0, 9, 2, 1, 1, 1, 0])
    vocabulary, final = most_frequent(words, counts, 3)
    assert vocabulary.words[2:] == ("d", "a", "b")
    assert final.tolist() == [1, 1, 2, 4, 1, 3, 1]
    assert most_frequent(words, counts, None)[0].words[2:] == ("d", "a", "b", "c")


def test_closed_vocabulary_keeps_its_words_and_order(tmp_path):
    (tmp_path / "words.txt").write_text("zebra\ncat\nthe\n")
    paths, out = write(tmp_path), tmp_path / "out"
    statistics = prepare("cats", paths, Preparation(), out, words=tmp_path / "words.txt")
    assert EncodedCorpus(out).vocabulary.words[2:] == ("zebra", "cat", "the")
    assert decoded(out, "train")[0] == "the cat <unk> <unk>"
    counts = {key: statistics["vocabulary"][key] for key in ("asked", "reached", "closed")}
    assert counts == {"asked": 3, "reached": 3, "closed": True}
    assert statistics["splits"]["train"]["types"] == 2
    size = Preparation(vocabulary=3)
    assert "vocabulary" in refusal(prepare, "c", paths, size, out, words=tmp_path / "words.txt")


def test_ids_are_16_bits_wide_up_to_65536_words(tmp_path):
    text = " ".join(f"w{number}" for number in range(65_535)) + "\nw1 w2\n"
    for size, dtype in ((None, np.uint32), (65_534, np.uint16)):
        prepared(tmp_path, text, vocabulary=size)
        tokens = EncodedCorpus(tmp_path / "out").split("test").tokens
        assert tokens.dtype == dtype
        assert tokens.max() == (65_536 if size is None else 65_535)


def test_marks_in_a_closed_vocabulary_are_noted(tmp_path, capsys):
    path, out = tmp_path / "words.txt", tmp_path / "out"
    path.write_text("[PAD]\n[UNK]\n<s>\ncat\n</s>\nUNK\nthe\n")
    statistics = prepare("cats", write(tmp_path), Preparation(), out, words=path)
    assert f"{path}: [PAD], [UNK], <s>, </s>, UNK: " in statistics["notes"]["marks"]
    assert statistics["notes"]["marks"] in capsys.readouterr().err
    path.write_text("cat\nthe\n")
    statistics = prepare("cats", write(tmp_path), Preparation(), out, words=path)
    assert "marks" not in statistics["notes"]


RAW = st.lists(
    st.lists(st.sampled_from(["a", "b", "c", "d", "e", "<unk>", "é"]), max_size=6).map(" ".join),
    min_size=2,
    max_size=25,
)


@settings(deadline=None, max_examples=60)
@given(
    texts=st.tuples(RAW, RAW, RAW),
    longest=st.none() | st.integers(1, 5),
    size=st.none() | st.integers(1, 6),
    drawn=st.none() | st.integers(2, 20),
    chunk=st.integers(1, 9),
)
def test_preparation_equals_a_slow_one(tmp_path_factory, texts, longest, size, drawn, chunk):
    """The oracle uses lists, Counter and sorted; chunks are made small."""
    folder = tmp_path_factory.getbasetemp() / "slow"
    folder.mkdir(exist_ok=True)
    kept = {
        split: [line.split() for line in lines if 0 < len(line.split()) <= (longest or 6)]
        for split, lines in zip(SPLITS, texts, strict=True)
    }
    invalid = any(len(sentences) < 2 for sentences in kept.values())
    if drawn is not None and drawn < len(kept["train"]):
        chosen = np.random.default_rng([7, 0]).choice(len(kept["train"]), drawn, replace=False)
        kept["train"] = [kept["train"][i] for i in sorted(chosen)]
    counts = Counter(word for words in kept["train"] for word in words if word != "<unk>")
    ranked = sorted(counts, key=lambda word: (-counts[word], word))[:size]
    expected = {
        split: [[word if word in ranked else "<unk>" for word in words] for words in sentences]
        for split, sentences in kept.items()
    }
    invalid |= any({"<unk>"}.issuperset(chain(*sentences)) for sentences in expected.values())
    raw = dict(zip(SPLITS, map("\n".join, texts), strict=True))
    values = {"longest": longest, "vocabulary": size, "train_size": drawn, "seed": 7}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(draft, "SENTENCES_PER_CHUNK", chunk)
        patch.setattr(draft, "MAX_BUFFERED_WORDS", chunk)
        if invalid:
            message = refusal(prepared, folder, raw, **values)
            assert "at least 2" in message or "unknown" in message
            return
        prepared(folder, raw, **values)
    for split, sentences in expected.items():
        assert decoded(folder / "out", split) == [" ".join(words) for words in sentences]
    assert EncodedCorpus(folder / "out").vocabulary.words[2:] == tuple(ranked)


@pytest.mark.parametrize(
    ("split", "text", "limits", "keys"),
    [
        ("valid", "", {}, ["no text"]),
        ("valid", "\n\n \n", {}, ["3 blank lines"]),
        ("valid", "the cat\n", {}, ["1 sentence left of 1 read"]),
        ("valid", "the cat\n" + "a b c d\n" * 9, {"longest": 3}, ["of 10", "9 longer than 3"]),
        (
            "valid",
            "a\n" * 1200 + "a b c d\n",
            {"longest": 3, "shortest": 2},
            ["0 sentences left of 1,201", "1 longer than 3", "1,200 shorter than 2"],
        ),
        ("valid", "some other words\nand more\n", {}, ["5 words is unknown", "vocabulary's 7"]),
        ("valid", "<unk>\n_UNK\n", {}, ["2 words is unknown"]),
        ("train", "<unk> <unk>\nUNK\n", {}, ["every word is unknown"]),
    ],
)
def test_split_without_usable_text_is_refused(tmp_path, split, text, limits, keys):
    texts = {**TEXTS, split: text}
    if limits:  # the other splits are valid under these as well
        texts["train"] = texts["test"] = "the cat\na cat\n"
    message = refusal(prepared, tmp_path, texts, **limits)
    assert message.startswith(f"{tmp_path / split}.txt: ")
    assert all(key in message for key in keys)
    assert not (tmp_path / "out" / "statistics.json").exists()


def test_unreadable_text_leaves_the_earlier_corpus(tmp_path):
    prepared(tmp_path)
    paths = write(tmp_path)
    paths["test"].write_bytes(b"\xff\n")
    message = refusal(prepare, "cats", paths, Preparation(), tmp_path / "out")
    assert message.startswith(f"{paths['test']}, line 1: ")
    assert EncodedCorpus(tmp_path / "out").name == "cats"


def test_interrupted_preparation_leaves_no_corpus(tmp_path, monkeypatch):
    prepared(tmp_path)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(preparation, "split_statistics", interrupt)
    with pytest.raises(KeyboardInterrupt):
        prepared(tmp_path)
    with pytest.raises(InputError, match="not a prepared corpus"):
        EncodedCorpus(tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        *(("shortest", 1), ("longest", 1), ("vocabulary", 1), ("seed", 0)),
        *(("train_size", 2), ("valid_size", 2), ("test_size", 2)),
    ],
)
def test_setting_below_its_bound_is_refused(name, bound):
    assert getattr(Preparation(**{name: bound}), name) == bound
    message = refusal(Preparation, **{name: bound - 1})
    assert message.startswith(f"--{name.replace('_', '-')}: {bound - 1} ")


def test_longest_below_shortest_is_refused():
    assert Preparation(shortest=5, longest=5).longest == 5
    assert refusal(Preparation, shortest=5, longest=4).startswith("--longest: 4 ")


def test_repeated_sentences_are_counted(tmp_path, capsys):
    """Sentences are compared as words, before unknown ones become `<unk>`."""
    texts = {
        "train": "a b\na  b\nc d\n" + "a b c\n" * 3,
        "valid": "a b\nb a\nx y\nx z\n",
        "test": "p q\n" + "c d\n" * 3 + "c e\nc f\nc c\n" + "a\nb\nc\n",
    }
    statistics, _ = prepared(tmp_path, texts, vocabulary=4)
    splits = statistics["splits"]
    assert [splits[split]["repeated"] for split in SPLITS] == [3, 0, 2]
    assert "in_train" not in splits["train"]
    assert "in_valid" not in splits["valid"]
    assert splits["test"]["in_valid"] == 0
    assert [splits[split]["in_train"] for split in SPLITS[1:]] == [1, 3]
    assert "25.0% of valid, 30.0% of test" in statistics["notes"]["in_train"]
    assert statistics["notes"]["in_train"] in capsys.readouterr().err


def test_sentences_of_valid_in_test_are_counted_whatever_their_spelling(tmp_path, capsys):
    """A composed letter equals its parts, and a character without width changes nothing."""
    texts = {"train": "a b\nb a\n", "valid": "caf\u00e9 x\nb b\n", "test": "a a\na x\nx\n"}
    texts["test"] += "cafe\u0301 x\n\u200bb b\n"
    statistics, _ = prepared(tmp_path, texts)
    assert statistics["splits"]["test"]["in_valid"] == 2
    assert "40.0% of test are also in valid" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("format", "values"),
    [
        ("json-lines", {"normalise": ("tokenise",)}),
        ("webtext", {}),
        # A letter without a small form of its own, and one whose small form is composed.
        ("json-lines", {"normalise": ("lowercase",)}),
    ],
)
def test_words_have_one_spelling_whatever_spells_them(tmp_path, format, values):
    r"""JSON can escape an accent (\u0301), an HTML entity can be one, lower case can part one."""
    escaped = r"cafe\u0301 J\u030c x"
    plain, entity = "café J\u030c x", "cafe&#769; J\u030c x"
    train = plain if format == "json-lines" else entity
    texts = {"train": train, "valid": escaped, "test": plain}
    lines = {split: f'{{"text": "{text}"}}\n' * 3 for split, text in texts.items()}
    statistics, _ = prepared(tmp_path, lines, format=format, **values)
    assert [statistics["splits"][split]["unk_percent"] for split in SPLITS] == [0, 0, 0]
    words = EncodedCorpus(tmp_path / "out").vocabulary.words
    assert all(word == unicodedata.normalize("NFC", word) for word in words)


def test_training_file_is_refused_for_another_split(tmp_path):
    paths = write(tmp_path)
    (tmp_path / "link.txt").symlink_to(paths["train"])
    for same in (paths["train"], tmp_path / "link.txt"):
        message = refusal(prepare, "c", paths | {"test": same}, Preparation(), tmp_path / "out")
        assert message.startswith(f"{same}: given for train and test")
    same = paths | {"test": paths["valid"]}
    whole = prepare("c", same, Preparation(), tmp_path / "out")["notes"]
    assert "are the same" in whole["one_file"]
    paths["valid"].write_text("the cat\na cat\nthe dog\n")
    sampled = prepare("c", same, Preparation(test_size=2), tmp_path / "out")["notes"]
    assert "not independent" in sampled["one_file"]
    assert "are the same" not in sampled["one_file"]


def test_vocabulary_that_is_advised_leaves_words_unknown(tmp_path):
    """The note is gone with the vocabulary that it names, also where every word recurs."""
    for train, advised in (("a b a\nb a b\n", 1), ("a b a\nb a c\n", 2)):
        texts = {"train": train, "valid": train, "test": "a d\nb a\n"}
        note = prepared(tmp_path, texts)[0]["notes"]["untrained_unk"]
        assert ("at most 2 words" in note) == (advised == 2)
        assert ("fewer than the 2 words" in note) == (advised == 1)
        assert "untrained_unk" not in prepared(tmp_path, texts, vocabulary=advised)[0]["notes"]


def test_corpus_survives_a_text_that_is_refused(tmp_path):
    prepared(tmp_path, TEXTS)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with pytest.raises(InputError, match="every one of its 2 words is unknown"):
        prepared(tmp_path, TEXTS | {"test": "zz\nzy\n"})
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_untrained_unk_and_many_unknown_words_are_noted(tmp_path, capsys):
    texts = TEXTS | {"test": "the cat\n" + "a cow\n" * 2}  # 2 of 6 words are unknown
    notes = prepared(tmp_path, texts)[0]["notes"]
    # the, cat and sat and . occur more than once in train
    assert "at most 4 words," in notes["untrained_unk"]
    assert "33.3% of test" in notes["unknown_words"]
    warnings = capsys.readouterr().err.splitlines()
    assert [line for line in warnings if line.startswith("warning: cats: <unk> ")]
    assert "untrained_unk" not in prepared(tmp_path, texts, vocabulary=4)[0]["notes"]
    known = dict.fromkeys(SPLITS, TEXTS["train"])
    assert "untrained_unk" not in prepared(tmp_path, known)[0]["notes"]


def test_words_as_long_as_sentences_are_noted(tmp_path):
    """Text of a script without spaces, each line of which is a word."""
    unspaced = "猫坐在垫子上看着窗外的小鸟飞来飞去\n狗在院子里跑来跑去追着自己的尾巴玩\n" * 2
    notes = prepared(tmp_path, unspaced)[0]["notes"]
    assert "17 characters on average" in notes["word_length"]
    parted = unspaced.replace("上", "上 ").replace("里", "里 ")
    assert "word_length" not in prepared(tmp_path, parted)[0]["notes"]


def test_other_format_is_noted(tmp_path, capsys):
    notes = prepared(tmp_path, "1\ta b\n2\tc d\n3\ta b\n")[0]["notes"]
    assert f"{tmp_path}/train.txt: " in notes["train_format"]
    assert "`label: tab`" in notes["train_format"]
    assert notes["train_format"] in capsys.readouterr().err


def test_list_of_words_is_composed_and_byte_order_marks_are_dropped(tmp_path):
    (tmp_path / "words.txt").write_text("\ufeffthe\r\ncat\n\ufeffa\ncafe\u0301\n")
    out = tmp_path / "out"
    prepare("cats", write(tmp_path), Preparation(), out, words=tmp_path / "words.txt")
    assert EncodedCorpus(out).vocabulary.words[2:] == ("the", "cat", "a", "caf\u00e9")


def split_lines(folder):
    return {split: (folder / f"{split}.txt").read_text().splitlines() for split in SPLITS}


def test_lines_are_split_into_sentences_before_steps_and_length_limits(tmp_path):
    text = "x Mr. Li left. He came.\ny A b c d fell. The End.\n"
    values = {"normalise": ["lowercase"], "label": "space", "split_sentences": "en", "longest": 3}
    statistics, train = prepared(tmp_path, text, **values)
    assert train == ["mr. li left.", "he came.", "the end."]
    assert statistics["splits"]["train"]["too_long"] == 1


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *(("english", "ISO 639-1"), ("xx", "ISO 639-1"), ("", "ISO 639-1"), ("cz", "cs")),
        *(("ua", "uk"), ("gr", "el"), ("EN", "en"), ("de-AT", "de"), ("ger", "de")),
    ],
)
def test_unknown_language_is_refused_with_the_right_code(code, expected):
    message = refusal(Preparation, split_sentences=code)
    assert message.startswith(f"--split-sentences: got {code!r}, expected ")
    assert expected in message


def test_second_label_is_refused_where_the_format_drops_one():
    message = refusal(Preparation, format="yelp", label="space")
    assert message.startswith("--label: got space, but format yelp ")
    assert Preparation(format="yelp").label is None


def test_known_languages_are_accepted():
    for code in ("cs", "sv", "zh", "gsw", "yue"):
        assert Preparation(split_sentences=code).split_sentences == code


def test_error_in_a_split_names_the_line_of_the_text(tmp_path):
    text = tmp_path / "my-text.txt"
    lines = [f"{number}\ta b\n\n" for number in range(150)]
    lines[100] = "lonely\n"
    text.write_text("".join(lines))
    split_text(text, tmp_path / "split", seed=1)
    paths = {split: tmp_path / "split" / f"{split}.txt" for split in SPLITS}
    tabs = Preparation(label="tab")
    # Each of the 100 lines before it is followed by a blank one.
    message = refusal(prepare, "own", paths, tabs, tmp_path / "out")
    assert message.startswith(f"{text}, line 201: ")
    short = Preparation(longest=1)
    message = refusal(prepare, "own", paths, short, tmp_path / "out")
    assert message.startswith(f"{text} (train split): ")
    text.write_text("another\n" * 150)
    message = refusal(prepare, "own", paths, tabs, tmp_path / "out")
    assert message.startswith(f"{text} (")
    assert str(tmp_path / "split") in message


def test_split_text_assigns_each_line_once_by_seed(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("".join(f"line {number}\n\n" for number in range(250)))
    assert split_text(path, tmp_path / "a", seed=1).lines == {"train": 200, "valid": 25, "test": 25}
    splits = split_lines(tmp_path / "a")
    numbers = [[int(line.split()[1]) for line in lines] for lines in splits.values()]
    assert [len(lines) for lines in numbers] == [200, 25, 25]
    assert sorted(chain(*numbers)) == list(range(250))
    assert all(lines == sorted(lines) for lines in numbers)
    split_text(path, tmp_path / "b", seed=1)
    split_text(path, tmp_path / "c", seed=2)
    assert split_lines(tmp_path / "b") == splits
    assert split_lines(tmp_path / "c")["test"] != splits["test"]


@pytest.mark.parametrize(("lines", "held_out"), [(100, 10), (100_000, 10_000), (130_000, 10_000)])
def test_split_text_holds_out_a_tenth_up_to_10_000(tmp_path, lines, held_out):
    (tmp_path / "text.txt").write_text("a\n" * lines)
    counts = split_text(tmp_path / "text.txt", tmp_path / "out", seed=1)
    assert counts.lines == {"train": lines - 2 * held_out, "valid": held_out, "test": held_out}


def test_split_text_refuses_99_lines_and_other_encodings(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("a\n\n" * 99)
    message = refusal(split_text, path, tmp_path / "out", seed=1)
    assert message.startswith(f"{path}: 99 ")
    path.write_bytes(b"a\n" * 150 + b"\xff\n")
    assert refusal(split_text, path, tmp_path / "out", 1).startswith(f"{path}, line 151: ")
    assert not (tmp_path / "out").exists()


def test_split_text_does_not_replace_its_own_text(tmp_path):
    path = tmp_path / "train.txt"
    path.write_text("a\n" * 150)
    assert refusal(split_text, path, tmp_path, seed=1).startswith(f"{path}: ")
    assert path.read_text() == "a\n" * 150


def test_split_text_replaces_an_earlier_split_and_no_other_file(tmp_path):
    (tmp_path / "text.txt").write_text("a\n" * 150)
    split_text(tmp_path / "text.txt", tmp_path / "mine", seed=1)
    split_text(tmp_path / "text.txt", tmp_path / "mine", seed=2)
    (tmp_path / "mine/origin.json").unlink()
    (tmp_path / "mine/test.txt").write_text("my only copy\n")
    (tmp_path / "mine/train.txt").unlink()
    message = refusal(split_text, tmp_path / "text.txt", tmp_path / "mine", seed=1)
    assert message.startswith(f"{tmp_path}/mine/valid.txt: would be replaced")
    assert (tmp_path / "mine/test.txt").read_text() == "my only copy\n"


def test_file_that_replaced_a_split_is_no_part_of_the_text(tmp_path):
    (tmp_path / "text.txt").write_text("a\n" * 150)
    split_text(tmp_path / "text.txt", tmp_path / "split", seed=1)
    path = tmp_path / "split/train.txt"
    assert name_of(path) == f"{tmp_path}/text.txt (train split)"
    path.write_text("another text\n" * 150)
    assert name_of(path) == str(path)


def test_split_text_of_a_pipe_equals_that_of_a_file(tmp_path):
    text = "".join(f"line {number % 150}\n" for number in range(300))
    (tmp_path / "text.txt").write_text(text)
    expected = split_text(tmp_path / "text.txt", tmp_path / "a", seed=1)
    held_out = split_lines(tmp_path / "a")
    for split, count in expected.in_train.items():
        assert count == sum(line in held_out["train"] for line in held_out[split]) > 0
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cp", tmp_path / "text.txt", tmp_path / "pipe"]):
        assert split_text(tmp_path / "pipe", tmp_path / "b", seed=1) == expected
    assert split_lines(tmp_path / "b") == held_out
