"""Figure 1: the numbers behind it, what is drawn, and what is left out."""

from itertools import product

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from reading import legend_is_free, legend_texts, measure, records, titles_are_free

from textvae.errors import InputError
from textvae.paper.exhibits.figure1 import check, figure1, figure1_csv, rate_on_target
from textvae.paper.rows import rows_of


def cell(C=10.0, corpus="yahoo", model="lstm", seed=1, **values):
    """Return measurements of a cell, with rate C unless given."""
    values = {"rate_nats": C, "distortion_nats": 300 - C, "logdetcov": -C / 5} | values
    return measure(values, corpus, model, C, seed)


def draw(measured):
    return figure1(rows_of(measured))


def points(panel: Axes) -> dict[tuple[float, float], bool]:
    """Return the markers of a panel, with whether each is filled."""
    filled = {}
    for container in panel.containers:
        marker = container.lines[0]
        [point] = map(tuple, marker.get_xydata())
        filled[point] = to_rgb(marker.get_markerfacecolor()) != (1, 1, 1)
    return filled


def test_csv_of_one_seed():
    values = {"rate_nats": 10.25, "distortion_nats": 30.5, "logdetcov": -1.5}
    values |= {"logdetcov_bias": -0.208, "active_units": 12, "entropy_nats": 36.0}
    values |= {"mutual_information_nats": 6, "mutual_information_upper_nats": 8}
    assert figure1_csv(rows_of(cell(corpus="grammar", **values))).splitlines() == [
        "corpus,model,C,seeds,rate_nats,rate_sd,distortion_nats,distortion_sd,logdetcov,"
        "logdetcov_sd,logdetcov_bias,active_units,entropy_nats,limit_nats,rate_on_target,"
        "mutual_information_nats,mutual_information_upper_nats,aggregate_kl_lower_nats,"
        "aggregate_kl_upper_nats,iw_nll_nats,mutual_information_he2019_nats,log_sentences",
        "grammar,lstm,10,1,10.25,,30.5,,-1.5,,-0.208,12,36,25.75,true,6,8,2.25,4.25,,,",
    ]


def test_seeds_give_means_and_standard_deviations():
    """10 and 10.5: mean 10.25, deviation .5 / sqrt 2; a null LogDetCov leaves the other seed's."""
    measured = cell(rate_nats=10.0, logdetcov=None, distortion_nats=290.0)
    measured += cell(seed=2, rate_nats=10.5, distortion_nats=292.0)
    [record] = records(figure1_csv(rows_of(measured)))
    assert (record["seeds"], record["rate_nats"]) == ("2", "10.25")
    assert float(record["rate_sd"]) == pytest.approx(0.5 / 2**0.5)
    assert float(record["distortion_sd"]) == pytest.approx(2**0.5)
    assert (record["logdetcov"], record["logdetcov_sd"]) == ("-2", "")
    assert (record["entropy_nats"], record["limit_nats"], record["active_units"]) == ("", "", "")
    # The error bars are as long.
    [container] = draw(measured).axes[0].containers
    lengths = [
        [max(abs(end - start)) for start, end in collection.get_segments()]
        for collection in container.lines[2]
    ]
    assert sorted(max(each) for each in lengths) == pytest.approx([0.5 * 2**0.5, 2 * 2**0.5])
    [alone] = draw(cell()).axes[0].containers
    assert not alone.has_xerr
    assert not alone.has_yerr


def test_rate_is_on_target_if_that_of_every_seed_is():
    """C = 10; two seeds on either side of it do not make up for each other."""
    for on_target, rates in ((True, [[9], [11]]), (False, [[8.99], [11.01], [8.8, 11]])):
        for each in rates:
            seeds = enumerate(each)
            [row] = rows_of([one for i, R in seeds for one in cell(seed=i, rate_nats=R)])
            assert rate_on_target(row) is on_target
            [record] = records(figure1_csv([row]))
            assert record["rate_on_target"] == str(on_target).lower()


def test_cell_without_a_metric_is_refused():
    """Only LogDetCov may be null."""
    check(cell(logdetcov=None), "m.csv")
    for metric in ("rate_nats", "distortion_nats", "logdetcov"):
        without = [one for one in cell(seed=2) if one.metric != metric]
        with pytest.raises(InputError, match=f"^m.csv: yahoo/lstm/C10/seed2 .*{metric}"):
            check(cell() + without, "m.csv")
    for metric in ("rate_nats", "distortion_nats"):
        with pytest.raises(InputError, match=f"^m.csv: {metric} of yahoo/lstm/C10/seed1 .*null"):
            check(cell(**{metric: None}), "m.csv")


def test_distortion_is_drawn_over_rate_and_logdetcov_over_C():
    """A cell off its target is hollow, which the legend explains."""
    measured = cell(10.0, rate_nats=10.5, distortion_nats=200, logdetcov=-2)
    figure = draw(measured + cell(20.0, rate_nats=17.0, distortion_nats=190, logdetcov=-5))
    top, bottom = figure.axes
    assert points(top) == {(10.5, 200): True, (17, 190): False}
    assert points(bottom) == {(10, -2): True, (20, -5): False}
    assert top.lines[0].get_xydata().tolist() == [[10.5, 200], [17, 190]]
    assert [0, 0] in [list(line.get_ydata()) for line in bottom.lines]
    assert [(text.xy[1], text.get_text()) for text in bottom.texts] == [
        (0, "LogDetCov of the prior")
    ]
    [lstm, hollow] = legend_texts(figure)
    assert (lstm, hollow[:7]) == ("lstm", "hollow:")
    assert legend_texts(draw(cell())) == ["lstm"]


