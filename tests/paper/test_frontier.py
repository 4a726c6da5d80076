"""The frontier: its hull, the points above it, collapsed codes, the figure and the table."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from reading import legend_is_free, measure, records, texts

from browser import browser, needs_browser
from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.descriptions import ModelConfig
from textvae.paper.exhibit import Inputs
from textvae.paper.exhibits.frontier import (
    frontier,
    frontier_csv,
    render,
    short_names,
    spread,
)
from textvae.paper.exhibits.frontier_table import (
    frontier_table,
    frontier_table_csv,
    with_costs,
    with_fce,
)
from textvae.paper.frontier import Point, above, hull, largest_rate, read_points
from textvae.paper.frontier_page import frontier_page, hover_text
from textvae.paper.measurements import Measured, to_csv
from textvae.paper.render.figure import label
from textvae.paper.render.page import page_html
from textvae.paper.rows import rows_of
from textvae.paper.training_costs import TrainingCost

ELBO = ModelConfig("lstm", "lstm", "elbo", 1.0)
LSTM = ModelConfig("lstm", "lstm", "rate-target", 1.0)
MDR = ModelConfig("lstm", "lstm", "mdr", None)


def point(R, D, upper=None, model="lstm", C=3.0, config=LSTM, corpus="cbt"):
    values = {"rate_nats": R, "distortion_nats": D}
    if upper is not None:
        values |= {"mutual_information_nats": upper / 2, "mutual_information_upper_nats": upper}
    [row] = rows_of(measure(values, corpus, model, C))
    return Point(row, config)


def test_hull_by_hand():
    """(1, 7) is above the line from (0, 8) to (2, 5), (4, 6) saves nothing beyond (3, 4)."""
    points = [(3, 4), (0, 8), (1, 7), (2, 5), (4, 6), (0, 9), (2, 5)]
    assert hull(points) == [(0, 8), (2, 5), (3, 4)]
    assert hull([(1, 2)]) == [(1, 2)]
    # Points on a straight line are one edge.
    assert hull([(0, 2), (1, 1), (2, 0)]) == [(0, 2), (2, 0)]


def test_height_above_the_hull():
    corners = [(0.0, 8.0), (2.0, 5.0), (3.0, 4.0)]
    assert above(corners, 1, 7) == pytest.approx(0.5)
    assert above(corners, 10, 4.25) == pytest.approx(0.25)
    assert above(corners, 2, 5) == 0


@pytest.mark.parametrize(
    ("R", "upper", "collapsed"),
    [
        *((20.0, 1.9, True), (20.0, 2.1, False), (20.0, None, None)),
        *((0.05, 0.04, True), (0.05, None, True)),
    ],
)
def test_code_has_collapsed_without_rate_or_information(R, upper, collapsed):
    assert point(R, 50, upper).collapsed is collapsed


def test_codes_that_collapse_in_some_seeds_are_counted():
    """The mean of I from above is 3 of 15 nats, more than a tenth."""
    one = point(15.0, 50, 5.0)
    values = {"rate_nats": (15.0, 15.0, 15.0), "mutual_information_upper_nats": (0.0, 0.0, 9.0)}
    some = replace(one, row=replace(one.row, values={**one.row.values, **values}))
    assert (some.collapsed, some.remark) == (False, "collapsed in 2 of 3 seeds")
    (line,) = records(frontier_csv([some]))
    assert (line["collapsed"], line["collapsed_seeds"]) == ("false", "2")
    assert (one.remark, point(15.0, 50, 1.0).remark) == ("", "collapsed")


@pytest.mark.parametrize(
    ("changed", "family", "method"),
    [
        ({}, "|R − C|", "|R − C|"),
        ({"encoder": "gru", "decoder": "cnn"}, "|R − C|", "|R − C|"),
        ({"posterior": "constant"}, "constant posterior", "|R − C|, constant"),
        ({"decoder": "lstm-skip", "prior": "vamp"}, "other prior", "|R − C|, vamp, lstm-skip"),
        ({"objective": "elbo", "strategy": "aggressive"}, "other training", "ELBO, aggressive"),
    ],
)
def test_family_names_the_part_that_is_not_the_papers(changed, family, method):
    changed_point = point(2, 5, config=replace(LSTM, **changed))
    assert (changed_point.family, changed_point.method) == (family, method)


def test_csv_has_the_numbers_of_the_figure():
    points = [point(2, 5, 1.5), point(0, 8, 0, "elbo", 0, ELBO), point(1, 7, 0.05, "other")]
    first, second, third = records(frontier_csv(points))
    assert (first["objective"], first["negative_elbo_nats"]) == ("rate-target", "7")
    assert [r["above_hull_nats"] for r in (first, second, third)] == ["0", "0", "0.5"]
    assert [r["collapsed"] for r in (first, second, third)] == ["false", "true", "true"]
    values = records(frontier_table_csv(points))
    assert {"model": "elbo", "metric": "distortion_nats", "value": "8", "seed": "1"}.items() <= (
        next(r for r in values if r["model"] == "elbo" and r["metric"] == "distortion_nats").items()
    )


def test_table_marks_the_hull_and_collapsed_codes():
    points = [point(2, 5, 1.5, C=2), point(0, 8, 0, "elbo", 0, ELBO), point(1, 7, 0.05, "other")]
    lines = texts(frontier_table(points, "Caption", "frontier-table"))
    shown = [(line[1], *line[3:8], line[-1]) for line in lines]
    assert shown == [
        ("lstm", "C = 2", "1", "7.0", "2.0", "5.0", "hull"),
        ("elbo", "", "1", "8.0", "0.0", "8.0", "hull, collapsed"),
        ("other", "C = 3", "1", "8.0", "1.0", "7.0", "collapsed"),
    ]


def test_table_has_costs_and_fce_where_they_are_known():
    cell, other = Cell("cbt", "lstm", 3.0, 1), Cell("cbt", "mdr", 3.0, 1)
    points = [point(2, 5), point(2, 6, model="mdr", config=MDR)]
    costs = {cell: TrainingCost(20, 10, 10), other: TrainingCost(30, 40, 10)}
    ratios = {other: TrainingCost(1.5, 4, 1)}
    fce = [
        Measured(cell, "fce", "test", 100, "fce_nats", value, decoding, copy)
        for decoding, value, copy in (
            ("nucleus0.9", 60, 1),
            ("nucleus0.9", 61, 2),
            ("greedy", 9, 1),
        )
    ]
    shown = with_fce([with_costs(one, costs, ratios) for one in points], fce)
    table = frontier_table(shown, "Caption", "frontier-table")
    headings = [column.html for column in table.columns[-5:]]
    assert headings == ["FCE greedy", "FCE NS (p = 0.9)", "CPU", "steps", ""]
    assert [line[-5:] for line in texts(table)] == [
        ["9.0", "60.5", "–", "–/–", "hull"],
        ["–", "–", "1.50", "4.0/1.0", ""],
    ]
    values = {(r["model"], r["metric"]): r["value"] for r in records(frontier_table_csv(shown))}
    assert values["lstm", "training_cpu_seconds"] == "20"
    assert values["lstm", "nucleus0.9.fce_nats"] == "60.5"
    assert values["mdr", "relative_encoder_steps"] == "4"


def test_table_notes_posteriors_whose_active_units_say_little():
    normalised = ModelConfig("lstm", "lstm", "elbo", 1.0, posterior="batch-norm")
    points = [point(2, 5), point(1, 7, config=normalised)]
    notes = [note for note in frontier_table(points, "", "frontier-table").notes if "AU" in note]
    assert [("batch-norm" in note) for note in notes] == [False, True]


@pytest.mark.parametrize("count", [25, 40])
def test_figure_of_many_methods_is_legible(count):
    methods = [f"method-{index}" for index in range(count)]
    points = [
        point(C + index / 50, 40 - C / 2 + index / 10, C / 2 if index else 0.01, method, C)
        for index, method in enumerate(methods)
        for C in (2.0, 15.0)
    ]
    figure = frontier(points)
    top, middle, bottom = figure.axes
    assert legend_is_free(figure)
    labels = middle.texts
    assert sorted(int(label.get_text()) for label in labels) == [*range(count)]
    # Without the lines that join them to their points.
    boxes = sorted(map(Text.get_window_extent, labels), key=lambda box: box.y0)
    assert all(one.y1 <= other.y0 + 0.5 for one, other in pairwise(boxes))
    assert all(0 < box.x0 < box.x1 <= figure.bbox.width for box in boxes)
    # Both settings of the first method are hollow.
    hollow = [
        container.lines[0].get_xydata()[0][0]
        for container in top.containers
        if to_rgb(container.lines[0].get_markerfacecolor()) == (1, 1, 1)
    ]
    assert hollow == [2.0, 15.0]
    assert len(bottom.containers) == 2 * count


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([], []),
        ([0.2, 0.8], [0.2, 0.8]),
        ([0.5, 0.5, 0.5], [0.4, 0.5, 0.6]),
        ([0.0, 0.0, 0.9], [0.0, 0.1, 0.9]),
        ([1.0, 1.0], [0.9, 1.0]),
        ([0.5] * 21, [index / 20 for index in range(21)]),
    ],
)
def test_labels_are_apart_and_near_their_points(wanted, expected):
    assert spread(wanted, 0.1) == pytest.approx(expected)


def test_point_without_a_configuration_is_named(tmp_path):
    rows = rows_of(measure({"rate_nats": 1, "distortion_nats": 2}))
    with pytest.raises(InputError, match=r"^cbt/lstm/C3/seed1: "):
        read_points(rows, [])
    config = {
        "cell": {"corpus": "cbt", "model": "lstm", "C": 3.0, "seed": 1},
        "architecture": {"encoder": "lstm", "decoder": "lstm", "hidden": 8, "latent": 4},
        "training": {"recipe": {"objective": "elbo", "beta": 1.0, "epochs": 1}},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    [read] = read_points(rows, [tmp_path / "config.json"])
    assert (read.family, read.setting) == ("ELBO", "")


def test_figure_and_page_tell_unlike_settings_and_keep_other_labels(tmp_path):
    measured, paths = [], []
    for model, epochs in (("a", 1), ("b", 1), ("c", 3)):
        measured += measure({"rate_nats": 1, "distortion_nats": 2}, model=model)
        config = {
            "cell": {"corpus": "cbt", "model": model, "C": 3.0, "seed": 1},
            "architecture": {"encoder": "lstm", "decoder": "lstm", "hidden": 8, "latent": 4},
            "training": {"recipe": {"objective": "elbo", "beta": 1.0, "epochs": epochs}},
        }
        paths.append(tmp_path / f"{model}.json")
        paths[-1].write_text(json.dumps(config))
    (tmp_path / "m.csv").write_text(to_csv(measured))
    inputs = Inputs("frontier", "", measurements=(tmp_path / "m.csv",), configs=tuple(paths))
    rendered = render(inputs)
    told = "epochs 1 (3 of c)"
    assert told in rendered.page.notes[-1]
    label(rendered.figure, "Of another split.")
    written = " ".join(rendered.figure.get_suptitle().split())
    assert told in written
    assert written.endswith("Of another split.")


def test_setting_names_what_differs_between_entries_of_an_objective(tmp_path):
    """GECO's target has no default; its gain is the same in both; the mean gain is a part's."""
    geco = {"objective": "geco", "target_distortion": 30.0, "geco_gain": 7.0}
    recipes = {
        "geco": geco,
        **{f"beta{beta}": {"objective": "rate-target", "beta": beta} for beta in (1.0, 0.5)},
        "linear": {"objective": "linear-annealing", "linear_rise": 0.25},
    }
    sizes = {"encoder": "lstm", "decoder": "lstm", "hidden": 8, "latent": 4, "mean_gain": 5.0}
    measured, paths = [], []
    for model, recipe in recipes.items():
        measured += measure({"rate_nats": 1, "distortion_nats": 2}, model=model)
        cell = {"corpus": "cbt", "model": model, "C": 3.0, "seed": 1}
        training = {"recipe": recipe | {"epochs": 1}}
        paths.append(tmp_path / f"{model}.json")
        config = {"cell": cell, "architecture": sizes, "training": training}
        paths[-1].write_text(json.dumps(config))
    points = read_points(rows_of(measured), paths)
    assert {one.row.model: one.setting for one in points} == {
        "geco": "target_distortion = 30",
        "beta1.0": "C = 3, beta = 1",
        "beta0.5": "C = 3, beta = 0.5",
        "linear": "",
    }


def test_rate_far_beyond_the_others_is_drawn_at_the_edge():
    """The median of the positive rates is 15: 8 times that is 120."""
    rates = [0, 2, 15, 40, 317]
    assert largest_rate(rates) == pytest.approx(1.04 * 40)
    assert largest_rate([0, 2, 15, 40, 119]) == pytest.approx(1.04 * 119)
    assert largest_rate([0.0]) == pytest.approx(1.04)
    points = [point(R, 50 - R / 10, R / 2, f"model-{R}", C=R) for R in rates]
    top, middle, bottom = frontier(points).axes
    for panel in (top, middle):
        xs = [container.lines[0].get_xydata()[0][0] for container in panel.containers]
        assert max(xs) == panel.get_xlim()[1] == pytest.approx(1.04 * 40)
        assert any("317" in text.get_text() for text in panel.texts)
    assert len(bottom.containers) == 4


def test_rate_at_the_edge_has_no_bar_of_its_deviation():
    """R is 300 and 340 in two seeds; a bar of 28 nats at the edge would cross the panel."""
    far = [measure({"rate_nats": R, "distortion_nats": 30 + R / 100}, seed=R) for R in (300, 340)]
    [row] = rows_of([*far[0], *far[1]])
    others = [point(R, 40, 1, f"model-{R}") for R in (2, 10, 20)]
    for panel in frontier([Point(row, LSTM), *others]).axes[:2]:
        assert [len(one.lines[2]) for one in panel.containers] == [1, 0, 0, 0]


def test_bars_end_at_the_edge_of_the_panel():
    """R is 2 and 98 in two seeds, next to other rates of 10."""
    wide = [measure({"rate_nats": R, "distortion_nats": 40}, seed=R) for R in (2, 98)]
    [row] = rows_of([*wide[0], *wide[1]])
    for panel in frontier([Point(row, LSTM), point(10, 40, 5, "other")]).axes[:2]:
        marker, caps, bars = panel.containers[0].lines
        assert not marker.get_clip_on()
        assert all(part.get_clip_on() for part in (*caps, *bars))


def test_labels_lack_the_words_that_all_share():
    assert short_names(["lstm-small", "lstm-small-mdr", "lstm-small-fb-soft"]) == {
        "lstm-small": "lstm-small",
        "lstm-small-mdr": "mdr",
        "lstm-small-fb-soft": "fb-soft",
    }
    assert short_names(["lstm", "lstmx"]) == {"lstm": "lstm", "lstmx": "lstmx"}
    assert short_names(["lstm-small"]) == {"lstm-small": "lstm-small"}


def page_points():
    values = {"rate_nats": 2.0, "rate_standard_error": 0.05, "distortion_nats": 40.0}
    values |= {"mutual_information_nats": 1.5, "mutual_information_upper_nats": 1.75}
    values |= {"iw_nll_nats": 41.5, "active_units": 7}
    [row] = rows_of(measure(values, "cbt", "lstm-mdr", 2.0, seed=3))
    mdr = Point(row, MDR)
    return [mdr, point(0, 42.5, 0, "lstm-elbo", 0, ELBO), point(40, 30, 9, "lstm-mdr", 40, MDR)]


def test_point_names_its_numbers_on_the_page():
    mdr, elbo, _ = page_points()
    assert hover_text(mdr).split("<br>") == [
        *("<b>lstm-mdr</b>", "MDR", "C = 2", "R = 2.00 (s.e. 0.05)", "D = 40.00", "D + R = 42.00"),
        *("I from 1.50 to 1.75", "IW-NLL = 41.50", "active units = 7.0", "seed 3"),
    ]
    assert hover_text(elbo).split("<br>")[-1] == "collapsed"
    # Over two seeds: a standard deviation of sqrt(2), divided by sqrt(2).
    several = measure({"rate_nats": 2, "distortion_nats": 9})
    several += measure({"rate_nats": 4, "distortion_nats": 9}, seed=2)
    [row] = rows_of(several)
    assert "R = 3.00 (s.e. 1.00)" in hover_text(Point(row, LSTM))


@needs_browser
def test_page_hides_a_method_and_loads_nothing(tmp_path):
    (tmp_path / "page.html").write_text(page_html(frontier_page(page_points()), "<b>"))
    data = "document.getElementById('figure').data"
    with browser() as page:
        page.open(tmp_path / "page.html")
        assert page.text().startswith("<b>\n")
        # Hollow where the code has collapsed, in both panels.
        symbols = page.run(f"{data}.flatMap((one) => one.marker?.symbol ?? [])")
        assert symbols.count("circle-open") == 2
        page.run(
            """(async () => {
                const name = document.querySelector('.legendtoggle');
                for (const type of ['mousedown', 'mouseup'])
                    name.dispatchEvent(new MouseEvent(type, {bubbles: true}));
                // It waits for a second click.
                await new Promise((done) => setTimeout(done, 500));
            })()"""
        )
        # In both panels.
        hidden = page.run(f"{data}.filter((one) => one.visible == 'legendonly').map((o) => o.name)")
        assert hidden == ["lstm-mdr", "lstm-mdr"]
        buttons = page.run(
            "[...document.querySelectorAll('.modebar-btn')].map((b) => b.dataset.title)"
        )
        assert not [title for title in buttons if "Share" in title]
        assert (len(page.requests), page.errors) == (1, [])
        # Nor can it load anything.
        refused = "fetch('https://example.org').then(() => false, () => true)"
        assert page.run(refused)
        assert len(page.requests) == 1
