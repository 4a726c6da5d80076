"""The report of a run, opened in a browser that has no network."""

import json

import pytest

from browser import browser, needs_browser
from workflow_copy import HAS_LATEX

CELL = {"corpus": "little", "model": "tiny", "C": "3".rjust(12), "seed": "1".rjust(12)}
CATEGORIES = ["Verdicts", "Tables", "Figures", "Training curves", "Measurements", "Cells"]
CATEGORIES += ["The run"]

pytestmark = needs_browser


@pytest.fixture(scope="module")
def report(built, tmp_path_factory):
    """The one file that `snakemake --report` writes."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    targets = ["all", "paper"] if HAS_LATEX else ["all"]
    flags = ("--configfile", "tiny.yaml", "--report", str(path))
    run = built.snakemake(*flags, *targets)
    assert run.returncode == 0, run.stdout + run.stderr
    return path


@pytest.fixture(scope="module")
def chromium():
    with browser() as page:
        yield page


@pytest.fixture
def page(chromium, report):
    """The opened report, which makes no other request and reports no error."""
    chromium.open(report)
    yield chromium
    assert set(chromium.requests) == {report.as_uri()}
    assert chromium.errors == []


def view(page, path):
    """Open a file of the report, as the eye beside its name does."""
    page.run(f"new ToggleViewManager(app).handleSelectedResult({json.dumps(path)})")


def wait_for(page, script):
    pause = "await new Promise((done) => setTimeout(done, 20))"
    page.run(f"(async () => {{ while (!({script})) {pause}; }})()")


def test_first_page_names_the_paper_and_lists_categories_in_order(page):
    text = page.text()
    assert "Prokhorov et al. (2019)" in text
    assert "table1, table2" in text
    numbered = [line for line in text.splitlines() if line[:1].isdigit() and ":" not in line]
    names = [line.split(". ")[1] for line in numbered]
    assert {*CATEGORIES} - {"Verdicts"} <= {*names}
    order = [CATEGORIES.index(name) for name in names]
    assert order == sorted(set(order))


def test_every_file_has_a_caption_and_labels(page):
    results = json.loads(page.run("JSON.stringify(results)"))
    for path, result in results.items():
        assert result["labels"], path
        assert len(result["caption"]) > 40, path
    assert ("results/paper.pdf" in results) == HAS_LATEX
    of_cell = {path for path, one in results.items() if CELL.items() <= one["labels"].items()}
    folder = "results/models/little/tiny/C3/seed1"
    assert of_cell == {f"{folder}/config.json", f"{folder}/training.jsonl"}
    page.click("6. Cells")
    assert "little tiny 3 1" in [" ".join(line.split()) for line in page.text().splitlines()]


def test_cells_sort_by_the_number_C(page):
    """The report sorts labels as texts, which padding on the left keeps in order."""
    padded = [whole.rjust(12) + rest for whole, rest in (("0", ".5"), ("2", ""), ("2", ".25"))]
    padded += [whole.rjust(12) for whole in ("15", "100")]
    script = "JSON.stringify({}.sort((one, other) => one.localeCompare(other)))"
    assert json.loads(page.run(script.format(json.dumps(padded[::-1])))) == padded


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("table1", "A tiny"),
        ("run/costs", "What the run cost."),
        ("run/information", "learning_rate"),
    ],
)
def test_table_is_shown_as_a_page(page, path, words):
    view(page, f"results/{path}.html")
    # The frame is another origin, so its content is read from its source.
    content = "fetch(document.querySelector('iframe').src).then((response) => response.text())"
    shown = f"(await {content}).includes({json.dumps(words)})"
    wait_for(page, f"document.querySelector('iframe') && {shown}")
    html = page.run(content)
    assert "<table" in html
    assert "http" not in html


@pytest.mark.parametrize("path", ["results/figure1.svg", "results/curves/table1.png"])
def test_figure_is_shown(page, path):
    view(page, path)
    wait_for(page, "document.querySelector('div.p-3 > img[src^=\"data:image/\"]')?.complete")
    assert page.run("document.querySelector('div.p-3 > img').naturalWidth") > 100


def test_requests_and_errors_of_a_page_are_recorded(tmp_path):
    bad = tmp_path / "bad.html"
    missing = "<script src='http://example.invalid/a.js'></script>"
    bad.write_text(f"{missing}<script>console.error('complaint'); null.thing</script>")
    with browser() as page:
        page.open(bad)
        assert "http://example.invalid/a.js" in page.requests
        errors = " ".join(page.errors)
    assert all(e in errors for e in ("complaint", "TypeError", "ERR_NAME_NOT_RESOLVED"))
