"""Bootstrap replicates, from measurement files into one CSV, and back."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.cells import NAME, Cell
from textvae.errors import InputError
from textvae.paper.measurements import REPLICATES_COLUMNS as COLUMNS
from textvae.paper.measurements import Replicates, replicates_table
from textvae.paper.measurements import gather_replicates as gather
from textvae.paper.measurements import replicates_from_csv as from_csv
from textvae.paper.measurements import replicates_to_csv as to_csv

CELL = Cell("cbt", "lstm", 15.0, 1)


@pytest.fixture
def write(tmp_path):
    """Write a measurement file, with some of its keys set otherwise; its path."""

    def write(name: str, **changes):
        content = {
            "cell": CELL.as_dict(),
            "measurement": "rate-distortion",
            "split": "test",
            "sentences": 12000,
            "values": {"distortion_nats": 53.1, "rate_nats": 15, "entropy_nats": None},
            "bootstrap": {"rate_nats": [15.02, 14.9, 15], "distortion_nats": [53.2, 53, 53.05]},
        }
        path = tmp_path / name
        path.write_text(json.dumps(content | changes))
        return path

    return write


def test_a_line_for_each_metric(write):
    rows = gather([write("a.json")])
    assert rows.replicates[0] == (53.2, 53.0, 53.05)
    assert to_csv(rows).splitlines() == [
        "corpus,model,C,seed,decoding,copy,measurement,metric,replicates",
        "cbt,lstm,15,1,,,rate-distortion,distortion_nats,53.2 53 53.05",
        "cbt,lstm,15,1,,,rate-distortion,rate_nats,15.02 14.9 15",
    ]


def test_most_measurements_have_none(write):
    path = write("a.json")
    content = json.loads(path.read_text())
    del content["bootstrap"]
    path.write_text(json.dumps(content))
    assert gather([path, write("b.json", measurement="slope", bootstrap={})]).empty
    assert to_csv(gather([])) == ",".join(COLUMNS) + "\n"


def test_of_generated_text_by_decoding_and_copy(write):
    """The cell's own first, top-5 before top-15; whatever the order of the files."""
    texts = [("top15", 1), ("top5", 2), ("top5", 1), ("", None)]
    paths = [
        write(
            f"{i}.json",
            values={"D": 8},
            bootstrap={"D": [i]},
            **({"decoding": name, "copy": copy} if copy else {}),
        )
        for i, (name, copy) in enumerate(texts)
    ]
    rows = gather(paths)
    assert rows.equals(gather(paths[::-1]))
    assert rows[["decoding", "copy", "replicates"]].values.tolist() == [
        ["", 0, (3.0,)],
        ["top5", 1, (2.0,)],
        ["top5", 2, (1.0,)],
        ["top15", 1, (0.0,)],
    ]


def test_a_metric_told_twice_names_both_files(write):
    paths = [write("a.json"), write("b.json", split="valid")]
    with pytest.raises(InputError) as error:
        gather(paths)
    assert str(error.value) == (
        f"{paths[1]}: replicates of rate_nats of cbt/lstm/C15/seed1 are in {paths[0]} already"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bootstrap": 3}, "'bootstrap' must be a JSON object, got 3"),
        (
            {"bootstrap": {"rate_nats": 15}},
            "replicates of 'rate_nats' must be a list of numbers, got 15",
        ),
        ({"bootstrap": {"rate_nats": []}}, "replicates of 'rate_nats': empty, expected"),
        (
            {"bootstrap": {"rate_nats": [1, "2"]}},
            "each of the replicates of 'rate_nats' must be a finite number, got '2'",
        ),
        ({"bootstrap": {"rate_nats": [None]}}, "must be a finite number, got nothing"),
        ({"bootstrap": {"rate_nats": [float("inf")]}}, "must be a finite number, got inf"),
        ({"bootstrap": {"rate_nats": [10**400]}}, "must be a finite number, got 1000"),
        (
            {"bootstrap": {"slope": [1]}},
            "replicates of 'slope': 'values' has no number that they replicate",
        ),
        ({"bootstrap": {"entropy_nats": [1]}}, "replicates of 'entropy_nats': 'values' has no"),
        ({"bootstrap": {"\udfff": [1]}}, "is not one line of Unicode text"),
        ({"values": 3}, "'values' must be a JSON object, got 3"),
        ({"cell": [1]}, "'cell' must be a JSON object, got [1]"),
        ({"measurement": None}, "'measurement' must be a text, got nothing"),
        ({"copy": 1}, "'copy' 1 alone, expected both 'decoding' and 'copy' or neither"),
    ],
)
def test_a_malformed_file_is_named_with_what_is_wrong(write, changes, message):
    path = write("bad.json", **changes)
    with pytest.raises(InputError) as error:
        gather([path])
    assert str(error.value).startswith(f"{path}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8)
names = st.from_regex(NAME, fullmatch=True)
numbers = st.floats(allow_nan=False, allow_infinity=False)
replicates = st.builds(
    lambda of, **columns: Replicates(**columns, decoding=of[0], copy=of[1]),
    of=st.tuples(texts, st.integers(1, 3)) | st.just(("", None)),
    cell=st.builds(Cell, corpus=names, model=names, C=st.integers(0, 99), seed=st.integers(0, 99)),
    measurement=texts,
    metric=texts,
    values=st.lists(numbers, min_size=1, max_size=6).map(tuple),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(replicates, max_size=6, unique_by=lambda one: one.key))
def test_csv_reads_back_what_was_gathered(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "replicates.csv"
    path.write_text(to_csv(replicates_table(rows)), encoding="utf-8", newline="")
    assert from_csv(path) == rows


LINE = "cbt,lstm,3,1,,,posterior,active_units,8 7 8\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the first must be corpus,model,C"),
        (LINE, "line 1: the first must be corpus,model,C"),
        ("{header}cbt,lstm,3\n", "line 2: 3 fields, expected 9"),
        ("{header}" + LINE.replace("8 7 8", "8,7,8"), "line 2: 11 fields, expected 9"),
        ("{header}" + LINE.replace(",3,", ",three,"), "line 2: could not convert"),
        ("{header}" + LINE.replace(" 7 ", " seven "), "line 2: could not convert"),
        ("{header}" + LINE.replace(" 7 ", " nan "), "line 2: a replicate must be a finite number"),
        ("{header}" + LINE.replace("8 7 8", ""), "line 2: replicates of 'active_units': empty"),
        ("{header}" + LINE.replace("cbt", "a/b"), "line 2: corpus 'a/b': a name is made of"),
        (
            "{header}" + LINE + LINE.replace("8 7", "1 2"),
            "line 3: 'active_units' of cbt/lstm/C3/seed1 appears twice",
        ),
        ("{header}" + LINE.replace(",,,", ",greedy,,"), "line 2: 'decoding' 'greedy' alone"),
        ('{header}"a"b,lstm\n', "line 2: "),
    ],
)
def test_a_table_of_something_else_is_named_with_the_line(tmp_path, text, message):
    path = tmp_path / "replicates.csv"
    path.write_text(text.replace("{header}", ",".join(COLUMNS) + "\n"))
    with pytest.raises(InputError) as error:
        from_csv(path)
    assert str(error.value).startswith(f"{path}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)
