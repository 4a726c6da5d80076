"""Recognise text in a format other than the requested one by its first lines.

Words of another format are counted and learnt like any other, so that nothing else would reveal
them. A message is a warning only: lines of real text may look like anything, and all rules require
that nearly all of the first lines agree.
"""

import csv
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

LINES_EXAMINED = 100
_MIN_LINES = 2
_MIN_SHARE = 0.9
_MAX_LABEL_LENGTH = 30
# Lines enough to judge by, and different labels at most, where only a space follows a label.
_MIN_LABELLED = 20
_MAX_LABELS = 5

_TEXT_COLUMNS = frozenset(
    {
        *("text", "texts", "sentence", "sentences", "review", "comment", "content", "body"),
        *("message", "tweet", "document", "question", "answer", "title", "description"),
        *("utterance", "article", "abstract", "summary", "phrase", "headline", "caption"),
    }
)
_COLUMN = re.compile(r"[\w .-]{0,30}")
_NUMBER_FIRST = re.compile(r'"?\d{1,9}"?,(?:\s*"|[^\W\d_])')
_NUMBER_AND_TEXT = re.compile(r"-?\d{1,3} +[^\W\d_]\S* \S")
_CUT_APART = re.compile(" @[-,.]@ ")
_HTML = re.compile(r"</?(?:p|div|span|a|li|ul|ol|b|i|em|strong|h[1-6]|td|tr)(?: [^>]*)?>")
_LATEX = re.compile(r"\\(?:begin|end|section|subsection|item|documentclass|usepackage|cite)\b")
_HEADING = re.compile(r"#{1,6} \S|```|\|.*\|$")
_PIECE = re.compile("(?:^|[ ])(?:##[^\\W_]+|[\u2581\u0120]\\S*|[^\\W_]+@@)(?=$|[ ])")
_SUBTITLE_TIME = re.compile(r"(?:\d+:)?\d\d:\d\d[.,]\d{3} --> (?:\d+:)?\d\d:\d\d[.,]\d{3}")
_CONLL = re.compile(r"\d+(?:[-.]\d+)?\t(?:(?:[^\t]*\t){8}[^\t]*|\S+(?:\t\S+){2,})")
# Lines of other tools between those of words.
_BETWEEN_WORDS = re.compile(r"<[^>]*>|-DOCSTART-.*|#.*")
_MAX_COLUMNS = 10
_TAG = re.compile(r"O|[BIESLUM]-\S+|-X-|[A-Z]{1,6}\$?|[^\w\s]{1,5}")
_TREE = re.compile(r"\(+[A-Z$-]*\s*\([A-Z.,:$-]+ .*\)\s*\)")
# A word with its tag, and with what follows that (its lemma, say).
_TAGGED_WORD = re.compile(r"\S{1,60}([/_|])(?:[A-Za-z][\w$*+-]*|[^\w\s]{1,3})(?:\1\S{1,60})?")
# A key has a digit, unlike the word after it: `fr-en-12`,
# `1089-134686-0001`, `img_12.jpg#0`, `[00:12]`.
_KEY = re.compile(
    r"(?=\S*\d)(?!\S*:[^\W\d])(?P<key>(?=\S*[^\W\d]|\S*\d\S*[-:_#/\]]\S*)\S{2,60}) +(?!\S*\d)\S"
)
_NUMBER = re.compile(r"[-+]?\d[\d.,]* +\S")
_MIN_NUMBERS = 5
# Characters of a line that patterns are compared with, half of them from its end. Some take the
# square of its length, and a document may be on one line.
_MAX_COMPARED = 1000
_TABS = "columns with tabs between them; write one text per line, alone"
_LAST_LABEL = re.compile(r"-?\d|[A-Z]{2,}|(?i:pos|neg|positive|negative|neutral)|__label__\S+")
# Forms of which nearly every line is, and how they read.
_WHOLE_LINES = tuple(
    (re.compile(pattern), form)
    for pattern, form in (
        (r".+ \|\|\| .+", "texts side by side (`|||`); write one of them alone"),
        (_TREE, "trees of the Penn Treebank; write their words alone"),
        (r"""\[(['"]).*\1\]""", "a list of Python or JSON per line; write its text alone"),
        (r"""b(['"]).*\1""", "bytes as Python prints them; write their text, decoded"),
        (r'".*",\w{1,20}|"?\w{1,20}"?,".*"', "CSV without a header; write its text alone"),
        # Commas of text have a space beside them, or separate thousands.
        (
            r".* .*([,;|])[^\s,;|]{1,20}|(?!\d{1,3},\d{3})[^\s,;|]{1,30}([,;|])\S.* .*",
            "CSV without a header; write its text alone",
        ),
        (r"\d+[.)] .*", "numbered lines; write their text alone"),
        (r"<(p|s|seg)(?: [^>]*)?>.*</\1>", "text between XML tags; write the text alone"),
        (r".+ \([^\s()]*\d[^\s()]*\)", "a text and a key in brackets per line; write it alone"),
        (r"\S+(?: -?\d+\.\d+(?:e-?\d+)?){8,}", "vectors of words; write text"),
        (r"\[?\d+(?:,? \d+)+\]?", "numbers, perhaps ids of words; write the words"),
        (r"\S*[^\W\d_]\S* \d+", "words with their counts; write sentences"),
    )
)
# UTF-8 that was read as another encoding and written as UTF-8 again: é as Ã©, ’ as â€™.
_MOJIBAKE = re.compile("[\u00c2\u00c3][\u0080-\u00bf]|\u00e2\u20ac")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SOFT_HYPHEN = re.compile("\\w\u00ad\\w")
# Of lines of text that is wrapped: their number, longest, and shares of long and of whole ones, and
# of those within which a sentence ends.
_MIN_WRAPPED = 20
_MAX_WIDTH = 120
_MIN_LONG = 0.6
_MAX_WHOLE = 0.5
_MIN_WITH_END = 0.1
_END_WITHIN = re.compile(r"[.!?]\S? +\S?[A-Z]")
# Formats that accept any line.
_OF_ANY_LINE = ("plain", "cbt", "wiki", "yelp", "wikitext")


