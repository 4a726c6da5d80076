"""Raw files to sentences, one format at a time.

A format is a function from one line of a file to the sentences in it: a new format is one such
function and its entry in `FORMATS`. What all formats share is done once, in `read`: decoding,
counting lines for messages, and the spelling of the marks that corpora bring along.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from textvae.corpora.normalisation import plain_punctuation, split_sentences, tokenise
from textvae.corpora.vocabulary import EOS, UNK
from textvae.errors import InputError

# Lines longer than this are no text; they are refused before they fill the memory.
LONGEST_LINE = 64 << 20
_BETWEEN_REPORTS = 1 << 20

UNKNOWN_MARKS = dict.fromkeys(["_UNK", "_unk", "<UNK>", "<Unk>", "[UNK]", "UNK", "⟨unk⟩"], UNK)
END_MARKS = frozenset({EOS, "<EOS>", "</s>", "</S>"})

_BRACKETS = {"LRB": "(", "RRB": ")", "LSB": "[", "RSB": "]", "LCB": "{", "RCB": "}"}
_ESCAPE = re.compile("-([LR][RSC]B)-")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class _LineError(Exception):
    """A line is not of its format. The message says what was expected."""


def plain(line: str) -> Iterable[str]:
    """A sentence, or a document, a line (Yahoo; corpora of one's own)."""
    return (line,)


def cbt(line: str) -> Iterable[str]:
    """Children's Book Test: a sentence a line, brackets escaped; the lines of titles are none."""
    if line.startswith("_BOOK_TITLE_"):
        return ()
    return (_ESCAPE.sub(lambda escape: _BRACKETS[escape[1]], line),)


def wiki(line: str) -> Iterable[str]:
    """Gulordava et al.'s Wikipedia: a sentence a line, or several, each ended by ` <eos>`."""
    return (part for part in line.split(EOS) if part.strip()) if EOS in line else (line,)


def yelp(line: str) -> Iterable[str]:
    """Yelp15: a label, a tab, the text. The label is left out."""
    _, tab, text = line.partition("\t")
    if not tab:
        raise _LineError("no tab in it, expected a label, a tab and the text")
    return (text,)


def webtext(line: str) -> Iterable[str]:
    """WebText: a JSON object a line, its `text` a document; split and tokenised by our rules."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        raise _LineError('not JSON, expected an object like {"text": "..."}') from None
    text = document.get("text") if isinstance(document, dict) else None
    if not isinstance(text, str):
        raise _LineError('no text in it, expected an object like {"text": "..."}')
    # JSON can escape half of a character beyond U+FFFF, which no UTF-8 file can hold.
    text = _LONE_SURROGATE.sub("\ufffd", text)
    return (tokenise(sentence) for sentence in split_sentences(plain_punctuation(text)))


FORMATS: dict[str, Callable[[str], Iterable[str]]] = {
    "plain": plain,
    "cbt": cbt,
    "wiki": wiki,
    "yelp": yelp,
    "webtext": webtext,
}


def read(
    path: Path, format: str, advance: Callable[[int], object] = lambda count: None
) -> Iterator[str]:
    """The sentences of a UTF-8 file, words apart by one space; "" for each blank line.

    Whatever mark the file has for an unknown word becomes `<unk>`; end marks are left out. The file
    is read as a stream; `advance` is told of every million bytes or so. InputError, with file and
    line, where the file is not there, not UTF-8, or not of the format.
    """
    if format not in FORMATS:
        raise InputError(f"format: {format!r}, expected one of {', '.join(FORMATS)}")
    sentences = FORMATS[format]
    for number, line in lines(path, advance):
        if line.isspace() or not line:
            yield ""
            continue
        try:
            for sentence in sentences(line):
                yield _spell_marks(sentence)
        except _LineError as error:
            raise InputError(f"{path}, line {number}: {error}") from None


def lines(path: Path, advance: Callable[[int], object]) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file with their numbers, as `read` reads them; its InputErrors."""
    if Path(path).is_dir():
        raise InputError(f"{path}: is a folder, expected a file of text")
    if not Path(path).exists():
        raise InputError(f"{path}: no such file")
    unreported = 0
    with Path(path).open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE + 1), b""), start=1):
            if len(line) > LONGEST_LINE:
                too_long = f"longer than {LONGEST_LINE:,} bytes, expected lines of text"
                raise InputError(f"{path}, line {number}: {too_long}")
            try:
                text = line.decode("utf-8").rstrip("\r\n")
            except UnicodeDecodeError as error:
                found = f"byte 0x{line[error.start]:02x} at position {error.start + 1}"
                raise InputError(f"{path}, line {number}: not UTF-8 ({found})") from None
            yield number, text.removeprefix("\ufeff") if number == 1 else text
            unreported += len(line)
            if unreported >= _BETWEEN_REPORTS:
                advance(unreported)
                unreported = 0
    advance(unreported)


def _spell_marks(sentence: str) -> str:
    return " ".join(
        UNKNOWN_MARKS.get(word, word) for word in sentence.split() if word not in END_MARKS
    )
