"""Summaries of a run in Markdown, by results written by hand."""

from pathlib import Path

import pytest

from textvae.cli import main

NUMBERS = """\
table,row,column,printed,unit,corpus,model,C,metric,paper,ours,difference,tolerance,verdict
table1,CBT C=3,D,.62,nats,cbt,lstm,3,distortion_nats,62,62.31,0.31,1,agrees
table1,CBT C=3,AU,7.0,1,cbt,lstm,3,active_units,7,12,5,2,deviates
table1,CBT C=15,D,.54,nats,cbt,lstm,15,distortion_nats,54,54.2,0.2,1,agrees
table1,WIKI C=3,D,.85,nats,wiki,lstm,3,distortion_nats,85,40,-45,1,other corpus
table3,CBT C=3,FCE,86.6(0.4),nats,cbt,lstm,3,fce_nats,86.6,,,2,not run
table3,WIKI C=3,FCE,81.5(0.4),nats,wiki,lstm,3,fce_nats,81.5,80.25,-1.25,4,agrees
table3,WIKI C=3,FCE,81.5(0.4),nats,wiki,lstm,3,fce_standard_deviation,0.4,1,0.6,.3,deviates
table3,WIKI Test,|V|,6.1k,words,wiki,lstm,,test_vocabulary_size,6100,6080,-20,610,agrees
table4,Simple,C=3 p1,0.81,1,wiki50,lstm,3,simple.p1,0.81,.794,-.016,.05,other corpus
table4,Simple,C=100 p2,0.23,1,wiki50,lstm,100,simple.p2,0.23,.4,.17,.05,other corpus
table4,Long,C=3 p1,0.7,1,wiki50,lstm,3,long.p1,0.7,.7,0,.05,other corpus
"""
CLAIMS = """\
section,says,statistic,bound,verdict,value,low,high,printed_verdict
3.1,D falls.,change of D,< 0,holds,-0.64469,-0.69766,-0.58638,holds
3.4,p1 = p2.,|p1 - p2|,≤ 0.02,not enough data,,,,does not hold
"""
COSTS = """\
rule,jobs,recorded,cpu_seconds
train,3,3,18000
gather,9,9,20
measure_split,12,10,3600
sample,4,0,
"""
CHOICES = """\
corpus,model,way,seed,status,confirmed,C,grid_C,cost_in_trainings,distortion_nats,rate_nats,\
mutual_information_nats,soft_active_units,fce_nats,reason
cbt,lstm,information,1,reached,true,4.37,4.434,2,64.49,4.403,4.051,35.81,,"a, b"
cbt,lstm,,,,,2,,,65.83,2.077,1.913,30.10,65.24,
cbt,lstm,distortion,2,infeasible,,0.09,,1,,,,,,none
"""
FRONTIER = """\
corpus,model,C,distortion_nats,above_hull_nats,rate_nats,mutual_information_nats,active_units
cbt,elbo,0,70.04,0,0.01,0.004,
cbt,lstm,5,66.44,0.31,4.96,,12
cbt,lstm,25,64.06,1.25,25.04,6.25,
cbt,vmf,5,66.5,,5,4.5,
cbt,vmf,25,63,0,25,6.5,
"""


@pytest.fixture
def document(tmp_path, monkeypatch):
    """A function from the name of a summary to the lines that replace it."""
    (tmp_path / "kept/run").mkdir(parents=True)
    (tmp_path / "kept/comparison.csv").write_text(NUMBERS)
    (tmp_path / "kept/claims.csv").write_text(CLAIMS)
    (tmp_path / "kept/run/costs.csv").write_text(COSTS)
    (tmp_path / "kept/automatic-C.csv").write_text(CHOICES)
    (tmp_path / "kept/frontier.csv").write_text(FRONTIER)
    (tmp_path / "docs").mkdir()
    path = tmp_path / "docs/a.md"
    monkeypatch.chdir(tmp_path)

    def lines(name):
        head, end = f"<!-- summary: {name} of ../kept -->", "<!-- end of summary -->"
        path.write_text(f"before\n{head}\nold\n{end}\nafter\n")
        assert main(["summary", str(path)]) == 0
        first, second, _, *made, _, last, after = path.read_text().splitlines()
        assert (first, second, last, after) == ("before", head, end, "after")
        again = path.read_text()
        assert main(["summary", str(path)]) == 0
        assert path.read_text() == again
        return made

    return lines


def test_numbers_of_other_models_are_shown_where_none_is_decided(document, tmp_path):
    """D of WIKI is 45 from the paper's, within a tolerance of 1 it would have no star."""
    *_, row, blank, note = document("table1 wiki")
    assert (row, blank) == ("| D | 40.0* (85.0) |", "")
    assert note.startswith("In brackets the paper's number, of another corpus, model or text ")
    path = tmp_path / "kept/comparison.csv"
    path.write_text(NUMBERS.replace("85,40,-45,1,other", "85,84.6,-0.4,1,other"))
    assert document("table1 wiki")[2] == "| D | 84.6 (85.0) |"


