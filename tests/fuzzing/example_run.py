"""A small run of all commands, whose files and flags are valid until a test corrupts them.

Each command of COMMANDS reads files that earlier ones wrote.
"""

import json
import shlex
import shutil
from pathlib import Path

import template_pickles
from textvae.cli import main

SPLITS = ("train", "valid", "test")
_WORDS = [
    *("the", "cat", "dog", "cow", "sat", "lay", "on", "under", "mat", "."),
    *("a", "red", "big", "and", "saw", "ate", "it", "grass", "now"),
]

_SIZES = "--embedding 4 --hidden 4"
_TABLE = "--caption Numbers --tex out/table.tex --csv out/table.csv --html out/table.html"
_FIGURE = "--caption Numbers --pdf out/figure.pdf --svg out/figure.svg --png out/figure.png"
_FROM_CSV = f"--measurements measurements.csv {_TABLE}"
_OF_CORPUS = "--model model --corpus corpus"
_MEASURED = (
    "rate-distortion.json posterior.json information.json slope.json sensitivity.json syntax.json"
    " probe.json description.json fce.json"
)

COMMANDS = {
    "grammar many": "grammar --train 5000 --valid 1 --test 1 --output many",
    "grammar": "grammar --train 60 --valid 4 --test 6 --output grammar",
    **{
        f"prepare {form}": f"prepare --name {form} --format {form} --normalise lowercase tokenise"
        f" --train raw/{form}.train --valid raw/{form}.valid --test raw/{form}.test"
        f" --output prepared/{form}"
        for form in ("cbt", "wiki", "yelp", "webtext")
    },
    "split": "split --text many/train.txt --output out/split",
    "prepare": "prepare --name tiny --train raw/plain.train --valid raw/plain.valid"
    " --test raw/plain.test --output corpus",
    "prepare closed": "prepare --name tiny --train raw/plain.train --valid raw/plain.valid"
    " --test raw/plain.test --words words.txt --output prepared/closed",
    "prepare grammar": "prepare --name grammar --train grammar/train.txt --valid grammar/valid.txt"
    " --test grammar/test.txt --words grammar/words.txt --output prepared/grammar",
    "train": "train --corpus corpus --name small --C 2 --seed 1 --epochs 1 --ramp-epochs 0"
    f" --latent 2 {_SIZES} --output model",
    "train grammar": "train --corpus prepared/grammar --name small --C 2 --seed 1 --epochs 1"
    f" --ramp-epochs 0 --latent 2 {_SIZES} --output grammar-model",
    "codes": "codes --corpus corpus --latent 2 --output codes.npy",
    "codes lines": "codes --lines 3 --latent 2 --output lines.npy",
    "measure": f"measure rate-distortion {_OF_CORPUS} --bootstrap 2 --output rate-distortion.json",
    "measure text": "measure rate-distortion --model model --text raw/plain.test",
    "measure bound": "measure rate-distortion --model grammar-model --corpus prepared/grammar"
    " --grammar grammar",
    "measure posterior": f"measure posterior {_OF_CORPUS} --bootstrap 2 --output posterior.json",
    "measure information": f"measure information {_OF_CORPUS} --output information.json",
    "measure likelihood": f"measure likelihood {_OF_CORPUS} --samples 2",
    "measure slope": f"measure slope {_OF_CORPUS} --output slope.json",
    "measure reconstruction": f"measure reconstruction {_OF_CORPUS} --bootstrap 2"
    " --pairs out/pairs.tsv",
    "sample": "sample --model model --corpus corpus --codes codes.npy --output text.txt"
    " --report text.json",
    "interpolate": "interpolate --model model --decodings greedy top3 --lines lines.npy"
    " --output homotopy.json",
    "measure sensitivity": "measure sensitivity --model model --lines lines.npy --bootstrap 2"
    " --output sensitivity.json",
    "score": "score --reference raw/plain.test --hypothesis raw/copies.txt",
    "self-bleu": "self-bleu text.txt",
    "measure description": "measure description --text text.txt --report text.json --grammar"
    " --output description.json",
    "common-dictionary": "common-dictionary raw/plain.train raw/plain.test"
    " --vocabulary corpus/vocabulary.txt --output dictionary.txt",
    "language-model": "language-model --name real --dictionary dictionary.txt --corpus corpus"
    f" --epochs 1 {_SIZES} --output real-model",
    "language-model text": "language-model --name text --dictionary dictionary.txt --text text.txt"
    f" --epochs 1 {_SIZES} --output text-model",
    "language-model words": "language-model --name words --dictionary corpus/vocabulary.txt"
    f" --corpus corpus --epochs 1 {_SIZES} --output word-model",
    "kneser-ney": "kneser-ney --name real --dictionary dictionary.txt --corpus corpus"
    " --output real.arpa",
    "kneser-ney text": "kneser-ney --name text --dictionary dictionary.txt --text text.txt"
    " --output text.arpa",
    "measure fce": "measure fce --text text.txt --report text.json --corpus corpus"
    " --synthetic-lstm text-model"
    " --synthetic-kneser-ney text.arpa --real-lstm real-model --real-kneser-ney real.arpa"
    " --bootstrap 2 --output fce.json",
    "pairs": "pairs --source pickles --output out/pairs.tsv",
    "pairs grammar": "pairs --grammar many/train.txt --combinations 1 --output out/new.tsv",
    "measure syntax": "measure syntax --model model --pairs pairs.tsv --language-model word-model"
    " --bootstrap 2 --output syntax.json",
    "measure probe": "measure probe --model model --pairs pairs.tsv --output probe.json",
    "gather": f"gather --bootstrap-output replicates.csv {_MEASURED} --output measurements.csv",
    **{
        f"render {name}": f"render {name} {_FROM_CSV}"
        for name in ("table1", "table3", "table4", "probe", "section3_2")
    },
    "render table2": f"render table2 --homotopies homotopy.json {_FROM_CSV}",
    "render sensitivity": "render sensitivity --measurements measurements.csv --caption Numbers"
    " --csv out/sensitivity.csv",
    "render collapse": f"render collapse {_FROM_CSV} --configs model/config.json",
    "render figure1": "render figure1 --measurements measurements.csv --csv out/figure.csv"
    f" {_FIGURE}",
    "render curves": f"render curves --records model/training.jsonl {_FIGURE}",
    "render comparison": "render comparison --measurements measurements.csv"
    f" --sizes corpus/statistics.json --stand-ins cbt/lstm/C3=tiny/small/C2 {_TABLE}",
    "render claims": "render claims --measurements measurements.csv --bootstrap replicates.csv"
    f" --configs model/config.json --sizes corpus/statistics.json {_TABLE}",
    "document": "document --tables out/table.tex --figures out/figure.pdf --caption Numbers"
    " --output out/paper.pdf",
    "costs": "costs --benchmarks benchmarks --caption Numbers --tex out/costs.tex"
    " --csv out/costs.csv --html out/costs.html --jobs out/jobs.csv",
    "provenance": "provenance table1",
    "run-information": """run-information --configuration '{"targets": []}' --yaml out/run.yaml"""
    " --json out/run.json --html out/run.html",
}


def argv(name: str) -> list[str]:
    """Return the words of a command."""
    return shlex.split(COMMANDS[name])


def build() -> None:
    """Write all files of the run to the current folder."""
    files = {"words.txt": _WORDS, "pairs.tsv": _pairs(), **_raw_texts()}
    files["benchmarks/train/seed1.tsv"] = ["s\tmax_rss\tcpu_time", "1.50\t100.25\t1.25"]
    for name, lines in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("".join(f"{line}\n" for line in lines))
    template_pickles.write(Path("pickles"))
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
    """Return the lines of a table of minimal pairs."""
    return ["row\tset\tsubcategory\titem\tnumber\tgrammatical\tungrammatical"] + [
        f"agreement.simple\tone\t{number}_MS\t{item}\t{number}"
        f"\tthe {item} {good} .\tthe {item} {bad} ."
        for item in ("cat", "dog", "cow")
        for number, good, bad in (("singular", "sat", "lay"), ("plural", "lay", "sat"))
    ]
