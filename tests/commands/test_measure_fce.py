"""`textvae measure fce`: language models of texts, on a tiny corpus of human text."""

import json
import math

import numpy as np
import pytest

from textvae.cells import Cell
from textvae.cli import main
from textvae.corpora import SPLITS
from textvae.corpora.encoded import EncodedCorpus, Sentences, save_array
from textvae.corpora.vocabulary import Vocabulary
from textvae.fce import kneser_ney
from textvae.fce.dictionary import encode_file, recode
from textvae.io import write_json
from textvae.models import language_model
from textvae.models.language_model import score
from textvae.paper.measurements import read_measurement, read_replicates
from tiny import CPU, WORDS
from tiny_language_model import round_dance, write

# Human text is a round dance of 20 words; w19 is in none of the synthetic texts.
VOCABULARY = Vocabulary(f"w{i}" for i in range(WORDS))
DICTIONARY = Vocabulary(f"w{i}" for i in range(WORDS - 1))
CELL = Cell("tiny", "small", 15.0, 1)
FLAGS = [
    *("--embedding", "8", "--hidden", "16", "--embedding-range", "0.5"),
    *("--epochs", "6", "--batch", "16", "--learning-rate", "0.03"),
]
HAS_LMPLZ = kneser_ney.trainer() is not None
METRICS = (
    *("fce_nats", "fce_standard_error", "fce_without_unk_nats"),
    *("floor_nats", "floor_without_unk_nats", "excess_nats", "excess_standard_error"),
    "reverse_nats",
)


def human_text(folder):
    """A prepared corpus."""
    VOCABULARY.save(folder / "vocabulary.txt")
    for seed, split in enumerate(SPLITS):
        sentences = Sentences.of([VOCABULARY.encode(s) for s in round_dance(150, seed=seed)])
        save_array(folder / f"{split}.tokens.npy", sentences.tokens)
        save_array(folder / f"{split}.offsets.npy", sentences.offsets)
    write_json(folder / "statistics.json", {"name": "tiny"})


