"""Printed numbers compared with ours: agrees, deviates, other corpus, not run."""

from dataclasses import replace

import pytest
import yaml

from textvae.cells import Cell
from textvae.config.queries import model_settings
from textvae.paper.descriptions import ModelConfig, TrainedCell, other_than_the_papers
from textvae.paper.measurements import Measured
from textvae.paper.ours import Ours, Reproduction
from textvae.paper.rows import rows_of
from textvae.paper.stand_ins import parse_stand_ins
from textvae.paper.verdicts import VERDICTS, Reading, compare
from textvae.paper.versus_paper import comparison_csv
from workflow_copy import ROOT

STAND_INS = parse_stand_ins([("cbt/lstm/C3", "mine/small/C2"), ("wiki/lstm/C3", "mine/small/C2")])
AGREES, DEVIATES, OTHER, NOT_RUN = VERDICTS


def measured(cell, metric, value, decoding="", copy=None, sentences=100):
    return Measured(Cell.parse(cell), "made-up", "test", sentences, metric, value, decoding, copy)


def texts(metric, *given):
    """Return the measurements of greedy texts of cbt/lstm/C3, from (seed, copy, value)."""
    return [measured(f"cbt/lstm/C3/seed{s}", metric, v, "greedy", c) for s, c, v in given]


def compared(*rows, sizes=None, stand_ins=None):
    """Return each compared number by corpus, C, decoding and metric."""
    numbers = compare(Reproduction(rows, sizes or {}, stand_ins or {}))
    return {
        (one.figure.corpus, one.figure.C, one.figure.decoding, one.figure.metric): one
        for one in numbers
    }


def test_empty_run_has_run_nothing():
    numbers = compare(Reproduction([], {}, {}))
    assert len(numbers) == 433
    assert {(one.meant.verdict, one.meant.difference) for one in numbers} == {(NOT_RUN, None)}
    assert {one.meant.relative_difference for one in numbers} == {None}
    # The erratum concerns reconstruction of two corpora, at three C.
    moved = [one.figure for one in numbers if one.as_printed]
    assert len(moved) == 2 * 3 * 16
    assert {figure.corpus for figure in moved} == {"wiki", "webtext"}
    assert all(figure.metric.startswith(("bleu", "rouge")) for figure in moved)


def test_measured_value_is_compared_with_the_printed_one():
    one = compared(measured("cbt/lstm/C3/seed1", "distortion_nats", 65.0))
    reading = one["cbt", 3, "", "distortion_nats"].meant
    assert (reading.paper, reading.difference, reading.verdict) == (62, 3, AGREES)
    # The tolerance is 5% of 62.
    relative = (reading.relative_difference, reading.tolerance)
    assert relative == pytest.approx((3 / 62, 3.1))
    assert reading.ours == Ours(65.0, "cbt/lstm/C3", False, (65.0,))
    # Undefined values count as not measured.
    one = compared(measured("cbt/lstm/C3/seed1", "bleu2_bucket1", None))
    assert one["cbt", 3, "", "bleu2_bucket1"].meant.verdict == NOT_RUN


@pytest.mark.parametrize(
    ("paper", "values", "verdict"),
    [
        *((8, (value,), AGREES) for value in (5, 11)),
        *((8, (value,), DEVIATES) for value in (4.999, 11.001)),
        # The printed number is among several seeds, ends included.
        *((8, values, AGREES) for values in ((8, 50), (-50, 8))),
        *((8, values, DEVIATES) for values in ((8.1, 53.9), (-50, 7.9))),
        (0, (20,), DEVIATES),
    ],
)
def test_value_agrees_within_the_tolerance_or_among_seeds(paper, values, verdict):
    reading = Reading(paper, Ours(sum(values) / len(values), "", False, values), 3)
    assert reading.verdict == verdict
    assert (reading.relative_difference is None) == (paper == 0)


