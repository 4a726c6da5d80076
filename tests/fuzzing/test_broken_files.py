"""A corrupted or missing file is refused in one line, whatever it contains, or read."""

import json
import os
import pickle
import zipfile
from functools import partial
from io import BytesIO
from pathlib import Path

import broken
import example_run
import numpy as np
import pytest
from hypothesis import given

# Command of the run -> files to corrupt, with the number of examples.
CASES = {
    "prepare": "raw/plain.train 70 raw/plain.valid 30 raw/plain.test 30",
    **{
        f"prepare {form}": f"raw/{form}.train 70 raw/{form}.valid 30 raw/{form}.test 30"
        for form in ("cbt", "wiki", "yelp", "webtext")
    },
    "prepare closed": "words.txt 200",
    "common-dictionary": "corpus/vocabulary.txt 150 raw/plain.test 100",
    "language-model text": "dictionary.txt 150 text.txt 100",
    "kneser-ney": "dictionary.txt 60 corpus/train.offsets.npy 100",
    "codes": "corpus/statistics.json 250",
    "train": "corpus/train.tokens.npy 100 corpus/statistics.json 100",
    "sample": "corpus/statistics.json 60 model/config.json 100 codes.npy 300",
    "interpolate": "model/vocabulary.txt 100 model/model.safetensors 150 lines.npy 200",
    "encode": "raw/plain.test 100",
    "encode archive": "run.zip 200",
    "archive": "run/jobs.csv 40 run/information.json 20 workflow/CITATION.cff 40",
    "measure rate-distortion": "corpus/vocabulary.txt 150 corpus/test.tokens.npy 300"
    " corpus/test.offsets.npy 300 model/model.safetensors 100",
    "measure rate-distortion bound": "grammar/grammar.json 200 grammar/test.txt 100"
    " grammar/test.log-probabilities.npy 300",
    "measure rate-distortion text": "raw/plain.test 200",
    "measure posterior": "model/config.json 300 model/model.safetensors 100",
    **{
        f"measure {name}": "model/model.safetensors 100"
        for name in ("information", "likelihood", "slope", "reconstruction")
    },
    "measure sensitivity": "model/model.safetensors 100 lines.npy 150",
    "measure syntax": "model/model.safetensors 100 word-model/model.safetensors 100"
    " word-model/config.json 150 pairs.tsv 250",
    "measure probe": "model/model.safetensors 100 pairs.tsv 150",
    "measure description": "text.txt 100 text.json 300",
    "measure fce": "text.txt 100 text.json 100 real.arpa 200 text-model/config.json 150"
    " real-model/model.safetensors 100 real-model/vocabulary.txt 100",
    "score": "raw/plain.test 150 raw/copies.txt 150",
    "self-bleu": "text.txt 200",
    "pairs": "pickles/simple_agrmt.pickle 500 pickles/npi_across_anim.pickle 300",
    "pairs grammar": "many/train.txt 10",
    "gather": "".join(f"{name} 200 " for name in example_run.argv("gather")[3:-2]),
    **{f"render table{number}": "measurements.csv 300" for number in (1, 3, 4)},
    "render table2": "measurements.csv 300 homotopy.json 400",
    **{f"render {name}": "measurements.csv 200" for name in ("section3_2", "probe", "sensitivity")},
    "render collapse": "measurements.csv 200 model/config.json 300",
    "render figure1": "measurements.csv 40",
    "render comparison": "measurements.csv 100 corpus/statistics.json 200",
    "render curves": "model/training.jsonl 120 model/config.json 50",
}
FILES = [
    (name, path, int(examples))
    for name, words in CASES.items()
    for path, examples in zip(words.split()[::2], words.split()[1::2], strict=True)
]


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(("name", "path", "examples"), FILES)
def test_corrupted_file_is_one_line(refusals, name, path, examples):
    file = Path(path)
    suffix = {"webtext": ".jsonl", "yelp": ".tsv"}.get(file.stem, file.suffix)

    @broken.examples(examples)
    @given(broken.file(file.read_bytes(), suffix))
    def check(data):
        file.write_bytes(data)
        refusals.command(f"{name}: {path}", example_run.argv(name), data)

    check()


class MakeFolder:
    """An object whose unpickling makes the folder `executed`."""

    def __reduce__(self) -> object:
        return os.mkdir, ("executed",)


def programs() -> dict[str, bytes]:
    content, array, archive = pickle.dumps(MakeFolder()), BytesIO(), BytesIO()
    np.save(array, np.array([MakeFolder()], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("tokens.npy", array.getvalue())
    tensor = {"dtype": "U8", "shape": [len(content)], "data_offsets": [0, len(content)]}
    header = json.dumps({"embedding.weight": tensor}).encode()
    return {
        "a pickle": content,
        "an array of objects": array.getvalue(),
        # NumPy opens a zip of any name as several arrays.
        "a zip of arrays": archive.getvalue(),
        "weights": len(header).to_bytes(8, "little") + header + content,
    }


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(("name", "path"), sorted((name, path) for name, path, _ in FILES))
def test_special_file_is_one_line_and_not_executed(refusals, name, path):
    file = Path(path)
    replacements = {
        "no file": lambda: None,
        "a dangling link": lambda: file.symlink_to("nowhere"),
        "a link to itself": lambda: file.symlink_to(file.name),
        "a folder": file.mkdir,
        "an empty file": file.touch,
        "a device": lambda: file.symlink_to(os.devnull),
        **{kind: partial(file.write_bytes, data) for kind, data in programs().items()},
    }
    for kind, replace in replacements.items():
        if file.is_dir():
            file.rmdir()
        else:
            file.unlink(missing_ok=True)
        replace()
        refusals.command(f"no file: {kind}", example_run.argv(name), path)
    assert not Path("executed").exists()


def test_unpickling_would_execute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pickle.loads(programs()["a pickle"])
    assert Path("executed").is_dir()
