"""A small run of all commands, each of which reads files that earlier ones wrote."""

import json
import shlex
import shutil
from pathlib import Path

import template_pickles
from textvae.cli import main
from workflow_copy import ROOT

SPLITS = ("train", "valid", "test")
_WORDS = [
    *("the", "cat", "dog", "cow", "sat", "lay", "on", "under", "mat", "."),
    *("a", "red", "big", "and", "saw", "ate", "it", "grass", "now"),
]

_RAW = " ".join(f"--{split} raw/FORM.{split}" for split in SPLITS)
_PLAIN = f"--name tiny {_RAW.replace('FORM', 'plain')}"
_EPOCH = "--epochs 1 --embedding 4 --hidden 4"
_SMALL = f"--name small --C 2 --seed 1 --latent 2 --ramp-epochs 0 {_EPOCH}"
_TABLE = "--caption Numbers --tex out/table.tex --csv out/table.csv --html out/table.html"
_FIGURE = "--caption Numbers --pdf out/figure.pdf --svg out/figure.svg --png out/figure.png"
_CSV = "--measurements measurements.csv"
_FROM_CSV = f"{_CSV} {_TABLE}"
_OF_CORPUS = "--model model --corpus corpus"
_DICTIONARY = "--dictionary dictionary.txt"
_BOOTSTRAP = "--bootstrap 2 --output"
_MEASURED = (
    "rate-distortion.json posterior.json information.json slope.json sensitivity.json syntax.json"
    " probe.json description.json fce.json"
)

# The words of the command (two of `measure` and `render`, one of others) and a variant -> flags.
COMMANDS = {
    "grammar many": "--train 5000 --valid 1 --test 1 --output many",
    "grammar": "--train 60 --valid 4 --test 6 --output grammar",
    **{
        f"prepare {form}": f"--name {form} --format {form} --normalise lowercase tokenise"
        f" {_RAW.replace('FORM', form)} --output prepared/{form}"
        for form in ("cbt", "wiki", "yelp", "webtext")
    },
    "split": "--text many/train.txt --output out/split",
    "prepare": f"{_PLAIN} --output corpus",
    "prepare closed": f"{_PLAIN} --words words.txt --output prepared/closed",
    "prepare grammar": "--name grammar --train grammar/train.txt --valid grammar/valid.txt"
    " --test grammar/test.txt --words grammar/words.txt --output prepared/grammar",
    "train": f"--corpus corpus {_SMALL} --output model",
    "train grammar": f"--corpus prepared/grammar {_SMALL} --output grammar-model",
    "choose-C": "--corpus corpus --by sweep --knee chord --latent 2 --ramp-epochs 0 --epochs 3"
    " --batch 1 --embedding 4 --hidden 4 --output out/choice",
    "codes": "--corpus corpus --latent 2 --output codes.npy",
    "codes lines": "--lines 3 --latent 2 --output lines.npy",
    "measure rate-distortion": f"{_OF_CORPUS} {_BOOTSTRAP} rate-distortion.json",
    "measure rate-distortion text": "--model model --text raw/plain.test",
    "measure rate-distortion bound": "--model grammar-model --corpus prepared/grammar"
    " --grammar grammar",
    "measure posterior": f"{_OF_CORPUS} {_BOOTSTRAP} posterior.json",
    "measure information": f"{_OF_CORPUS} --output information.json",
    "measure likelihood": f"{_OF_CORPUS} --samples 2",
    "measure slope": f"{_OF_CORPUS} --output slope.json",
    "measure reconstruction": f"{_OF_CORPUS} --bootstrap 2 --pairs out/pairs.tsv",
    "sample": f"{_OF_CORPUS} --codes codes.npy --output text.txt --report text.json",
    "interpolate": "--model model --decodings greedy top3 --lines lines.npy --output homotopy.json",
    "interpolate between": "--model model --between 'The cat' 'a dog sat .' --output out/line.json",
    "encode": "--model model --text raw/plain.test --output out/codes.csv",
    "measure sensitivity": f"--model model --lines lines.npy {_BOOTSTRAP} sensitivity.json",
    "score": "--reference raw/plain.test --hypothesis raw/copies.txt",
    "self-bleu": "text.txt",
    "measure description": "--text text.txt --report text.json --grammar --output description.json",
    "common-dictionary": "raw/plain.train raw/plain.test --vocabulary corpus/vocabulary.txt"
    " --output dictionary.txt",
    "language-model": f"--name real {_DICTIONARY} --corpus corpus {_EPOCH} --output real-model",
    "language-model text": f"--name text {_DICTIONARY} --text text.txt {_EPOCH}"
    " --output text-model",
    "language-model words": "--name words --dictionary corpus/vocabulary.txt --corpus corpus"
    f" {_EPOCH} --output word-model",
    "kneser-ney": f"--name real {_DICTIONARY} --corpus corpus --output real.arpa",
    "kneser-ney text": f"--name text {_DICTIONARY} --text text.txt --output text.arpa",
    "measure fce": "--text text.txt --report text.json --corpus corpus --synthetic-lstm text-model"
    " --synthetic-kneser-ney text.arpa --real-lstm real-model --real-kneser-ney real.arpa"
    f" {_BOOTSTRAP} fce.json",
    "pairs": "--source pickles --output out/pairs.tsv",
    "pairs grammar": "--grammar many/train.txt --combinations 1 --output out/new.tsv",
    "measure syntax": "--model model --pairs pairs.tsv --language-model word-model"
    f" {_BOOTSTRAP} syntax.json",
    "measure probe": "--model model --pairs pairs.tsv --output probe.json",
    "gather": f"--bootstrap-output replicates.csv {_MEASURED} --output measurements.csv",
    **{f"render {name}": _FROM_CSV for name in ("table1", "table3", "table4", "probe")},
    "render section3_2": _FROM_CSV,
    "render table2": f"--homotopies homotopy.json {_FROM_CSV}",
    "render sensitivity": f"{_CSV} --caption Numbers --csv out/sensitivity.csv",
    "render collapse": f"{_FROM_CSV} --configs model/config.json",
    "render figure1": f"{_CSV} --csv out/figure.csv {_FIGURE}",
    "render curves": f"--records model/training.jsonl {_FIGURE}",
    "render comparison": f"{_FROM_CSV} --sizes corpus/statistics.json"
    " --configs model/config.json --stand-ins cbt/lstm/C3=tiny/small/C2",
    "render claims": f"{_FROM_CSV} --bootstrap replicates.csv --configs model/config.json"
    " --sizes corpus/statistics.json",
    "document": "--tables out/table.tex --figures out/figure.pdf --caption Numbers"
    " --output out/paper.pdf",
    "costs": "--records costs --caption Numbers --tex out/costs.tex --csv run/costs.csv"
    " --html out/costs.html --jobs run/jobs.csv",
    "provenance": "table1",
    "run-information": "--configuration '{\"targets\": []}' --yaml run/configuration.yaml"
    " --json run/information.json --html out/run.html",
    "excerpt": ". --output kept",
    "summary": "summary.md",
    "archive": ". --workflow workflow --output run.zip",
    "encode archive": "--model run.zip/tiny --text raw/plain.test --output out/archived.csv",
}