def other_format(lines: Sequence[str], format: str) -> str | None:
    """Return what `lines`, a file's first ones, look like and how to read that; None if as asked.

    The others refuse lines that are not of theirs, and an extension's may be of any kind.
    """
    if format not in _OF_ANY_LINE:
        return None
    filled = _filled(lines)
    if len(filled) < _MIN_LINES:
        return None
    if format == "yelp":
        filled = [line.partition("\t")[2].strip() or line for line in filled]
    recognisers = (_characters, _annotated, _json, _columns, _labels, _keys, _markup, _pieces)
    if message := _downloaded(filled, format):
        return message
    for recognise in (*recognisers, _wrapped):
        message = recognise(filled)
        # The format asked for may be the one that is recognised.
        if message and f"`format: {format}`" not in message:
            return message
    return None


def _downloaded(lines: Sequence[str], format: str) -> str | None:
    """Recognise the files of the paper's corpora that another format would misread."""
    if format != "cbt" and any(line.startswith("_BOOK_TITLE_") for line in lines):
        return (
            "looks like the Children's Book Test; `format: cbt` skips titles and restores brackets"
        )
    if format != "wiki" and any(re.search("<eos>.*[^\\W\\d_]", line) for line in lines):
        return "looks like sentences that end in `<eos>`, several a line; `format: wiki` parts them"
    return None


def table_format(lines: Sequence[str]) -> str | None:
    """Return what the first lines of a text look like if it is a table with a header, else None."""
    filled = _filled(lines)
    return _columns(filled) if len(filled) >= _MIN_LINES else None


def _filled(lines: Sequence[str]) -> list[str]:
    return [line.strip(" \r") for line in lines if line.strip()]


def _share(lines: Sequence[Any], of_kind: Callable[[Any], object]) -> bool:
    """Return whether nearly all lines are of a kind."""
    return sum(map(bool, map(of_kind, lines))) >= _MIN_SHARE * len(lines)


def _characters(lines: Sequence[str]) -> str | None:
    """Recognise characters that no text has, which would be parts of words."""
    if sum(1 for line in lines if _MOJIBAKE.search(line)) * 20 > len(lines):
        return "looks like UTF-8 decoded as another encoding (`Ã©` for `é`); encode it again"
    if any(map(_CONTROL.search, lines)):
        return "has control characters, which end up in words; remove them"
    if sum(1 for line in lines if _SOFT_HYPHEN.search(line)) * 20 > len(lines):
        return "has soft hyphens within words, which make them others; remove them"
    return None


def _wrapped(lines: Sequence[str]) -> str | None:
    """Recognise text whose lines end at a width, mostly within a sentence."""
    longest = max(map(len, lines))
    if len(lines) < _MIN_WRAPPED or longest > _MAX_WIDTH:
        return None
    long = sum(len(line) > 0.8 * longest for line in lines)
    whole = sum(not line[0].islower() or line[-1] in ".!?" for line in lines)
    with_end = sum(1 for line in lines if _END_WITHIN.search(line))
    if (
        long < _MIN_LONG * len(lines)
        or whole > _MAX_WHOLE * len(lines)
        or with_end < _MIN_WITH_END * len(lines)
    ):
        return None
    return (
        f"looks like text wrapped at {longest} characters; write a sentence or paragraph per line"
    )


