"""Names, paths and captions of a configuration are text to the shell, and stay in their folder."""

import pytest
import yaml

from textvae.cells import MAX_NAME_LENGTH
from workflow_copy import SMALL

CAPTION = (
    "$(touch pwned) `touch pwned`; touch pwned\n' \" {wildcards} {input} {0} {{}} %s \\input{x}"
    " <script>alert(1)</script> --tex pwned"
)
FOLDER = "own $(touch pwned) 'texts'; touch pwned #"
# One cell and one measurement, the least that a table is made of.
CHANGED = {
    "targets": ["table1"],
    "device": "cpu",
    "corpora": {
        "mine": {"files": {split: f"{FOLDER}/{split}.txt" for split in ("train", "valid", "test")}}
    },
    "models": {"tiny": SMALL},
    "experiments": {
        "table1": {
            "corpora": ["mine"],
            "models": ["tiny"],
            "C": [3],
            "seeds": [1],
            "measurements": ["rate-distortion"],
            "caption": CAPTION,
        }
    },
}


@pytest.fixture
def configured(fresh):
    """A checkout and how to plan or run it with such a configuration, changed."""

    def run(*argv, **changes):
        (fresh.folder / "hostile.yaml").write_text(yaml.safe_dump(CHANGED | changes))
        return fresh.snakemake("--configfile", "hostile.yaml", *argv)

    return fresh.folder, run


def test_a_hostile_caption_and_path_are_shown_and_not_run(configured):
    folder, run = configured
    (folder / FOLDER).mkdir()
    for split in ("train", "valid", "test"):
        (folder / FOLDER / f"{split}.txt").write_text("$(touch pwned) a cat\n`touch pwned` a dog\n")
    done = run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list(folder.rglob("pwned"))
    page = (folder / "results/table1.html").read_text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; --tex pwned" in page
    assert "$(touch pwned) `touch pwned`; touch pwned &#x27; &quot; {wildcards} {input}" in page


LONG = "w" * (MAX_NAME_LENGTH + 1)


@pytest.mark.parametrize("name", ["../x", "a\n", LONG])
def test_a_name_that_is_no_name_of_a_folder_is_told_at_planning(configured, name):
    _, run = configured
    done = run("--dry-run", models={"tiny": SMALL, name: SMALL})
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert lines[-1].startswith("configuration: models: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("folder", ["..", "../x", "results/../..", "/tmp/x", "~/x", "a\n"])
def test_a_folder_outside_is_told_at_planning(configured, folder):
    _, run = configured
    done = run("--dry-run", pathvars={"results": folder})
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("configuration: pathvars.results: ")
    assert "Traceback" not in done.stderr
