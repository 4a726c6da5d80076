"""Table 3: its lines and columns, its notes, and ours beside the paper's numbers."""

from dataclasses import replace
from itertools import product

import pytest
from reading import compared, measure, measure_as_printed, texts

from textvae.cells import Cell
from textvae.paper.exhibits.table3 import METRICS, TEST_METRICS, table3, table3_csv
from textvae.paper.measurements import Measured
from textvae.paper.published import published
from textvae.paper.render.latex import latex
from textvae.paper.rows import rows_of

NS = "nucleus0.9"
DIVERSITY = {"types": 400, "mean_length": 15.2, "self_bleu4": 90.06, "pairwise_bleu4": 4.256}
DIVERSITY |= {"self_bleu_sentences": 10000, "cut_sentences": 0}
FCE = {"vocabulary_size": 335, "unk_percent": 9.74, "fce_nats": 86.6, "fce_without_unk_nats": 99.9}
FCE |= {"reverse_nats": 40.0, "kn5_fce_nats": 88.8}
FCE |= {"excess_nats": 26.6, "excess_standard_error": 0.1}
FCE |= {"test_vocabulary_size": 328, "test_unk_percent": 30.7, "test_mean_length": 15.3}
FCE |= {"floor_nats": 60.0, "floor_without_unk_nats": 66.6}
FCE |= {"kn5_floor_nats": 62.2, "kn5_floor_without_unk_nats": 68.8}
# The lines of those numbers in the table.
ONE = ["335", "86.6", "99.9", "88.8", "40.0", "9.7", "15.2", "90.1", "4.26"]
TEST = ["328", "60.0", "66.6", "62.2", "", "30.7", "15.3", "", ""]


def generated(values=(), decoding="greedy", copy=1, C=3.0, corpus="cbt", model="lstm", seed=1):
    """Return the measurements of a text of 192,000 sentences, with FCE on 12,000 test sentences.

    values: the metrics that differ from those above.
    """
    cell = Cell(corpus, model, C, seed)
    return [
        Measured(cell, "any", split, sentences, metric, value, decoding, copy)
        for metric, value in (DIVERSITY | FCE | dict(values)).items()
        for split, sentences in [("synthetic", 192000) if metric in DIVERSITY else ("test", 12000)]
    ]


def copies(values: dict[str, tuple], **which):
    """Return the measurements of several copies, one for each value of a metric."""
    each = [dict(zip(values, column, strict=True)) for column in zip(*values.values(), strict=True)]
    return [one for i, copy in enumerate(each, 1) for one in generated(copy, copy=i, **which)]


def table(measured, **options):
    return table3(rows_of(measured), "Caption", **options)


def notes(measured, word: str) -> list[str]:
    return [note for note in table(measured).notes if word in note]


def by_metric(measured) -> dict[tuple[str, ...], dict[str, str]]:
    return compared(table3_csv(rows_of(measured)), "corpus", "C", "decoding", "metric")


def test_paper_numbers_give_the_paper_table():
    """The numbers of the Test line are those of any C; |V| is printed rounded."""
    figures = published("table3")
    of_test = {(f.corpus, f.decoding, f.metric): f for f in figures if f.C is None}
    printed = [f for f in figures if f.C is not None and f.metric != "fce_standard_deviation"]
    measured = measure_as_printed(printed) + [
        Measured(Cell(corpus, f.model, C, 1), "any", "test", 1, metric, f.value, decoding, 1)
        for (corpus, decoding, metric), f in of_test.items()
        for C in (3, 15, 100)
    ]
    lines = texts(table(measured))
    first = [["CBT", "3"], ["", "15"], ["", "100"], ["", "Test"], ["WIKI", "3"]]
    assert [line[:2] for line in lines[:5]] == first
    assert lines[2][2:11] == ["335", "47.3", "–", "not built", "–", "21.3", "17.5", "–", "0.00"]
    assert lines[2][11:] == ["9800", "75.1", "–", "not built", "–", "2.2", "17.6", "–", "0.00"]
    assert lines[3][2:11] == ["328", "–", "–", "not built", "", "30.7", "15.3", "", ""]


def test_two_decodings_are_side_by_side():
    """Nucleus sampling was not measured at C = 15."""
    both = table([*generated(decoding=NS), *generated(), *generated(C=15.0)])
    spans = [(span.title, span.columns) for span in both.spans]
    assert spans == [("", 2), ("Greedy", 9), ("NS (p = 0.9)", 9)]
    headings = ["$|V|$", "FCE", "no unk", "KN-5", "rev.", r"\%unk", "len.", "SB", "PB"]
    assert [column.latex for column in both.columns] == ["", "$C$", *headings * 2]
    assert texts(both) == [
        ["CBT", "3", *ONE, *ONE],
        ["", "15", *ONE, *["–"] * 9],
        ["", "Test", *TEST, *TEST],
    ]