def synthetic(step, seed):
    """As human text where `step` is 1; another dance where it is not. A sentence has no words."""
    sentences = round_dance(150, step, seed)
    return [[], *([word.replace("w19", "<unk>") for word in s] for s in sentences)]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The corpus; a synthetic text like it and one unlike it; the models of all three."""
    place = tmp_path_factory.mktemp("place")
    human_text(place / "corpus")
    DICTIONARY.save(place / "dictionary.txt")
    sources = {"real": ["--corpus", place / "corpus"]}
    for name, step in (("like", 1), ("unlike", 3)):
        write(place / f"{name}.txt", synthetic(step, seed=7))
        report = {"cell": CELL.as_dict(), "decoding": "nucleus0.9", "copy": 2}
        report |= {"cut": 0, "longest": 9}
        write_json(place / f"{name}.json", report)
        sources[name] = ["--text", place / f"{name}.txt"]
    for name, source in sources.items():
        learnt = ["--name", name, "--dictionary", place / "dictionary.txt", *source]
        learnt = [str(word) for word in learnt]
        assert main(["language-model", *learnt, *FLAGS, "--output", str(place / name)]) == 0
        assert main(["kneser-ney", *learnt, "--output", str(place / f"{name}.arpa")]) == 0
    return place


@pytest.fixture
def fce(place, tmp_path, capsys):
    """Run the command on a synthetic text; its JSON, or its line on stderr. Flags may change."""

    def run(name, *more, **changes):
        flags = {
            "text": f"{name}.txt",
            "report": f"{name}.json",
            "corpus": "corpus",
            "synthetic_lstm": name,
            "synthetic_kneser_ney": f"{name}.arpa",
            "real_lstm": "real",
            "real_kneser_ney": "real.arpa",
        }
        argv = []
        for flag, path in (flags | changes).items():
            argv += [f"--{flag.replace('_', '-')}", str(place / path)]
        capsys.readouterr()
        status = main(["measure", "fce", *argv, *more, "--output", str(tmp_path / "fce.json")])
        printed = capsys.readouterr()
        if status == 0:
            assert printed == ("", "")
            return json.loads((tmp_path / "fce.json").read_text())
        assert (status, printed.out) == (1, "")
        (line,) = printed.err.splitlines()
        return line.removeprefix("textvae measure: ")

    return run


def test_the_model_of_the_right_text_is_better_and_none_beats_real_text(fce):
    like, unlike = (fce(name)["values"] for name in ("like", "unlike"))
    ignorance = (1 + like["test_mean_length"]) * math.log(len(DICTIONARY))
    assert like["floor_nats"] == unlike["floor_nats"]
    assert like["fce_nats"] < ignorance < unlike["fce_nats"]
    assert like["reverse_nats"] < ignorance < unlike["reverse_nats"]
    for values in (like, unlike):
        assert values["excess_nats"] > -3 * values["excess_standard_error"]
    assert unlike["excess_nats"] > 10 * unlike["excess_standard_error"]


@pytest.mark.skipif(not HAS_LMPLZ, reason="KenLM is not installed")
def test_so_it_is_with_kneser_ney(fce):
    like, unlike = (fce(name)["values"] for name in ("like", "unlike"))
    assert like["kn5_floor_nats"] == unlike["kn5_floor_nats"]
    assert like["kn5_fce_nats"] < unlike["kn5_fce_nats"] - 3
    assert like["kn5_reverse_nats"] < unlike["kn5_reverse_nats"] - 3
    # Neither of the two knows anything that the other does not.
    assert like["kn5_fce_nats"] == pytest.approx(like["fce_nats"], rel=0.3)


def test_every_number_of_it(place, fce):
    content = fce("like")
    assert content["cell"] == CELL.as_dict()
    assert (content["decoding"], content["copy"]) == ("nucleus0.9", 2)
    assert (content["measurement"], content["split"]) == ("fce", "test")
    assert (content["sentences"], content["settings"]) == (150, {"bootstrap": 0})
    values = content["values"]

    corpus = EncodedCorpus(place / "corpus")
    test = recode(corpus.split("test"), VOCABULARY, DICTIONARY)
    ours, real = (language_model.load(place / name, CPU)[0] for name in ("like", "real"))
    forward, floor = score(ours, test), score(real, test)
    text = encode_file(place / "like.txt", DICTIONARY)
    excess = forward.nll - floor.nll
    assert {name: values[name] for name in METRICS} == {
        "fce_nats": forward.nll.mean(),
        "fce_standard_error": pytest.approx(np.std(forward.nll) / math.sqrt(149)),
        "fce_without_unk_nats": forward.without_unk.mean(),
        "floor_nats": floor.nll.mean(),
        "floor_without_unk_nats": floor.without_unk.mean(),
        "excess_nats": excess.mean(),
        "excess_standard_error": pytest.approx(np.std(excess) / math.sqrt(149)),
        "reverse_nats": score(real, text).nll.mean(),
    }
    assert values["fce_without_unk_nats"] < values["fce_nats"]

    words = [word for sentence in synthetic(1, seed=7) for word in sentence]
    of_test = [word for sentence in round_dance(150, seed=2) for word in sentence]
    counted = {
        "vocabulary_size": 19,
        "unk_percent": pytest.approx(100 * words.count("<unk>") / len(words)),
        "test_vocabulary_size": len(set(of_test) - {"w19"}),
        "test_unk_percent": pytest.approx(100 * of_test.count("w19") / len(of_test)),
        "test_mean_length": pytest.approx(len(of_test) / 150),
    }
    assert {name: values[name] for name in counted} == counted
    assert set(values) == {*METRICS, *(f"kn5_{name}" for name in METRICS), *counted}


def test_it_is_a_measurement_of_generated_text(fce, tmp_path):
    fce("like")
    rows = read_measurement(tmp_path / "fce.json")
    assert {(row.cell, row.decoding, row.copy) for row in rows} == {(CELL, "nucleus0.9", 2)}
    assert {row.sentences for row in rows} == {150}


def test_without_lmplz_its_columns_are_null_and_say_not_built(place, fce):
    (place / "none.arpa").write_text("not built\n")
    content = fce("like", synthetic_kneser_ney="none.arpa", real_kneser_ney="none.arpa")
    of_kenlm = [f"kn5_{name}" for name in METRICS]
    assert content["notes"] == dict.fromkeys(of_kenlm, "not built")
    assert {content["values"][name] for name in of_kenlm} == {None}
    assert None not in {content["values"][name] for name in METRICS}


@pytest.mark.skipif(not HAS_LMPLZ, reason="KenLM is not installed")
def test_where_one_of_its_models_was_built_that_one_speaks(place, fce):
    (place / "none.arpa").write_text("not built\n")
    content = fce("like", synthetic_kneser_ney="none.arpa")
    missing = {"fce_nats", "fce_standard_error", "fce_without_unk_nats"}
    missing |= {"excess_nats", "excess_standard_error"}
    assert content["notes"] == {f"kn5_{name}": "not built" for name in missing}
    assert content["values"]["kn5_floor_nats"] > 0
    assert content["values"]["kn5_reverse_nats"] > 0


def test_models_over_two_dictionaries_cannot_be_compared(place, fce):
    model, _ = language_model.load(place / "real", CPU)
    other = Vocabulary([*DICTIONARY.words[3:], "w0"])
    language_model.save(place / "other", model, other, {})
    said = fce("like", real_lstm="other")
    assert said == f"{place}/other: not over the dictionary of {place}/like"


def test_what_cannot_be_read_is_named(place, fce):
    write(place / "empty.txt", [])
    assert fce("like", text="empty.txt").startswith(f"{place}/empty.txt: empty")
    said = fce("like", report="corpus/statistics.json")
    assert said.startswith(f"{place}/corpus/statistics.json: not a report of `textvae sample`")
    assert fce("like", corpus="like").startswith(f"{place}/like: not a prepared corpus")
    said = fce("like", synthetic_lstm="corpus")
    assert said == f"{place}/corpus/config.json: no such file"
    assert fce("like", real_kneser_ney="gone.arpa").startswith(f"{place}/gone.arpa: ")


def test_replicates_where_they_are_asked_for(fce, tmp_path):
    content = fce("like", "--bootstrap", "50")
    assert content["settings"] == {"bootstrap": 50}
    own = {"fce_nats", "fce_without_unk_nats", "floor_nats", "floor_without_unk_nats"}
    own.add("excess_nats")
    of_kenlm = {f"kn5_{name}" for name in own} if HAS_LMPLZ else set()
    assert set(content["bootstrap"]) == own | of_kenlm
    rows = {row.metric: row for row in read_replicates(tmp_path / "fce.json")}
    assert (rows["fce_nats"].decoding, rows["fce_nats"].copy) == ("nucleus0.9", 2)
    values, error = rows["fce_nats"].values, content["values"]["fce_standard_error"]
    assert len(values) == 50
    assert np.mean(values) == pytest.approx(content["values"]["fce_nats"], abs=error)
    # Paired: a sentence drawn for the one is drawn for the other.
    difference = np.subtract(values, rows["floor_nats"].values)
    assert difference == pytest.approx(rows["excess_nats"].values, abs=1e-3)


def test_a_wrong_number_of_replicates_is_one_line(fce):
    said = fce("like", "--bootstrap", "-1")
    assert said == "--bootstrap: -1 is not a number from 0 to 10000"