def test_seeds_and_copies_are_averaged():
    rates = [measured(f"cbt/lstm/C3/seed{seed}", "rate_nats", v) for seed, v in ((1, 2), (2, 9))]
    ours = compared(*rates)["cbt", 3, "", "rate_nats"].meant.ours
    # Both are 3.5 from the mean: over N - 1 the squares are 24.5.
    assert ours == Ours(5.5, "cbt/lstm/C3", False, (2, 9), pytest.approx(24.5**0.5), "seeds")
    # Copies of the text of one model are not seeds.
    copies = texts("fce_nats", (1, 1, 80.0), (1, 2, 40.0), (1, 3, 100.0))
    one = compared(*copies)["cbt", 3, "greedy", "fce_nats"].meant
    assert (one.paper, one.verdict, one.ours.over) == (86.6, DEVIATES, "copies")


def test_deviation_of_fce_is_over_the_copies_of_a_seed():
    rows = texts("fce_nats", (1, 1, 86.0), (1, 2, 87.0), (2, 1, 86.5), (2, 2, 86.5), (3, 1, 9.0))
    numbers = compared(*rows)
    ours = numbers["cbt", 3, "greedy", "fce_standard_deviation"].meant.ours
    assert (ours.value, ours.of_seeds) == (pytest.approx(0.125**0.5), pytest.approx((0.5**0.5, 0)))
    assert numbers["cbt", 3, "greedy", "fce_nats"].meant.ours.over == "seeds and copies"
    alone = compared(rows[0])["cbt", 3, "greedy", "fce_standard_deviation"]
    assert alone.meant.verdict == NOT_RUN


def test_number_of_the_test_set_is_that_of_any_C():
    rows = [
        measured(f"cbt/lstm/C{C}/seed1", "test_unk_percent", 30.0 + copy - 1 + C, "greedy", copy)
        for C in (15, 0)
        for copy in (2, 1)
    ]
    one = compared(*rows)["cbt", None, "greedy", "test_unk_percent"].meant
    assert (one.paper, one.verdict) == (30.7, AGREES)
    assert one.ours == Ours(30.0, "cbt/lstm", False, (30.0,))


def test_stand_in_is_used_where_the_papers_cell_is_not_run():
    own = measured("cbt/lstm/C3/seed1", "rate_nats", 3.5)
    others = [measured("mine/small/C2/seed1", m, 3.0) for m in ("rate_nats", "distortion_nats")]
    numbers = compared(own, *others, stand_ins=STAND_INS)
    verdicts = {key: one.meant.verdict for key, one in numbers.items()}
    assert verdicts["cbt", 3, "", "rate_nats"] == AGREES
    assert verdicts["wiki", 3, "", "rate_nats"] == OTHER
    assert (
        verdicts["webtext", 3, "", "rate_nats"] == verdicts["cbt", 15, "", "rate_nats"] == NOT_RUN
    )
    ours = numbers["cbt", 3, "", "distortion_nats"].meant.ours
    assert ours == Ours(3.0, "mine/small/C2", True, (3.0,))


def test_size_is_that_of_the_corpus_or_of_its_stand_in():
    """A name in the paper's case comes before another case of it."""
    numbers = {"CBT": 192000.0, "mine": 300.0, "YELP": 81000.0, "yelp": 82000.0}
    sizes = {corpus: {"train_sentences": number} for corpus, number in numbers.items()}
    numbers = compared(sizes=sizes, stand_ins=STAND_INS)
    ours = {key[0]: one.meant.ours for key, one in numbers.items() if key[3] == "train_sentences"}
    assert ours == {
        "cbt": Ours(192000.0, "CBT", False),
        "wiki": Ours(300.0, "mine", True),
        "yelp": Ours(82000.0, "yelp", False),
        **dict.fromkeys(("yahoo", "webtext")),
    }
    assert numbers["cbt", None, "", "vocabulary_size"].meant.verdict == NOT_RUN


@pytest.mark.parametrize("model", ["lstm", "other"])
@pytest.mark.parametrize(
    ("train", "other", "verdict"),
    [(192000, "", AGREES), (154000, "", AGREES), (153000, "", OTHER), (192000, "hidden 8", OTHER)],
)
def test_corpus_and_model_are_the_papers_by_more_than_their_names(train, other, verdict, model):
    sizes = {"cbt": {"train_sentences": train}}
    others = {("cbt", "lstm"): other} if other and model == "lstm" else {}
    row = measured("cbt/lstm/C3/seed1", "rate_nats", 3.0)
    run = Reproduction([row], sizes, {}, others)
    one = next(one for one in compare(run) if one.meant.ours and one.figure.metric == "rate_nats")
    of_model = AGREES if other and model == "other" else verdict
    assert (one.meant.verdict, one.meant.ours.stands_in) == (of_model, of_model == OTHER)
    told = run.lookalikes()
    assert bool(told) == (of_model == OTHER)
    if train < 153600:
        expected = "cbt is not the paper's: train sentences 153,000, the paper has 192,000."
        assert told == [expected]


