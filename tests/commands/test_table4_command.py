"""`textvae render table4` and `render probe`: one tidy CSV into Table 4 and the table of probes."""

import pytest

from textvae.cli import main

HEADER = "corpus,model,C,seed,decoding,copy,measurement,split,sentences,metric,value\n"
CELL = "wiki50,lstm,3,1,,,"
RATE = f"{CELL}rate-distortion,test,20000,rate_nats,3\n"
SYNTAX = (
    f"{CELL}syntax,marvin-linzen,163124,npi.simple.p1,0.5\n"
    f"{CELL}syntax,marvin-linzen,163124,npi.simple.p1_covered,\n"
    f"{CELL}syntax,marvin-linzen,163124,npi.simple.pairs,264\n"
)
PROBE = (
    f"{CELL}probe,marvin-linzen,163124,npi.simple.grammatical_accuracy,0.75\n"
    f"{CELL}probe,marvin-linzen,163124,npi.simple.grammatical_standard_error,0.01\n"
    f"{CELL}probe,marvin-linzen,163124,npi.simple.items,9\n"
)
FILES = [f"{table}.{kind}" for table in ("out", "probe") for kind in ("tex", "csv", "html")]


@pytest.fixture
def build(tmp_path):
    """Run both commands on a CSV's text: their exit status; files go to out.* and probe.*."""

    def build(text: str, *more: str, exhibits=("table4", "probe")) -> int:
        (tmp_path / "measurements.csv").write_text(text)
        for exhibit in exhibits:
            argv = ["render", exhibit, "--measurements", str(tmp_path / "measurements.csv")]
            stem = "out" if exhibit == "table4" else exhibit
            for kind in ("tex", "csv", "html"):
                argv += [f"--{kind}", str(tmp_path / f"{stem}.{kind}")]
            if status := main([*argv, "--caption=A caption & more", *more]):
                return status
        return 0

    return build


def test_writes_both_tables_in_three_forms(build, tmp_path):
    assert build(HEADER + RATE + SYNTAX + PROBE) == 0
    tex, table, page, probe_tex, probes, probe_page = (
        (tmp_path / name).read_text() for name in FILES
    )
    assert r"Simple & 0.50 & -- & -- & -- & -- & -- \\" in tex
    assert r"\caption{A caption \& more}" in tex
    assert r"\label{tab:table4}" in tex
    assert "wiki50,lstm,3,npi.simple.p1,0.5,1,,163124,0.42," in table
    assert "WIKI, up to 50 words: 264 pairs; C = 3: R 3.0 nats." in page
    assert r"Simple & 0.75 $\pm$ 0.01 & -- & -- & -- & 9 \\" in probe_tex
    assert r"\label{tab:table4-probe}" in probe_tex
    assert "wiki50,lstm,3,npi.simple,grammatical,0.75,1,,0.01,,9\n" in probes
    assert "<td>0.75 ± 0.01</td>" in probe_page


def test_an_experiment_gives_its_name_to_the_labels(build, tmp_path):
    assert build(HEADER + SYNTAX + PROBE, "--name", "table4-mine") == 0
    assert r"\label{tab:table4-mine}" in (tmp_path / "out.tex").read_text()
    assert r"\label{tab:table4-mine-probe}" in (tmp_path / "probe.tex").read_text()


def test_a_cell_without_pairs_has_no_columns(build, tmp_path):
    """It may be among the measurements for the sake of another table."""
    assert build(HEADER + RATE.replace(",3,1,", ",15,1,") + SYNTAX + PROBE) == 0
    for kind in ("tex", "html"):
        for table in ("out", "probe"):
            text = (tmp_path / f"{table}.{kind}").read_text()
            assert "C = 3<" in text or "{C = 3}" in text
            assert "C = 15" not in text


@pytest.mark.parametrize(
    ("exhibit", "text", "more", "message"),
    [
        ("table4", HEADER, (), "holds no measurement"),
        ("probe", HEADER, (), "holds no measurement"),
        ("table4", HEADER + RATE + PROBE, (), "holds no syntactic test of any cell"),
        ("probe", HEADER + RATE + SYNTAX, (), "holds no linear probe of any cell"),
        ("table4", HEADER + SYNTAX, ("--name", "a}b"), "--name 'a}b': a name is made of letters"),
        ("probe", HEADER + PROBE, ("--name", "a}b"), "--name 'a}b': a name is made of letters"),
    ],
)
def test_what_is_wrong_is_one_line_of_error(build, tmp_path, capsys, exhibit, text, more, message):
    assert build(text, *more, exhibits=(exhibit,)) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error
    assert not any((tmp_path / name).exists() for name in FILES)
