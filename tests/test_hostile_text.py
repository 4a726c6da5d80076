r"""Text with the syntax of LaTeX, HTML, shells, terminals or spreadsheets is treated as text.

A corpus of such lines is prepared, trained on, generated from and shown in tables.
"""

import json
import re
import shutil
import subprocess
import unicodedata
from html import unescape
from pathlib import Path

import pytest

from textvae.cli import main
from textvae.corpora.encoded import EncodedCorpus
from textvae.errors import printable
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
# Names of rows have no control characters and are not very long.
ROWS = LATEX + HTML + SHELL + SHEET + SHAPELESS[1:]
CAPTION = " ".join([*LATEX[:2], *HTML[:2], *SHELL, *SHAPELESS, "w" * 10_000])


def run(command, *more):
    assert main([*command.split(), *more]) == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The current folder, after the steps from such a corpus to Tables 2 and 4 and the probes."""
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for split in ("train", "valid", "test"):
            Path(f"{split}.txt").write_text("".join(f"{line}\n" for line in LINES * 2))
        run("prepare --name mine --train train.txt --valid valid.txt --test test.txt --output data")
        sizes = "--embedding 4 --hidden 4 --latent 2 --ramp-epochs 0"
        run(f"train --corpus data --name small --C 1 --seed 1 --epochs 1 {sizes} --output model")
        flags = "--decodings greedy sample sample-t9 --points 5 --longest 12"
        run(f"interpolate --model model {flags} --output homotopy.json")
        run("measure sensitivity --model model --count 2 --longest 4 --output sensitivity.json")
        rows = zip(ROWS, LINES, strict=False)
        pairs = "".join(f"{row}\t{line}\t{line} !\n" for row, line in rows)
        Path("pairs.tsv").write_text("row\tgrammatical\tungrammatical\n" + pairs)
        run("measure syntax --model model --pairs pairs.tsv --output syntax.json")
        run("measure probe --model model --pairs pairs.tsv --output probe.json")
        run("gather sensitivity.json syntax.json probe.json --output measurements.csv")
        # Table 2 also shows each of the lines.
        homotopy = json.loads(Path("homotopy.json").read_text())
        for sentences in homotopy["decodings"].values():
            sentences += LINES
        Path("homotopy.json").write_text(json.dumps(homotopy))
        for name, *inputs in (("table2", "--homotopies", "homotopy.json"), ("table4",), ("probe",)):
            files = f"--tex {name}.tex --csv {name}.csv --html {name}.html --caption"
            run(f"render {name} --measurements measurements.csv {files}", CAPTION, *inputs)
        yield folder
        # No text was executed.
        assert not list(folder.rglob("*pwned*"))


def test_words_are_prepared_unchanged_but_composed(folder):
    corpus = EncodedCorpus(folder / "data")
    sentences = [corpus.vocabulary.decode(sentence) for sentence in corpus.split("train")]
    composed = [unicodedata.normalize("NFC", line.replace("\ufeff", "")) for line in LINES]
    assert sentences == [line.split() for line in composed * 2]
    lines = [json.dumps({"text": f"{line}\n{line}\ud800"}) for line in LINES]
    splits = [f"--{split}={split}.jsonl" for split in ("train", "valid", "test")]
    for split in splits:
        (folder / split.partition("=")[2]).write_text("".join(f"{line}\n" for line in lines))
    run("prepare --name web --format webtext --output web", *splits)
    assert "\ufffd" in (folder / "web/vocabulary.txt").read_text()


def test_joiners_of_words_are_printed_as_they_are():
    assert printable("می\u200cگویند क\u200dष \x1b[2J") == "می\u200cگویند क\u200dष \\x1b[2J"


def test_printed_sentences_are_printable(folder, capsys):
    run("interpolate --model model --decodings sample-t9 --points 50 --longest 12")
    printed = capsys.readouterr()
    assert re.sub("[\n\u200c\u200d]", "", printed.out + printed.err).isprintable()


TAGS = {
    *("html", "head", "meta", "title", "style", "body", "figure", "table", "caption", "thead"),
    *("tbody", "tr", "th", "td", "span", "i", "sub", "sup", "figcaption", "p", "!doctype"),
}


TABLES = ["table2", "table4", "probe"]


@pytest.mark.parametrize("name", TABLES)
def test_html_shows_text_without_executing_it(folder, name):
    text = (folder / f"{name}.html").read_text()
    tags = re.findall(r"<(/?)([^\s>]*)([^>]*)>", text)
    assert {tag.lower() for _, tag, _ in tags} <= TAGS
    attributes = re.findall(r'([\w-]+)="', "".join(rest for *_, rest in tags))
    assert set(attributes) <= {"lang", "charset", "class", "scope", "colspan"}

    (caption,) = re.findall("<caption>(.*?)</caption>", text, re.DOTALL)
    assert unescape(re.sub("<[^>]*>", "", caption)).endswith(visible(CAPTION))
    cells = re.findall("<td.*?>(.*?)</td>", text, re.DOTALL)
    cells = [unescape(re.sub("<[^>]*>", "", cell)) for cell in cells]
    expected = {visible(line) for line in (LINES if name == "table2" else ROWS)}
    # Table 4 abbreviates titles.
    assert all(any(cell[:20] == line[:20] for cell in cells) for line in expected)
    assert not any(unicodedata.category(c) in ("Cc", "Cf") for c in text if c != "\n")
    if name == "table2":
        assert expected <= set(cells)
        assert "overflow-wrap" in text
    # No word is wider than a page.
    assert max(map(len, re.split(r"[\s<>]", text))) < 600


# A page that is large enough for all text, with lines of the usual width.
DOCUMENT = r"""\documentclass{article}
\usepackage{booktabs,colortbl}
\usepackage[paperwidth=80cm,paperheight=100cm,textwidth=345pt,textheight=95cm]{geometry}
\begin{document}
%s
\end{document}
"""


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
@pytest.mark.parametrize("name", TABLES)
def test_latex_prints_text_and_reads_no_other_file(folder, name):
    build = folder / f"{name}-document"
    build.mkdir()
    shutil.copy(folder / f"{name}.tex", build / "table.tex")
    (build / "document.tex").write_text(DOCUMENT % r"\input{table.tex}")
    command = ["pdflatex", "-no-shell-escape", "-recorder", "-halt-on-error", "document.tex"]
    done = subprocess.run(command, cwd=build, input=b"", capture_output=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]
    own = {"document.tex", "table.tex", "document.aux", "document.log", "document.pdf"}
    record = (build / "document.fls").read_text().splitlines()
    opened = {line.split(maxsplit=1)[1].removeprefix("./") for line in record[1:]} - own
    assert {path for path in opened if "/texmf" not in path and "/texlive" not in path} == set()
    assert {path.name for path in build.iterdir()} == own | {"document.fls"}
    log = (build / "document.log").read_text(errors="replace")
    assert "runsystem" not in log
    overfull = [float(points) for points in re.findall(r"Overfull \\hbox \(([0-9.]+)pt", log)]
    assert max(overfull, default=0) < 100
    if shutil.which("pdftotext"):
        subprocess.run(["pdftotext", "-raw", "document.pdf"], cwd=build, check=True)
        text = "".join((build / "document.txt").read_text().split())
        for word in (r"\input{/etc/passwd}", "<script>alert(1)</script>", "$(touchpwned)"):
            assert word in text
