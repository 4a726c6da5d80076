"""docs/notebook.ipynb runs on any model folder, and contains outputs of the demo's."""

import json
from pathlib import Path

import pytest

from one_by_one import lively_model
from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import Vocabulary
from textvae.io import write_json, write_text
from textvae.measurements.rate_distortion import RateDistortionSettings, measure
from textvae.models import saved

NOTEBOOK = Path(__file__).parents[1] / "docs/notebook.ipynb"
TEXT = "every dentist is popular\nno painter visits the farmers\n"
OTHERS = ["sailor", "thought", "that", "pilots", "praise", "writer", "often"]
WORDS = {*TEXT.split(), *OTHERS}


@pytest.fixture
def demo(tmp_path, monkeypatch):
    """A folder like that of the demo, with a tiny model and its measurement."""
    trained = lively_model(vocabulary=Vocabulary(sorted(WORDS)))
    results = tmp_path / "results/demo"
    folder = results / "models/grammar/lstm-small/C15/seed1"
    saved.save(folder, trained, {})
    test = Sentences.of(trained.vocabulary.encode(line.split()) for line in TEXT.splitlines())
    values = measure(trained, test, RateDistortionSettings())
    write_json(folder / "rate-distortion.json", {"values": values})
    write_text(results / "corpora/grammar/raw/test.txt", TEXT)
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path / "docs")


@pytest.mark.usefixtures("demo")
def test_notebook_runs_and_has_outputs():
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    names: dict = {}
    for cell in (cell for cell in cells if cell["cell_type"] == "code"):
        assert cell["outputs"]
        exec("".join(cell["source"]), names)
    assert names["here"] == pytest.approx(names["table"], abs=1e-6)


def test_notebook_names_no_folder_of_a_machine():
    text = NOTEBOOK.read_text()
    assert not [name for name in ("/home/", "/root/", "/tmp/", "/Users/") if name in text]
