"""Sentences as strings or lists of words, read as the words of a model's vocabulary.

A string may be raw text. Of its parts between white space, those in the vocabulary stay as they
are. Any other part takes the first of these forms whose words are all known, or else the one with
the most known words:

1. the part after the normalisation steps of the model's corpus;
2. its tokens: `ran.` becomes `ran .`, after the same steps;
3. these in lower case.

So sentences of the corpus are read as the model was trained and measured on them, except for words
that are not in the vocabulary: split at white space only (`as_prepared`), they are `<unk>`, too. A
list of words is not split. In both, unknown words are composed (NFC) as the text of corpora is,
marks for unknown words become `<unk>`, and marks of ends are left out.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cached_property, lru_cache
from typing import Any

from textvae.corpora.encoded import Sentences
from textvae.corpora.formats import DROPPED_MARKS, UNKNOWN_MARKS
from textvae.corpora.normalisation import normaliser, tokenise
from textvae.corpora.vocabulary import UNK, Vocabulary
from textvae.errors import InputError, one_line

# Parts of strings whose words are remembered, and unknown words that a warning lists.
_REMEMBERED = 1 << 16
_LISTED = 5


class Reader:
    """Reads sentences over a vocabulary.

    steps: the normalisation of the corpus. as_prepared: split strings at white space only.
    """

    def __init__(self, vocabulary: Vocabulary, steps: Sequence[str], as_prepared: bool) -> None:
        self.vocabulary = vocabulary
        self.steps = tuple(steps)
        self.as_prepared = as_prepared
        self._known = frozenset(vocabulary.words)
        self._words_of = lru_cache(_REMEMBERED)(self._find_words)

    def words(self, sentence: Any, name: str = "sentence") -> list[str]:
        """Return the words of a string or a list of words; unknown ones stay as they are.

        name: its name in messages. InputError if it is neither, or has no words.
        """
        if isinstance(sentence, str):
            parts = marked(sentence.split())
            if self.as_prepared:
                words = [self._spelling(part) for part in parts]
            else:
                words = [word for part in parts for word in self._words_of(part)]
        elif _is_list(sentence) and all(isinstance(word, str) for word in sentence):
            words = marked(self._spelling(str(word)) for word in sentence)
        else:
            raise InputError(
                f"{name}: got {_shown(sentence)}, expected a string or a list of words"
            )
        if not words:
            raise InputError(f"{name}: got {_shown(sentence)}, which has no words")
        return words

    def read(self, sentences: Any) -> tuple[Sentences, Counter[str]]:
        """Return sentences as ids, in order, and the number of occurrences of each unknown word.

        sentences: one string, or an iterable of strings or lists of words.
        """
        if isinstance(sentences, str):
            sentences = [sentences]
        if not _is_iterable(sentences):
            raise InputError(
                f"sentences: got {_shown(sentences)}, expected a list of strings or of lists of"
                " words"
            )
        unknown: Counter[str] = Counter()
        read = Sentences.of(
            self._ids(self.words(sentence, f"sentences[{number}]"), unknown)
            for number, sentence in enumerate(sentences)
        )
        if not len(read):
            raise InputError("sentences: got none, expected at least one")
        return read, unknown

    def _ids(self, words: list[str], unknown: Counter[str]) -> list[int]:
        unknown.update(word for word in words if word == UNK or word not in self._known)
        return self.vocabulary.encode(words)

    @cached_property
    def _normalise(self) -> Callable[[str], str]:
        """Return the steps, which may be of an extension: not needed for text as prepared."""
        return normaliser(self.steps)

    def _find_words(self, part: str) -> tuple[str, ...]:
        """Return the words of a part of a string without white space."""
        part = self._spelling(part)
        if part in self._known:
            return (part,)
        own = self._normalise(part)
        tokens = self._normalise(tokenise(part))
        forms = [tuple(marked(form.split())) for form in (own, tokens, tokens.lower())]
        for form in forms:
            if all(word in self._known for word in form):
                return form
        return max(forms, key=lambda form: sum(word in self._known for word in form))

    def _spelling(self, word: str) -> str:
        """Return a known word as it is, any other composed (NFC) as the text of corpora is."""
        return word if word in self._known else unicodedata.normalize("NFC", word)


def marked(words: Iterable[str]) -> list[str]:
    """Replace every mark for an unknown word by `<unk>`, and drop marks of ends and padding."""
    return [UNKNOWN_MARKS.get(word, word) for word in words if word not in DROPPED_MARKS]


def unknown_message(unknown: Counter[str], sentences: Sentences, untrained: bool) -> str:
    """Return the message on unknown words: 3 of 12 words are unknown ...: 'zork' (2 times), ...

    untrained: whether the training split of the model has no `<unk>`.
    """
    count = unknown.total()
    listed = [
        f"{word!r:.40}" + (f" ({times:,} times)" if times > 1 else "")
        for word, times in unknown.most_common(_LISTED)
    ]
    more = len(unknown) - len(listed)
    return (
        f"{count:,} of {len(sentences.tokens):,} words {'is' if count == 1 else 'are'} unknown to"
        f" the model and read as {UNK}: {', '.join(listed)}{f' and {more:,} more' if more else ''}"
        + (f"; the training split has no {UNK}: the model has not learnt it" if untrained else "")
    )


def _is_iterable(value: Any) -> bool:
    """Return whether iterating over a value gives its sentences or words, not keys or bytes."""
    if getattr(value, "ndim", 1) == 0 or hasattr(value, "columns"):
        return False
    return isinstance(value, Iterable) and not isinstance(value, Mapping | Set | bytes)


def _is_list(value: Any) -> bool:
    """Return whether iterating over a value gives words, and more than once."""
    return _is_iterable(value) and hasattr(value, "__len__")


def _shown(value: Any) -> str:
    """Return the beginning of a value, on one line, and its type."""
    return f"{one_line(repr(value)):.60} ({type(value).__name__})"
