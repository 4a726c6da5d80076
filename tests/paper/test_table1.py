"""Table 1: its lines, its notes, and ours beside the paper's numbers."""

import pytest
from reading import compared, measure, measure_as_printed, texts

from textvae.paper.exhibits.table1 import METRICS, table1, table1_csv
from textvae.paper.published import published
from textvae.paper.rows import rows_of

CBT_3 = {f.metric: f.value for f in published("table1") if (f.corpus, f.C) == ("cbt", 3)}


def table(measured):
    return table1(rows_of(measured), "Caption")


def by_metric(measured) -> dict[tuple[str, ...], dict[str, str]]:
    return compared(table1_csv(rows_of(measured)), "corpus", "metric")


def test_paper_numbers_give_the_paper_table():
    """Row by row as printed, but D in nats with a decimal."""
    lines = texts(table(measure_as_printed(published("table1"))))
    assert lines[0] == [
        *("CBT", "3", "62.0", "3.0", "–/–", "–/–", "–", "−0.39", "0.05", "8"),
        *("7.49/2.63", "1.28/0.13", "8.95/3.48", "1.49/0.10"),
        *("10.37/4.81", "1.68/0.12", "9.46/3.54", "1.57/0.12"),
    ]
    assert [line[0] for line in lines] == ["CBT", "", "", "WIKI", "", "", "WebText", "", ""]
    assert [line[1] for line in lines] == ["3", "15", "100"] * 3
    assert lines[5][2:4] == ["17.0", "100.0"]
    assert lines[5][7:10] == ["−4.97", "0.15", "64"]
    assert lines[5][10:12] == ["65.67/63.17", "60.02/55.92"]


def test_seeds_give_means_with_deviations_below():
    """AU of 8 and 9 is 8.5 on average; D of 62 and 63 deviates by 0.71; C = 15 has one seed."""
    other = CBT_3 | {"distortion_nats": 63.0, "active_units": 9, "bleu2_bucket1": 7.69}
    two = [*measure(CBT_3), *measure(other, seed=2)]
    mean, deviation = texts(table(two))
    assert (mean[2], mean[9], mean[10]) == ("62.5", "8.5", "7.59/2.63")
    assert (deviation[2], deviation[9], deviation[10]) == ("±0.7", "±0.7", "±0.14/±0.00")
    assert deviation[:2] == ["", ""]
    assert any(note.startswith("Means over 2 seeds") for note in table(two).notes)
    more = table([*two, *measure(CBT_3, C=15.0)])
    assert [line.small for line in more.blocks[0]] == [False, True, False]
    assert any(note.startswith("Means over 1 to 2 seeds") for note in more.notes)
    assert not any("seeds" in note for note in table(measure(CBT_3)).notes)


def test_missing_value_is_a_dash():
    """Not measured (LogDetCov), or measured as null (an empty bucket)."""
    values = CBT_3 | dict.fromkeys(["bleu2_bucket3", "rouge2_bucket3"])
    del values["logdetcov"]
    cbt, other = texts(table(measure(values) + measure(CBT_3, model="gru", C=4.0)))[::-1]
    assert (cbt[7], cbt[14], cbt[15]) == ("–", "–/–", "1.68/0.12")
    # Of several models the title has the name.
    assert (cbt[0], other[0]) == ("CBT (lstm)", "CBT (gru)")


def test_buckets_of_few_sentences_are_not_shown_and_n_is():
    """Of 231 sentences 12 are longer than 30 words; 19 in bucket 3 are too few, 20 are not."""
    counts = {"bucket1": 180, "bucket2": 20, "bucket3": 19, "all": 231}
    measured = measure(CBT_3 | {f"sentences_{name}": n for name, n in counts.items()})
    shown = table(measured)
    first, n = (line[-8:] for line in texts(shown))
    assert first == [
        *("7.49/2.63", "1.28/0.13", "8.95/3.48", "1.49/0.10"),
        *("–/–", "–/–", "9.46/3.54", "1.57/0.12"),
    ]
    assert n == ["180", "", "20", "", "19", "", "231", ""]
    assert any("12 of 231 sentences" in note for note in shown.notes)
    assert by_metric(measured)["cbt", "bleu2_bucket3"]["ours"] == "10.37"
    # Of 180 originals in bucket 1, 9 score 0 in ROUGE-4: copies would score 95; 1 is below 1%.
    short = CBT_3 | {f"sentences_{name}": n for name, n in counts.items()}
    short |= {"originals_without_2grams": 1, "originals_without_4grams": 9}
    assert [note for note in table(measure(short)).notes if "9 of 231 originals" in note]
    assert not [note for note in table(measure(short)).notes if "1 of 231 originals" in note]
    # Without the counts there is neither a line nor a note.
    assert len(texts(table(measure(CBT_3)))) == 1


