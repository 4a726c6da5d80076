"""The table of minimal pairs: reading, writing, and refusal with file and line."""

import dataclasses
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from input_errors import refusal
from textvae.corpora import minimal_pairs
from textvae.corpora.minimal_pairs import Pair

AUTHOR = Pair(
    grammatical="the author laughs",
    ungrammatical="the author laugh",
    row="agreement.simple",
    set="simple_agrmt",
    subcategory="sing_MS_MV",
    item="author",
    number="singular",
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "below" / "pairs.tsv"


def table(path, content):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_file_has_a_header_and_a_line_per_pair(path, capsys):
    another = dataclasses.replace(AUTHOR, item="writer")
    pairs = [AUTHOR, Pair("no author ever laughs", "the author ever laughs"), another]
    minimal_pairs.write_pairs(path, pairs)
    lines = path.read_bytes().split(b"\n")
    assert lines[:3] == [
        b"row\tset\tsubcategory\titem\tnumber\tgrammatical\tungrammatical",
        b"agreement.simple\tsimple_agrmt\tsing_MS_MV\tauthor\tsingular\t"
        b"the author laughs\tthe author laugh",
        b"all\t\t\t\t\tno author ever laughs\tthe author ever laughs",
    ]
    assert minimal_pairs.read_pairs(path) == pairs
    assert capsys.readouterr().err == ""
    assert set(minimal_pairs.COLUMNS) == {field.name for field in dataclasses.fields(Pair)}


def test_unknown_columns_are_named_and_ignored(path, capsys):
    table(path, "grammatical\tpair_id\tungrammatical\tsubcategry\trow\na b\t7\ta c\tsing\t mine \n")
    assert minimal_pairs.read_pairs(path) == [Pair("a b", "a c", row="mine")]
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{path}: ")
    assert "'pair_id', 'subcategry'" in line


def test_repeated_pairs_are_counted(path, capsys):
    table(path, "grammatical\tungrammatical\n" + 3 * "a b\ta c\n" + "a b\ta d\n")
    assert len(minimal_pairs.read_pairs(path)) == 4
    assert capsys.readouterr().err == f"{path}: 2 of 4 pairs are repeated; each counts\n"
    minimal_pairs.check_pairs(path)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "content",
    [
        "grammatical\tungrammatical\na b\ta c",
        "grammatical\tungrammatical\na b\ta c\n\n  \n\t\n",
        "\ufeffungrammatical\tgrammatical\r\n\ufeffa c\ta b\r\n\r\n",
        "grammatical\tungrammatical\n a  b \ta\u00a0c\n",
        "grammatical\tungrammatical\ra b\ta c\r",
    ],
)
def test_two_columns_in_any_form_are_enough(path, content):
    (pair,) = minimal_pairs.read_pairs(table(path, content))
    assert pair == Pair("a b", "a c")
    assert (pair.row, pair.set, pair.subcategory, pair.item, pair.number) == ("all", "", "", "", "")


def test_decomposed_words_of_pairs_are_composed(path):
    content = "grammatical\tungrammatical\ncafe\u0301 a\tcafe\u0301 b\n"
    assert minimal_pairs.read_pairs(table(path, content)) == [Pair("caf\u00e9 a", "caf\u00e9 b")]


def test_sentences_in_quotes_are_reported(path, capsys):
    """Spreadsheets quote fields with a comma; quotes with a space beside them are words."""
    content = 'grammatical\tungrammatical\na b\ta c\n"a , b"\t"a , c"\n" a "\t" b "\n'
    minimal_pairs.read_pairs(table(path, content))
    assert f"{path}: 2 of 6 sentences are in quotes" in capsys.readouterr().err


HEADER = "row\tnumber\tgrammatical\tungrammatical\n"
GOOD = "r\tplural\ta b\ta c\n"


