"""Measurement files into one tidy table, and back from its CSV."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.cells import NAME, Cell
from textvae.errors import InputError
from textvae.paper.measurements import (
    COLUMNS,
    Measured,
    from_csv,
    gather,
    merged,
    to_csv,
)

RATE_DISTORTION = {
    "cell": {"corpus": "cbt", "model": "lstm", "C": 15.0, "seed": 1},
    "measurement": "rate-distortion",
    "split": "test",
    "sentences": 12000,
    "settings": {"batch": 128},
    "values": {"distortion_nats": 53.123456789012345, "rate_nats": 15, "entropy_nats": None},
    "notes": {"entropy_nats": "not known for this corpus"},
}


@pytest.fixture
def write(tmp_path):
    """Write the measurement with some of its keys, or its cell's, set otherwise; its path."""

    def write(name: str, **changes):
        cell = dict(RATE_DISTORTION["cell"])
        content = RATE_DISTORTION | {"cell": cell}
        for key, value in changes.items():
            (cell if key in cell else content)[key] = value
        path = tmp_path / name
        path.write_text(json.dumps(content))
        return path

    return write


def test_a_line_for_each_metric(write):
    text = to_csv(gather([write("a.json")]))
    assert text.splitlines() == [
        "corpus,model,C,seed,decoding,copy,measurement,split,sentences,metric,value",
        "cbt,lstm,15,1,,,rate-distortion,test,12000,distortion_nats,53.123456789012344",
        "cbt,lstm,15,1,,,rate-distortion,test,12000,entropy_nats,",
        "cbt,lstm,15,1,,,rate-distortion,test,12000,rate_nats,15",
    ]


def test_the_order_of_the_files_does_not_matter(write):
    """C sorts as a number (3 before 15), whichever way a cell's file spells it."""
    paths = [
        write(f"{corpus}{C}{seed}.json", corpus=corpus, C=C, seed=seed)
        for corpus in ("wiki", "cbt")
        for C in (15, 3.0, 100)
        for seed in (2, 1)
    ]
    rows = gather(paths)
    assert rows.equals(gather(random.Random(0).sample(paths, len(paths))))
    cells = rows[["corpus", "model", "C", "seed"]].drop_duplicates()
    assert [Cell(*cell) for cell in cells.itertuples(index=False)] == [
        Cell(corpus, "lstm", C, seed)
        for corpus in ("cbt", "wiki")
        for C in (3, 15, 100)
        for seed in (1, 2)
    ]


def test_one_cell_may_have_many_measurements(write):
    posterior = write("b.json", measurement="posterior", values={"active_units": 29})
    assert set(gather([write("a.json"), posterior]).metric) == {
        "distortion_nats",
        "rate_nats",
        "entropy_nats",
        "active_units",
    }


def test_a_metric_told_twice_names_both_files(write):
    """C = 15 and C = 15.0 are one cell."""
    paths = [write("a.json"), write("b.json", C=15, split="valid")]
    with pytest.raises(InputError) as error:
        gather(paths)
    assert str(error.value) == (
        f"{paths[1]}: distortion_nats of cbt/lstm/C15/seed1 is in {paths[0]} already"
    )


def test_a_text_generated_from_a_cell_has_a_decoding_and_a_copy(write):
    path = write("a.json", decoding="nucleus0.9", copy=2, values={"types": 9800})
    assert to_csv(gather([path])).splitlines()[1:] == [
        "cbt,lstm,15,1,nucleus0.9,2,rate-distortion,test,12000,types,9800"
    ]