@pytest.mark.parametrize(
    ("corpus", "train", "verdict"),
    [("wiki50", 1_600_000, AGREES), ("wiki50", 3_000_000, AGREES), ("wiki50", 1_500_000, OTHER)],
)
def test_second_cut_of_a_corpus_has_no_fewer_sentences(corpus, train, verdict):
    row = measured(f"{corpus}/lstm/C3/seed1", "distortion_nats", 103.0)
    run = Reproduction([row], {corpus: {"train_sentences": train}}, {})
    one = next(one for one in compare(run) if one.meant.ours and one.figure.model)
    assert one.meant.ours.stands_in == (verdict == OTHER)
    assert bool(run.lookalikes()) == (verdict == OTHER)


@pytest.mark.parametrize(("pairs", "verdict"), [(163_124, AGREES), (140_000, AGREES), (25, OTHER)])
def test_pairs_are_the_papers_by_their_number(pairs, verdict):
    row = measured("wiki50/lstm/C3/seed1", "agreement.simple.p1", 0.8, sentences=pairs)
    run = Reproduction([row], {"wiki50": {"train_sentences": 2e6}}, {})
    one = next(one for one in compare(run) if one.meant.ours and one.figure.model)
    assert one.meant.verdict == verdict
    expected = "wiki50/lstm/C3 is not compared with the paper's: 25 minimal pairs, the paper has"
    assert [told.startswith(expected) for told in run.lookalikes()] == [True] * (verdict == OTHER)


@pytest.mark.parametrize(("sentences", "verdict"), [(1000, AGREES), (999, OTHER)])
def test_generated_text_is_compared_from_a_thousand_sentences(sentences, verdict):
    length = measured("cbt/lstm/C3/seed1", "mean_length", 9.0, "greedy", 1, sentences)
    fce = measured("cbt/lstm/C3/seed1", "fce_nats", 86.6, "greedy", 1, 12_000)
    run = Reproduction([length, fce], {"cbt": {"train_sentences": 192_000}}, {})
    verdicts = {one.figure.metric: one.meant.verdict for one in compare(run) if one.meant.ours}
    assert verdicts["fce_nats"] == verdict
    (*told,) = run.lookalikes()
    assert bool(told) == (verdict == OTHER)


@pytest.mark.parametrize(("sentences", "verdict"), [(1000, AGREES), (999, OTHER)])
def test_self_bleu_is_compared_from_a_thousand_sentences_of_its_own(sentences, verdict):
    metrics = {"mean_length": 9.0, "pairwise_bleu4": 4.2, "self_bleu_sentences": sentences}
    rows = [
        measured("cbt/lstm/C3/seed1", metric, value, "greedy", 1, 12_000)
        for metric, value in metrics.items()
    ]
    run = Reproduction(rows, {"cbt": {"train_sentences": 192_000}}, {})
    verdicts = {one.figure.metric: one.meant.verdict for one in compare(run) if one.meant.ours}
    assert verdicts["pairwise_bleu4"] == verdict


@pytest.mark.parametrize(("sentences", "verdict"), [(1000, AGREES), (999, OTHER)])
def test_numbers_of_the_test_set_are_compared_as_their_dictionaries_are(sentences, verdict):
    """Its words that are known depend on generated text, its length does not."""
    rows = [
        measured("cbt/lstm/C3/seed1", metric, value, "greedy", 1, number)
        for metric, value, number in (
            *(("mean_length", 15.3, sentences), ("test_unk_percent", 30.7, 12_000)),
            ("test_mean_length", 15.3, 12_000),
        )
    ]
    numbers = compared(*rows, sizes={"cbt": {"train_sentences": 192_000}})
    assert numbers["cbt", None, "greedy", "test_unk_percent"].meant.verdict == verdict
    assert numbers["cbt", None, "greedy", "test_mean_length"].meant.verdict == AGREES


