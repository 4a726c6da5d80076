"""Table 4 and the table of probes: the paper's layout, notes, and ours beside the paper's."""

import re

import pytest
from reading import compared, compile_tex, measure, measure_as_printed, needs_latex, texts

from textvae.errors import InputError
from textvae.paper.exhibit import Inputs
from textvae.paper.exhibits import probe, table4
from textvae.paper.measurements import to_csv
from textvae.paper.published import published
from textvae.paper.render.latex import latex
from textvae.paper.rows import rows_of
from textvae.paper.syntactic_rows import ROWS

# Metric of the simple row of agreement -> value.
PAIRS = {"p1": 0.99, "p2": 0.25, "p1_bar": 0.75, "p2_bar": 0.5, "pairs": 140, "coverage": 0.95}
PAIRS |= {"language_model": 0.875, "p1_covered": 1.0}
SIMPLE = {f"agreement.simple.{metric}": value for metric, value in PAIRS.items()}
PROBED = {"grammatical_accuracy": 0.51, "grammatical_standard_error": 0.02}
PROBED |= {"number_accuracy": 0.75, "number_standard_error": 0.04}
PROBED |= {"grammatical_chance": 0.5, "number_chance": 0.625, "items": 9}
PROBE = {f"agreement.simple.{metric}": value for metric, value in PROBED.items()}


def cell(values: dict, C=3.0, corpus="wiki50", model="lstm", seed=1):
    return measure(values, corpus, model, C, seed, sentences=163124)


def printed():
    return measure_as_printed(published("table4"))


def table(measured):
    return table4.table4(rows_of(measured), "Caption")


def probes(measured):
    return probe.probe(rows_of(measured), "Models of WIKI.")


def by_metric(measured) -> dict[tuple[str, ...], dict[str, str]]:
    return compared(table4.table4_csv(rows_of(measured)), "C", "metric")


def test_paper_numbers_give_the_paper_table():
    """Row by row as printed, with dashes for the barred of C = 3, which the paper lacks."""
    paper = table(printed())
    assert [len(block) for block in paper.blocks] == [11, 4, 3]
    lines = texts(paper)
    assert lines[0] == ["SUBJECT-VERB AGREEMENT", *[""] * 10]
    for index, title, numbers in (
        (1, "Simple", "0.81 0.81 – – 1.00 0.23 0.68 0.47 – –"),
        (8, "Across an object relative (no that)", "0.58 0.58 – – 0.94 0.09 0.61 0.44 – –"),
        (-1, "Across a relative clause", "0.37 0.36 – – 1.00 0.00 0.98 0.02 – –"),
    ):
        assert lines[index] == [title, *numbers.split()]
    note = "WIKI, up to 50 words: – pairs; C = 3: D 103.0, R 3.0 nats; C = 100: D 39.0, R 101.0"
    assert any(each.startswith(note) for each in paper.notes)


def test_columns_of_each_C_then_language_model_and_coverage():
    two = table(cell(SIMPLE) + cell(SIMPLE | {"agreement.simple.p2": 0.0}, C=100.0))
    four = ["$p_1$", "$p_2$", r"$\bar{p}_1$", r"$\bar{p}_2$"]
    assert [column.latex for column in two.columns] == ["", *four, *four, "LM", r"cov.\%"]
    spans = [(span.title, span.columns) for span in two.spans]
    assert spans == [("", 1), ("C = 3", 4), ("C = 100", 4), ("", 2)]
    values = "0.99 0.25 0.75 0.50 0.99 0.00 0.75 0.50 0.88 95.0"
    assert texts(two)[1] == ["Simple", *values.split()]