def test_information_is_drawn_over_rate_as_bars():
    """At R = 17 from 7 to R, because the estimate from above, 30, exceeds it; the line is I = R."""

    def estimates(lower, upper):
        return {"mutual_information_nats": lower, "mutual_information_upper_nats": upper}

    measured = cell(10.0, **estimates(6, 8)) + cell(17.0, **estimates(7, 30)) + cell(20.0)
    figure = draw(measured)
    top, middle, bottom = figure.axes
    assert points(middle) == {(10, 6): True, (17, 7): True}
    bars = [container.lines[2][0].get_segments()[0].tolist() for container in middle.containers]
    assert bars == [[[10, 6], [10, 8]], [[17, 7], [17, 17]]]
    assert [list(line) for line in middle.lines[0].get_data()] == [[0, pytest.approx(21.2)]] * 2
    assert middle.get_xlim() == top.get_xlim() == bottom.get_xlim()
    assert legend_texts(figure) == ["lstm", "bound $I = R$", "bar: $I$ from below to above"]


@pytest.mark.parametrize("name", ["model{}", "lstm" + "-with-a-long-name" * 4 + "{}"])
def test_legend_of_many_models_is_below_the_panels(name):
    few = draw(cell(model="lstm"))
    many = draw([one for i in range(30) for one in cell(model=name.format(i))])
    assert legend_is_free(many)
    assert len(legend_texts(many)) == 30
    # The panels keep their height.
    few.draw_without_rendering()
    heights = [figure.axes[0].get_window_extent().height for figure in (few, many)]
    assert heights[1] > 0.7 * heights[0]
    assert len(many.axes) == 2


def test_singular_covariance_is_left_out():
    top, bottom = draw(cell() + cell(20.0, logdetcov=None)).axes
    assert len(points(top)) == 2
    assert points(bottom) == {(10, -2): True}
    _, empty = draw(cell(logdetcov=None)).axes
    assert [text.get_text() for text in empty.texts] == ["singular covariances"]
    assert list(empty.get_yticks()) == []


@pytest.mark.parametrize(
    ("distortions", "limits"),
    [
        # At least 5 nats, 40% of the axis for the data, and a margin of 4% above.
        ((39.5, 38.4, 36.0), (27.75, 40.75)),
        ((36.5, 36.4, 36.3), (26.4, 39.4)),
        # Down to H - R at the right end, R = 1.06 * 15.
        ((52.0, 44.0, 36.0), (20.1, 54.108)),
        # H is too far below the data.
        ((70.0, 68.0, 66.0), (65.5, 70.7)),
    ],
)
def test_bound_is_drawn_without_squeezing_the_data(distortions, limits):
    """The axis limits follow from matplotlib's margins of 5% around the data, by hand."""
    cells = zip((2.0, 5.0, 15.0), distortions, strict=True)
    figure = draw(one for C, D in cells for one in cell(C, distortion_nats=D, entropy_nats=36.0))
    top, _ = figure.axes
    assert top.get_ylim() == pytest.approx(limits)
    assert any("36.0" in text.get_text() for text in top.texts) == (limits[0] > 36)
    assert any("$D = H - R$" in text for text in legend_texts(figure))
    [line] = [line for line in top.lines if (line.get_xydata()[0] == (0, 36)).all()]
    assert line.get_xydata().sum(axis=1).tolist() == [36, 36]
    shade = top.collections[-1].get_paths()[0]
    assert shade.contains_point((1, 34))
    assert not shade.contains_point((3, 34))


def test_corpora_have_columns_in_order_with_the_scale_of_rate_and_C():
    """Also if a rate is far beyond its C."""
    measured = cell(100.0, "grammar") + cell(5.0, "yahoo", rate_nats=60.0) + cell(100.0, "yelp")
    panels = draw(measured).axes
    assert [panel.get_title() for panel in panels] == ["Yahoo", "Yelp", "grammar", "", "", ""]
    limits = [panel.get_xlim() for panel in panels]
    assert limits == [(0, pytest.approx(end)) for end in (63.6, 106, 106)] * 2


@pytest.mark.parametrize(("corpora", "models"), [(1, 6), (2, 1), (5, 6)])
def test_legend_and_titles_overlap_nothing(corpora, models):
    """Each model has another list of C, and one of them a single one."""
    cells = product(range(corpora), range(models), range(1, 11))
    figure = draw(
        one
        for corpus, model, i in cells
        for one in cell(10.0 * i, f"corpus{corpus}", f"model{model}", rate_nats=3, entropy_nats=40)
        if i <= 2 * model + 1
    )
    assert legend_is_free(figure)
    assert len(legend_texts(figure)) == models + 2
    titles = [panel.title.get_window_extent() for panel in figure.axes[:corpora]]
    assert not any(a.overlaps(b) for a in titles for b in titles if a is not b)


def test_nine_corpora_with_long_names_are_drawn_in_two_bands():
    """In natural order; the panels of a corpus are as wide as those of five."""
    names = [f"a-corpus-with-a-very-long-name-of-{i}-reviews" for i in (10, 9, 8, 7, 6, 5, 4, 3, 2)]
    figure = draw([one for name in names for one in cell(corpus=name)])
    titles = [title for panel in figure.axes if (title := panel.get_title())]
    assert ["".join(title.split("\n")) for title in titles] == names[::-1]
    assert figure.get_figwidth() == 0.6 + 5 * 1.75
    assert titles_are_free(figure)
    assert legend_is_free(figure)
