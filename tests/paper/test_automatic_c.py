"""The table and figure of C chosen automatically, beside a grid."""

import csv
import io
from dataclasses import replace

import pytest
from json_files import check_refused, write
from reading import legend_is_free, measure, records, texts

from textvae.paper.choices import crossing, on_grid, read_choice, read_choices
from textvae.paper.exhibits.automatic_c import (
    choices_csv,
    choices_figure,
    choices_table,
    fce_of,
)
from textvae.paper.rows import rows_of

# D = 40 - 0.2 C, I = C / 2 up to 20.
GRID = {C: {"distortion_nats": 40 - 0.2 * C, "rate_nats": C} for C in (5.0, 10.0, 20.0, 40.0)}
FOUND = {
    "by": "distortion",
    "status": "reached",
    "C": 15.0,
    "reason": "D is there",
    "cost_in_trainings": 1.0,
    "corpus": "cbt",
    "model": "lstm",
    "seed": 1,
    "figures": {"target": 37.0},
    "settings": {"knee": "slope", "min_slope": 0.1},
    "measured": {"D": 37.4, "R": 15.1, "I": 6.0, "soft_active_units": 9.5, "fce_nats": 50.0},
    "confirmed": True,
}


@pytest.fixture
def choose(tmp_path):
    def choose(way="share", **changes):
        (tmp_path / way).mkdir(exist_ok=True)
        return read_choice(write(tmp_path / way / "choice.json", FOUND | changes))

    return choose


@pytest.fixture(scope="module")
def rows():
    values = {C: one | {"mutual_information_nats": min(C, 20) / 2} for C, one in GRID.items()}
    return rows_of(each for C, one in values.items() for each in measure(one, C=C))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # 40 - 0.2 C = 37
        ({}, 15.0),
        ({"figures": {"target": 10.0}}, None),
        # C / 2 = 4
        ({"by": "information", "figures": {"target": 4.0}}, 8.0),
        # The slope is 0.2 everywhere, and a line has no point below its chord.
        ({"by": "sweep"}, None),
        ({"by": "sweep", "settings": {"knee": "chord"}}, None),
        ({"by": "fce"}, None),
    ],
)
def test_C_of_the_grid_by_hand(choose, rows, changes, expected):
    found = on_grid(choose(**changes), rows)
    assert found == (expected and pytest.approx(expected))


def test_crossing_is_the_first():
    assert crossing([(0, 1.0), (2, 3.0), (4, None), (6, 1.0)], 2) == 1
    assert crossing([(0, 1.0)], 1) is None


def test_table_has_the_ways_before_the_grid(choose, rows):
    choices = [choose(), choose(seed=2, C=17.0, confirmed=False)]
    fce = {("cbt", "lstm", 5.0): {"greedy": 49.0}}
    table = choices_table(rows, fce, choices, "Numbers.", "automatic-C")
    first, *_, last = texts(table)
    remark = "2 of 2 reached, 1 confirmed"
    assert first == [
        *("CBT (lstm)", "share", "16.0 ±1.4", "15.0", "1.0"),
        *("37.4", "15.1", "6.0", "9.5", "50.0", remark),
    ]
    assert last[2:] == ["40", "", "", "32.0", "40.0", "10.0", "–", "–", ""]
    assert "share, seed 2: reached: D is there." in table.notes
    # 15 and 17 against 15
    error = "share on cbt (lstm): 1.0 nats from the grid's C on average; cost 1.0, the grid 4."
    assert error in table.notes
    lines = records(choices_csv(rows, fce, choices))
    assert [(one["way"], one["C"], one["grid_C"]) for one in lines[:2]] == [
        ("share", "15", "15"),
        ("share", "17", "15"),
    ]
    assert [one["fce_nats"] for one in lines[2:]] == ["49", "", "", ""]