def test_note_of_each_corpus_counts_pairs_with_D_R_and_I_of_each_C():
    """140 + 60 pairs; D and I were not measured at C = 15, nothing was at C = 100."""
    bracket = {"mutual_information_nats": 2.21, "mutual_information_upper_nats": 3.5}
    measured = [
        *cell(SIMPLE | {"mine.pairs": 60, "rate_nats": 3.04, "distortion_nats": 102.96} | bracket),
        *cell(SIMPLE | {"rate_nats": 15.0}, C=15.0),
        *cell(SIMPLE, C=100.0),
        *cell({"mine.pairs": 60}, corpus="grammar"),
    ]
    notes = table(measured).notes
    of_cells = "C = 3: D 103.0, R 3.0, I 2.2 to 3.0 nats; C = 15: R 15.0 nats."
    assert f"WIKI, up to 50 words: 200 pairs; {of_cells}" in notes
    assert "grammar: 60 pairs." in notes


def test_note_on_decisions_that_bfloat16_changes():
    for three, hundred, shown in ((0.0001, 0.00025, "at most 0.025%"), (0.0, None, "none")):
        shares = [{"differs_from_float32": share} for share in (three, hundred)]
        notes = table(cell(SIMPLE | shares[0]) + cell(SIMPLE | shares[1], C=100.0)).notes
        [note] = [note for note in notes if "bfloat16" in note]
        assert f" {shown} of the decisions" in note
    assert not any("bfloat16" in note for note in table(cell(SIMPLE)).notes)


def test_seeds_give_means_with_deviations_below():
    """Of probes 0.75 and 0.95 deviate by 0.14; the standard error over items is beside."""
    two = table(cell(SIMPLE) + cell(SIMPLE, seed=2))
    assert two.notes[-1].startswith("Means over 2 seeds")
    assert texts(two)[2] == ["", "±0.00", "±0.00", "±0.00", "±0.00", "", ""]
    other = PROBE | {"agreement.simple.number_accuracy": 0.95}
    two = probes(cell(PROBE) + cell(other, seed=2))
    assert two.notes[-1].startswith("Means over 2 seeds")
    assert texts(two)[1:] == [
        ["Simple", "0.51 ± 0.02", "0.85 ± 0.04", "0.50", "0.62", "9"],
        ["", "±0.00", "±0.14", "", "", ""],
    ]


def test_csv_compares_ours_with_the_paper():
    """Every printed number is there, and equal to itself; the barred of C = 3 are not printed."""
    lines = by_metric(printed())
    papers = {key: record for key, record in lines.items() if record["paper"]}
    assert len(papers) == 94
    assert {record["difference"] for record in papers.values()} == {"0"}
    assert {key for key in lines if key not in papers} == {
        ("3", f"{row}.{metric}") for row in ROWS for metric in ("p1_bar", "p2_bar")
    }
    measured = cell(SIMPLE) + cell(SIMPLE | {"agreement.simple.p1": 0.49}, seed=2)
    p1 = by_metric(measured)["3", "agreement.simple.p1"]
    assert (p1["ours"], p1["seeds"], p1["sentences"]) == ("0.74", "2", "163124")
    assert (p1["paper"], float(p1["difference"])) == ("0.81", pytest.approx(-0.07))


def test_csv_has_the_order_of_the_table_without_probes():
    values = {"zoo.p1": 0.5, "npi.simple.p1": 0.5, "logdetcov": -1, "differs_from_float32": 0}
    four = ("p1", "p2", "p1_bar", "p2_bar")
    assert [metric for _, metric in by_metric(cell(values | PROBE | SIMPLE))] == [
        *("distortion_nats", "rate_nats"),
        *(f"agreement.simple.{metric}" for metric in four),
        *(f"agreement.simple.{metric}" for metric in ("language_model", "coverage", "pairs")),
        "agreement.simple.p1_covered",
        *(f"npi.simple.{metric}" for metric in four),
        *(f"zoo.{metric}" for metric in four),
        *("differs_from_float32", "logdetcov"),
    ]