@pytest.mark.parametrize("name", ["verdicts", "deviations"])
def test_nothing_agrees_or_deviates_where_nothing_is_decided(document, tmp_path, name):
    path = tmp_path / "kept/comparison.csv"
    lines = [line for line in NUMBERS.splitlines() if line.endswith(("verdict", "corpus", "run"))]
    path.write_text("\n".join(lines))
    [text] = document(name)
    assert text.startswith("No number of the paper is decided")
    agreed = "table1,CBT C=3,D,.62,nats,cbt,lstm,3,distortion_nats,62,62.31,0.31,1,agrees"
    path.write_text("\n".join([*lines, agreed]))
    assert document("deviations") == ["No number deviates."]


def test_verdicts_count_the_decided_numbers_of_each_table(document):
    assert document("verdicts")[2:] == [
        "| Table 1 | 3 | 2 | 1 |",
        "| Table 3 | 3 | 2 | 1 |",
        "| together | 6 | 4 | 2 |",
    ]


def test_table1_has_our_number_the_papers_and_a_mark_where_they_deviate(document):
    rows = document("table1 cbt")
    assert rows[0] == "|  | C = 3 | C = 15 |"
    assert rows[2:4] == ["| D | 62.3 (62.0) | 54.2 (54.0) |", "| AU | 12.00* (7.00) | – |"]


def test_table3_has_deviations_of_fce_and_the_test_set(document):
    rows = document("table3 wiki")
    assert rows[0] == "|  | C = 3 | test set |"
    assert rows[2:5] == [
        "| FCE | 80.2 (81.5) | – |",
        "| FCE, deviation | 1.0* (0.4) | – |",
        "| &#124;V&#124; | – | 6080 (6100) |",
    ]


def test_table4_has_a_line_for_each_phenomenon(document):
    rows = document("table4 wiki50")
    assert rows[0] == "|  | C=3 p1 | C=100 p2 |"
    assert rows[2:4] == [
        "| Simple | 0.79 (0.81) | 0.40* (0.23) |",
        "| Long | 0.70 (0.70) | – |",
    ]
    assert "of another corpus, model or text than ours" in rows[-1]


def test_deviations_have_difference_and_tolerance(document):
    assert document("deviations")[2:] == [
        "| Table 1 | CBT C=3 | AU | 7.00 | 12.00 | 5.00 | 2.00 |",
        "| Table 3 | WIKI C=3 | FCE, deviation | 0.4 | 1.0 | 0.6 | 0.3 |",
    ]


def test_claims_have_interval_and_both_verdicts(document):
    assert document("claims")[2:] == [
        "| 3.1 | D falls. | change of D | < 0 | -0.645 [-0.698, -0.586] | holds | holds |",
        "| 3.4 | p1 = p2. | &#124;p1 - p2&#124; | ≤ 0.02 | – | not enough data | does not hold |",
    ]


def test_decided_claims_are_those_with_a_verdict(document):
    assert document("claims decided")[2:] == document("claims")[2:3]


def test_costs_are_in_hours_with_small_rules_in_the_sum(document):
    assert document("costs")[2:] == [
        "| `train` | 3 | 5.0 |",
        "| `measure_split` | 12 (2 not recorded) | 1.0 |",
        "| `sample` | 4 (4 not recorded) | – |",
        "| together | 28 (6 not recorded) | 6.0 |",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no summary\n", "has no summary, expected"),
        ("    <!-- summary: verdicts of kept -->\n", "has no summary, expected"),
        ("\n<!-- summary: verdicts of kept -->\n", "b.md: line 2: the summary has no end"),
        (
            "<!-- summary: costs of kept -->\n<!-- summary: costs of kept -->\n"
            "<!-- end of summary -->\n",
            "b.md: line 1: the summary has no end",
        ),
        ("<!-- summary: verdicts in kept -->\n<!-- end of summary -->\n", "b.md: line 1: got <!"),
        ("<!-- Summary : claims of kept -->\n<!-- end of summary -->\n", "b.md: line 1: got <!"),
        ("<!-- summary: claims all of kept -->\n<!-- end of summary -->\n", "expected decided"),
        ("<!-- summary: costs all of kept -->\n<!-- end of summary -->\n", "expected nothing"),
        ("<!-- summary: verdict of kept -->\n<!-- end of summary -->\n", "'verdict', expected"),
        ("<!-- summary: claims of gone -->\n<!-- end of summary -->\n", "gone/claims.csv"),
        ("<!-- summary: table1 yelp of kept -->\n<!-- end of summary -->\n", "for 'yelp'"),
    ],
)
def test_wrong_document_is_refused_and_stays(document, capsys, text, words, tmp_path):
    path = tmp_path / "b.md"
    path.write_text(text)
    assert main(["summary", str(path)]) == 1
    assert words in capsys.readouterr().err
    assert path.read_text() == text


