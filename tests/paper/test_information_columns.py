"""Information beside rate: the bracket of R - I, and the notes on codes that carry little."""

import pytest
from reading import compared, measure, texts

from textvae.paper.exhibits.figure1 import figure1
from textvae.paper.exhibits.table1 import table1, table1_csv
from textvae.paper.information import empty_codes_summary
from textvae.paper.rows import rows_of


def cell(R, lower, upper, C=40.0, seed=1, **others):
    values = {"rate_nats": R, "mutual_information_nats": lower}
    values |= {"mutual_information_upper_nats": upper, **others}
    return measure(values, "own", "small", C, seed, 1000)


def notes(measured):
    return table1(rows_of(measured), "Caption").notes


def columns(measured) -> list[list[str]]:
    """Return R, I, R - I and IW-NLL."""
    return [line[3:7] for line in texts(table1(rows_of(measured), "Caption"))]


def test_distance_from_the_prior_is_rate_minus_information():
    """R = 40.1: I from 6.9 to 22.6, so R - I from 17.5 to 33.2; I is never negative or above R."""
    measured = cell(40.1, 6.9, 22.6, iw_nll_nats=70.43)
    measured += cell(5.0, -0.06, -0.02, C=5.0) + cell(100.0, 6.9, 152.7, C=100.0)
    assert columns(measured) == [
        ["5.0", "0.0/0.0", "5.0/5.0", "–"],
        ["40.1", "6.9/22.6", "17.5/33.2", "70.4"],
        ["100.0", "6.9/100.0", "0.0/93.1", "–"],
    ]
    lines = compared(table1_csv(rows_of(measured)), "C", "metric")
    assert float(lines["40", "aggregate_kl_lower_nats"]["ours"]) == pytest.approx(17.5)
    assert float(lines["40", "aggregate_kl_upper_nats"]["ours"]) == pytest.approx(33.2)
    assert lines["40", "aggregate_kl_upper_nats"]["sentences"] == "1000"
    # The .csv has the estimates as they are.
    assert lines["100", "mutual_information_upper_nats"]["ours"] == "152.7"


def test_legend_says_of_how_many_sentences_the_likelihood_is():
    few = {"iw_nll_nats": 70.0, "iw_samples": 20, "iw_sentences": 500}
    assert any(
        "with 20 codes, of 500 sentences, from" in note for note in notes(cell(5, 1, 2, **few))
    )


def test_seeds_give_mean_distances():
    """R - I of 30 and 20 from above, and 20 and 10 from below."""
    measured = cell(40.0, 10.0, 20.0) + cell(30.0, 10.0, 20.0, seed=2)
    assert columns(measured)[0][:3] == ["35.0", "10.0/20.0", "15.0/25.0"]
    # A seed without estimates is left out.
    measured = cell(40.0, 10.0, 20.0) + measure({"rate_nats": 30.0}, "own", "small", 40.0, 2)
    assert columns(measured)[0][:3] == ["35.0", "10.0/20.0", "20.0/30.0"]


@pytest.mark.parametrize(
    ("R", "upper", "shown"),
    [
        (40.07, 1.68, "at most 1.7 of 40.1 nats, next to nothing (4% of R); the other 38.4 "),
        (40.0, 3.99, "at most 4.0 of 40.0 nats, next to nothing (10% of R); the other 36.0 "),
        (40.0, 4.0, "at most 4.0 of 40.0 nats, little (10% of R); the other 36.0 "),
        (30.0, 10.0, None),
        (0.5, 0.021, "at most 0.02 of 0.50 nats, next to nothing (4% of R); the other 0.48 "),
        (15.0, -0.01, "at most 0.0 of 15.0 nats, next to nothing (0% of R); the other 15.0 "),
        # Next to no rate, as after posterior collapse.
        (0.09, 0.001, None),
        # log N caps the lower estimate only.
        (400.0, 134.0, None),
    ],
)
def test_note_on_a_code_that_carries_less_than_a_third_of_its_rate(R, upper, shown):
    every = notes(cell(R, min(6.9, upper), upper))
    found = [note for note in every if "carries" in note]
    assert sum("more epochs" in note for note in every) == len(found)
    assert [note.startswith("own/small/C40: the code carries ") for note in found] == [True] * (
        shown is not None
    )
    assert shown is None or shown in found[0]


def test_note_names_the_seed_among_several():
    measured = cell(40.0, 1.0, 1.0) + cell(40.0, 6.0, 19.0, seed=2)
    assert any(note.startswith("own/small/C40/seed1: ") for note in notes(measured))
    assert not any("/seed2: " in note for note in notes(measured))


def test_unmeasured_columns_name_the_measurement_to_add():
    def named(measured):
        return [note for note in notes(measured) if "`measurements`" in note]

    [both] = named(measure({"rate_nats": 3.0}))
    assert "`information` and `likelihood`" in both
    [one] = named(cell(40.0, 1.0, 1.0))
    assert "`likelihood`" in one
    assert "`information`" not in one
    assert named(cell(40.0, 1.0, 1.0, iw_nll_nats=70.0)) == []


def test_share_of_the_text_and_summary():
    """3 of 150 nats are 2%; 3 of 15 are 20% of R, and the other cell carries more than a third."""
    measured = cell(15.0, 2.9, 3.0, C=15.0, iw_nll_nats=150.0) + cell(40.0, 19.0, 20.0)
    share = "150.0 nats (IW-NLL): the code carries 2.0% of it."
    assert any(share in note for note in notes(measured))
    [summary] = empty_codes_summary(rows_of(measured))
    assert "in 1 of 2 cells" in summary
    assert ": 20% in own/small/C15. " in summary
    assert empty_codes_summary(rows_of(cell(40.0, 19.0, 20.0))) == ()


def test_figure_1_reports_codes_that_all_carry_little():
    """I is 20% of R at C = 15 and 4% at 40; in the second figure the code of one cell is full."""
    others = {"distortion_nats": 60.0, "logdetcov": -1.0}
    little = cell(15.0, 2.9, 3.0, C=15.0, **others) + cell(40.0, 1.5, 1.6, **others)
    for measured, remark in ((little, ["$I$ is only 4% to 20% of $R$"]), (little[:-5], [])):
        if not remark:
            measured += cell(40.0, 19.0, 20.0, **others)
        panel = figure1(rows_of(measured)).axes[1]
        assert [text.get_text() for text in panel.texts] == remark