def command(name: str) -> list[str]:
    words = name.split()
    return words[: 2 if words[0] in ("measure", "render") else 1]


def argv(name: str) -> list[str]:
    return command(name) + shlex.split(COMMANDS[name])


def build() -> None:
    files = {"words.txt": _WORDS, "pairs.tsv": _pairs(), **_raw_texts()}
    files["summary.md"] = ["<!-- summary: costs of . -->", "<!-- end of summary -->"]
    files["costs/train/seed1.tsv"] = ["seconds\tcpu_seconds\tmemory_mib", "1.5\t1.25\t100.2"]
    for name, lines in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("".join(f"{line}\n" for line in lines))
    template_pickles.write(Path("pickles"))
    # Among the models of the archive as well.
    Path("models/tiny").mkdir(parents=True)
    Path("model").symlink_to("models/tiny")
    Path("workflow").mkdir()
    for name in ("Snakefile", "CITATION.cff"):
        shutil.copy(ROOT / name, "workflow")
    for name in COMMANDS:
        # Only `document` needs a program that may be missing, and nothing reads its output.
        if name != "document" or shutil.which("pdflatex"):
            assert main(argv(name)) == 0, name


def _sentences(count: int, step: int) -> list[str]:
    """Return sentences of 2 to 9 words, the same at every call."""
    return [
        " ".join(_WORDS[(i * step + j * j) % len(_WORDS)] for j in range(2 + i % 8))
        for i in range(count)
    ]


def _raw_texts() -> dict[str, list[str]]:
    """Return file -> lines of the three splits in each raw format."""
    files = {}
    for number, split in enumerate(SPLITS):
        plain = _sentences(24 if split == "train" else 6, 3 + number)
        files |= {
            f"raw/plain.{split}": plain,
            f"raw/cbt.{split}": ["_BOOK_TITLE_ : The Cow", *(f"-LRB- {s} -RRB-" for s in plain)],
            f"raw/wiki.{split}": [f"{s} <eos> {s} <eos>" for s in plain],
            f"raw/yelp.{split}": [f"{i % 5}\t{s}" for i, s in enumerate(plain)],
            f"raw/webtext.{split}": [json.dumps({"id": i, "text": s}) for i, s in enumerate(plain)],
        }
    return files | {"raw/copies.txt": [s.replace("cat", "dog") for s in files["raw/plain.test"]]}


def _pairs() -> list[str]:
    return ["row\tset\tsubcategory\titem\tnumber\tgrammatical\tungrammatical"] + [
        f"agreement.simple\tone\t{number}_MS\t{item}\t{number}"
        f"\tthe {item} {good} .\tthe {item} {bad} ."
        for item in ("cat", "dog", "cow")
        for number, good, bad in (("singular", "sat", "lay"), ("plural", "lay", "sat"))
    ]
