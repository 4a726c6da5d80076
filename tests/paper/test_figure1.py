"""Figure 1: the numbers behind it, what is drawn where, and what is left out."""

import csv
import io
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from textvae.cells import Cell
from textvae.errors import InputError
from textvae.paper.exhibits.figure1 import check, figure1, figure1_csv, rate_on_target
from textvae.paper.measurements import Measured
from textvae.paper.rows import rows_of

TENS = [10.0 * tens for tens in range(1, 11)]


def cell(C=10.0, corpus="yahoo", model="lstm", seed=1, **values) -> list[Measured]:
    """Measurements of a cell whose rate is C, unless they say otherwise."""
    values = {"rate_nats": C, "distortion_nats": 300 - C, "logdetcov": -C / 5} | values
    return [
        Measured(Cell(corpus, model, C, seed), "any", "test", 10000, metric, value)
        for metric, value in values.items()
    ]


def records(measured) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(figure1_csv(rows_of(measured)))))


def points(panel: Axes) -> dict[tuple[float, float], bool]:
    """The markers of a panel, and whether each is filled."""
    found = {}
    for container in panel.containers:
        marker = container.lines[0]
        [place] = map(tuple, marker.get_xydata())
        found[place] = to_rgb(marker.get_markerfacecolor()) != (1, 1, 1)
    return found


def told(figure) -> list[str]:
    """The texts of the key."""
    [legend] = figure.legends
    return [text.get_text() for text in legend.get_texts()]


def test_csv_of_one_seed():
    values = {
        "rate_nats": 10.25,
        "distortion_nats": 30.5,
        "logdetcov": -1.5,
        "logdetcov_bias": -0.208,
        "active_units": 12,
        "entropy_nats": 36.0,
    }
    assert records(cell(corpus="grammar", **values)) == [
        {
            "corpus": "grammar",
            "model": "lstm",
            "C": "10",
            "seeds": "1",
            "rate_nats": "10.25",
            "rate_sd": "",
            "distortion_nats": "30.5",
            "distortion_sd": "",
            "logdetcov": "-1.5",
            "logdetcov_sd": "",
            "logdetcov_bias": "-0.208",
            "active_units": "12",
            "entropy_nats": "36",
            "limit_nats": "25.75",
            "rate_on_target": "true",
        }
    ]


def test_csv_of_two_seeds_has_means_and_standard_deviations():
    """10 and 10.5: mean 10.25, deviation .5 / sqrt 2; a null LogDetCov leaves the other seed's."""
    measured = cell(rate_nats=10.0, logdetcov=None, distortion_nats=290.0) + cell(
        seed=2, rate_nats=10.5, distortion_nats=292.0
    )
    [record] = records(measured)
    assert (record["seeds"], record["rate_nats"]) == ("2", "10.25")
    assert float(record["rate_sd"]) == pytest.approx(0.5 / 2**0.5)
    assert float(record["distortion_sd"]) == pytest.approx(2**0.5)
    assert (record["logdetcov"], record["logdetcov_sd"]) == ("-2", "")
    assert (record["entropy_nats"], record["limit_nats"], record["active_units"]) == ("", "", "")


@pytest.mark.parametrize(
    ("rates", "on_target"),
    [([9.0], True), ([11.0], True), ([8.99], False), ([11.01], False), ([8.8, 11.0], False)],
)
def test_a_rate_is_on_target_if_that_of_every_seed_is(rates, on_target):
    """C = 10; two seeds on either side of it do not make up for each other."""
    measured = [one for seed, rate in enumerate(rates) for one in cell(seed=seed, rate_nats=rate)]
    [row] = rows_of(measured)
    assert rate_on_target(row) is on_target
    [record] = records(measured)
    assert record["rate_on_target"] == str(on_target).lower()


@pytest.mark.parametrize("metric", ["rate_nats", "distortion_nats", "logdetcov"])
def test_a_cell_without_a_metric_is_refused(metric):
    measured = [one for one in cell(seed=2) if one.metric != metric]
    with pytest.raises(InputError, match=f"m.csv: yahoo/lstm/C10/seed2 has no {metric}"):
        check(cell() + measured, Path("m.csv"))


def test_only_logdetcov_may_be_null():
    check(cell(logdetcov=None), Path("m.csv"))
    with pytest.raises(InputError, match=r"m\.csv: rate_nats of yahoo/lstm/C10/seed1 is null"):
        check(cell(rate_nats=None), Path("m.csv"))
    with pytest.raises(InputError, match=r"m\.csv: holds no measurement"):
        check([], Path("m.csv"))


def test_distortion_is_over_rate_and_logdetcov_over_C():
    measured = cell(10.0, rate_nats=10.5, distortion_nats=200, logdetcov=-2) + cell(
        20.0, rate_nats=19.5, distortion_nats=190, logdetcov=-5
    )
    top, bottom = figure1(rows_of(measured)).axes
    assert points(top) == {(10.5, 200): True, (19.5, 190): True}
    assert points(bottom) == {(10, -2): True, (20, -5): True}
    assert top.lines[0].get_xydata().tolist() == [[10.5, 200], [19.5, 190]]


