"""Training curves: what is drawn of the records."""

from dataclasses import replace

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from textvae.cells import Cell
from textvae.paper.exhibits.curves import Point, TrainingRecord, curves, wrapped

TRAINING = (Point(0.5, 5, 80, 4), Point(1, 10, 70, 9.5))
VALIDATION = (Point(1, 10, 72, 9.75),)


def record(training=TRAINING, validation=VALIDATION, has_target=True, **cell) -> TrainingRecord:
    """A record, told by what differs from one epoch of yahoo/lstm/C10/seed1."""
    cell = Cell(**({"corpus": "yahoo", "model": "lstm", "C": 10.0, "seed": 1} | cell))
    objective = "|R − C|" if has_target else "ELBO"
    return TrainingRecord(cell, has_target, objective, tuple(training), tuple(validation))


def long(R: float) -> TrainingRecord:
    """Ten epochs of 50 lines: D falls from 1000 to 100 at once, R stays where it is."""
    points = [
        Point(step / 50, 10, 1000.0 if step < 20 else 100.0, R) for step in range(1, 10 * 50 + 1)
    ]
    return record(points, points[49::50])


def drawn(panel: Axes) -> list[list[list[float]]]:
    """The lines of a panel, as they were drawn."""
    return [line.get_xydata().tolist() for line in panel.lines]


def told(figure) -> list[str]:
    [legend] = figure.legends
    return [text.get_text() for text in legend.get_texts()]


def test_distortion_rate_and_what_it_misses_are_over_the_epochs():
    distortion, rate, miss = curves([record()]).axes
    assert drawn(distortion)[:2] == [[[0.5, 80], [1, 70]], [[1, 72]]]
    assert drawn(rate) == [
        [[0.5, 4], [1, 9.5]],
        [[1, 9.75]],
        [[0.5, 5], [1, 10]],
    ]
    assert drawn(miss)[:2] == [[[0.5, -1], [1, -0.5]], [[1, -0.25]]]
    assert distortion.get_title() == "Yahoo, lstm"
    assert miss.get_xlabel() == "epoch"


def test_the_plain_elbo_has_no_target():
    figure = curves([record(has_target=False, model="elbo"), record()])
    *_, elbo_rate, lstm_rate, elbo_miss, lstm_miss = figure.axes
    assert (len(elbo_rate.lines), len(lstm_rate.lines)) == (2, 3)
    assert (len(elbo_miss.lines), len(elbo_miss.patches)) == (0, 0)
    assert [text.get_text() for text in elbo_miss.texts] == ["no target"]
    assert len(lstm_miss.patches) == 1
    assert told(figure)[:2] == ["$C$ = 10", "ELBO"]


def test_the_band_is_a_nat_on_either_side():
    *_, miss = curves([record()]).axes
    [band] = miss.patches
    assert (band.get_y(), band.get_height()) == (-1, 2)


def test_elbo_cells_alone_need_no_band_in_the_key():
    assert told(curves([record(has_target=False)])) == ["ELBO", "validation"]


def test_a_higher_C_is_lighter_and_none_is_lost_on_white():
    """Also in grey; two seeds of one C share a colour and a line in the key."""
    records = [record(C=C) for C in (100.0, 3.0, 15.0, 2.5)] + [record(C=3.0, seed=2)]
    figure = curves(records)
    assert told(figure)[:4] == ["$C$ = 2.5", "$C$ = 3", "$C$ = 15", "$C$ = 100"]
    colours = [to_rgb(line.get_color()) for line in figure.legends[0].get_lines()[:4]]
    greys = [0.299 * red + 0.587 * green + 0.114 * blue for red, green, blue in colours]
    assert greys == sorted(greys)
    assert len(set(greys)) == 4
    assert greys[-1] < 0.7
    colours_drawn = [to_rgb(line.get_color()) for line in figure.axes[0].lines[::2]]
    assert colours_drawn == [colours[place] for place in (0, 1, 1, 2, 3)]


def test_the_start_of_a_training_does_not_squash_the_rest():
    """D falls from 1,000 to 100 within the first epoch of ten."""
    distortion, rate, miss = curves([long(10)]).axes
    assert distortion.get_ylim()[1] < 110
    assert rate.get_ylim()[0] == 0
    assert rate.get_ylim()[1] == pytest.approx(10.8)
    assert miss.get_ylim() == (-2, 2)


@pytest.mark.parametrize(
    ("R", "limit", "cut"), [(9.9, 2, False), (12.5, 2.75, False), (16.0, 4, True)]
)
def test_a_rate_far_from_C_is_cut_off_and_the_key_says_so(R, limit, cut):
    """The band of a nat stays visible however far R is."""
    figure = curves([long(R)])
    assert figure.axes[2].get_ylim() == (-limit, limit)
    assert told(figure)[-1] == r"$|R - C| \leq 1$" + (" ($R - C$ cut off at 4)" if cut else "")


def test_distortions_of_one_corpus_and_all_rates_share_their_axes():
    figure = curves(
        [
            record(),
            record([replace(point, D=point.D / 2) for point in TRAINING], model="gru"),
            record([replace(point, D=5.0) for point in TRAINING], corpus="yelp", C=20.0),
        ]
    )
    yahoo, yahoo_gru, yelp, *rest = figure.axes
    assert yahoo.get_ylim() == yahoo_gru.get_ylim() != yelp.get_ylim()
    assert yahoo.get_ylim()[0] < 35 < 80 < yahoo.get_ylim()[1]
    assert len({panel.get_ylim() for panel in rest[:3]}) == 1
    assert rest[0].get_ylim()[1] > 20
    # The numbers stand where they are not those of the panel to the left.
    figure.draw_without_rendering()
    labelled = [panel.yaxis.get_tick_params()["labelleft"] for panel in figure.axes]
    assert labelled == [True, False, True] + [True, False, False] * 2


def titles(*models: tuple[str, int]) -> list[list[str]]:
    """The bands of a figure with so many models of each corpus: the initials of their corpora."""
    names = [(corpus, f"model{place}") for corpus, count in models for place in range(count)]
    return ["".join(corpus for corpus, _ in band) for band in wrapped(names)]


@pytest.mark.parametrize(
    ("models", "bands"),
    [
        ([("a", 1)], ["a"]),
        ([("a", 1), ("b", 1), ("c", 1)], ["abc"]),
        ([("a", 3), ("b", 3)], ["aaa", "bbb"]),
        ([("a", 2), ("b", 2), ("c", 2)], ["aabb", "cc"]),
        # Whole corpora would need three bands.
        ([("a", 3), ("b", 3), ("c", 3)], ["aaabb", "bccc"]),
        ([("a", 7)], ["aaaa", "aaa"]),
        ([(corpus, 1) for corpus in "abcdefghij"], ["abcde", "fghij"]),
    ],
)
def test_columns_wrap_after_five_and_keep_a_corpus_together(models, bands):
    assert titles(*models) == bands


def test_ten_columns_are_drawn_in_two_bands():
    figure = curves([record(corpus=f"corpus{place}") for place in range(10)])
    assert len(figure.axes) == 30
    figure.draw_without_rendering()
    box = figure.legends[0].get_window_extent()
    assert not any(box.overlaps(panel.get_tightbbox()) for panel in figure.axes)
    assert figure.get_figwidth() < 10


def test_a_band_that_is_not_full_has_no_empty_panels():
    figure = curves([record(corpus=f"corpus{place}") for place in range(7)])
    assert len(figure.axes) == 21