def test_probe_columns_of_each_C_then_chance_and_items():
    """A row without number has dashes, and an unknown error is left out."""
    values = {"npi.simple.grammatical_accuracy": 1.0, "npi.simple.number_accuracy": None}
    other = {"agreement.simple.number_accuracy": 0.9}
    two = probes(cell(PROBE | values) + cell(PROBE | other, C=100.0))
    spans = [(span.title, span.columns) for span in two.spans]
    assert spans == [("", 1), ("C = 3", 2), ("C = 100", 2), ("Chance", 2), ("", 1)]
    assert [column.html for column in two.columns] == ["", *["gram.", "number"] * 3, "items"]
    assert texts(two)[1] == [
        *("Simple", "0.51 ± 0.02", "0.75 ± 0.04", "0.51 ± 0.02", "0.90 ± 0.04"),
        *("0.50", "0.62", "9"),
    ]
    assert texts(two)[3] == ["Simple", "1.00", *["–"] * 6]


@pytest.mark.parametrize(("items", "named"), [(19, True), (20, False)])
def test_probes_of_few_items_are_named(items, named):
    notes = probes(cell(PROBE | {"agreement.simple.items": items})).notes
    assert [note for note in notes if note.endswith(f", agreement.simple, {items}.")] == (
        [note for note in notes if note.startswith("Of fewer than 20 items")]
    )
    assert any(note.startswith("Of fewer than 20 items") for note in notes) == named


def test_probe_csv_has_a_line_per_row_and_property():
    """0.75 and 0.25 are 0.5 with a deviation of 0.35; errors of 0.04 and 0.06 are 0.05."""
    other = {
        "agreement.simple.number_accuracy": 0.25,
        "agreement.simple.number_standard_error": 0.06,
        "npi.simple.grammatical_accuracy": 1.0,
    }
    rows = rows_of(cell(PROBE) + cell(PROBE | other, seed=2))
    assert probe.probe_csv(rows).splitlines() == [
        "corpus,model,C,row,property,accuracy,seeds,standard_deviation,standard_error,chance,items",
        "wiki50,lstm,3,agreement.simple,grammatical,0.51,2,0,0.02,0.5,9",
        "wiki50,lstm,3,agreement.simple,number,0.5,2,0.3535533905932738,0.05,0.625,9",
        "wiki50,lstm,3,npi.simple,grammatical,1,1,,,,",
        "wiki50,lstm,3,npi.simple,number,,0,,,,",
    ]


@pytest.mark.parametrize(
    ("render", "values", "other"), [(table4.render, SIMPLE, PROBE), (probe.render, PROBE, SIMPLE)]
)
def test_cells_without_the_measurement_have_no_columns(tmp_path, render, values, other):
    """They may be measured for another table, here at C = 15."""
    path = tmp_path / "measurements.csv"
    rest = cell(other | {"rate_nats": 15.0}, C=15.0)
    path.write_text(to_csv(cell(values) + rest))
    [shown] = render(Inputs("table4", "Caption", (path,))).tables
    assert [span.title for span in shown.spans if "C =" in span.title] == ["C = 3"]
    path.write_text(to_csv(rest))
    with pytest.raises(InputError, match=r"measurements\.csv: contains no "):
        render(Inputs("table4", "Caption", (path,)))


@needs_latex
def test_two_C_fit_the_text_of_a_bare_article(tmp_path):
    """Box 0 contains the table."""
    once = {f"{row}.language_model": 0.5 for row in ROWS} | {f"{row}.coverage": 1 for row in ROWS}
    widths = r"\typeout{\the\wd0<\the\textwidth;}\end{table*}"
    tex = latex(table(printed() + cell(once))).replace(r"\end{table*}", widths)
    head = r"\documentclass{article}\usepackage{booktabs}\begin{document}"
    log = compile_tex(tmp_path, head + tex + r"\end{document}")
    width, of_text = re.search(r"([0-9.]+)pt<([0-9.]+)pt;", log).groups()
    assert float(width) < float(of_text)
