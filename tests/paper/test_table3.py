"""Table 3 from measurements: its lines and columns, and ours beside the paper's."""

import csv
import io

import pytest
from generated_text import copies, generated

from textvae.cells import Cell
from textvae.paper.exhibits.table3 import METRICS, TEST_METRICS, table3, table3_csv
from textvae.paper.measurements import Measured
from textvae.paper.published import published
from textvae.paper.render.html import html
from textvae.paper.render.latex import latex
from textvae.paper.rows import rows_of

NS = "nucleus0.9"
ONE = ["335", "86.6", "99.9", "88.8", "40.0", "9.7", "15.2", "90.1", "4.26"]
TEST = ["328", "60.0", "66.6", "62.2", "", "30.7", "15.3", "", ""]


def table(measured, **options):
    return table3(rows_of(measured), "Caption", **options)


def texts(table) -> list[list[str]]:
    """The lines of a table, as a reader sees them."""
    return [["/".join(cell) for cell in line.cells] for block in table.blocks for line in block]


def compared(measured) -> dict[tuple[str, ...], dict[str, str]]:
    """The lines of the CSV by corpus, C, decoding and metric."""
    records = csv.DictReader(io.StringIO(table3_csv(rows_of(measured))))
    return {tuple(r[k] for k in ("corpus", "C", "decoding", "metric")): r for r in records}


def test_the_papers_own_numbers_give_the_papers_own_table():
    """As printed; the numbers of the Test line are those of any C, and |V| is in full."""
    figures = published("table3")
    of_test = {(f.corpus, f.decoding, f.metric): f for f in figures if f.C is None}
    measured = [
        Measured(
            Cell(f.corpus, f.model, f.C, 1), "any", "test", 1, f.metric, f.value, f.decoding, 1
        )
        for f in figures
        if f.C is not None and f.metric != "fce_standard_deviation"
    ] + [
        Measured(Cell(corpus, f.model, C, 1), "any", "test", 1, metric, f.value, decoding, 1)
        for (corpus, decoding, metric), f in of_test.items()
        for C in (3, 15, 100)
    ]
    lines = texts(table(measured))
    assert [line[:2] for line in lines[:5]] == [
        *(["CBT", "3"], ["", "15"], ["", "100"], ["", "Test"], ["WIKI", "3"])
    ]
    assert lines[2][2:11] == ["335", "47.3", "–", "not built", "–", "21.3", "17.5", "–", "0.00"]
    assert lines[2][11:] == ["9800", "75.1", "–", "not built", "–", "2.2", "17.6", "–", "0.00"]
    assert lines[3][2:11] == ["328", "–", "–", "not built", "", "30.7", "15.3", "", ""]


def test_two_decodings_stand_side_by_side():
    measured = [*generated(decoding=NS), *generated(), *generated(C=15.0)]
    found = table(measured)
    assert [(span.title, span.columns) for span in found.spans] == [
        *(("", 2), ("Greedy", 9), ("NS (p = 0.9)", 9))
    ]
    assert [column.latex for column in found.columns] == [
        *("", "$C$"),
        *("$|V|$", "FCE", "no unk", "KN-5", "rev.", r"\%unk", "len.", "SB", "PB") * 2,
    ]
    # Nucleus sampling was not measured at C = 15: dashes.
    assert texts(found) == [
        ["CBT", "3", *ONE, *ONE],
        ["", "15", *ONE, *["–"] * 9],
        ["", "Test", *TEST, *TEST],
    ]


def test_of_more_than_two_each_has_a_block_of_its_own():
    measured = [
        one
        for decoding in (NS, "top15", "greedy")
        for C in (15.0, 3.0)
        for one in generated(decoding=decoding, C=C)
    ]
    found = table([*measured, *generated(corpus="wiki")], name="table3-all-decodings")
    assert found.spans == ()
    assert len(found.columns) == 11
    assert texts(found)[:3] == [["CBT, greedy", "3", *ONE], ["", "15", *ONE], ["", "Test", *TEST]]
    assert [block[0].cells[0] for block in found.blocks] == [
        *(("CBT, greedy",), ("CBT, top-15",), ("CBT, NS (p = 0.9)",), ("WIKI, greedy",))
    ]
    assert r"\label{tab:table3-all-decodings}" in latex(found)


def test_copies_are_a_mean_with_a_deviation_below():
    """86 and 88 deviate by 1.41 from 87. Dictionary and floor are the same for all copies."""
    values = {"fce_nats": (86.0, 88.0), "unk_percent": (9.0, 9.0)}
    mean, deviation, test = texts(table(copies(values)))
    assert mean[2:4] == ["335", "87.0"]
    assert deviation[:4] == ["", "", "", "±1.4"]
    assert deviation[7] == "±0.0"
    assert test == ["", "Test", *TEST]