def test_more_than_two_decodings_have_a_block_each():
    cells = product((NS, "top15", "greedy"), (15.0, 3.0))
    measured = [one for name, C in cells for one in generated((), name, C=C)]
    many = table([*measured, *generated(corpus="wiki")], name="table3-all-decodings")
    assert many.spans == ()
    assert len(many.columns) == 11
    assert texts(many)[:3] == [["CBT, greedy", "3", *ONE], ["", "15", *ONE], ["", "Test", *TEST]]
    titles = ["CBT, greedy", "CBT, top-15", "CBT, NS (p = 0.9)", "WIKI, greedy"]
    assert [line[0] for line in texts(many) if line[0]] == titles
    assert r"\label{tab:table3-all-decodings}" in latex(many)


def test_copies_are_averaged_but_models_are_not():
    """86 and 88 deviate by 1.41 from 87. Dictionary and floor are the same for all copies."""
    measured = copies({"fce_nats": (86.0, 88.0), "unk_percent": (9.0, 9.0)})
    mean, deviation, test = texts(table(measured))
    assert mean[2:4] == ["335", "87.0"]
    assert deviation == ["", "", "", "±1.4", *["±0.0"] * 6, "±0.00"]
    assert test == ["", "Test", *TEST]
    # Beside a decoding with one copy.
    both = table([*generated(), *copies({"fce_nats": (86.0, 88.0)}, decoding=NS)])
    assert [line.small for line in both.blocks[0]] == [False, True, False]
    assert texts(both)[1][:13] == [*[""] * 12, "±1.4"]
    # Of two models.
    models = texts(table([*generated(), *generated(model="gru")]))
    assert [line[0] for line in models] == ["CBT (gru)", "", "CBT (lstm)", ""]


def test_grammar_columns():
    """If the grammar accepts no sentence, their mean log-probability is undefined."""
    judged = {"accepted_percent": 81.3, "mean_log_probability": -38.704}
    none = {"accepted_percent": 0.0, "mean_log_probability": None}
    both = table([*generated(judged), *generated(none, C=15.0), *generated(decoding=NS)])
    assert [column.html for column in both.columns[11:13]] == ["acc.%", "log <i>p</i>"]
    assert [span.columns for span in both.spans] == [2, 11, 11]
    assert [line[11:13] for line in texts(both)] == [["81.3", "−38.7"], ["0.0", "–"], ["", ""]]
    assert texts(both)[0][22:] == ["–", "–"]


def test_kneser_ney_model_that_was_not_built():
    """Not built for any row, or missing for one."""
    none = {"kn5_fce_nats": None, "kn5_floor_nats": None}
    without = [*generated(none), *generated(none, decoding=NS)]
    assert [(line[5], line[14]) for line in texts(table(without))] == [("not built",) * 2] * 2
    assert len(notes(without, "KN-5 not built")) == 1
    once = [*generated({"kn5_fce_nats": None}), *generated(C=15.0)]
    assert [line[5] for line in texts(table(once))] == ["–", "88.8", "62.2"]
    assert notes(once, "not built") == []
    # No cross-entropy was measured, so no model is missing.
    alone = measure({"self_bleu4": 20.0}, C=3.0)
    described = [replace(one, decoding="greedy", copy=1) for one in alone]
    assert notes(described, "not built") == []


def test_first_note_explains_every_column():
    judged = {"accepted_percent": 50.0, "mean_log_probability": -38.7}
    explained = table(generated(judged))
    for column in explained.columns[2:]:
        heading = column.html.replace("<i>", "").replace("</i>", "")
        assert f"{heading}:" in explained.notes[0], heading
    assert "Test:" in explained.notes[0]
    assert "sentences: 10000)" in explained.notes[0]
    assert notes(generated(), "the grammar") == []


def test_note_counts_copies_seeds_and_sentences():
    two, other = (copies({"fce_nats": (86.0, 88.0)}, seed=seed) for seed in (1, 2))
    for measured, means in (
        (generated(), "One synthetic corpus "),
        (two, "Means over 2 synthetic corpora, "),
        ([*two, *generated(C=15.0)], "Means over 1 to 2 synthetic corpora, "),
        ([*two, *other], "Means over 2 synthetic corpora of each of 2 seeds, "),
        ([*generated(), *generated(seed=2)], "Means over 1 synthetic corpus of each of 2 seeds, "),
    ):
        [note] = notes(measured, "in each: 192000")
        assert note.startswith(means)
        assert "test sentences: 12000" in note
    few, fewer = ({"self_bleu_sentences": count} for count in (500, 400))
    grammar = [*generated(few, corpus="grammar"), *generated(fewer, corpus="grammar", C=15.0)]
    assert notes([*generated(), *grammar], "sentences: CBT 10000, grammar 400 to 500)")


def test_note_names_floors_of_other_numbers_of_sentences():
    assert notes(generated(), "FLOORS") == []
    trained_on = {"synthetic_sentences": 1200, "floor_sentences": 1200}
    assert notes(generated(trained_on), "FLOORS") == []
    (note,) = notes(generated(trained_on | {"floor_sentences": 600}), "FLOORS")
    assert note.endswith(": CBT, greedy, C = 3, 1,200 and 600.")