def _annotated(lines: Sequence[str]) -> str | None:
    """Recognise subtitles, CoNLL-U, breaks of HTML, and lines that are more than their text."""
    if sum(1 for line in lines if _SUBTITLE_TIME.match(line)) * 5 >= len(lines):
        return "looks like subtitles (SRT or VTT); write their text alone, a sentence per line"
    if sum(1 for line in lines if _CONLL.fullmatch(line)) * 2 >= len(lines):
        return "looks like CoNLL-U, a word per line; write a sentence per line"
    if _is_vertical(lines):
        return "looks like CoNLL, a word and its tags per line; write a sentence per line"
    if sum(1 for line in lines if re.search(r"<br ?/?>", line)) * 5 >= len(lines):
        return "looks like text with breaks of HTML; replace `<br />` by spaces"
    cut = [_cut(line) for line in lines]
    if _share(cut, _is_tagged):
        return "looks like words with their tags; write the words alone"
    for pattern, form in _WHOLE_LINES:
        if _share(cut, pattern.fullmatch):
            return f"looks like {form}"
    return None


def _cut(line: str) -> str:
    """Return the beginning and the end of a long line."""
    half = _MAX_COMPARED // 2
    return line if len(line) <= _MAX_COMPARED else f"{line[:half]} {line[-half:]}"


def _is_tagged(line: str) -> bool:
    """Return whether each of several words of a line has a tag, and one of letters."""
    words = line.split()
    found = [_TAGGED_WORD.fullmatch(word) for word in words]
    if len(words) < 2 or not all(found):
        return False
    return len({one[1] for one in found}) == 1 and any(map(str.isalpha, line))


def _is_vertical(lines: Sequence[str]) -> bool:
    """Return whether lines are a word and tags, in equal numbers of columns, as in CoNLL-2003."""
    words = [line.split() for line in lines if not _BETWEEN_WORDS.fullmatch(line)]
    if not words or not 2 <= len(words[0]) <= _MAX_COLUMNS or _share(words, _in_capitals):
        return False
    alike = [each for each in words if len(each) == len(words[0])]
    for column in {1, len(words[0]) - 1}:
        tags = [each[column] for each in alike if _TAG.fullmatch(each[column])]
        # A full stop ends many a text.
        if len(tags) >= _MIN_SHARE * len(words) and any(tag[0].isalpha() for tag in tags):
            return True
    return False


def _in_capitals(words: Sequence[str]) -> bool:
    return words[0].isupper()


def _json(lines: Sequence[str]) -> str | None:
    if _share(lines, _is_object):
        return (
            "looks like JSON lines; `format: json-lines` reads the key `text` of each, and"
            " `webtext` also tokenises it"
        )
    in_list = lines[0].startswith("[{") and _share(lines, lambda one: _is_object(one.strip("[], ")))
    if in_list or (lines[0] in ("[", "{", "[{") and lines[1].startswith(("{", '"'))):
        return (
            "looks like one JSON document; write one object per line, with the key `text`, and"
            " use `format: json-lines`"
        )
    if _share(lines, _is_string):
        return "looks like a text in quotes per line, as of JSON; write it without quotes"
    return None


def _is_string(line: str) -> bool:
    try:
        return line.startswith('"') and isinstance(json.loads(line.rstrip(",")), str)
    except ValueError:
        return False


def _is_object(line: str) -> bool:
    if not (line.startswith("{") and line.endswith("}")):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _columns(lines: Sequence[str]) -> str | None:
    """Recognise tables with a header, and rows that begin with a number and a quoted text."""
    advice = "write its text alone, one per line"
    for name, separator in (("CSV", ","), ("CSV", ";"), ("a table with tabs", "\t")):
        header = _fields(lines[0], separator)
        if _is_header(header) and _is_table(lines[1:], header, separator):
            return f"looks like {name} with the header {lines[0][:80]!r}; {advice}"
    if _share(lines, _NUMBER_FIRST.match):
        return f"looks like CSV, a number and a text per line; {advice}"
    return None


def _is_header(fields: Sequence[str]) -> bool:
    """Return whether short fields name columns, one of them of text."""
    names = {name for field in fields for name in re.split(r"[\W_]+", field.lower())}
    return bool(names & _TEXT_COLUMNS) and all(map(_COLUMN.fullmatch, fields))