def test_fce_of_the_grid_is_of_the_decoding_of_the_choice(choose, rows):
    """The least FCE of greedy text is at C = 5, that of nucleus0.9 at C = 20."""
    of_C = {5.0: {"greedy": 50, "nucleus0.9": 60}, 20.0: {"greedy": 70, "nucleus0.9": 40}}
    generated = [
        replace(one, decoding=decoding, copy=1)
        for C, values in of_C.items()
        for decoding, value in values.items()
        for one in measure({"fce_nats": value}, C=C)
    ]
    fce = fce_of(rows_of(generated))
    choices = [choose(name, by="fce", settings={"decoding": name}) for name in of_C[5.0]]
    lines = records(choices_csv(rows, fce, choices))
    assert [one["grid_C"] for one in lines[:2]] == ["5", "20"]
    # Without a common decoding, the grid's own lines have none.
    assert [one["fce_nats"] for one in lines[2:]] == ["", "", "", ""]
    notes = choices_table(rows, fce, choices, "Numbers.", "automatic-C").notes
    assert any("greedy greedy, nucleus0.9 nucleus0.9; grid left out" in note for note in notes)
    # That of a way that measures no FCE does not count.
    unmeasured = choose("a", settings={"decoding": "greedy"}, measured={"D": 37.0, "I": 5.0})
    lines = records(choices_csv(rows, fce, [choices[1], unmeasured]))
    assert [one["fce_nats"] for one in lines[2:]] == ["60", "", "40", ""]
    lines = records(choices_csv(rows, fce, choices[1:]))
    assert [one["fce_nats"] for one in lines[1:]] == ["60", "", "40", ""]


def test_active_units_of_the_grid_are_soft(choose):
    values = {"active_units": 4, "soft_active_units": 3.3, "rate_nats": 3, "distortion_nats": 40}
    table = choices_table(rows_of(measure(values)), {}, [choose()], "Numbers.", "automatic-C")
    assert texts(table)[-1][8] == "3.3"


def test_C_of_an_infeasible_search_is_no_part_of_the_mean(choose, rows):
    found, none = choose(), choose("share", seed=2, C=99.0, status="infeasible", confirmed=None)
    _, line, *_ = csv.DictReader(io.StringIO(choices_csv(rows, {}, [found, none])))
    assert (line["status"], line["C"]) == ("infeasible", "")
    table = choices_table(rows, {}, [found, none], "Numbers.", "automatic-C")
    assert texts(table)[0][2] == "15.0"
    assert texts(table)[0][-1] == "1 of 2 reached, 1 confirmed"
    table = choices_table(rows, {}, [none], "Numbers.", "automatic-C")
    assert texts(table)[0][2] == "–"
    assert "share on cbt (lstm): infeasible; cost 1.0, the grid 4." in table.notes


def test_choice_that_is_given_twice_or_of_another_model_is_refused(tmp_path):
    for folder, changes in {"a": {}, "b": {}, "c": {"model": "gru"}}.items():
        (tmp_path / folder / "way").mkdir(parents=True)
        write(tmp_path / folder / "way/choice.json", FOUND | changes)
    first, second, other = sorted(tmp_path.glob("*/way/choice.json"))
    known = {("cbt", "lstm")}
    assert len(read_choices([first], known)) == 1
    check_refused(lambda path: read_choices([first, path], known), second, first)
    check_refused(lambda path: read_choices([first, path], known), other, "cbt/gru")


def test_figure_marks_what_is_confirmed(choose, rows):
    figure = choices_figure(rows, [choose(), choose("other", confirmed=False, measured={})])
    assert legend_is_free(figure)
    drawn = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [line.get_xydata().tolist() for line in drawn] == [[[15.0, 37.4]]]


@pytest.mark.parametrize(
    ("changes", "named"),
    [({"status": "good"}, "'status'"), ({"C": None}, "'C'"), ({"measured": 3}, "'measured'")],
)
def test_file_that_is_no_choice_is_refused(tmp_path, changes, named):
    check_refused(read_choice, write(tmp_path / "choice.json", FOUND | changes), named)