def bound(C: float, excess: float, error: float = 0.5, seed: int = 1):
    values = {"entropy_nats": 38.704, "bound_excess_nats": excess}
    values["bound_excess_standard_error"] = error
    return measure(CBT_3 | values, "grammar", C=C, seed=seed)


def test_bound_note_names_the_cell_nearest_to_the_entropy():
    """Nearest by standard errors: 2 nats at 0.5 are 4 of them, 3 nats at 1 are 3."""
    measured = measure(CBT_3) + bound(5, 2) + bound(15, 3, 1.0) + bound(15, 4, seed=2)
    [note] = [note for note in table(measured).notes if "bound" in note]
    assert note.startswith("grammar: ")
    for part in ("H = 38.70 nats) holds", "C = 15", "3.00 nats or 3.0 standard errors"):
        assert part in note


@pytest.mark.parametrize(("excess", "violated"), [(-1.4, False), (-1.5, False), (-1.6, True)])
def test_bound_is_violated_beyond_three_standard_errors(excess, violated):
    [note] = [note for note in table(bound(5, excess) + bound(15, 7)).notes if "bound" in note]
    assert ("VIOLATED" in note, " holds" in note) == (violated, not violated)
    # Without H the note has no value of H; without an excess there is none.
    unknown = CBT_3 | {"entropy_nats": None, "bound_excess_nats": None}
    assert not any("bound" in note for note in table(measure(unknown)).notes)
    known = CBT_3 | {"bound_excess_nats": 1.0, "bound_excess_standard_error": 0.5}
    assert any("bound D + R ≥ H holds" in note for note in table(measure(known)).notes)


def test_csv_compares_ours_with_the_paper():
    measured = measure({"distortion_nats": 60.0}) + measure({"distortion_nats": 61.0}, seed=2)
    lines = by_metric(measured)
    distortion = lines["cbt", "distortion_nats"]
    assert ",".join(distortion) == (
        "corpus,model,C,metric,ours,seeds,standard_deviation,sentences,paper,difference"
    )
    assert ",".join(distortion.values()) == (
        "cbt,lstm,3,distortion_nats,60.5,2,0.7071067811865476,12000,62,-1.5"
    )
    # Not measured, and still beside the paper's.
    unmeasured = lines["cbt", "rouge4_all"]
    assert (unmeasured["ours"], unmeasured["seeds"], unmeasured["paper"]) == ("", "0", "0.12")
    assert unmeasured["difference"] == ""


def test_csv_has_the_paper_values_after_the_erratum():
    """BLEU and ROUGE of WIKI are printed in WebText's row and the reverse; D is not."""
    values = dict.fromkeys(METRICS, 0.0)
    lines = by_metric(measure(values, "WIKI", C=100) + measure(values, "webtext", C=100))
    paper = {key: record["paper"] for key, record in lines.items()}
    assert (paper["WIKI", "bleu2_all"], paper["webtext", "bleu2_all"]) == ("45.84", "31.84")
    assert (paper["WIKI", "distortion_nats"], paper["webtext", "logdetcov"]) == ("17", "-7.85")
    for other in ({"corpus": "yelp"}, {"model": "gru"}, {"C": 4.0}):  # the paper lacks those
        lines = by_metric(measure(CBT_3, **other)).values()
        assert {(record["paper"], record["difference"]) for record in lines} == {("", "")}


def test_csv_lists_metrics_without_a_column_last():
    values = {"moment_matched_kl": 1.5, "iw_samples": 20} | CBT_3
    metrics = [metric for _, metric in by_metric(measure(values))]
    assert metrics == [*METRICS, "iw_samples", "moment_matched_kl"]