def test_decodings_may_differ_in_copies():
    measured = [*generated(), *copies({"fce_nats": (86.0, 88.0)}, decoding=NS)]
    found = table(measured)
    assert [line.small for line in found.blocks[0]] == [False, True, False]
    assert texts(found)[1][:11] == [""] * 11
    assert texts(found)[1][12] == "±1.4"


def test_a_model_is_named_where_there_are_several():
    titles = [line[0] for line in texts(table([*generated(), *generated(model="gru")]))]
    assert titles == ["CBT (gru)", "", "CBT (lstm)", ""]


def test_where_the_grammar_is_known_it_judges_the_sentences():
    """Where it accepts none, their mean log-probability is not known."""
    judged = {"accepted_percent": 81.3, "mean_log_probability": -38.704}
    none = {"accepted_percent": 0.0, "mean_log_probability": None}
    found = table([*generated(judged), *generated(none, C=15.0), *generated(decoding=NS)])
    assert [column.html for column in found.columns[11:13]] == ["acc.%", "log <i>p</i>"]
    assert [span.columns for span in found.spans] == [2, 11, 11]
    assert [line[11:13] for line in texts(found)] == [["81.3", "−38.7"], ["0.0", "–"], ["", ""]]
    assert texts(found)[0][22:] == ["–", "–"]


def test_without_a_kneser_ney_model_its_column_says_so():
    none = {"kn5_fce_nats": None, "kn5_floor_nats": None}
    found = table([*generated(none), *generated(none, decoding=NS)])
    assert [(line[5], line[14]) for line in texts(found)] == [("not built", "not built")] * 2
    assert "& not built &" in latex(found)
    assert "<td>not built</td>" in html(found)


def test_a_kneser_ney_model_that_is_missing_once_is_a_dash():
    found = table([*generated({"kn5_fce_nats": None}), *generated(C=15.0)])
    assert [line[5] for line in texts(found)] == ["–", "88.8", "62.2"]


def test_csv_has_ours_beside_the_papers():
    """The paper has 86.6(0.4) for this FCE."""
    values = {"fce_nats": (86.0, 87.0, 88.0), "self_bleu4": (90.0, None, 91.0)}
    records = compared(copies(values))
    found = records["cbt", "3", "greedy", "fce_nats"]
    assert float(found.pop("difference")) == pytest.approx(0.4)
    assert found == {
        "corpus": "cbt",
        "model": "lstm",
        "C": "3",
        "decoding": "greedy",
        "metric": "fce_nats",
        "ours": "87",
        "seeds": "1",
        "copies": "3",
        "standard_deviation": "1",
        "sentences": "12000",
        "paper": "86.6",
    }
    spread = records["cbt", "3", "greedy", "fce_standard_deviation"]
    assert (spread["ours"], spread["copies"], spread["paper"]) == ("1", "3", "0.4")
    assert (spread["difference"], spread["standard_deviation"]) == ("0.6", "")
    bleu = records["cbt", "3", "greedy", "self_bleu4"]
    assert (bleu["ours"], bleu["copies"], bleu["sentences"]) == ("90.5", "2", "192000")


def test_the_papers_self_bleu_is_held_against_ours_that_it_can_be():
    records = compared(generated({"pairwise_bleu4": 4.5}))
    assert records["cbt", "3", "greedy", "pairwise_bleu4"]["paper"] == "4.2"
    assert records["cbt", "3", "greedy", "self_bleu4"]["paper"] == ""


def test_csv_has_every_metric_and_the_papers_even_if_not_measured():
    one = Measured(Cell("cbt", "lstm", 3, 1), "any", "test", 9, "types", 400, "greedy", 1)
    metrics = [metric for *_, metric in compared([one])]
    assert metrics == [*METRICS, "types", *TEST_METRICS]
    assert compared([one])["cbt", "3", "greedy", "unk_percent"]["ours"] == ""


def test_csv_has_the_test_set_of_each_decoding_after_the_rows_of_its_corpus():
    """The test set has no C, and its numbers are not repeated with the rows."""
    measured = [
        one
        for corpus in ("wiki", "cbt")
        for decoding in (NS, "greedy")
        for C in (3.0, 15.0)
        for one in generated(corpus=corpus, decoding=decoding, C=C)
    ]
    records = compared(measured)
    places = list(dict.fromkeys(key[:3] for key in records))
    assert places == [
        (corpus, C, decoding)
        for corpus in ("cbt", "wiki")
        for C in ("3", "15", "")
        for decoding in ("greedy", NS)
    ]
    for (_, C, _, metric), record in records.items():
        assert (metric in TEST_METRICS) == (C == "")
        assert record["ours"] or metric == "fce_standard_deviation"
    found = records["cbt", "", NS, "test_vocabulary_size"]
    assert (found["ours"], found["paper"], found["difference"]) == ("328", "6100", "-5772")
    assert (found["copies"], found["standard_deviation"]) == ("", "")
    assert records["cbt", "", "greedy", "floor_nats"]["ours"] == "60"
