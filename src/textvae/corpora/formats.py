"""Read the sentences of raw text files, in one of several registered formats.

A format is a function from one line of a file to the sentences in it, registered by name; it raises
InputError for a line that is not of the format. One that splits texts itself is registered with
`splits=True` and takes, after the line, a function that splits a text in its place; one that drops
a label itself, with `drops_label=True`; one whose lines are JSON, which no label is before, with
`json=True`. `read` does what all formats share: decoding, line numbers in messages, and the
spelling of marks such as `<unk>`.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path

from textvae.corpora.labels import check_label, doubtful_labels, drop_label
from textvae.corpora.normalisation import (
    decode_escapes,
    plain_punctuation,
    split_sentences,
    tokenise,
)
from textvae.corpora.other_formats import LINES_EXAMINED, other_format
from textvae.corpora.sentences import split_by_language
from textvae.corpora.vocabulary import EOS, UNK
from textvae.errors import InputError
from textvae.io import BYTE_ORDER_MARK, check_encoding
from textvae.registry import FORMATS

# Bytes. A longer line is refused before it fills the memory; it cannot be text.
MAX_LINE = 64 << 20
_BETWEEN_REPORTS = 1 << 20

_UNKNOWN = (
    *("UNK", "_UNK", "_unk", "__UNK__", "__unk__", "<UNK>", "<Unk>", "[UNK]", "[unk]", "⟨unk⟩"),
    *("<|unk|>", "<UNKNOWN>", "<unknown>", "<OOV>", "<oov>"),
)
UNKNOWN_MARKS = dict.fromkeys(_UNKNOWN, UNK)
# Ends and beginnings of sentences, and padding, of other tools.
DROPPED_MARKS = frozenset(
    {
        *(EOS, "<EOS>", "</s>", "</S>", "[EOS]", "[SEP]", "<|endoftext|>"),
        *("<s>", "<S>", "<bos>", "<BOS>", "[BOS]", "<sos>", "<SOS>", "[CLS]", "<|startoftext|>"),
        *("<pad>", "<PAD>", "[PAD]", "_PAD"),
    }
)

_BRACKETS = {"LRB": "(", "RRB": ")", "LSB": "[", "RSB": "]", "LCB": "{", "RCB": "}"}
_ESCAPE = re.compile("-([LR][RSC]B)-")
# WikiText marks what its tokeniser cut apart: `role @-@ playing`, `1 @,@ 200`, `3 @.@ 5`.
_CUT_APART = re.compile(" ?@([-,.])@ ?")
_HEADING = re.compile("((?:= )+)(?![= ]).*?[^= ]((?: =)+)")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@FORMATS.register("plain")
def plain(line: str) -> Iterable[str]:
    """One sentence or document per line (Yahoo; your own corpora)."""
    return (line,)


@FORMATS.register("cbt")
def cbt(line: str) -> Iterable[str]:
    """Children's Book Test: one sentence per line, brackets escaped; title lines are skipped."""
    if line.startswith("_BOOK_TITLE_"):
        return ()
    return (_ESCAPE.sub(lambda escape: _BRACKETS[escape[1]], line),)


@FORMATS.register("wiki")
def wiki(line: str) -> Iterable[str]:
    """Wikipedia of Gulordava et al.: one sentence per line, or several, each ended by ` <eos>`."""
    return (part for part in line.split(EOS) if part.strip()) if EOS in line else (line,)


@FORMATS.register("yelp", drops_label=True)
def yelp(line: str) -> Iterable[str]:
    """Yelp15: a label, a tab and the text; the label is dropped."""
    return (drop_label(line, "tab"),)


def _english(text: str) -> Iterable[str]:
    return split_by_language(text, "en")


@FORMATS.register("wikitext", splits=True)
def wikitext(line: str, split: Callable[[str], Iterable[str]] = _english) -> Iterable[str]:
    """WikiText: paragraphs, split into English sentences; headings dropped, `@-@` undone."""
    text = line.strip()
    heading = _HEADING.fullmatch(text)
    if heading and len(heading[1]) == len(heading[2]):
        return ()
    return split(_CUT_APART.sub(r"\1", text))


@FORMATS.register("json-lines", splits=True, json=True)
def json_lines(line: str, split: Callable[[str], Iterable[str]] = split_sentences) -> Iterable[str]:
    """One JSON object per line; its `text` is split into sentences, words unchanged."""
    return _sentences(_text_of(line), split)


@FORMATS.register("webtext", splits=True, json=True)
def webtext(line: str, split: Callable[[str], Iterable[str]] = split_sentences) -> Iterable[str]:
    """WebText: one JSON object per line; its `text` is split into sentences and tokenised."""
    text = plain_punctuation(decode_escapes(_text_of(line)))
    # Tokenising would cut `</s>` into marks.
    return (tokenise(_normalise_marks(sentence)) for sentence in _sentences(text, split))


def _sentences(text: str, split: Callable[[str], Iterable[str]]) -> Iterable[str]:
    """Return the sentences of a text; "" for a blank one, as for a blank line."""
    return split(text) if text.strip() else ("",)


