"""The table of minimal pairs: what is read of one, and what is said of one that is wrong."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from textvae.corpora.minimal_pairs import (
    COLUMNS,
    NUMBERS,
    Pair,
    check_header,
    read_pairs,
    write_pairs,
)
from textvae.errors import InputError

AUTHOR = Pair(
    grammatical="the author laughs",
    ungrammatical="the author laugh",
    row="agreement.simple",
    set="simple_agrmt",
    subcategory="sing_MS_MV",
    item="author",
    number="singular",
)


def table(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "pairs.tsv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_the_form_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "below" / "pairs.tsv"
    write_pairs(path, [AUTHOR, Pair("no author ever laughs", "the author ever laughs")])
    assert path.read_bytes() == (
        b"row\tset\tsubcategory\titem\tnumber\tgrammatical\tungrammatical\n"
        b"agreement.simple\tsimple_agrmt\tsing_MS_MV\tauthor\tsingular\t"
        b"the author laughs\tthe author laugh\n"
        b"all\t\t\t\t\tno author ever laughs\tthe author ever laughs\n"
    )
    assert set(COLUMNS) == {field.name for field in dataclasses.fields(Pair)}


def test_two_columns_are_enough(tmp_path: Path) -> None:
    path = table(tmp_path, "ungrammatical\tgrammatical\nthe cats is\tthe cats are\n")
    (pair,) = read_pairs(path)
    assert pair == Pair("the cats are", "the cats is")
    assert (pair.row, pair.set, pair.subcategory, pair.item, pair.number) == ("all", "", "", "", "")


def test_columns_of_others_are_named_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = table(
        tmp_path,
        "grammatical\tpair_id\tungrammatical\tsubcategry\trow\na b\t7\ta c\tsing\tmine\n",
    )
    assert read_pairs(path) == [Pair("a b", "a c", row="mine")]
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{path}: not read: 'pair_id', 'subcategry' (columns are row, set, ")


def test_a_table_of_our_own_columns_needs_no_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_pairs(tmp_path / "pairs.tsv", [AUTHOR])
    assert read_pairs(tmp_path / "pairs.tsv") == [AUTHOR]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "content",
    [
        "grammatical\tungrammatical\na b\ta c\n",
        "grammatical\tungrammatical\na b\ta c",
        "grammatical\tungrammatical\na b\ta c\n\n  \n\t\n",
        "grammatical\tungrammatical\r\na b\ta c\r\n\r\n",
        "\ufeffgrammatical\tungrammatical\r\na b\ta c\r\n",
        "grammatical\tungrammatical\n a  b \ta\u00a0c\n",
    ],
)
def test_what_programs_make_of_the_same_table(tmp_path: Path, content: str) -> None:
    assert read_pairs(table(tmp_path, content)) == [Pair("a b", "a c")]


def test_quotation_marks_are_words_as_others(tmp_path: Path) -> None:
    path = table(tmp_path, 'grammatical\tungrammatical\n" a " b\t" a " c\n')
    assert read_pairs(path) == [Pair('" a " b', '" a " c')]


def test_order_is_kept_and_so_is_what_stands_twice(tmp_path: Path) -> None:
    pairs = [Pair("b", "c"), Pair("a", "c"), Pair("b", "c")]
    write_pairs(tmp_path / "pairs.tsv", pairs)
    assert read_pairs(tmp_path / "pairs.tsv") == pairs


HEADER = "row\tnumber\tgrammatical\tungrammatical\n"
GOOD = "r\tplural\ta b\ta c\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", ", line 1: no column grammatical; expected a header with grammatical and ungram"),
        ("\n\n", ", line 1: no column grammatical; expected a header with grammatical and "),
        (
            "sentence_good\tsentence_bad\na b\ta c\n",
            ", line 1: no column grammatical among 'sentence_good', 'sentence_bad'; expected a "
            "header with grammatical and ungrammatical in it, between tabs",
        ),
        ("grammatical,ungrammatical\n", ", line 1: no column grammatical among 'grammatical,un"),
        ("grammatical\trow\na b\tr\n", ", line 1: no column ungrammatical among 'grammatical'"),
        (
            "row\tgrammatical\tungrammatical\trow\n",
            ", line 1: two columns row, expected one",
        ),
        (HEADER, ": no pairs in it, expected one per line below the header"),
        (
            f"{HEADER}{GOOD}r\tplural\ta b\n",
            ", line 3: fields between tabs: 3, expected 4 as in the header",
        ),
        (
            f"{HEADER}{GOOD}r\tplural\ta b\ta c\t\n",
            ", line 3: fields between tabs: 5, expected 4 as in the header",
        ),
        (
            f"{HEADER}{GOOD}\n{GOOD}",
            ", line 3: fields between tabs: 1, expected 4 as in the header",
        ),
        (f"{HEADER}r\tplural\t \ta c\n", ", line 2: grammatical: blank, expected a sentence"),
        (f"{HEADER}r\tplural\ta b\t\n", ", line 2: ungrammatical: blank, expected a sentence"),
        (
            f"{HEADER}r\tplural\ta b\ta  b\n",
            ", line 2: both sentences are 'a b', expected a difference",
        ),
        (f"{HEADER}{GOOD} \tplural\ta b\ta c\n", ", line 3: row: blank, expected a name"),
        (
            f"{HEADER}r\tpl\ta b\ta c\n",
            ", line 2: number: 'pl', expected singular, plural or nothing",
        ),
        (b"grammatical\tungrammatical\na\t\xff\n", ": not UTF-8 at byte 28"),
        ("grammatical\tungrammatical\n".encode("utf-16"), ": not UTF-8 at byte 0"),
    ],
)
def test_a_wrong_table_is_named_by_file_and_line(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    path = table(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read_pairs(path)
    message = str(caught.value)
    assert message.startswith(f"{path}{said}")
    assert "\n" not in message


def test_a_table_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.tsv: no such file"):
        read_pairs(tmp_path / "none.tsv")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"grammatical": ""}, "grammatical: blank, expected a sentence"),
        ({"ungrammatical": "\n"}, "ungrammatical: blank, expected a sentence"),
        (
            {"grammatical": "a\tb"},
            r"grammatical: 'a\tb', expected single spaces between words",
        ),
        ({"ungrammatical": "a b\r"}, r"ungrammatical: 'a b\r', expected single spaces"),
        ({"ungrammatical": " a b"}, "ungrammatical: ' a b', expected single spaces"),
        ({"ungrammatical": AUTHOR.grammatical}, "both sentences are 'the author laughs', expected"),
        ({"row": ""}, "row: blank, expected a name"),
        ({"row": "a\x1b[2J"}, r"row: 'a\x1b[2J' has control characters, expected a name"),
        ({"number": "dual"}, "number: 'dual', expected singular, plural or nothing"),
        ({"row": "a\tb"}, r"'a\tb', 'simple_agrmt', 'sing_MS_MV', 'author', 'singular', "),
        ({"set": "a\nb"}, "expected no tab, line break or half of a character in a field"),
        ({"subcategory": "a\r"}, "expected no tab, line break or half of a character in a field"),
        ({"item": "\t"}, "expected no tab, line break or half of a character in a field"),
        ({"item": "\ud83d"}, "expected no tab, line break or half of a character in a field"),
        ({"grammatical": "a \udc00"}, "expected no tab, line break or half of a character in a"),
    ],
)
def test_no_pair_can_be_made_that_could_not_be_written(change: dict[str, str], said: str) -> None:
    with pytest.raises(InputError) as caught:
        dataclasses.replace(AUTHOR, **change)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_table_is_written_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"pairs\.tsv: no pair to write"):
        write_pairs(tmp_path / "pairs.tsv", [])
    assert not (tmp_path / "pairs.tsv").exists()


FIELDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\t\r\n")).map(
    str.strip
)
# What shows; tables are made of them.
NAMES = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1)
SENTENCES = st.text().map(lambda text: " ".join(text.encode(errors="ignore").decode().split()))
PAIRS = st.builds(
    lambda sentences, **cells: Pair(*sentences, **cells),
    st.lists(SENTENCES.filter(bool), min_size=2, max_size=2, unique=True),
    row=NAMES,
    set=FIELDS,
    subcategory=FIELDS,
    item=FIELDS,
    number=st.sampled_from(NUMBERS),
)


@settings(deadline=None)
@given(pairs=st.lists(PAIRS, min_size=1))
@example(pairs=[Pair("\ufeffa", "\x00", "r\u2028r", "a\x0bb", "\x00", '"', "")])
@example(pairs=[Pair('"a', "b", "\ufeff", "x x", "#")])
def test_what_was_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[Pair]
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.tsv"
    write_pairs(path, pairs)
    first = path.read_bytes()
    assert read_pairs(path) == pairs
    write_pairs(path, read_pairs(path))
    assert path.read_bytes() == first
    assert first.count(b"\n") == len(pairs) + 1


@settings(deadline=None, max_examples=300)
@given(
    lines=st.lists(
        st.lists(st.sampled_from(["a", "a b", " ", "", "row", "singular", '"']), max_size=4).map(
            "\t".join
        )
        | st.text(max_size=5)
    ),
    header=st.permutations(["grammatical", "ungrammatical", "number", "mine"]).map("\t".join),
)
def test_any_table_ends_in_pairs_or_a_message(
    tmp_path_factory: pytest.TempPathFactory, header: str, lines: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.tsv"
    path.write_bytes("\n".join([header, *lines]).encode(errors="replace"))
    message = f"{path}"
    try:
        for pair in read_pairs(path):
            assert pair.grammatical == " ".join(pair.grammatical.split())
    except InputError as error:
        message = str(error)
    assert message.startswith(f"{path}")
    assert "\n" not in message


def test_a_header_alone_can_be_checked(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_bytes(b"\xef\xbb\xbfother\tungrammatical\tgrammatical\r\nnever read")
    check_header(path)
    path.write_text("good\tbad\n")
    with pytest.raises(InputError, match=r"pairs\.tsv, line 1: no column grammatical among 'good'"):
        check_header(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        check_header(path)


def test_names_stand_without_spaces_around_them(tmp_path):
    with pytest.raises(InputError, match=r"^set: ' x', expected no spaces around it$"):
        Pair("a b", "a c", set=" x")
    path = tmp_path / "pairs.tsv"
    path.write_text("row\tgrammatical\tungrammatical\nnpi.simple \ta b\ta c\n")
    assert read_pairs(path) == [Pair("a b", "a c", "npi.simple")]