def test_numbers_of_another_text_than_the_test_split_are_not_the_papers():
    """Neither of a file nor of another split, and named."""
    rows = [
        replace(measured(f"cbt/lstm/C{C}/seed1", "rate_nats", C), split=split)
        for C, split in ((3, "letters.txt"), (15, "valid"), (100, "test"))
    ]
    rows = [replace(row, measurement="rate-distortion") for row in rows]
    run = Reproduction(rows, {"cbt": {"train_sentences": 192_000}}, {})
    known = [one for one in compare(run) if one.meant.ours and one.figure.C]
    verdicts = {one.figure.C: one.meant.verdict for one in known}
    assert verdicts == {3: OTHER, 15: OTHER, 100: AGREES}
    assert run.lookalikes() == [
        f"cbt/lstm/C{C} is not compared with the paper's: measured on “{text}”, not on the test"
        " split."
        for C, text in ((3, "letters.txt"), (15, "valid"))
    ]


@pytest.mark.parametrize(("count", "verdict"), [(19, NOT_RUN), (20, AGREES)])
def test_scores_of_few_sentences_of_a_bucket_are_not_compared(count, verdict):
    """However many sentences all buckets together have."""
    scores = {"bleu2_bucket3": 10.37, "bleu2_all": 9.46, "sentences_bucket3": count}
    scores["sentences_all"] = 100
    rows = [measured("cbt/lstm/C3/seed1", metric, value) for metric, value in scores.items()]
    numbers = compared(*rows)
    assert numbers["cbt", 3, "", "bleu2_bucket3"].meant.verdict == verdict
    assert numbers["cbt", 3, "", "bleu2_all"].meant.verdict == AGREES
    run = Reproduction(rows, {}, {})
    assert any(note.startswith("Not compared: 1 of") for note in run.lookalikes()) == (count < 20)
    line = comparison_csv(rows_of(rows), "table1", ["bleu2_bucket3"]).splitlines()[1]
    assert line.endswith(",") == (count < 20)


def test_numbers_of_few_sentences_and_corpora_of_unknown_size_are_named():
    rows = [
        measured("cbt/lstm/C3/seed1", metric, 3.0, sentences=19)
        # The paper prints no number of the second.
        for metric in ("rate_nats", "soft_active_units")
    ]
    rows.append(measured("cbt/lstm/C15/seed1", "rate_nats", 15.0))
    run = Reproduction(rows, {}, {})
    verdicts = {one.figure.C: one.meant.verdict for one in compare(run) if one.meant.ours}
    assert verdicts == {15: AGREES}
    sizes, few = run.lookalikes()
    assert sizes.startswith("The sizes of cbt are not known")
    assert few == "Not compared: 1 of our numbers are of fewer than 20 sentences or pairs."


def test_the_papers_models_are_known_by_their_settings():
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    for model in ("lstm", "gru", "cnn"):
        cell, settings = Cell("cbt", model, 3.0, 1), model_settings(config, model)
        made = TrainedCell(cell, ModelConfig(model, model, "elbo", 1), 8, 4, 2, settings=settings)
        assert other_than_the_papers(made) == ""
        wider = replace(made, settings=settings | {"hidden": 8})
        assert other_than_the_papers(wider) == "hidden 8, the paper has 512"
        slower = replace(made, settings=settings | {"learning_rate": 1e-9})
        assert other_than_the_papers(slower).startswith("learning_rate 1e-09, the paper has ")
        # The paper does not give it.
        other = replace(made, settings=settings | {"decay": 0.5})
        assert other_than_the_papers(other) == ""


def test_erratum_gives_a_number_two_readings():
    """BLEU-2 of WIKI at C = 100 is printed as 31.84, which is WebText's; its own is 45.84."""
    row = measured("wiki/lstm/C100/seed1", "bleu2_all", 45.0)
    one = compared(row)["wiki", 100, "", "bleu2_all"]
    assert (one.meant.paper, one.meant.verdict) == (45.84, AGREES)
    assert (one.as_printed.paper, one.as_printed.verdict) == (31.84, DEVIATES)