def test_note_names_rows_with_an_FCE_below_the_floor():
    """By more than 3 standard errors of 0.125 or 0.25; exactly 3 of them are allowed."""
    error = {"excess_standard_error": 0.125}
    rest = [*generated(), *generated({"excess_nats": -0.375} | error, C=15.0)]
    [note] = notes(rest, "its floor by")
    assert note.startswith("No FCE is below its floor by more than 3 standard errors")
    measured = [
        *rest,
        *generated({"excess_nats": -0.385} | error, decoding=NS),
        *copies(
            {"excess_nats": (-0.38, -1.25, -0.5), "excess_standard_error": (0.25, 0.125, 0.125)},
            C=15.0,
            corpus="wiki",
        ),
    ]
    [note] = notes(measured, "its floor, ")
    assert note.endswith(
        ": CBT, NS (p = 0.9), C = 3, by 0.39 nats; "
        "WIKI, greedy, C = 15, by 1.25 nats in 2 of 3 corpora."
    )
    without = {"excess_nats": None, "excess_standard_error": None}
    assert notes(generated(without), "below its floor") == []


def test_note_counts_sentences_too_short_for_bleu():
    few, many = ({"sentences_without_4grams": count} for count in (100, 500))
    [note] = notes([*generated(few), *generated(many, C=15.0)], "4 words")
    assert note.endswith("copies: CBT, greedy, C = 15, 500.")
    assert notes(generated(few), "4 words") == []


def test_note_counts_cut_sentences():
    cut = {"cut_sentences": (2, 0, 5), "cut_after_words": (31, 31, 31)}
    measured = [*generated(), *copies(cut, decoding="top5", C=100.0, model="gru")]
    [note] = notes(measured, "cut")
    assert "words: 31" in note
    assert note.endswith(": CBT (gru), top-5, C = 100, 7 of 576000.")
    assert notes(generated(), "cut") == []


def test_csv_compares_ours_with_the_paper():
    """The paper has 86.6(0.4) for this FCE, and a self-BLEU that ours of pairs compares with."""
    measured = copies({"fce_nats": (86.0, 87.0, 88.0), "self_bleu4": (90.0, None, 91.0)})
    lines = by_metric(measured)
    fce = lines["cbt", "3", "greedy", "fce_nats"]
    assert float(fce.pop("difference")) == pytest.approx(0.4)
    assert ",".join(fce) == (
        "corpus,model,C,decoding,metric,ours,seeds,copies,standard_deviation,sentences,paper"
    )
    assert ",".join(fce.values()) == "cbt,lstm,3,greedy,fce_nats,87,1,3,1,12000,86.6"
    spread = lines["cbt", "3", "greedy", "fce_standard_deviation"]
    assert (spread["ours"], spread["copies"], spread["paper"]) == ("1", "3", "0.4")
    assert (spread["difference"], spread["standard_deviation"]) == ("0.6", "")
    bleu = lines["cbt", "3", "greedy", "self_bleu4"]
    assert (bleu["ours"], bleu["copies"], bleu["sentences"]) == ("90.5", "2", "192000")
    assert (bleu["paper"], lines["cbt", "3", "greedy", "pairwise_bleu4"]["paper"]) == ("", "4.2")
    # Every metric has a line even if it was not measured.
    one = Measured(Cell("cbt", "lstm", 3, 1), "any", "test", 9, "types", 400, "greedy", 1)
    lines = by_metric([one])
    assert [metric for *_, metric in lines] == [*METRICS, "types", *TEST_METRICS]
    assert lines["cbt", "3", "greedy", "unk_percent"]["ours"] == ""


def test_deviation_beside_the_papers_is_over_copies_of_one_model():
    """0.71 for each of two seeds, whose means are 6 nats apart."""
    cells = [(seed, copy, 6 * seed + copy) for seed in (1, 2) for copy in (1, 2)]
    lines = by_metric(
        [
            Measured(Cell("cbt", "lstm", 3, seed), "fce", "test", 9, "fce_nats", v, "greedy", copy)
            for seed, copy, v in cells
        ]
    )
    spread = lines["cbt", "3", "greedy", "fce_standard_deviation"]
    assert float(spread["ours"]) == pytest.approx(0.5**0.5)
    assert float(spread["difference"]) == pytest.approx(0.5**0.5 - 0.4)


def test_csv_has_the_test_set_after_the_rows_of_its_corpus():
    """It has no C, and its numbers are not repeated with the rows."""
    cells = product(("wiki", "cbt"), (NS, "greedy"), (3.0, 15.0))
    lines = by_metric(
        [one for corpus, name, C in cells for one in generated((), name, C=C, corpus=corpus)]
    )
    keys = list(dict.fromkeys(key[:3] for key in lines))
    assert keys == list(product(("cbt", "wiki"), ("3", "15", ""), ("greedy", NS)))
    for (_, C, _, metric), record in lines.items():
        assert (metric in TEST_METRICS) == (C == "")
        assert record["ours"] or metric == "fce_standard_deviation"
    size = lines["cbt", "", NS, "test_vocabulary_size"]
    assert (size["ours"], size["paper"], size["difference"]) == ("328", "6100", "-5772")
    assert (size["copies"], size["standard_deviation"]) == ("", "")
    assert lines["cbt", "", "greedy", "floor_nats"]["ours"] == "60"
