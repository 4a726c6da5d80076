r"""Text that means something to LaTeX, HTML, a shell, a terminal or a spreadsheet is but text.

A corpus of such lines goes the whole way: prepared, trained on, spoken of, and shown in tables.
"""

import csv
import json
import re
import shutil
import subprocess
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pytest

from textvae.cli import main
from textvae.corpora.encoded import EncodedCorpus
from textvae.paper.render.table import visible

LATEX = [
    r"\input{/etc/passwd} \immediate\write18{touch~pwned} \openout5=pwned",
    r"100% of #1 & $x^2_3$ ^^41 \csname end\endcsname } { \par \end{document} ~",
    r"\catcode`\%=12 \def\par{x} \\ \\[3cm] \newline",
]
HTML = [
    "<script>alert(1)</script> </td></table> <img src=x onerror=alert(1)>",
    "&lt; &amp;amp; &#60;b&#62; \" onload=\"x ' onclick='x javascript:alert(1) <!-- --> ]]>",
    "</style> </title> <svg/onload=alert(1)> {{7*7}} ${7*7}",
]
SHELL = [
    "$(touch pwned) `touch pwned` ; touch pwned | touch pwned && touch pwned > pwned",
    "' ; touch pwned ; ' \" ; touch pwned ; \" !! ~root *",
    "--output pwned -rf / {wildcards.corpus} {input} %(x)s %s",
]
SHEET = ["=cmd|'/C calc'!A0 +1+1 @SUM(1) -2+3", '=HYPERLINK("http://x";"y")']
SHAPELESS = [
    "nul \x00 bell \x07 escape \x1b[2J\x1b]0;title\x07 delete \x7f",
    "\u202egnirts\u202c \u2066isolate\u2069 \u200fmark zero\u200bwidth \ufeffbom",
    "ⅷ ﬁ e\u0301\u0301\u0301 Z\u0351\u036b\u0343 😀 👩‍👩‍👧 中文 עברית \U000e0041",
]
LONG = ["w" * 10_000, "-" * 500, "中" * 500, "\x07" * 500]
LINES = LATEX + HTML + SHELL + SHEET + SHAPELESS + LONG
# The names of rows have no control characters, nor are they very long.
ROWS = LATEX + HTML + SHELL + SHEET + SHAPELESS[1:]
CAPTION = " ".join([*LATEX[:2], *HTML[:2], *SHELL, *SHAPELESS, "w" * 10_000])


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder in which such a corpus has been through everything up to the measurements."""
    place = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for split in ("train", "valid", "test"):
            Path(f"{split}.txt").write_text("".join(f"{line}\n" for line in LINES * 2))
        run(
            "prepare --name mine --train train.txt --valid valid.txt --test test.txt"
            " --output corpus"
        )
        run(
            "train --corpus corpus --name small --C 1 --seed 1 --epochs 1 --embedding 4 --hidden 4"
            " --latent 2 --output model"
        )
        run(
            "interpolate --model model --decodings greedy sample sample-t9 --points 5 --longest 12"
            " --output homotopy.json"
        )
        run("measure sensitivity --model model --count 2 --longest 4 --output sensitivity.json")
        pairs = "".join(
            f"{row}\t{line}\t{line} !\n" for row, line in zip(ROWS, LINES, strict=False)
        )
        Path("pairs.tsv").write_text("row\tgrammatical\tungrammatical\n" + pairs)
        run("measure syntax --model model --pairs pairs.tsv --output syntax.json")
        run("measure probe --model model --pairs pairs.tsv --output probe.json")
        run("gather sensitivity.json syntax.json probe.json --output measurements.csv")
        yield place
        # Whatever was done here, nothing was done by the text.
        assert not list(place.rglob("*pwned*"))


def run(command, *more):
    assert main([*command.split(), *more]) == 0


def tables(name, *argv):
    run(
        f"render {name} --measurements measurements.csv --tex {name}.tex --csv {name}.csv"
        f" --html {name}.html",
        "--caption",
        CAPTION,
        *argv,
    )


@pytest.fixture(scope="module")
def made(place):
    """Tables 2 and 4 of it, and that of the probes."""
    homotopy = json.loads(Path("homotopy.json").read_text())
    # Whatever the model said, each of the lines stands in the table too.
    said = {name: [*sentences, *LINES] for name, sentences in homotopy["decodings"].items()}
    Path("all.json").write_text(json.dumps(homotopy | {"decodings": said}))
    tables("table2", "--homotopies", "all.json")
    tables("table4")
    tables("probe")
    return place


def test_preparation_keeps_every_word_as_it_is(place):
    corpus = EncodedCorpus(place / "corpus")
    sentences = corpus.split("train")
    assert [corpus.vocabulary.decode(sentence) for sentence in sentences] == [
        line.split() for line in LINES * 2
    ]


def test_json_that_spells_hostile_text_is_read(place, capsys):
    lines = [json.dumps({"text": f"{line}\n{line}\ud800"}) for line in LINES]
    (place / "web.jsonl").write_text("".join(f"{line}\n" for line in lines))
    splits = [f"--{split}=web.jsonl" for split in ("train", "valid", "test")]
    run("prepare --name web --format webtext --output web", *splits)
    assert "\ufffd" in (place / "web/vocabulary.txt").read_text()


def test_measures_of_text_take_it(place, capsys):
    run("score --reference train.txt --hypothesis test.txt")
    assert json.loads(capsys.readouterr().out)["bleu2_all"] == pytest.approx(100)
    run("self-bleu train.txt")
    report = {"cell": {"corpus": "mine", "model": "small", "C": 1.0, "seed": 1}}
    report |= {"decoding": "sample", "copy": 1, "cut": 0, "longest": 50}
    (place / "text.json").write_text(json.dumps(report))
    run("measure description --text train.txt --report text.json --output description.json")
    run(
        "common-dictionary train.txt test.txt --vocabulary corpus/vocabulary.txt --output words.txt"
    )
    assert Path("words.txt").read_text() == Path("corpus/vocabulary.txt").read_text()


def test_what_is_printed_for_a_person_shows(place, capsys):
    run("interpolate --model model --decodings sample-t9 --points 50 --longest 12")
    printed = capsys.readouterr()
    assert (printed.out + printed.err).replace("\n", "").isprintable()


class Page(HTMLParser):
    """What a browser would make of a page: its text by cell, and that nothing of it is code."""

    VOID = frozenset({"meta"})
    TAGS = frozenset(
        [
            *("html", "head", "meta", "title", "style", "body", "figure", "table", "caption"),
            *("thead", "tbody", "tr", "th", "td", "span", "i", "sub", "sup", "figcaption", "p"),
        ]
    )

    def __init__(self, text):
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []
        self.caption = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        assert tag in self.TAGS
        assert {name for name, _ in attributes} <= {"lang", "charset", "class", "scope", "colspan"}
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        raise AssertionError(data)

    def handle_data(self, data):
        if "td" in self.open:
            self.cells[-1] += data
        elif self.open and self.open[-1] == "caption":
            self.caption += data


@pytest.mark.parametrize("name", ["table2", "table4", "probe"])
def test_a_page_shows_it_and_runs_none_of_it(made, name):
    text = (made / f"{name}.html").read_text()
    page = Page(text)
    assert page.caption.endswith(visible(CAPTION))
    shown = {visible(line) for line in (LINES if name == "table2" else ROWS)}
    # Of the titles of Table 4 the beginning is shown.
    assert all(any(cell[:20] == line[:20] for cell in page.cells) for line in shown)
    assert not any(unicodedata.category(c) in ("Cc", "Cf") for c in text if c != "\n")
    if name == "table2":
        assert shown <= set(page.cells)
        assert "overflow-wrap" in text
    # No word is wider than a page.
    assert max(map(len, re.split(r"[\s<>]", text))) < 600


@pytest.mark.parametrize("name", ["table2", "table4"])
def test_a_spreadsheet_sees_no_formula_in_what_a_model_said(made, name):
    with (made / f"{name}.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    sentences = [row["sentence"] for row in rows if "sentence" in row]
    assert not any(sentence.startswith(("=", "+", "-", "@")) for sentence in sentences)
    if name == "table2":
        assert {" ".join(line.split()) for line in SHEET} <= {s.strip() for s in sentences}


# On a page so large that all of it is on it, with the text as wide as on others.
DOCUMENT = r"""\documentclass{article}
\usepackage{booktabs,colortbl}
\usepackage[paperwidth=80cm,paperheight=100cm,textwidth=345pt,textheight=95cm]{geometry}
\begin{document}
%s
\end{document}
"""


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
@pytest.mark.parametrize("name", ["table2", "table4", "probe"])
def test_latex_prints_it_and_reads_nothing_else(made, name):
    folder = made / f"{name}-document"
    folder.mkdir()
    shutil.copy(made / f"{name}.tex", folder / "table.tex")
    (folder / "document.tex").write_text(DOCUMENT % r"\input{table.tex}")
    command = ["pdflatex", "-no-shell-escape", "-recorder", "-halt-on-error", "document.tex"]
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout[-2000:]
    record = (folder / "document.fls").read_text().splitlines()
    own = {"document.tex", "table.tex", "document.aux", "document.log", "document.pdf"}
    touched = {line.split(maxsplit=1)[1].removeprefix("./") for line in record[1:]}
    foreign = {path for path in touched - own if "/texmf" not in path and "/texlive" not in path}
    assert not foreign
    assert {path.name for path in folder.iterdir()} == own | {"document.fls"}
    log = (folder / "document.log").read_text(errors="replace")
    assert "runsystem" not in log
    wide = [float(points) for points in re.findall(r"Overfull \\hbox \(([0-9.]+)pt", log)]
    assert all(points < 100 for points in wide), wide
    if shutil.which("pdftotext"):
        subprocess.run(["pdftotext", "-raw", "document.pdf"], cwd=folder, check=True)
        text = "".join((folder / "document.txt").read_text().split())
        for word in (r"\input{/etc/passwd}", "<script>alert(1)</script>", "$(touchpwned)"):
            assert word in text
