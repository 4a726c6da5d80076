"""Vocabularies: the words of a model and their ids.

The first two entries are the marks `<eos>`, which ends every sentence and starts every decoding,
and `<unk>`, which replaces every word outside the vocabulary. The file has one word per line; the
line number, from 0, is the word's id.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from textvae.errors import InputError
from textvae.io import BYTE_ORDER_MARK, read_text, write_text

EOS = "<eos>"
UNK = "<unk>"
EOS_ID = 0
UNK_ID = 1


class Vocabulary:
    """An immutable list of words; ids 0 and 1 are `<eos>` and `<unk>`."""

    def __init__(self, words: Iterable[str]) -> None:
        """words: without the two marks, most frequent first; InputError if one is repeated."""
        self.words = (EOS, UNK, *words)
        self._ids = {word: id for id, word in enumerate(self.words)}
        if len(self._ids) != len(self.words):
            raise InputError("vocabulary: a word (or a mark) appears twice")

    def __len__(self) -> int:
        """Return the size, including the two marks."""
        return len(self.words)

    @property
    def types(self) -> int:
        """Return the number of words without the two marks."""
        return len(self) - len((EOS, UNK))

    def encode(self, tokens: Sequence[str]) -> list[int]:
        """Return the ids of `tokens`, without an end mark; words outside become `<unk>`."""
        return [self._ids.get(token, UNK_ID) for token in tokens]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Return the words of `ids` before the first `<eos>`."""
        words = []
        for id in ids:
            if id == EOS_ID:
                break
            words.append(self.words[id])
        return words

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the file's contents: equal digests mean equal vocabularies."""
        return hashlib.sha256(self._text().encode()).hexdigest()

    @classmethod
    def read_words(cls, path: Path) -> "Vocabulary":
        """Read a closed vocabulary from a list of words, one per line, or from a saved vocabulary.

        InputError, with file and line, for a blank line, a word that contains white space, a
        repeated word, or a file without words. Words of a list are composed (NFC), as text is.
        """
        lines = read_text(path).removesuffix("\n").split("\n")
        # Where files are joined, byte order marks are also at the beginnings of later lines.
        lines = [line.removeprefix(BYTE_ORDER_MARK) for line in lines]
        start = 2 if lines[:2] == [EOS, UNK] else 0
        if not start:
            lines = [unicodedata.normalize("NFC", line) for line in lines]
        if lines[start:] in ([], [""]):
            raise InputError(f"{path}: no words, expected one per line")
        words: dict[str, int] = {}
        for number, word in enumerate(lines[start:], start=start + 1):
            where = f"{path}, line {number}: {word!r}"
            if word.split() != [word]:
                raise InputError(f"{where}, expected one word per line")
            if word in (EOS, UNK):
                raise InputError(f"{where} is a mark, expected only words")
            if word in words:
                raise InputError(f"{where} again, as in line {words[word]}")
            words[word] = number
        return cls(words)

    def save(self, path: Path) -> None:
        """Write the file."""
        write_text(path, self._text())

    @classmethod
    def load(cls, path: Path) -> "Vocabulary":
        """Read a saved vocabulary; InputError if it does not begin with the marks."""
        words = read_text(path).split("\n")
        if words[:2] != [EOS, UNK] or words[-1] != "":
            raise InputError(f"{path}: a vocabulary begins with the lines {EOS} and {UNK}")
        try:
            return cls(words[2:-1])
        except InputError as error:
            raise InputError(f"{path}: {error}") from None

    def _text(self) -> str:
        return "\n".join(self.words) + "\n"
