"""Training curves: what is drawn of the records."""

from dataclasses import replace

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from reading import legend_is_free, legend_texts, titles_are_free

from textvae.cells import Cell
from textvae.paper.exhibits.curves import Point, TrainingRecord, curves, wrapped

TRAINING = (Point(0.5, 5, 80, 4), Point(1, 10, 70, 9.5))
VALIDATION = (Point(1, 10, 72, 9.75),)


def record(training=TRAINING, validation=VALIDATION, has_target=True, **cell) -> TrainingRecord:
    """Return a record of yahoo/lstm/C10/seed1, or of a cell that differs from it."""
    cell = Cell(**({"corpus": "yahoo", "model": "lstm", "C": 10.0, "seed": 1} | cell))
    objective = "|R − C|" if has_target else "ELBO"
    return TrainingRecord(cell, has_target, objective, tuple(training), tuple(validation))


def long(R: float) -> TrainingRecord:
    """Return ten epochs of 50 lines: D is 1000 in the first two, then 100."""
    points = [
        Point(step / 50, 10, 1000.0 if step < 100 else 100.0, R) for step in range(1, 10 * 50 + 1)
    ]
    return record(points, points[99::50])


def drawn(panel: Axes) -> list[list[list[float]]]:
    return [line.get_xydata().tolist() for line in panel.lines]


def test_distortion_rate_and_miss_are_drawn_over_epochs():
    figure = curves([record()])
    distortion, rate, miss = figure.axes
    assert drawn(distortion)[:2] == [[[0.5, 80], [1, 70]], [[1, 72]]]
    assert drawn(rate) == [
        [[0.5, 4], [1, 9.5]],
        [[1, 9.75]],
        [[0.5, 5], [1, 10]],
    ]
    assert drawn(miss)[:2] == [[[0.5, -1], [1, -0.5]], [[1, -0.25]]]
    [band] = miss.patches
    assert (band.get_y(), band.get_height()) == (-1, 2)
    assert (distortion.get_title(), miss.get_xlabel()) == ("Yahoo, lstm", "epoch")
    assert distortion.get_xlim() == (0, 1.02)
    # 70 to 80, and 6% on either side.
    assert distortion.get_ylim() == pytest.approx((69.4, 80.6))


def test_objective_without_target_has_no_band():
    figure = curves([record(has_target=False, model="elbo"), record()])
    *_, elbo_rate, lstm_rate, elbo_miss, lstm_miss = figure.axes
    assert (len(elbo_rate.lines), len(lstm_rate.lines)) == (2, 3)
    assert (len(elbo_miss.lines), len(elbo_miss.patches), len(lstm_miss.patches)) == (0, 0, 1)
    assert [text.get_text() for text in elbo_miss.texts] == ["no target"]
    assert legend_texts(figure)[:2] == ["$C$ = 10", "ELBO"]
    assert legend_texts(curves([record(has_target=False)])) == ["ELBO", "validation"]


def test_higher_C_is_lighter_and_visible_on_white():
    """Also in grey; two seeds of one C share a colour and a line in the legend."""
    figure = curves([record(C=C) for C in (100.0, 3.0, 15.0, 2.5)] + [record(C=3.0, seed=2)])
    assert legend_texts(figure)[:4] == ["$C$ = 2.5", "$C$ = 3", "$C$ = 15", "$C$ = 100"]
    colours = [to_rgb(line.get_color()) for line in figure.legends[0].get_lines()[:4]]
    greys = [0.299 * red + 0.587 * green + 0.114 * blue for red, green, blue in colours]
    assert greys == sorted(set(greys))
    assert greys[-1] < 0.7
    lines = [to_rgb(line.get_color()) for line in figure.axes[0].lines[::2]]
    assert lines == [colours[i] for i in (0, 1, 1, 2, 3)]


@pytest.mark.parametrize(
    ("R", "limit", "cut"), [(9.9, 2, False), (12.5, 2.75, False), (14.0, 4, False), (16.0, 4, True)]
)
def test_axes_ignore_the_first_fifth_and_rates_far_from_C(R, limit, cut):
    """The band of a nat stays visible; the legend gives where R - C is cut off."""
    figure = curves([long(R)])
    distortion, rate, miss = figure.axes
    assert distortion.get_ylim() == (99, 101)
    assert rate.get_ylim() == (0, pytest.approx(1.08 * max(R, 10)))
    assert miss.get_ylim() == pytest.approx((-limit, limit))
    assert ("4)" in legend_texts(figure)[-1]) == cut


def test_axes_are_shared_and_labelled_once():
    """D by the models of a corpus, R and R - C by all."""
    figure = curves(
        [
            record(),
            record([replace(point, D=point.D / 2) for point in TRAINING], model="gru"),
            record([replace(point, D=5.0) for point in TRAINING], corpus="yelp", C=20.0),
        ]
    )
    yahoo, yahoo_gru, yelp, *rest = figure.axes
    assert yahoo.get_ylim() == yahoo_gru.get_ylim() == pytest.approx((32.3, 82.7))
    assert yelp.get_ylim() != yahoo.get_ylim()
    assert len({panel.get_ylim() for panel in rest[:3]}) == 1
    assert rest[0].get_ylim()[1] == pytest.approx(1.08 * 20)
    figure.draw_without_rendering()
    labelled = [panel.yaxis.get_tick_params()["labelleft"] for panel in figure.axes]
    assert labelled == [True, False, True] + [True, False, False] * 2


def test_columns_wrap_after_five_and_keep_a_corpus_together():
    """Unless whole corpora would need another band."""
    for models, bands in (
        ("a1", "a"),
        ("a1 b1 c1", "abc"),
        ("a3 b3", "aaa bbb"),
        ("a2 b2 c2", "aabb cc"),
        ("a3 b3 c3", "aaabb bccc"),
        ("a7", "aaaa aaa"),
        ("a1 b1 c1 d1 e1 f1 g1 h1 i1 j1", "abcde fghij"),
    ):
        counts = [(corpus, int(count)) for corpus, count in models.split()]
        names = [(corpus, f"model{i}") for corpus, count in counts for i in range(count)]
        assert ["".join(corpus for corpus, _ in band) for band in wrapped(names)] == bands.split()


def test_seven_columns_are_drawn_in_two_bands():
    """Without empty panels in the second; the legend overlaps none."""
    figure = curves([record(corpus=f"corpus{i}") for i in range(7)])
    assert len(figure.axes) == 21
    assert [panel.get_title()[:7] for panel in figure.axes[:4]] == [f"corpus{i}" for i in range(4)]
    assert legend_is_free(figure)
    assert figure.get_figwidth() < 10


def test_long_titles_are_wrapped_and_the_panels_keep_their_height():
    short = curves([record()]).get_figheight()
    figure = curves([record(corpus=20 * name, model=32 * name) for name in ("ab", "a-", "x")])
    assert titles_are_free(figure)
    assert figure.get_figheight() > short
    assert curves([record(model="lstm-wide")]).get_figheight() == short
