"""Whatever stands in a file that a command reads, a person sees one line, never a traceback."""

import os
from pathlib import Path

import broken
import example_run
import pytest
from hypothesis import HealthCheck, given, settings

# Which file of which command is broken, in how many ways; the form is its suffix if not given.
CASES = [
    *(
        (f"prepare {form}".removesuffix(" plain"), f"raw/{form}.{split}", examples)
        for form in ("plain", "cbt", "wiki", "yelp", "webtext")
        for split, examples in (("train", 70), ("valid", 30), ("test", 30))
    ),
    ("prepare closed", "words.txt", 200),
    ("common-dictionary", "corpus/vocabulary.txt", 150),
    ("common-dictionary", "raw/plain.test", 100),
    ("language-model text", "dictionary.txt", 150),
    ("language-model text", "text.txt", 100),
    ("kneser-ney", "dictionary.txt", 60),
    ("codes", "corpus/statistics.json", 250),
    ("sample", "corpus/statistics.json", 60),
    ("measure", "corpus/vocabulary.txt", 150),
    ("measure", "corpus/test.tokens.npy", 300),
    ("measure", "corpus/test.offsets.npy", 300),
    ("measure bound", "grammar/grammar.json", 200),
    ("measure bound", "grammar/test.txt", 100),
    ("measure bound", "grammar/test.log-probabilities.npy", 300),
    ("train", "corpus/train.tokens.npy", 100),
    ("train", "corpus/statistics.json", 100),
    ("kneser-ney", "corpus/train.offsets.npy", 100),
    ("measure text", "raw/plain.test", 200),
    ("measure posterior", "model/config.json", 300),
    ("sample", "model/config.json", 100),
    ("interpolate", "model/vocabulary.txt", 100),
    *(
        (f"measure {name}".removesuffix(" rate-distortion"), "model/model.safetensors", 100)
        for name in (
            *("rate-distortion", "posterior", "information"),
            *("likelihood", "slope", "reconstruction"),
        )
    ),
    ("interpolate", "model/model.safetensors", 150),
    ("measure sensitivity", "model/model.safetensors", 100),
    ("measure syntax", "model/model.safetensors", 100),
    ("measure probe", "model/model.safetensors", 100),
    ("measure syntax", "word-model/model.safetensors", 100),
    ("measure syntax", "word-model/config.json", 150),
    ("sample", "codes.npy", 300),
    ("interpolate", "lines.npy", 200),
    ("measure sensitivity", "lines.npy", 150),
    ("score", "raw/plain.test", 150),
    ("score", "raw/copies.txt", 150),
    ("self-bleu", "text.txt", 200),
    ("measure description", "text.txt", 100),
    ("measure description", "text.json", 300),
    ("measure fce", "text.txt", 100),
    ("measure fce", "text.json", 100),
    ("measure fce", "real.arpa", 200),
    ("measure fce", "text-model/config.json", 150),
    ("measure fce", "real-model/model.safetensors", 100),
    ("measure fce", "real-model/vocabulary.txt", 100),
    ("pairs", "pickles/simple_agrmt.pickle", 500),
    ("pairs", "pickles/npi_across_anim.pickle", 300),
    ("pairs grammar", "many/train.txt", 10),
    ("measure syntax", "pairs.tsv", 250),
    ("measure probe", "pairs.tsv", 150),
    *(("gather", name, 200) for name in example_run.argv("gather")[3:-2]),
    *(
        (f"render {name}", "measurements.csv", 300)
        for name in ("table1", "table2", "table3", "table4")
    ),
    *(
        (f"render {name}", "measurements.csv", 200)
        for name in ("section3_2", "collapse", "probe", "sensitivity")
    ),
    ("render table2", "homotopy.json", 400),
    ("render collapse", "model/config.json", 300),
    ("render figure1", "measurements.csv", 40),
    ("render comparison", "measurements.csv", 100),
    ("render comparison", "corpus/statistics.json", 200),
    ("render curves", "model/training.jsonl", 120),
    ("render curves", "model/config.json", 50),
]


def kind(name: str, path: str) -> str:
    """What the count calls the inputs of a case."""
    return f"{name}: {path}"


def form(path: str) -> str:
    """What kind of file it is."""
    return {"webtext": ".jsonl", "yelp": ".tsv"}.get(Path(path).stem, Path(path).suffix)


@pytest.mark.parametrize(("name", "path", "examples"), CASES)
def test_a_broken_file(place, refusals, name, path, examples):
    content = Path(path).read_bytes()

    @settings(
        max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(broken.file(content, form(path)))
    def refused_or_read(data):
        Path(path).write_bytes(data)
        refusals.command(kind(name, path), example_run.argv(name), data)

    refused_or_read()


READ = sorted({(name, path) for name, path, _ in CASES})


@pytest.mark.parametrize(("name", "path"), READ)
def test_what_is_no_file(place, refusals, name, path):
    def give(what: str) -> None:
        refusals.command(f"no file: {what}", example_run.argv(name), path)

    file = Path(path)
    file.unlink()
    give("none")
    file.symlink_to("nowhere")
    give("a link to nowhere")
    file.unlink()
    file.symlink_to(file.name)
    give("a link to itself")
    file.unlink()
    file.mkdir()
    give("a folder")
    file.rmdir()
    file.touch()
    give("an empty file")
    file.unlink()
    file.symlink_to(os.devnull)
    give("a device")