def _is_table(lines: Sequence[str], header: Sequence[str], separator: str) -> bool:
    """Return whether the lines below a header have its columns, or one column of quoted texts."""
    if len(header) > 1:
        # A quoted text may have line breaks, so that some lines are parts of a row.
        complete = sum(len(_fields(line, separator)) == len(header) for line in lines)
        return 2 * complete >= len(lines)
    return _share(lines, lambda line: line.startswith('"') and line.endswith('"'))


def _fields(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _labels(lines: Sequence[str]) -> str | None:
    if _share(lines, lambda line: line.startswith("__label__")):
        return "looks like fastText's labels before each text; `label: space` drops them"
    if _share(lines, lambda line: line.strip().count("\t") > 1):
        return f"looks like {_TABS}"
    if _share(lines, _is_labelled):
        return "looks like a label, a tab and a text per line; `label: tab` drops the label"
    if _share(lines, lambda line: _is_labelled("\t".join(reversed(line.rpartition("\t")[::2])))):
        return "looks like a text, a tab and a label per line; write the text alone"
    if _share(lines, _NUMBER_AND_TEXT.match):
        return "looks like a number and a text per line; `label: space` drops the number"
    if sum("\t" in line.strip() for line in lines) * 2 >= len(lines):
        return f"looks like {_TABS}"
    if _end_with_labels(lines):
        return "looks like a text, a space and a label per line; write the text alone"
    if _begin_with_few_words(lines):
        return "looks like a label, a space and a text per line; `label: space` drops the label"
    return None


def _begin_with_few_words(lines: Sequence[str]) -> bool:
    """Return whether all lines begin with one of few words that occur nowhere else.

    Not in text with <unk>, which a model generated: its sentences often begin alike.
    """
    words = [line.split() for line in lines]
    first = {each[0] for each in words}
    rest = {word for each in words for word in each[1:]}
    enough = len(lines) >= _MIN_LABELLED and all(len(each) > 2 for each in words)
    return enough and len(first) <= _MAX_LABELS and not first & rest and "<unk>" not in rest


def _end_with_labels(lines: Sequence[str]) -> bool:
    """Return whether all lines end with one of few labels."""
    last = {line.rpartition(" ")[2] for line in lines}
    short = len(lines) >= _MIN_LABELLED and len(last) <= _MAX_LABELS
    return short and all(map(_LAST_LABEL.fullmatch, last))


def _keys(lines: Sequence[str]) -> str | None:
    """Recognise a key, a number, or a name and a colon before each text."""
    cut = [_cut(line) for line in lines]
    keys = [found["key"] for found in map(_KEY.match, cut) if found]
    if len(keys) >= _MIN_SHARE * len(lines) and not _is_word_like(keys, lines):
        return f"looks like a key (`{keys[0]}`) and a text per line; `label: space` drops the key"
    if len(lines) >= _MIN_NUMBERS and _share(cut, _NUMBER.match):
        return "looks like a number and a text per line; `label: space` drops the number"
    if _share(cut, lambda line: re.match(r"[^\s:]+: *\S", line)):
        return "looks like a name or key, a colon and a text per line; write the text alone"
    return None


def _is_word_like(keys: Sequence[str], lines: Sequence[str]) -> bool:
    """Return whether keys, up to their numbers, are words of the texts as well (`w3 and w17`)."""
    forms = {re.sub(r"\d+", "0", key.lower()) for key in keys}
    words = (word.lower() for line in lines for word in line.split()[1:])
    return any(re.sub(r"\d+", "0", word) in forms for word in words)


def _is_labelled(line: str) -> bool:
    label, _, text = line.partition("\t")
    return " " in text.strip() and len(label) <= _MAX_LABEL_LENGTH and len(label.split()) == 1


def _markup(lines: Sequence[str]) -> str | None:
    if re.match(r"<\?xml|<!doctype|<html|<doc[ >]", lines[0], re.IGNORECASE):
        return "looks like XML or HTML; write its text alone, one sentence or document per line"
    for pattern, name in ((_HTML, "HTML"), (_LATEX, "LaTeX"), (_HEADING, "Markdown")):
        find = pattern.match if pattern is _HEADING else pattern.search
        if sum(1 for line in lines if find(line)) * 10 >= len(lines):
            return f"looks like {name}; write its text alone, one sentence or document per line"
    cut_apart = sum(1 for line in lines if _CUT_APART.search(line))
    if re.fullmatch("= .* =", lines[0]) or 4 * cut_apart > len(lines):
        return "looks like WikiText; `format: wikitext` drops headings and undoes `@-@`"
    return None


def _pieces(lines: Sequence[str]) -> str | None:
    if sum(1 for line in lines if _PIECE.search(line)) * 2 >= len(lines):
        return "looks like pieces of words (`##`, `@@`, `\u2581`); join them to words first"
    return None
