"""The dictionary common to all synthetic corpora, and texts over it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.cli import main
from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.fce.dictionary import counts, encode_file, hold_out, real_text, recode
from tiny import tiny_corpus

VOCABULARY = Vocabulary(["the", "cat", "dog", "sat", "ran"])
DICTIONARY = Vocabulary(["the", "cat", "sat"])


@pytest.fixture
def common(tmp_path, capsys):
    VOCABULARY.save(tmp_path / "vocabulary.txt")

    def run(*texts):
        """Run `textvae common-dictionary` on texts; return the status, stdout and stderr."""
        paths = [tmp_path / f"copy{number}.txt" for number in range(1, len(texts) + 1)]
        for path, text in zip(paths, texts, strict=True):
            if text is not None:
                path.write_text(text)
        argv = ["common-dictionary", *paths, "--vocabulary", tmp_path / "vocabulary.txt"]
        status = main([*map(str, argv), "--output", str(tmp_path / "new/dictionary.txt")])
        return status, *capsys.readouterr()

    return run


def test_common_words_are_in_the_order_of_the_vocabulary(common, tmp_path):
    path = tmp_path / "new/dictionary.txt"
    status, out, err = common("sat the cat\n", "\nthe dog sat\n", "the sat mouse <unk>\n")
    assert (status, err) == (0, "")
    assert out.startswith(f"{path}: 2 words ")
    assert Vocabulary.load(path).words == ("<eos>", "<unk>", "the", "sat")


@pytest.mark.parametrize(
    ("texts", "messages"),
    [
        *((["the cat\n", empty], ["copy2.txt: "]) for empty in ("", "\n \n\n", None)),
        (["<unk>\n\n<unk> <unk>\n", "the\n"], ["copy1.txt: ", "<unk>"]),
        (["the cat\n", "dog <unk>\n", "sat\n"], ["3 texts", "copy1.txt", "copy3.txt"]),
    ],
)
def test_texts_without_a_dictionary_are_named(common, tmp_path, texts, messages):
    status, out, err = common(*texts)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert all(message in err for message in messages)
    assert not (tmp_path / "new").exists()


def lists(sentences):
    return [sentence.tolist() for sentence in sentences]


def test_file_is_encoded_with_unknown_words_and_blank_lines(tmp_path):
    path = tmp_path / "sentences.txt"
    path.write_bytes(b"\xef\xbb\xbfthe cat sat </s>\r\n\nthe dog sat <unk>\n_UNK <eos>")
    assert lists(encode_file(path, DICTIONARY)) == [[2, 3, 4], [], [2, 1, 4, 1], [1]]
    path.write_bytes(b"the c\xe9t\n")
    with pytest.raises(InputError, match=f"^{path}, line 1: "):
        encode_file(path, DICTIONARY)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_recoded_split_equals_its_words_encoded(data):
    vocabulary = Vocabulary("abcdefgh")
    ids = st.integers(1, len(vocabulary) - 1)
    split = data.draw(st.lists(st.lists(ids, max_size=6), min_size=1, max_size=8))
    # In any order, and with words that the corpus does not have.
    dictionary = Vocabulary(data.draw(st.lists(st.sampled_from("abcdefghxyz"), unique=True)))
    recoded = recode(Sentences.of(split), vocabulary, dictionary)
    assert lists(recoded) == [dictionary.encode(vocabulary.decode(s)) for s in split]


def test_real_text_is_the_training_split_or_a_sample_of_it(tmp_path):
    corpus = tiny_corpus(tmp_path / "corpus")
    dictionary = Vocabulary(f"w{i}" for i in range(19, 9, -1))
    whole = real_text(corpus, dictionary, None, seed=1)
    decoded = map(corpus.vocabulary.decode, corpus.split("train"))
    assert lists(whole) == [dictionary.encode(words) for words in decoded]
    assert whole.tokens.dtype == np.uint32
    some, again, other = (lists(real_text(corpus, dictionary, 30, seed)) for seed in (1, 1, 2))
    assert len(some) == 30
    assert some == again != other


@pytest.mark.parametrize(
    ("count", "share", "number"),
    [(100, 0.05, 5), (100, 0.5, 50), (110, 0.05, 6), (10, 0.05, 1), (10, 0.0, 1), (2, 0.9, 1)],
)
def test_hold_out_takes_a_share_and_leaves_at_least_one(count, share, number):
    text = Sentences.of([[word] for word in range(count)])
    rest, held_out = hold_out(text, share, seed=1)
    assert (len(rest), len(held_out)) == (count - number, number)
    assert lists(hold_out(text, share, seed=1)[1]) == lists(held_out)
    if number > 1:
        assert lists(hold_out(text, share, seed=2)[1]) != lists(held_out)
    assert sorted([*rest.tokens.tolist(), *held_out.tokens.tolist()]) == list(range(count))


def test_counts_by_hand():
    text = Sentences.of([[2, 3, 1], [], [3, 1, 3, 3, 1]])
    # "the" and "cat"; "sat" is in the dictionary, and not in the text.
    assert counts(text, DICTIONARY) == {
        "vocabulary": 2,
        "unk_percent": pytest.approx(100 * 3 / 8),
        "mean_length": pytest.approx(8 / 3),
    }
    empty = counts(Sentences.of([[], []]), DICTIONARY)
    assert empty == {"vocabulary": 0, "unk_percent": None, "mean_length": 0}