def test_texts_of_a_cell_are_told_apart_by_decoding_and_copy(write):
    """The cell's own measurements come first; top-5 before top-15."""
    texts = [("top15", 1), ("top5", 2), ("top5", 1), ("", None)]
    paths = [
        write(f"{i}.json", values={"D": i}, **({"decoding": name, "copy": copy} if copy else {}))
        for i, (name, copy) in enumerate(texts)
    ]
    rows = gather(paths)
    assert rows[["decoding", "copy", "value"]].values.tolist() == [
        ["", 0, 3],
        ["top5", 1, 2],
        ["top5", 2, 1],
        ["top15", 1, 0],
    ]
    again = write("again.json", decoding="top5", copy=2, values={"D": 7})
    with pytest.raises(InputError) as error:
        gather([*paths, again])
    assert str(error.value) == (
        f"{again}: D of cbt/lstm/C15/seed1/top5/copy2 is in {paths[1]} already"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cell": [1]}, "'cell' must be a JSON object, got [1]"),
        ({"cell": None}, "'cell' must be a JSON object, got nothing"),
        ({"corpus": ""}, "'corpus' must be a text, got ''"),
        ({"corpus": "\ud800"}, "'\\ud800' is not one line of Unicode text"),
        ({"split": "a\rb"}, "'a\\rb' is not one line of Unicode text"),
        ({"corpus": "../cbt"}, "corpus '../cbt': a name is made of letters"),
        ({"model": 3}, "'model' must be a text, got 3"),
        ({"C": "3"}, "C of the cell must be a finite number, got '3'"),
        ({"C": -1}, "C: -1.0 is not a number of at least 0"),
        ({"C": True}, "C of the cell must be a finite number, got True"),
        ({"seed": 1.5}, "seed of the cell must be a whole number, got 1.5"),
        ({"measurement": None}, "'measurement' must be a text, got nothing"),
        ({"sentences": -3}, "'sentences' must be a whole number, got -3"),
        ({"decoding": "greedy"}, "'decoding' 'greedy' alone, expected both 'decoding' and 'copy'"),
        ({"copy": 1}, "'copy' 1 alone, expected both 'decoding' and 'copy' or neither"),
        ({"decoding": "", "copy": 1}, "'decoding' must be a text, got ''"),
        ({"decoding": "greedy", "copy": 0}, "'copy' must be a whole number of at least 1, got 0"),
        ({"decoding": "a\nb", "copy": 1}, "is not one line of Unicode text"),
        ({"values": 3}, "'values' must be a JSON object, got 3"),
        ({"values": {"D": "x"}}, "value of 'D' must be a finite number, got 'x'"),
        ({"values": {"D": float("nan")}}, "value of 'D' must be a finite number, got nan"),
        ({"values": {"D": 10**400}}, "value of 'D' must be a finite number, got 1000"),
        ({"values": {"\udfff": 1}}, "is not one line of Unicode text"),
    ],
)
def test_a_malformed_file_is_named_with_what_is_wrong(write, changes, message):
    path = write("bad.json", **changes)
    with pytest.raises(InputError) as error:
        gather([path])
    assert str(error.value).startswith(f"{path}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "[1]", "{", "null"])
def test_a_file_of_something_else_is_named(tmp_path, text):
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(InputError, match=r"bad\.json: "):
        gather([tmp_path / "bad.json"])


texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8)
names = st.from_regex(NAME, fullmatch=True)
generated = st.tuples(texts, st.integers(1, 3)) | st.just(("", None))
measured = st.builds(
    lambda of, **columns: Measured(**columns, decoding=of[0], copy=of[1]),
    of=generated,
    cell=st.builds(
        Cell,
        corpus=names,
        model=names,
        C=st.integers(0, 10**8).map(lambda hundredths: hundredths / 100),
        seed=st.integers(0, 99),
    ),
    measurement=texts,
    split=texts,
    sentences=st.integers(0, 10**6),
    metric=texts,
    value=st.none() | st.floats(allow_nan=False, allow_infinity=False),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(measured, max_size=8, unique_by=lambda one: one.key))
def test_csv_reads_back_what_was_gathered(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "measurements.csv"
    path.write_text(to_csv(rows), encoding="utf-8", newline="")
    assert from_csv(path) == rows
    assert sorted(to_csv(merged([path])).split("\n")) == sorted(to_csv(rows).split("\n"))


LINE = "cbt,lstm,3,1,,,posterior,test,12000,active_units,8\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the first must be corpus,model,C"),
        ("corpus,C\n", "line 1: the first must be corpus,model,C"),
        (LINE, "line 1: the first must be corpus,model,C"),
        ("{header}cbt,lstm,3\n", "line 2: 3 fields, expected 11"),
        ("{header}" + LINE.replace(",3,", ",three,"), "line 2: could not convert"),
        ("{header}" + LINE.replace(",8", ",inf"), "line 2: value must be a finite number, got inf"),
        ("{header}" + LINE.replace("cbt", "a/b"), "line 2: corpus 'a/b': a name is made of"),
        ("{header}" + LINE + LINE, "line 3: 'active_units' of cbt/lstm/C3/seed1 appears twice"),
        ("{header}" + LINE.replace(",,,", ",greedy,,"), "line 2: 'decoding' 'greedy' alone"),
        ("{header}" + 2 * LINE.replace(",,,", ",a,1,"), "'active_units' of cbt/lstm/C3/seed1/a/"),
        ('{header}"a"b,lstm\n', "line 2: "),
    ],
)
def test_a_table_of_something_else_is_named_with_the_line(tmp_path, text, message):
    path = tmp_path / "measurements.csv"
    path.write_text(text.replace("{header}", ",".join(COLUMNS) + "\n"))
    with pytest.raises(InputError) as error:
        from_csv(path)
    assert str(error.value).startswith(f"{path}: ")
    assert message in str(error.value)


def test_whole_numbers_of_any_size_are_kept(write):
    """JSON bounds none; a column of 64-bit numbers would."""
    path = write("a.json", sentences=10**30, decoding="greedy", copy=10**20, values={"D": 2**60})
    assert to_csv(gather([path])).splitlines()[1:] == [
        f"cbt,lstm,15,1,greedy,{10**20},rate-distortion,test,{10**30},D,1.152921504606847e+18"
    ]
