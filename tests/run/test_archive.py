"""The archive of a run: a valid Workflow Run RO-Crate, from which models are loaded."""

import hashlib
import json
import shutil
import zipfile
from contextlib import chdir
from pathlib import Path
from types import SimpleNamespace

import pytest
import rocrate
from rocrate_validator.models import Severity, ValidationSettings
from rocrate_validator.services import validate
from rocrate_validator.utils.http import HttpRequester

import textvae
from finished_run import (
    CORPUS,
    EXTENSION,
    MODEL_FOLDER,
    RESULTS,
    TABLE,
    WEIGHTS,
    write_finished_run,
)
from textvae.cli import main

METADATA = "ro-crate-metadata.json"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished run, with its archive."""
    folder = tmp_path_factory.mktemp("run")
    write_finished_run(folder)
    with chdir(folder):
        assert main(["archive", RESULTS]) == 0
    return folder


@pytest.fixture(scope="module")
def archive(run):
    return run / RESULTS / "archive.zip"


@pytest.fixture(scope="module")
def entities(archive):
    """The entities of its metadata by their @id."""
    with zipfile.ZipFile(archive) as file:
        return {one["@id"]: one for one in json.loads(file.read(METADATA))["@graph"]}


def test_archive_has_results_and_workflow_with_checksums(run, archive, entities):
    expected = {
        *("Snakefile", "CITATION.cff", "envs/requirements.txt", TABLE),
        *(f"{RESULTS}/run/{name}" for name in ("configuration.yaml", "information.json")),
        *(f"{RESULTS}/run/jobs.csv", f"{CORPUS}/vocabulary.txt", f"{CORPUS}/statistics.json"),
        *(f"{MODEL_FOLDER}/{name}" for name in ("config.json", "vocabulary.txt", "posterior.json")),
        WEIGHTS,
        *EXTENSION,
    }
    with zipfile.ZipFile(archive) as file:
        assert set(file.namelist()) == expected | {METADATA}
        for name in expected:
            content = (run / name).read_bytes()
            assert file.read(name) == content
            assert entities[name]["sha256"] == hashlib.sha256(content).hexdigest()
            assert entities[name]["contentSize"] == str(len(content))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_archive_is_a_valid_provenance_run_crate(archive, tmp_path, monkeypatch):
    """Without a network: the context of RO-Crate 1.1 differs in four terms from rocrate's."""
    context = json.loads((Path(rocrate.__file__).parent / "data/ro-crate.jsonld").read_text())
    workflow = "https://bioschemas.org/ComputationalWorkflow"
    context["@context"] |= {
        "ComputationalWorkflow": workflow,
        "FormalParameter": "https://bioschemas.org/FormalParameter",
        **{name: f"{workflow}#{name}" for name in ("input", "output")},
    }
    headers = {"Content-Type": "application/ld+json"}
    response = SimpleNamespace(status_code=200, headers=headers, json=lambda: context)

    def get(requester, url, **options):
        assert url == "https://w3id.org/ro/crate/1.1/context"
        return response

    monkeypatch.setattr(HttpRequester, "get", get, raising=False)
    settings = ValidationSettings(
        rocrate_uri=str(archive),
        profile_identifier="provenance-run-crate-0.5",
        requirement_severity=Severity.REQUIRED,
        cache_path=tmp_path / "cache",
    )
    result = validate(settings)
    assert [issue.message for issue in result.get_issues()] == []
    assert result.passed()


def test_jobs_have_files_times_and_costs(entities):
    action = entities["#job/train/tiny/small/C2/seed1"]
    assert action["startTime"] == "1970-01-01T00:16:42.000+00:00"
    assert action["endTime"] == "1970-01-01T00:17:42.000+00:00"
    tokens = entities[action["object"]["@id"]]
    assert (tokens["@type"], tokens["name"]) == ("CreativeWork", f"{CORPUS}/train.tokens.npy")
    assert {one["@id"] for one in action["result"]} == {f"{MODEL_FOLDER}/config.json", WEIGHTS}
    usage = {entities[one["@id"]]["propertyID"]: one["@id"] for one in action["resourceUsage"]}
    assert entities[usage["cpu_seconds"]]["value"] == "50.25"
    assert entities[entities["Snakefile#train"]["workExample"]["@id"]]["softwareVersion"] == "2"
    jobs = {name.removeprefix("#job/") for name in entities if name.startswith("#job/")}
    assert jobs == {"prepare/tiny", "train/tiny/small/C2/seed1", "table1"}


def test_run_has_given_text_license_authors_and_citation(entities):
    root, run = entities["./"], entities["#run"]
    assert root["license"]["@id"] == "https://spdx.org/licenses/MIT"
    assert entities[root["author"]["@id"]]["name"] == "The textvae authors"
    assert len(entities[root["citation"]["@id"]]["author"]) == 5
    given = [entities[one["@id"]] for one in run["object"]]
    assert [one["name"] for one in given] == [f"{RESULTS}/run/configuration.yaml", "my.txt"]
    assert given[1]["sha256"] == hashlib.sha256(b"a text\n").hexdigest()
    assert run["startTime"] == "1970-01-01T00:16:40.000+00:00"
    # Those that no job reads.
    unread = {TABLE, f"{CORPUS}/vocabulary.txt", WEIGHTS}
    assert {one["@id"] for one in run["result"]} == unread


