"""The report of a run, opened in a browser that has no network."""

import json
from itertools import pairwise

import pytest

from browser import Page, browser, needs_browser

CELL = {"corpus": "little", "model": "tiny", "C": "3", "seed": "1"}


@pytest.fixture(scope="module")
def report(built, tmp_path_factory):
    """The one file that `snakemake --report` writes."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    run = built.snakemake("--configfile", "tiny.yaml", "--report", str(path))
    assert run.returncode == 0, run.stdout + run.stderr
    return path


@pytest.fixture
def page(report):
    """The report as it opens; whatever is done with it, it asks for nothing and never complains."""
    with browser() as page:
        page.open(report)
        yield page
        assert page.requests == [report.as_uri()]
        assert page.errors == []


def results(page: Page) -> dict[str, dict]:
    """Path -> what the report knows of the file."""
    found = json.loads(page.run("JSON.stringify(results)"))
    assert found
    return found


def look_at(page: Page, path: str) -> None:
    """Open a file of the report as the eye beside its name does."""
    page.run(f"new ToggleViewManager(app).handleSelectedResult({json.dumps(path)})")


def eventually(page: Page, script: str) -> None:
    """Wait until an expression is true."""
    pause = "await new Promise((done) => setTimeout(done, 20))"
    page.run(f"(async () => {{ while (!({script})) {pause}; }})()")


pytestmark = needs_browser


def test_report_opens_on_the_paper_and_the_experiments_of_this_run(page):
    text = page.text()
    assert "Prokhorov et al. (2019)" in text
    assert "table1, table2" in text


def test_categories_stand_in_the_order_to_read_them(page):
    shown = [line for line in page.text().splitlines() if line[:1].isdigit() and ":" not in line]
    names = [line.split(". ")[1] for line in shown]
    order = ["Verdicts", "Tables", "Figures", "Training curves", "Measurements", "Cells", "The run"]
    assert all(order.index(one) < order.index(next_) for one, next_ in pairwise(names))
    assert {"Tables", "Figures", "Training curves", "Measurements", "Cells", "The run"} <= {*names}


def test_every_file_has_a_caption_and_labels(page):
    for path, result in results(page).items():
        assert result["labels"], path
        assert len(result["caption"]) > 40, path


def test_a_cell_is_found_by_what_it_is(page):
    found = {
        path
        for path, result in results(page).items()
        if CELL.items() <= (result["labels"] or {}).items()
    }
    folder = "results/models/little/tiny/C3/seed1"
    assert found == {f"{folder}/config.json", f"{folder}/training.jsonl"}
    page.click("6. Cells")
    rows = [" ".join(line.split()) for line in page.text().splitlines()]
    assert "little tiny 3 1" in rows


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("results/table1.html", "A tiny table."),
        ("results/table4.html", "Tiny pairs."),
        ("results/run/costs.html", "What the run cost."),
        ("results/run/information.html", "learning_rate"),
    ],
)
def test_a_table_is_shown_as_a_page(page, path, words):
    # A page within the page is another origin: what it holds is read from what it was given.
    look_at(page, path)
    eventually(page, "document.querySelector('iframe')")
    held = page.run(
        "fetch(document.querySelector('iframe').src).then((response) => response.text())"
    )
    assert words in held
    assert "<table" in held
    assert "http" not in held


@pytest.mark.parametrize("path", ["results/figure1.svg", "results/curves/table1.png"])
def test_a_figure_is_shown(page, path):
    look_at(page, path)
    eventually(page, "document.querySelector('img[src^=\"data:image/\"]:not(nav img)')?.complete")
    width = page.run("document.querySelector('div.p-3 > img').naturalWidth")
    assert width > 100


def test_the_rules_and_their_times_are_drawn(page):
    page.click("Workflow")
    eventually(page, "document.querySelector('#app canvas, #app svg.marks')")
    page.click("Statistics")
    eventually(page, "document.querySelectorAll('#app canvas, #app svg.marks').length >= 2")


def test_a_page_that_asks_or_complains_would_be_noticed(tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<script src='http://example.invalid/a.js'></script>"
        "<script>console.error('complaint'); null.thing</script>"
    )
    with browser() as page:
        page.open(bad)
        assert "http://example.invalid/a.js" in page.requests
        said = " ".join(page.errors)
    assert "complaint" in said
    assert "TypeError" in said
    assert "ERR_NAME_NOT_RESOLVED" in said