def test_examples_and_ends_of_lines_stay(document, tmp_path):
    """Code is left as it is, indented or fenced, and so are the line ends of Windows."""
    begin, end = "<!-- summary: deviations of kept -->", "<!-- end of summary -->"
    example = f"    {begin}\r\n    {end}\r\n```\r\n{begin}\r\n{end}\r\n```\r\n"
    path = tmp_path / "c.md"
    path.write_bytes(f"{example}{begin}\r\nold\r\n{end}\r\n{begin}\r\n{end}\r\nlast".encode())
    assert main(["summary", str(path)]) == 0
    made = path.read_bytes().decode()
    assert made.startswith(example + begin)
    assert made.endswith(f"{end}\r\nlast")
    assert made.count("\r\n") == made.count("\n")
    assert made.count("| Table 1 | CBT C=3 | AU |") == 2
    assert "old" not in made


@pytest.mark.parametrize(
    ("before", "made"),
    [
        ("```x``` is code\n", True),
        ("~~~\n```\n~~~\n", True),
        ("````\n```\n````\n", True),
        ("   ```text\n``` \n", True),
        ("    ```\n", True),
        ("```\n~~~\n", False),
        ("~~~ x\n~~\n", False),
    ],
)
def test_code_ends_with_its_own_fence(document, tmp_path, before, made):
    block = "<!-- summary: deviations of kept -->\n<!-- end of summary -->\n"
    path = tmp_path / "c.md"
    path.write_text(before + block)
    assert main(["summary", str(path)]) == (0 if made else 1)
    assert ("| Table 1 |" in path.read_text()) == made


def test_markers_are_no_tags(document):
    Path("kept/claims.csv").write_text(CLAIMS.replace("change of D", "<unk> and </s>"))
    assert "| &lt;unk> and &lt;/s> | < 0 |" in document("claims")[2]


def test_choices_of_several_corpora_have_their_names(document):
    Path("kept/automatic-C.csv").write_text(CHOICES.replace("cbt,lstm,dist", "wiki,lstm,dist"))
    head, _, first, second = document("choices")
    assert head.startswith("| corpus | way | seed |")
    assert first.startswith("| cbt | information |")
    assert second.startswith("| wiki | distortion | 2 | – |")


def test_results_that_are_not_of_a_run_are_named(document, capsys):
    Path("kept/run/costs.csv").write_text(COSTS.splitlines()[0] + "\n")
    assert document("costs") == ["No job of this run recorded its costs."]
    Path("kept/claims.csv").write_text("section,says\n3.1,D falls.\n")
    with pytest.raises(AssertionError):
        document("claims")
    assert "claims.csv: has no column 'value'" in capsys.readouterr().err


def test_choices_have_the_training_at_the_C_found_and_no_grid(document):
    head, _, *rows = document("choices")
    assert head.startswith("| way | seed | C | C of the grid | trainings | D |")
    assert rows == [
        "| information | 1 | 4.37 | 4.43 | 2 | 64.5 | 4.4 | 4.05 | 35.8 | – | reached | yes |",
        "| distortion | 2 | – | – | 1 | – | – | – | – | – | infeasible | – |",
    ]


def test_choices_of_none_are_refused(document, capsys):
    Path("kept/automatic-C.csv").write_text(CHOICES.splitlines()[0] + "\n")
    with pytest.raises(AssertionError):
        document("choices")
    assert "automatic-C.csv: has no choice of C" in capsys.readouterr().err


def test_frontier_has_methods_that_aim_at_C_and_then_the_others(document):
    assert document("frontier") == [
        "| model | D (height) at C = 5 | D (height) at C = 25 | R at C = 5 | R at C = 25"
        " | I at C = 5 | I at C = 25 | AU at C = 5 | AU at C = 25 |",
        "|---|---|---|---|---|---|---|---|---|",
        "| lstm | 66.4 (0.3) | 64.1 (1.2) | 5.0 | 25.0 | – | 6.2 | 12 | – |",
        "| vmf | 66.5 | 63.0 (0.0) | 5.0 | 25.0 | 4.5 | 6.5 | – | – |",
        "",
        "| model | D (height) | R | I |",
        "|---|---|---|---|",
        "| elbo | 70.0 (0.0) | 0.0 | 0.0 |",
    ]


def test_frontier_names_C_0_beside_others(document):
    Path("kept/frontier.csv").write_text(
        FRONTIER + "cbt,control,0,70,0,0.01,0,\ncbt,control,5,66,0,5,4,\n"
    )
    assert any(line.startswith("| model | D (height) at C = 0 |") for line in document("frontier"))


def test_frontier_of_several_corpora_has_their_names_and_may_be_of_any_experiment(document):
    two = FRONTIER.replace("cbt,vmf", "wiki,vmf")
    Path("kept/frontier-mine.csv").write_text(two)
    head, _, first, second, *_ = document("frontier frontier-mine")
    assert head.startswith("| corpus | model | D (height) at C = 5 |")
    assert first.startswith("| cbt | lstm | 66.4 (0.3) |")
    assert second.startswith("| wiki | vmf | 66.5 |")
