"""Measurement files, tidy tables of values and of bootstrap replicates, and their CSV."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from json_files import check_refused, write

from textvae.cells import NAME, Cell
from textvae.paper.gathering import gather, gather_replicates
from textvae.paper.measurements import (
    COLUMNS,
    REPLICATES_COLUMNS,
    Measured,
    Replicates,
    from_csv,
    merged,
    replicates_from_csv,
    replicates_table,
    replicates_to_csv,
    table,
    to_csv,
)

CONTENT = {
    "cell": {"corpus": "cbt", "model": "lstm", "C": 15.0, "seed": 1},
    "weights": "0123456789abcdef" * 4,
    "measurement": "rate-distortion",
    "split": "test",
    "sentences": 12000,
    "settings": {"batch": 128},
    "values": {"distortion_nats": 53.123456789012345, "rate_nats": 15, "entropy_nats": None},
    "bootstrap": {"rate_nats": [15.02, 14.9, 15], "distortion_nats": [53.2, 53, 53.05]},
}


both = pytest.mark.parametrize("collect", [gather, gather_replicates])


@both
@pytest.mark.parametrize(
    "key",
    [
        *("corpus_sha256", "pairs_sha256", "text_sha256", "sentences_sha256"),
        *("language_model_sha256", "dictionary_sha256", "floor_sha256"),
    ],
)
def test_cells_of_two_texts_of_one_name_are_refused(tmp_path, collect, key):
    of_text, of_cell = {key: "a" * 64}, {"cell.C": 3, "weights": "c" * 64}
    if key == "text_sha256":
        # Two measurements of the text of one decoding and copy.
        of_text |= {"decoding": "greedy", "copy": 1}
        of_cell = of_text | {"values": {"D": 1}, "bootstrap": {"D": [1]}}
    first = write(tmp_path / "a.json", CONTENT, of_text)
    other = write(tmp_path / "b.json", CONTENT, of_cell | {key: "b" * 64})
    check_refused(lambda path: collect([first, path]), other, "cbt", first)
    # Another corpus, or a file of an earlier version.
    for changes in ({key: "b" * 64, "cell.corpus": "yelp"}, {}, of_text):
        collect([first, write(tmp_path / "c.json", CONTENT, of_cell | changes)])
    check_refused(lambda path: collect([path]), write(tmp_path / "d.json", CONTENT, {key: 3}), key)


@both
def test_cells_on_other_lines_are_refused(tmp_path, collect):
    """Codes of other dimensions, or of another seed, are others."""
    lines = {"lines_sha256": "a" * 64, "dimensions": 32}
    first = write(tmp_path / "a.json", CONTENT, lines)
    other = lines | {"cell.C": 3, "lines_sha256": "b" * 64}
    check_refused(
        lambda path: collect([first, path]),
        write(tmp_path / "b.json", CONTENT, other),
        "the lines in 32 dimensions of seed 1",
        first,
    )
    for changes in ({"dimensions": 64}, {"cell.seed": 2}, {"lines_sha256": "a" * 64}):
        collect([first, write(tmp_path / "c.json", CONTENT, other | changes)])


def test_tables_of_two_texts_of_one_corpus_are_refused(tmp_path):
    for name, C, corpus in (("a", 3, "a"), ("b", 15, "b")):
        content = write(tmp_path / "one.json", CONTENT, {"cell.C": C, "corpus_sha256": corpus * 64})
        (tmp_path / f"{name}.csv").write_text(to_csv(gather([content])))
    other, first = (tmp_path / name for name in ("b.csv", "a.csv"))
    check_refused(lambda path: merged([first, path]), other, "the corpus cbt", first)
    # A table of an earlier version does not have the column.
    for column in ("corpus_sha256,", "b" * 12 + ","):
        other.write_text(other.read_text().replace(column, ""))
    assert len(merged([first, other])) == 6


def test_csv_has_a_line_for_each_metric(tmp_path):
    """Numbers of any size are kept, which 64 bits would not."""
    text = {"decoding": "nucleus0.9", "copy": 10**20, "sentences": 10**30, "values": {"D": 2**60}}
    corpus = {"corpus_sha256": "fedcba9876543210" * 4}
    paths = [
        write(tmp_path / "a.json", CONTENT, corpus),
        write(tmp_path / "b.json", CONTENT, text | corpus | {"bootstrap": {"D": [3]}}),
    ]
    assert to_csv(gather(paths)).splitlines() == [
        "corpus,model,C,seed,decoding,copy,measurement,split,sentences,weights,corpus_sha256,metric,value",
        "cbt,lstm,15,1,,,rate-distortion,test,12000,0123456789ab,fedcba987654,distortion_nats,53.123456789012344",
        "cbt,lstm,15,1,,,rate-distortion,test,12000,0123456789ab,fedcba987654,entropy_nats,",
        "cbt,lstm,15,1,,,rate-distortion,test,12000,0123456789ab,fedcba987654,rate_nats,15",
        f"cbt,lstm,15,1,nucleus0.9,{10**20},rate-distortion,test,{10**30},0123456789ab,fedcba987654,D,1.152921504606847e+18",
    ]
    assert replicates_to_csv(gather_replicates(paths)).splitlines() == [
        "corpus,model,C,seed,decoding,copy,measurement,weights,metric,replicates",
        "cbt,lstm,15,1,,,rate-distortion,0123456789ab,distortion_nats,53.2 53 53.05",
        "cbt,lstm,15,1,,,rate-distortion,0123456789ab,rate_nats,15.02 14.9 15",
        f"cbt,lstm,15,1,nucleus0.9,{10**20},rate-distortion,0123456789ab,D,3",
    ]


def test_measurements_without_replicates_give_an_empty_table(tmp_path):
    without = {key: value for key, value in CONTENT.items() if key != "bootstrap"}
    assert gather_replicates([write(tmp_path / "a.json", without)]).empty
    assert replicates_to_csv(gather_replicates([])) == ",".join(REPLICATES_COLUMNS) + "\n"
    assert gather([]).empty


@both
def test_order_is_by_cell_then_decoding_not_by_file(tmp_path, collect):
    """C sorts as a number (3 before 15), and top-5 before top-15."""
    texts = [("top15", 1), ("top5", 2), ("top5", 1), ("", None)]
    cells = [("wiki", 3, 1), ("cbt", 100, 1), ("cbt", 3.0, 2), ("cbt", 15, 1), ("cbt", 3, 1)]
    paths = []
    for corpus, C, seed in cells:
        for name, copy in texts:
            changes = {"cell.corpus": corpus, "cell.C": C, "cell.seed": seed}
            changes |= {"values": {"D": 8}, "bootstrap": {"D": [9]}}
            changes |= {"decoding": name, "copy": copy} if copy else {}
            paths.append(write(tmp_path / f"{len(paths)}.json", CONTENT, changes))
    rows = collect(paths)
    assert rows.equals(collect(paths[::-1]))
    assert rows[["corpus", "C", "seed"]].drop_duplicates().values.tolist() == [
        *(["cbt", 3, 1], ["cbt", 3, 2], ["cbt", 15, 1], ["cbt", 100, 1], ["wiki", 3, 1])
    ]
    texts = rows[["decoding", "copy"]].values.tolist()
    assert texts == 5 * [["", 0], ["top5", 1], ["top5", 2], ["top15", 1]]


@both
@pytest.mark.parametrize("text", [{}, {"decoding": "top5", "copy": 2}])
def test_repeated_metric_names_both_files(tmp_path, collect, text):
    """C = 15 and C = 15.0 are one cell; another measurement of it has other metrics."""
    other = {"measurement": "posterior", "values": {"slope": 3}, "bootstrap": {"slope": [3]}}
    changes = {"a": {}, "b": other, "c": {"cell.C": 15, "split": "valid"}}
    a, b, c = (write(tmp_path / n, CONTENT | text, change) for n, change in changes.items())
    assert len(collect([a, b])) == len(collect([a])) + 1
    folder = "cbt/lstm/C15/seed1" + ("/top5/copy2" if text else "")
    check_refused(lambda path: collect([a, b, path]), c, f"_nats of {folder} ", a)


@pytest.mark.parametrize(
    ("collect", "changes", "parts"),
    [
        (gather, {"cell": None}, ["'cell'"]),
        (gather, {"cell.C": -1}, ["C", "-1"]),
        (gather, {"measurement": None}, ["'measurement'"]),
        (gather, {"decoding": "greedy"}, ["'decoding'", "'greedy'", "'copy'"]),
        (gather, {"copy": 1}, ["'copy' 1", "'decoding'"]),
        (gather, {"decoding": "", "copy": 1}, ["'decoding'", "''"]),
        (gather, {"decoding": "greedy", "copy": 0}, ["'copy'", "at least 1", "0"]),
        (gather, {"split": "a\rb"}, ["'a\\rb'"]),
        (gather, {"sentences": -3}, ["'sentences'", "-3"]),
        (gather, {"values": 3}, ["'values'", "3"]),
        (gather, {"values": {"D": float("nan")}}, ["'D'", "nan"]),
        (gather, {"values": {"\udfff": 1}}, ["'\\udfff'"]),
        (gather_replicates, {"cell": None}, ["'cell'"]),
        (gather_replicates, {"copy": 1}, ["'copy' 1", "'decoding'"]),
        (gather_replicates, {"values": 3}, ["'values'", "3"]),
        (gather_replicates, {"bootstrap": 3}, ["'bootstrap'", "3"]),
        (gather_replicates, {"bootstrap": {"rate_nats": 15}}, ["'rate_nats'", "15"]),
        (gather_replicates, {"bootstrap": {"rate_nats": []}}, ["'rate_nats'", "empty"]),
        (gather_replicates, {"bootstrap": {"rate_nats": [1, "2"]}}, ["'rate_nats'", "'2'"]),
        (gather_replicates, {"bootstrap": {"slope": [1]}}, ["'slope'", "'values'"]),
        (gather_replicates, {"bootstrap": {"entropy_nats": [1]}}, ["'entropy_nats'", "'values'"]),
        (gather_replicates, {"bootstrap": {"\udfff": [1]}}, ["'\\udfff'"]),
    ],
)
def test_malformed_file_is_refused(tmp_path, collect, changes, parts):
    path = write(tmp_path / "bad.json", CONTENT, changes)
    check_refused(lambda path: collect([path]), path, *parts)


texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8)
names = st.from_regex(NAME, fullmatch=True)
numbers = st.floats(allow_nan=False, allow_infinity=False)
C = st.integers(0, 10**8).map(lambda hundredths: hundredths / 100)
COMMON = {
    "cell": st.builds(Cell, corpus=names, model=names, C=C, seed=st.integers(0, 99)),
    "measurement": texts,
    "metric": texts,
    "weights": st.just("") | texts,
}


def tables(kind, **columns):
    """Return a strategy of lists of rows, some of generated text."""
    row = st.builds(kind, **COMMON, **columns)
    text = st.builds(kind, **COMMON, **columns, decoding=texts, copy=st.integers(1, 3))
    return st.lists(row | text, max_size=6, unique_by=lambda row: row.key)


counts = st.integers(0, 10**6)
replicates = st.lists(numbers, min_size=1, max_size=6).map(tuple)


@settings(max_examples=30, deadline=None)
@given(
    tables(
        Measured,
        split=texts,
        sentences=counts,
        value=st.none() | numbers,
        corpus_sha256=st.sampled_from(["", "cd"]),
    ),
    tables(Replicates, values=replicates),
)
def test_csv_reads_back(tmp_path_factory, rows, resampled):
    path = tmp_path_factory.mktemp("csv") / "measurements.csv"
    path.write_text(to_csv(rows), encoding="utf-8", newline="")
    assert from_csv(path) == rows
    assert sorted(to_csv(merged([path])).split("\n")) == sorted(to_csv(rows).split("\n"))
    text = replicates_to_csv(replicates_table(resampled))
    path.write_text(text, encoding="utf-8", newline="")
    assert replicates_from_csv(path) == resampled


@pytest.mark.parametrize(
    ("read", "columns", "line", "last"),
    [
        (from_csv, COLUMNS, "cbt,lstm,3,1,,,posterior,test,12000,ab,cd,D,8\n", ",8"),
        (
            replicates_from_csv,
            REPLICATES_COLUMNS,
            "cbt,lstm,3,1,,,posterior,ab,D,8 7 8\n",
            ",8 7 8",
        ),
    ],
)
def test_malformed_csv_names_the_line(tmp_path, read, columns, line, last):
    path = tmp_path / "measurements.csv"
    header = ",".join(columns) + "\n"
    for text, part in [
        ("", "line 1: "),
        (line, "line 1: "),
        (f"{header}cbt,lstm,3\n", f"line 2: 3 fields, expected {len(columns)}"),
        (header + line.replace(",3,", ",three,"), "line 2: "),
        (header + line.replace(last, ",inf"), "line 2: "),
        (header + line.replace("cbt", "a/b"), "line 2: corpus 'a/b'"),
        (header + line + line, "line 3: 'D' of cbt/lstm/C3/seed1 "),
        (header + line.replace(",,,", ",greedy,,"), "line 2: 'decoding' 'greedy'"),
        (header + 2 * line.replace(",,,", ",a,1,"), "line 3: 'D' of cbt/lstm/C3/seed1/a/copy1"),
        (f'{header}"a"b,lstm\n', "line 2: "),
        *([(header + line.replace(last, ","), "line 2: ")] if read is replicates_from_csv else []),
    ]:
        path.write_text(text)
        check_refused(read, path, part)


def rate(value, C=3.0, **text):
    cell = Cell("cbt", "lstm", C, 1)
    return Measured(cell, "rate-distortion", "test", 100, "rate_nats", value, **text)


def write_csv(path, *rows):
    path.write_text(to_csv(rows))
    return path


def test_merged_tables_have_shared_rows_once_and_must_agree(tmp_path):
    greedy, missing = rate(3.0, decoding="greedy", copy=1), rate(None, C=20.0)
    a = write_csv(tmp_path / "a.csv", rate(3.1), rate(15.2, C=15.0), missing)
    b = write_csv(tmp_path / "b.csv", missing, rate(3.1), greedy)
    expected = table([rate(3.1), greedy, rate(15.2, C=15.0), missing])
    assert merged([a, b]).equals(expected)
    assert merged([b, a]).equals(expected)
    assert merged([]).empty
    for other, C, first in ((3.2, 3, 3.1), (3.2, 20, "nothing"), (None, 15, 15.2)):
        c = write_csv(tmp_path / "c.csv", rate(other, C=float(C)))
        parts = [f"rate_nats of cbt/lstm/C{C}/seed1 ", a, first, other or "nothing"]
        check_refused(lambda path: merged([a, path]), c, *parts)