def test_error_bars_are_standard_deviations_over_seeds():
    measured = cell(distortion_nats=200) + cell(seed=2, distortion_nats=202)
    top, _ = figure1(rows_of(measured)).axes
    [container] = top.containers
    _, _, bars = container.lines
    heights = [
        segment[1][1] - segment[0][1]
        for collection in bars
        for segment in collection.get_segments()
    ]
    assert max(heights) == pytest.approx(2 * 2**0.5)
    [alone] = figure1(rows_of(cell())).axes[0].containers
    assert not alone.has_xerr
    assert not alone.has_yerr


def test_a_cell_off_its_target_is_hollow_and_the_key_says_so():
    figure = figure1(rows_of(cell() + cell(20.0, rate_nats=17.0)))
    top, bottom = figure.axes
    assert points(top) == {(10, 290): True, (17, 280): False}
    assert points(bottom) == {(10, -2): True, (20, -4): False}
    assert told(figure) == ["lstm", "hollow: $R$ not within 1 nat of $C$"]
    assert told(figure1(rows_of(cell()))) == ["lstm"]


def test_a_singular_covariance_is_left_out():
    figure = figure1(rows_of(cell() + cell(20.0, logdetcov=None)))
    top, bottom = figure.axes
    assert len(points(top)) == 2
    assert points(bottom) == {(10, -2): True}
    _, nothing = figure1(rows_of(cell(logdetcov=None))).axes
    assert [text.get_text() for text in nothing.texts] == ["singular covariances"]
    assert list(nothing.get_yticks()) == []


def grammar(D=(39.5, 38.4, 36.0), H=36.0) -> list[Measured]:
    """As the demo: R = 2, 5, 15."""
    return [
        one
        for C, distortion in zip((2.0, 5.0, 15.0), D, strict=True)
        for one in cell(C, "grammar", distortion_nats=distortion, entropy_nats=H)
    ]


def test_where_the_entropy_is_known_the_limit_is_drawn():
    figure = figure1(rows_of(grammar()))
    top, _ = figure.axes
    assert "limit $D = H - R$" in told(figure)
    [line] = [line for line in top.lines if (line.get_xydata()[0] == (0, 36)).all()]
    assert line.get_xydata().sum(axis=1).tolist() == [36, 36]
    [shade] = top.collections[-1:]
    assert shade.get_paths()[0].contains_point((1, 34))
    assert not shade.get_paths()[0].contains_point((3, 34))
    # Its beginning is in the picture.
    assert top.get_ylim()[0] < 35


@pytest.mark.parametrize("D", [(39.5, 38.4, 36.0), (70.0, 68.0, 66.0), (36.5, 36.4, 36.3)])
def test_the_limit_leaves_the_data_their_room(D):
    top, _ = figure1(rows_of(grammar(D))).axes
    low, high = top.get_ylim()
    assert low < min(D) < max(D) < high
    assert high - low <= max(max(D) - min(D), 5) * 1.2 / 0.4
    seen = any("below" in text.get_text() for text in top.texts) or low < 36
    assert seen


def test_the_priors_logdetcov_is_drawn():
    _, bottom = figure1(rows_of(cell())).axes
    assert [0, 0] in [list(line.get_ydata()) for line in bottom.lines]


def test_without_an_entropy_there_is_no_limit():
    figure = figure1(rows_of(cell()))
    assert not any("limit" in text for text in told(figure))


def test_rate_and_C_have_one_scale():
    """Also where a rate is far beyond its C."""
    figure = figure1(rows_of(cell(5.0, "yahoo", rate_nats=60.0) + cell(100.0, "yelp")))
    yahoo, yelp, yahoo_below, yelp_below = figure.axes
    assert yahoo.get_xlim() == yahoo_below.get_xlim()
    assert yelp.get_xlim() == yelp_below.get_xlim()
    assert 60 < yahoo.get_xlim()[1] < 100 < yelp.get_xlim()[1]


def test_a_column_of_panels_for_each_corpus_in_the_papers_order():
    measured = cell(corpus="grammar") + cell(corpus="yelp") + cell(corpus="yahoo")
    panels = figure1(rows_of(measured)).axes
    assert [panel.get_title() for panel in panels] == ["Yahoo", "Yelp", "grammar", "", "", ""]
    assert len({panel.get_xlim() for panel in panels}) == 1


@pytest.mark.parametrize("corpora", [1, 2, 5])
@pytest.mark.parametrize("models", [1, 6])
def test_the_key_lies_over_no_panel(corpora, models):
    """Each model has another list of C, and one of them a single one."""
    measured = [
        one
        for corpus in range(corpora)
        for model in range(models)
        for C in TENS[: 2 * model + 1]
        for one in cell(C, f"corpus{corpus}", f"model{model}", rate_nats=C - 2, entropy_nats=40.0)
    ]
    figure = figure1(rows_of(measured))
    figure.draw_without_rendering()
    box = figure.legends[0].get_window_extent()
    assert len(told(figure)) == models + 2
    assert 0 <= box.x0 < box.x1 <= figure.bbox.width
    assert not any(box.overlaps(panel.get_tightbbox()) for panel in figure.axes)
    titles = [panel.title.get_window_extent() for panel in figure.axes[:corpora]]
    assert not any(a.overlaps(b) for a in titles for b in titles if a is not b)
