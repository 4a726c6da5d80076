"""Raw strings are read as the words of a vocabulary; words that it has stay as they are."""

import pytest

from textvae.api.sentences import Reader
from textvae.corpora.vocabulary import Vocabulary

VOCABULARY = Vocabulary(["the", "dog", "ran", "did", "n't", "it", "'s", ".", "u.s.", "Rex", "well"])


@pytest.mark.parametrize(
    ("steps", "sentence", "words"),
    [
        ([], "the dog ran .", "the dog ran ."),
        # Raw text: tokens, then lower case, where that makes words known.
        ([], "The Dog ran.", "the dog ran ."),
        ([], "  It's\tWell\n", "it 's well"),
        ([], "Rex didn't!", "Rex did n't !"),
        # A known word is not changed: `tokenise` would cut the second 's in two.
        (["tokenise", "lowercase"], "It's it 's", "it 's it 's"),
        (["lowercase"], "The U.S. ran", "the u.s. ran"),
        (["drop-quotes"], '" the " dog', "the dog"),
        # Unknown in all forms: normalised, but not cut without need.
        (["lowercase"], "Zork and/or", "zork and/or"),
        ([], "Zork-Frob the/zork", "Zork-Frob the / zork"),
        # Marks of this and other tools.
        ([], "<s> _UNK the <unk> </s>", "<unk> the <unk>"),
    ],
)
def test_string_becomes_words(steps, sentence, words):
    assert Reader(VOCABULARY, steps, as_prepared=False).words(sentence) == words.split()


def test_prepared_strings_and_lists_are_not_changed():
    strict = Reader(VOCABULARY, ["lowercase"], as_prepared=True)
    assert strict.words("The dog ran.") == ["The", "dog", "ran."]
    assert Reader(VOCABULARY, ["lowercase"], False).words(("The", "dog")) == ["The", "dog"]


@pytest.mark.parametrize("as_prepared", [False, True])
def test_decomposed_words_are_those_of_the_corpus(as_prepared):
    reader = Reader(Vocabulary(["caf\u00e9", "e\u0301t"]), [], as_prepared)
    decomposed = "cafe\u0301 e\u0301t"
    expected = ["caf\u00e9", "e\u0301t"]
    assert reader.words(decomposed) == reader.words(decomposed.split()) == expected
    assert as_prepared or reader.words("Cafe\u0301.") == ["caf\u00e9", "."]