def test_jobs_without_records_are_archived_with_a_warning(run, tmp_path, capsys):
    with chdir(run):
        flags = ["--metadata", "gone", "--output", str(tmp_path / "a.zip")]
        assert main(["archive", RESULTS, *flags]) == 0
    assert "gone: has no record of 3 of 3 jobs" in capsys.readouterr().err
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert "#job/train/tiny/small/C2/seed1" in file.read(METADATA).decode()


def test_extensions_that_are_not_in_the_archive_are_named(run, tmp_path, capsys):
    """An absolute path, one with "..", and one to a file that is gone, with what they import."""
    results = tmp_path / "results"
    shutil.copytree(run / RESULTS, results)
    (tmp_path / "own").mkdir()
    for name, text in (("mine.py", "import beside\n"), ("beside.py", "x = 1\n")):
        (tmp_path / "own" / name).write_text(text)
    above = f"../{run.name}/own/helper.py"
    listed = [EXTENSION[0], str(tmp_path / "own/mine.py"), above, "own/gone.py"]
    (results / "run/configuration.yaml").write_text(json.dumps({"extensions": listed}))
    with chdir(run):
        assert main(["archive", str(results)]) == 0
    told = " ".join(capsys.readouterr().err.split())
    outside = [*listed[1:2], str(tmp_path / "own/beside.py"), *listed[2:]]
    assert f"run/configuration.yaml: extensions has {', '.join(outside)}, which the archive" in told
    with zipfile.ZipFile(results / "archive.zip") as file:
        found = {name for name in file.namelist() if name.endswith(".py")}
    assert found == set(EXTENSION)


@pytest.mark.parametrize(
    ("results", "workflow", "message"),
    [
        ("nowhere", ".", "nowhere: has no run/configuration.yaml"),
        (f"{RESULTS}/models", ".", f"{RESULTS}/models: has no run/configuration.yaml"),
        (RESULTS, "envs", "envs: has no Snakefile"),
    ],
)
def test_unfinished_run_is_one_line(run, tmp_path, capsys, results, workflow, message):
    with chdir(run):
        flags = ["--workflow", workflow, "--output", str(tmp_path / "a.zip")]
        assert main(["archive", results, *flags]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"textvae archive: {message}, expected ")
    assert err.count("\n") == 1
    assert not (tmp_path / "a.zip").exists()


@pytest.mark.parametrize(
    "inside", ["", "seed1", "models/tiny/small/C2/seed1", f"{RESULTS}/models/tiny/small/C2/seed1"]
)
def test_model_is_loaded_from_an_archive(run, archive, inside):
    model = textvae.load(archive / inside)
    assert model.sample(3) == textvae.load(run / MODEL_FOLDER).sample(3)


def test_commands_read_a_model_in_an_archive(archive, capsys):
    assert main(["sample", "--model", f"{archive}/seed1", "--sentences", "2"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def rewritten(archive, path, **changes):
    """Write a copy of an archive, with the content of files that end in a name changed."""
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            change = changes.get(name.rpartition("/")[2].partition(".")[0])
            content = change(old.read(name)) if change else old.read(name)
            if content is not None:
                new.writestr(name, content)
    return path


def flip(data, index):
    return data[:index] + bytes([data[index] ^ 255]) + data[index + 1 :]


@pytest.mark.parametrize(
    ("damage", "inside", "message"),
    [
        (lambda old, new: new.write_bytes(old.read_bytes()[:-100]), "", "not a zip file, or"),
        (lambda old, new: new.write_text("text"), "", "not a zip file, or"),
        (lambda old, new: rewritten(old, new), "models/C3", "has no model models/C3; expected one"),
        (lambda old, new: rewritten(old, new, model=lambda data: None), "", "has no model"),
        (
            lambda old, new: rewritten(old, new, model=lambda data: flip(data, -1)),
            "",
            f"{WEIGHTS}: not the file that {METADATA} describes",
        ),
        (
            lambda old, new: new.write_bytes(
                flip(old.read_bytes(), old.read_bytes().index(WEIGHTS.encode()) + 200)
            ),
            "",
            "damaged",
        ),
        (
            lambda old, new: rewritten(old, new, **{"ro-crate-metadata": lambda _: None}),
            "",
            METADATA,
        ),
        (
            lambda old, new: rewritten(old, new, **{"ro-crate-metadata": lambda _: "{}"}),
            "",
            METADATA,
        ),
    ],
)
def test_unusable_archive_is_one_line(archive, tmp_path, damage, inside, message):
    path = tmp_path / "copy.zip"
    damage(archive, path)
    with pytest.raises(textvae.InputError) as error:
        textvae.load(path / inside)
    assert message in str(error.value)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)
