"""Section 3.2: the KL of the aggregated posterior, its bias, and the paper's values."""

from reading import measure, records, texts

from textvae.paper.exhibits.section3_2 import METRICS, section3_2, section3_2_csv
from textvae.paper.rows import rows_of

# I, R - I and IW-NLL, which are not measured.
NO_I = ("–/–", "–/–", "–")


def cell(values: dict, corpus="yelp", C=100.0, seed=1, sentences=10000):
    return measure(values, corpus, "gru", C, seed, sentences)


def gaussian(KL: float | None, R: float = 100.0) -> dict:
    """64 dimensions and 10,000 sentences: a bias of 64 * 67 / 40,000."""
    return {"moment_matched_kl": KL, "moment_matched_kl_bias": 0.1072, "rate_nats": R}


def lines(measured) -> list[list[str]]:
    return texts(section3_2(rows_of(measured), "Caption"))


def test_line_per_corpus_and_C_in_the_paper_order():
    measured = [
        *cell(gaussian(8.25), C=100.0),
        *cell(gaussian(0.13, R=5.04), C=5.0),
        *cell(gaussian(5.5), corpus="yahoo"),
        *cell(gaussian(0.2, R=5.0), corpus="yahoo", C=5.0),
    ]
    assert lines(measured) == [
        ["Yahoo", "5", "5.0", *NO_I, "0.20", "0.11", "10000", "0"],
        ["", "100", "100.0", *NO_I, "5.50", "0.11", "10000", "5"],
        ["Yelp", "5", "5.0", *NO_I, "0.13", "0.11", "10000", "0"],
        ["", "100", "100.0", *NO_I, "8.25", "0.11", "10000", "8"],
    ]


def test_seeds_give_a_mean_and_a_deviation():
    """8 and 9 deviate by 0.71 from 8.5; bias and N do not depend on the seed."""
    measured = cell(gaussian(8)) + cell(gaussian(9), seed=2)
    assert lines(measured) == [
        ["Yelp", "100", "100.0", *NO_I, "8.50", "0.11", "10000", "8"],
        ["", "", "±0.0", "", "", "", "±0.71", "", "", ""],
    ]
    notes = section3_2(rows_of(measured), "Caption").notes
    assert any(note.startswith("Means over 2 seeds") for note in notes)


def test_missing_values_are_dashes_and_N_is_that_of_the_KL():
    """Not measured; not defined (too few sentences); a cell that the paper lacks."""
    measured = [
        *cell({"rate_nats": 5.0}, C=5.0),
        *cell(gaussian(4), C=50.0, sentences=500),
        *cell({"distortion_nats": 300.0}, C=50.0),
        *cell(gaussian(None), C=100.0),
    ]
    assert lines(measured) == [
        ["Yelp", "5", "5.0", *NO_I, "–", "–", "–", "0"],
        ["", "50", "100.0", *NO_I, "4.00", "0.11", "500", "–"],
        ["", "100", "100.0", *NO_I, "–", "0.11", "10000", "8"],
    ]


def test_information_is_beside_the_rate():
    """R = 100, I from 6 to 91: R - I from 9 to 94."""
    bracket = {"mutual_information_nats": 6.0, "mutual_information_upper_nats": 91.0}
    measured = cell(gaussian(8.25) | bracket | {"iw_nll_nats": 300.04})
    assert lines(measured)[0][2:7] == ["100.0", "6.0/91.0", "9.0/94.0", "300.0", "8.25"]
    [note] = [
        note
        for note in section3_2(
            rows_of(cell(gaussian(8) | bracket, C=5.0) + cell(gaussian(8, R=911.0) | bracket)),
            "Caption",
        ).notes
        if "carries" in note
    ]
    assert note.startswith("yelp/gru/C100: ")


def test_csv_compares_ours_with_the_paper():
    rows = rows_of(cell(gaussian(8.25) | {"logdetcov": -7.0}))
    lines = {record["metric"]: record for record in records(section3_2_csv(rows))}
    assert list(lines) == [*METRICS, "logdetcov"]
    KL, rate = lines["moment_matched_kl"], lines["rate_nats"]
    assert (KL["ours"], KL["paper"], KL["difference"]) == ("8.25", "8", "0.25")
    assert (rate["ours"], rate["paper"]) == ("100", "")