@pytest.mark.parametrize(
    ("content", "keys"),
    [
        ("", ", line 1: no column grammatical"),
        ("sentence_good\tbad\na b\ta c\n", ", line 1: no column grammatical 'sentence_good'"),
        ("grammatical\trow\na b\tr\n", ", line 1: no column ungrammatical 'row'"),
        ("row\tgrammatical\tungrammatical\trow\n", ", line 1: two columns row"),
        (HEADER, ": no pairs"),
        ('grammatical\tungrammatical\n"a b"\t"a c"\n', ": all quotes"),
        (f"{HEADER}{GOOD}r\tplural\ta b\n", ", line 3: 3, expected 4"),
        (f"{HEADER}{GOOD}r\tplural\ta b\ta c\t\n", ", line 3: 5, expected 4"),
        (f"{HEADER}{GOOD}\n{GOOD}", ", line 3: 1, expected 4"),
        (f"{HEADER}r\tplural\t \ta c\n", ", line 2: grammatical: blank"),
        (b"grammatical\tungrammatical\na\t\xff\n", ": UTF-8 28"),
    ],
)
def test_invalid_table_is_named_by_file_and_line(path, content, keys):
    message = refusal(minimal_pairs.read_pairs, table(path, content))
    where, _, keys = keys.partition(":")
    assert message.startswith(f"{path}{where}: ")
    assert all(key in message for key in keys.split())


def test_missing_or_empty_table_is_refused(path):
    assert "no such file" in refusal(minimal_pairs.read_pairs, path)
    assert str(path) in refusal(minimal_pairs.write_pairs, path, [])
    assert not path.exists()


def test_check_pairs_reads_every_line_and_reports_no_columns(path, capsys):
    table(path, "other\tungrammatical\tgrammatical\n1\ta b\ta c\n2\ta b\ta b\n")
    assert "line 3: both sentences" in refusal(minimal_pairs.check_pairs, path)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        ({"grammatical": ""}, ["grammatical: "]),
        ({"ungrammatical": "\n"}, ["ungrammatical: "]),
        ({"grammatical": "a\tb"}, ["grammatical: ", r"'a\tb'"]),
        ({"ungrammatical": " a b"}, ["ungrammatical: ", "' a b'"]),
        ({"ungrammatical": AUTHOR.grammatical}, ["the author laughs"]),
        ({"row": ""}, ["row: "]),
        ({"row": "a\x1b[2J"}, ["row: ", r"'a\x1b[2J'"]),
        ({"row": "a\tb"}, [r"'a\tb'", "tab"]),
        ({"set": "a\nb"}, [r"'a\nb'", "line break"]),
        ({"set": " x"}, ["set: ' x'"]),
        ({"item": "\ud83d"}, [r"'\ud83d'"]),
        ({"grammatical": "a \udc00"}, [r"'a \udc00'"]),
        ({"number": "dual"}, ["number: 'dual'"]),
    ],
)
def test_pair_that_cannot_be_written_is_refused(change, keys):
    message = refusal(dataclasses.replace, AUTHOR, **change)
    assert all(key in message for key in keys)


FIELDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\t\r\n")).map(
    str.strip
)
SENTENCES = st.text().map(
    lambda text: " ".join(
        unicodedata.normalize("NFC", text.encode(errors="ignore").decode()).split()
    )
)
PAIRS = st.builds(
    lambda sentences, **cells: Pair(*sentences, **cells),
    st.lists(SENTENCES.filter(bool), min_size=2, max_size=2, unique=True),
    row=st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1),
    set=FIELDS,
    subcategory=FIELDS,
    item=FIELDS,
    number=st.sampled_from(minimal_pairs.NUMBERS),
)


@settings(deadline=None, max_examples=50)
@given(pairs=st.lists(PAIRS, min_size=1, max_size=5))
@example(pairs=[Pair("\ufeffa", "\x00", "r\u2028r", "a\x0bb", "\x00", '"', "")])
@example(pairs=[Pair('"a', '" a " b', "-", "\ufeff", "#")])
def test_written_pairs_are_read_back(tmp_path_factory, pairs):
    path = tmp_path_factory.getbasetemp() / "round.tsv"
    minimal_pairs.write_pairs(path, pairs)
    assert minimal_pairs.read_pairs(path) == pairs
    assert path.read_bytes().count(b"\n") == len(pairs) + 1