def _text_of(line: str) -> str:
    """Return the `text` of a line of JSON; InputError if it has none."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        raise InputError('not JSON, expected an object like {"text": "..."}') from None
    text = document.get("text") if isinstance(document, dict) else None
    if not isinstance(text, str):
        raise InputError('no text, expected an object like {"text": "..."}')
    # JSON can escape half of a character beyond U+FFFF, which no UTF-8 file can hold.
    return _LONE_SURROGATE.sub("\ufffd", text)


def find_format(name: str) -> Callable[[str], Iterable[str]]:
    """Return the function of a format; InputError if none of this name is registered."""
    if name not in FORMATS.names():
        raise InputError(f"format: {name!r}, expected one of {', '.join(FORMATS.names())}")
    return FORMATS[name]


def _splitting(format: str, language: str | None) -> Callable[[str], Iterable[str]]:
    """Return the function of a format, with the rule of a language, if given, to split texts."""
    sentences = find_format(format)
    if language is None:
        return sentences

    def split(text: str) -> Iterator[str]:
        for line in re.split("[\r\n]+", text):
            yield from split_by_language(line, language)

    if FORMATS.declared()[format].facts.get("splits"):
        return lambda line: sentences(line, split)
    return lambda line: chain.from_iterable(map(split, sentences(line)))


class LineError(InputError):
    """An error in one line of a file, whose message begins with both."""

    def __init__(self, path: Path, number: int, reason: object) -> None:
        super().__init__(f"{path}, line {number}: {reason}")
        self.path, self.number, self.reason = path, number, reason


def read(
    path: Path,
    format: str,
    advance: Callable[[int], object] = lambda count: None,
    warn: Callable[[str], object] = lambda message: None,
    label: str | None = None,
    language: str | None = None,
) -> Iterator[str]:
    """Yield the sentences of a UTF-8 file, words separated by one space; "" for each blank line.

    label: what ends the label before each text, which is dropped. language: its code, to split
    into sentences what the format has on a line, in place of the format's own rule. Any mark for an
    unknown word becomes `<unk>`; marks of beginnings, ends and padding are dropped. The file is
    read as a stream; `advance` is called with the bytes read, about once a million, and `warn` with
    a message if the first lines look like another format. InputError for a file that is missing,
    LineError for a line that is not UTF-8 or not of the format.
    """
    sentences = _splitting(format, language)
    check_label("label", format, label)
    numbered = lines(path, advance)
    first = list(islice(numbered, LINES_EXAMINED))
    _examine([line for _, line in first], format, label, warn)
    for number, line in chain(first, numbered):
        if line.isspace() or not line:
            yield ""
            continue
        try:
            for sentence in sentences(drop_label(line, label) if label else line):
                yield _normalise_marks(sentence)
        except InputError as error:
            raise LineError(path, number, error) from None


def _examine(
    lines: list[str], format: str, label: str | None, warn: Callable[[str], object]
) -> None:
    """Warn if the first lines look like another format, or have no labels to drop."""
    if label == "space" and (message := doubtful_labels(lines)):
        warn(message)
        return
    if label:
        with suppress(InputError):
            lines = [drop_label(line, label) if line.strip() else line for line in lines]
    if message := other_format(lines, format):
        warn(message)


def lines(
    path: Path, advance: Callable[[int], object] = lambda count: None
) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of a UTF-8 file; raises the InputErrors of `read`.

    Byte order marks are dropped: where files are joined, they are not only at the beginning. The
    text is composed (NFC), so that a word of one spelling is one word.
    """
    if Path(path).is_dir():
        raise InputError(f"{path}: is a folder, expected a file of text")
    if not Path(path).exists():
        raise InputError(f"{path}: no such file")
    unreported = 0
    with Path(path).open("rb") as file:
        head = file.peek()
        check_encoding(path, head)
        alone = head.count(b"\r") - head.count(b"\r\n")
        if alone > max(1, head.count(b"\n")):
            expected = r"expected LF; `tr '\r' '\n'` converts it"
            raise InputError(f"{path}: its lines end in CR alone, {expected}")
        for number, line in enumerate(iter(lambda: file.readline(MAX_LINE + 1), b""), start=1):
            if len(line) > MAX_LINE:
                too_long = f"longer than {MAX_LINE:,} bytes, expected lines of text"
                raise LineError(path, number, too_long)
            try:
                text = line.decode("utf-8").rstrip("\r\n")
            except UnicodeDecodeError as error:
                byte = f"byte 0x{line[error.start]:02x} at position {error.start + 1}"
                raise LineError(path, number, f"not UTF-8 ({byte})") from None
            if BYTE_ORDER_MARK in text:
                # Within a line, the file before it had no final line break.
                text = text.removeprefix(BYTE_ORDER_MARK).replace(BYTE_ORDER_MARK, " ")
            yield number, unicodedata.normalize("NFC", text)
            unreported += len(line)
            if unreported >= _BETWEEN_REPORTS:
                advance(unreported)
                unreported = 0
    advance(unreported)


def _normalise_marks(sentence: str) -> str:
    # JSON and HTML entities can spell a letter and its accent apart, as no line does.
    sentence = unicodedata.normalize("NFC", sentence)
    if BYTE_ORDER_MARK in sentence:  # escaped in JSON
        sentence = sentence.replace(BYTE_ORDER_MARK, " ")
    return " ".join(
        UNKNOWN_MARKS.get(word, word) for word in sentence.split() if word not in DROPPED_MARKS
    )
