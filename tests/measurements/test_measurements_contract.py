"""The contract of every registered measurement, through `textvae measure NAME`."""

import json
import math
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from one_by_one import LATENT, VOCABULARY, lively_model, random_pairs
from textvae.cli import main
from textvae.corpora.encoded import EncodedCorpus, save_array
from textvae.corpora.minimal_pairs import read_pairs, write_pairs
from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.fce.dictionary import encode_file, recode
from textvae.generation.codes import line_ends
from textvae.generation.generated import GeneratedText, read_report
from textvae.io import write_json
from textvae.measurements import KINDS, measured_on
from textvae.measurements.fce import CommonDictionary
from textvae.measurements.report import Result
from textvae.models import language_model, saved
from textvae.paper.gathering import read_measurement, read_replicates
from textvae.registry import MEASUREMENTS, Declaration
from textvae.spec import Spec
from tiny import tiny_corpus
from tiny_language_model import lively_language_model, round_dance, write

TRAINED = lively_model()
# The dictionary of the language models: in another order, with a word of its own and without w0.
DICTIONARY = Vocabulary([*VOCABULARY.words[3:], "own"])
OTHER_WORDS = Vocabulary(f"v{i}" for i in range(len(VOCABULARY) - 2))
# The flags of each kind of subject, with paths below the module's folder.
FILES = {
    "split": {"model": "model", "corpus": "corpus"},
    "lines": {"model": "model", "lines": "lines.npy"},
    "text": {"text": "text.txt", "report": "text.json"},
    "fce": {
        "text": "text.txt",
        "report": "text.json",
        "corpus": "corpus",
        "synthetic-lstm": "lstm",
        "real-lstm": "other-lstm",
        "synthetic-kneser-ney": "none.arpa",
        "real-kneser-ney": "none.arpa",
    },
    "pairs": {"model": "model", "pairs": "pairs.tsv"},
}
# Settings other than the defaults, small enough for a test.
SETTINGS = {
    "rate-distortion": {"noise_seed": 2, "bootstrap": 3},
    "posterior": {"draws": 2, "noise_seed": 2, "bootstrap": 3},
    "information": {"sentences": 30, "noise_seed": 2, "bootstrap": 4},
    "likelihood": {"samples": 3, "sentences": 30, "noise_seed": 2},
    "slope": {"sentences": 30, "noise_seed": 2},
    "reconstruction": {"bootstrap": 3},
    "sensitivity": {"points": 5, "bootstrap": 3},
    "description": {"self_bleu_sentences": 20},
    "fce": {"bootstrap": 3},
    "syntax": {"precision": "float32", "checked": 3, "seed": 2, "bootstrap": 3},
    "probe": {"pairs_a_row": 20, "folds": 3, "seed": 2},
}
KIND = {name: kind for kind in KINDS for name in measured_on(kind)}
NAMES = list(KIND)


def flags_of(settings):
    return [
        word for key, value in settings.items() for word in (f"--{key.replace('_', '-')}", value)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a subject of each kind, and subjects that do not fit."""
    folder = tmp_path_factory.mktemp("subjects")
    saved.save(folder / "model", TRAINED, {})
    tiny_corpus(folder / "corpus", sentences=40)
    tiny_corpus(folder / "one", sentences=1)
    tiny_corpus(folder / "other")
    OTHER_WORDS.save(folder / "other/vocabulary.txt")
    shutil.copytree(folder / "corpus", folder / "empty")
    save_array(folder / "empty/test.tokens.npy", np.empty(0, np.uint32))
    save_array(folder / "empty/test.offsets.npy", np.zeros(1, np.int64))
    save_array(folder / "empty.npy", np.empty((0, 2, LATENT), np.float32))
    save_array(folder / "lines.npy", line_ends(4, LATENT, 1))
    save_array(folder / "one.npy", line_ends(1, LATENT, 1))
    save_array(folder / "wide.npy", line_ends(4, LATENT + 1, 1))
    write(folder / "text.txt", round_dance(30))
    write(folder / "one.txt", round_dance(1))
    write(folder / "empty.txt", [])
    report = {"cell": TRAINED.cell.as_dict(), "decoding": "greedy", "copy": 2}
    write_json(folder / "text.json", report | {"cut": 1, "longest": 8})
    language_model.save(folder / "lstm", lively_language_model(), DICTIONARY, {})
    language_model.save(folder / "other-lstm", lively_language_model(2), DICTIONARY, {})
    language_model.save(folder / "foreign-lstm", lively_language_model(), OTHER_WORDS, {})
    shutil.copytree(folder / "lstm", folder / "swapped-lstm")
    shutil.copy(folder / "other-lstm/model.safetensors", folder / "swapped-lstm")
    (folder / "none.arpa").write_text("not built\n")
    write_pairs(folder / "pairs.tsv", random_pairs(30))
    write_pairs(folder / "one.tsv", random_pairs(1))
    (folder / "empty.tsv").write_text("grammatical\tungrammatical\n")
    return folder


@pytest.fixture
def measure(folder, capsys):
    """Run a measurement on its subject, with other paths for some of the subject's flags."""

    def run(name, *flags, **changes):
        files = FILES[KIND[name]] | {key.replace("_", "-"): path for key, path in changes.items()}
        argv = [word for flag, path in files.items() for word in (f"--{flag}", folder / path)]
        if name == "likelihood" and "--samples" not in flags:
            argv += ["--samples", 2]
        argv += ["--longest", 5] if KIND[name] == "lines" else []
        capsys.readouterr()
        status = main(["measure", name, *map(str, [*argv, *flags])])
        printed = capsys.readouterr()
        # The split has fewer sentences than some defaults.
        lines = printed.err.splitlines(keepends=True)
        err = "".join(line for line in lines if not line.startswith("warning: --sentences"))
        return status, printed.out, err

    return run


@pytest.fixture
def refusal(measure, tmp_path):
    """Run a measurement that is refused and writes nothing; return its line on stderr."""

    def run(name, *flags, **changes):
        status, out, err = measure(name, *flags, "--output", tmp_path / "no.json", **changes)
        assert (status, out) == (1, "")
        assert err.startswith("textvae measure: ")
        assert err.count("\n") == 1
        assert not list(tmp_path.glob("*no.json*"))
        return err

    return run


def call_directly(name, folder, settings):
    """Call the registered function on the same subject, without the command."""
    given, more = {
        "split": lambda: ((TRAINED, EncodedCorpus(folder / "corpus").split("test")), {}),
        "lines": lambda: ((TRAINED, np.load(folder / "lines.npy")), {"longest": 5}),
        "text": lambda: (
            (GeneratedText(folder / "text.txt"),),
            {"generated": read_report(folder / "text.json")},
        ),
        "fce": lambda: (
            (
                CommonDictionary(
                    DICTIONARY,
                    encode_file(folder / "text.txt", DICTIONARY),
                    recode(EncodedCorpus(folder / "corpus").split("test"), VOCABULARY, DICTIONARY),
                    (lively_language_model(), lively_language_model(2)),
                    (folder / "none.arpa", folder / "none.arpa"),
                ),
            ),
            {},
        ),
        "pairs": lambda: ((TRAINED, read_pairs(folder / "pairs.tsv")), {}),
    }[KIND[name]]()
    function = MEASUREMENTS[name]
    return Result.of(function(*given, function.Settings(**settings), **more), name)


def test_registry_every_kind_has_a_measurement_and_is_checked():
    assert set(KIND.values()) == set(KINDS)
    assert sorted(NAMES) == sorted(MEASUREMENTS.names()) == sorted(SETTINGS)


@pytest.mark.parametrize("name", NAMES)
def test_json_has_cell_settings_and_values_of_the_function(measure, folder, tmp_path, name):
    path = tmp_path / "new/measured.json"
    assert measure(name, *flags_of(SETTINGS[name]), "--output", path)[:2] == (0, "")
    content = json.loads(path.read_text())
    declared = MEASUREMENTS.declared()[name].specs
    of_text = {"longest"} if KIND[name] in ("lines", "text", "fce") else set()
    assert set(content["settings"]) == {one.name for one in declared} | of_text
    assert content["settings"] == content["settings"] | SETTINGS[name]
    assert all(SETTINGS[name][one.name] != one.default for one in declared)

    expected = call_directly(name, folder, SETTINGS[name])
    replicates = expected.values.pop("bootstrap", {})
    values = content["values"]
    assert values == {
        metric: value if value is not None and math.isfinite(value) else None
        for metric, value in expected.values.items()
    }
    missing = {metric for metric, value in values.items() if value is None}
    assert missing <= content["notes"].keys()
    assert {"cell": content["cell"], "measurement": content["measurement"]} == {
        "cell": TRAINED.cell.as_dict(),
        "measurement": name,
    }
    subject = {
        "split": ("test", SETTINGS[name].get("sentences", 40)),
        "lines": ("prior", 4),
        "text": ("synthetic", 30),
        "fce": ("test", 40),
        "pairs": (str(folder / "pairs.tsv"), 30),
    }
    assert (content["split"], content["sentences"]) == subject[KIND[name]]
    generated = ("greedy", 2) if KIND[name] in ("text", "fce") else (None, None)
    assert (content.get("decoding"), content.get("copy")) == generated
    # The table of all measurements reads both.
    assert {row.metric: row.value for row in read_measurement(path)} == values
    if "bootstrap" in SETTINGS[name]:
        assert set() < content["bootstrap"].keys() == replicates.keys() - missing
        gathered = {row.metric: list(row.values) for row in read_replicates(path)}
        assert gathered == content["bootstrap"]
        for metric, rows in gathered.items():
            assert rows == pytest.approx(replicates[metric], rel=1e-3, abs=1e-5)
            # A line for each metric, for people who read the file.
            assert f'"{metric}": [{json.dumps(rows)[1:-1]}]' in path.read_text()


@pytest.mark.parametrize("name", NAMES)
def test_second_run_gives_the_same_bytes(measure, tmp_path, name):
    for file in ("one", "two"):
        assert measure(name, "--output", tmp_path / file)[:2] == (0, "")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    written = json.loads((tmp_path / "one").read_text())
    # Printed if no file is given; on two threads sums may differ in their last bits.
    status, out, _ = measure(name, *([] if KIND[name] == "text" else ["--threads", 2]))
    assert status == 0
    printed = json.loads(out)
    values = {
        metric: None if value is None else pytest.approx(value, rel=1e-6)
        for metric, value in written["values"].items()
    }
    assert printed == written | {"values": values}
    defaults = {one.name: one.default for one in MEASUREMENTS.declared()[name].specs}
    expected = defaults | ({"samples": 2} if name == "likelihood" else {})
    if KIND[name] in ("lines", "text", "fce"):
        expected |= {"longest": written["settings"]["longest"]}
    assert written["settings"] == expected
    assert "bootstrap" not in written


@pytest.mark.parametrize("name", NAMES)
def test_setting_beyond_a_bound_is_refused_by_flag(refusal, name):
    specs = MEASUREMENTS.declared()[name].specs
    beyond = [(one.flag, int(one.ge) - 1) for one in specs if one.ge is not None]
    beyond += [(one.flag, int(one.le) + 1) for one in specs if one.le is not None]
    assert beyond
    for flag, value in beyond:
        assert f"{flag}: {value} " in refusal(name, flag, value)


EVERY_FILE = [(name, flag) for name in NAMES for flag in FILES[KIND[name]]]


@pytest.mark.parametrize(("name", "flag"), EVERY_FILE)
def test_missing_or_damaged_file_is_named(refusal, folder, tmp_path, name, flag):
    assert f"{folder}/gone" in refusal(name, **{flag: "gone"})
    damaged = tmp_path / "damaged"
    sound = folder / FILES[KIND[name]][flag]
    if sound.is_dir():
        shutil.copytree(sound, damaged)
        for file in damaged.glob("*.tokens.npy"):
            file.write_bytes(file.read_bytes()[:-1])
        for file in damaged.glob("*.safetensors"):
            file.write_bytes(file.read_bytes()[:-1])
    else:
        damaged.write_bytes(b"\xff\xfe" * 100)
    assert str(damaged) in refusal(name, **{flag: damaged})


# Subjects that are refused: of another model or corpus, of one sentence, or empty.
REFUSED = {
    "split": [{"corpus": "other"}, {"corpus": "one"}, {"corpus": "empty"}],
    "lines": [{"lines": "wide.npy"}, {"lines": "empty.npy"}],
    "text": [{"text": "one.txt"}, {"text": "empty.txt"}],
    "fce": [
        *({"real_lstm": name} for name in ("foreign-lstm", "swapped-lstm")),
        *({"synthetic_lstm": "swapped-lstm"}, {"text": "empty.txt"}),
    ],
    "pairs": [{"model": "lstm"}, {"pairs": "empty.tsv"}, {"language_model": "foreign-lstm"}],
}
SINGLE = {
    "lines": {"lines": "one.npy"},
    "fce": {"text": "one.txt", "corpus": "one"},
    "pairs": {"pairs": "one.tsv"},
}


@pytest.mark.parametrize("name", NAMES)
def test_subject_that_does_not_fit_is_named(refusal, folder, name):
    facts = MEASUREMENTS.declared()[name].facts
    for changes in REFUSED[KIND[name]]:
        ((flag, path),) = changes.items()
        if flag == "language_model" and not facts.get(flag):
            continue
        named = f"{TRAINED.cell}, greedy, copy 2" if path == "one.txt" else f"{folder}/{path}"
        assert named in refusal(name, **changes)


def lstm_of(folder, **training):
    """Save the language model of real text with a record of its training."""
    language_model.save(folder, lively_language_model(2), DICTIONARY, training)
    return folder


def test_floor_is_of_the_same_language_model_on_as_many_sentences(
    measure, refusal, folder, tmp_path
):
    corpus = EncodedCorpus(folder / "corpus").fingerprint
    recipe, sizes = {"epochs": 2, "batch": 8}, {"hidden": 8}
    known = {"recipe": recipe, "sizes": sizes, "sentences": 30}
    synthetic = lstm_of(tmp_path / "synthetic", **known)
    for changes, reason in (
        ({"recipe": recipe | {"epochs": 3}}, "epochs is 2 there and 3 here"),
        ({"sizes": {"hidden": 16}}, "hidden is 8 there and 16 here"),
    ):
        real = lstm_of(tmp_path / "real", **(known | changes), corpus=corpus)
        assert reason in refusal("fce", synthetic_lstm=synthetic, real_lstm=real)
    for sentences, noted in ((30, False), (20, True)):
        real = lstm_of(tmp_path / "real", **(known | {"sentences": sentences}), corpus=corpus)
        status, out, err = measure("fce", synthetic_lstm=synthetic, real_lstm=real)
        assert (status, "language_models" in json.loads(out)["notes"]) == (0, noted)
        assert ("of 20 sentences, that of the synthetic text of 30" in err) == noted
        content = json.loads(out)
        assert content["values"]["floor_sentences"] == sentences
        # All C must share both.
        assert content["dictionary_sha256"] == DICTIONARY.digest
        assert content["floor_sha256"] == language_model.weights(real)


def test_language_models_that_ran_out_of_epochs_are_noted(measure, folder, tmp_path):
    corpus = EncodedCorpus(folder / "corpus").fingerprint
    for ended, sentences, noted in (
        ((False, False), 30, []),
        ((True, False), 30, ["that of the synthetic text still improved"]),
        ((True, True), 30, ["that of the synthetic text and that of real text still improved"]),
        ((False, True), 20, ["that of real text is of 20 sentences", "real text still improved"]),
    ):
        synthetic = lstm_of(tmp_path / "synthetic", sentences=30, out_of_epochs=ended[0])
        known = {"sentences": sentences, "corpus": corpus}
        real = lstm_of(tmp_path / "real", **known, out_of_epochs=ended[1])
        status, out, _ = measure("fce", synthetic_lstm=synthetic, real_lstm=real)
        note = json.loads(out)["notes"].get("language_models", "")
        assert (status, bool(note)) == (0, bool(noted))
        assert all(part in note for part in noted)


def test_unknown_words_that_the_synthetic_text_lacks_are_noted(measure, folder, tmp_path):
    """The test split has words outside the dictionary; this text has none."""
    write(tmp_path / "known.txt", [[DICTIONARY.decode([3])[0]] * 4] * 30)
    status, out, err = measure("fce", text=tmp_path / "known.txt")
    content = json.loads(out)
    assert content["values"]["unk_percent"] == 0 < content["values"]["test_unk_percent"]
    assert status == 0
    assert "have not learnt its probability" in content["notes"]["untrained_unk"]
    assert "untrained_unk: " in err


@pytest.mark.parametrize(("training", "noted"), [(0.0, True), (1.5, False)])
def test_unknown_words_of_a_model_trained_on_none_are_noted(tmp_path, capsys, training, noted):
    saved.save(tmp_path / "model", replace(TRAINED, unk_percent=training), {})
    text = tmp_path / "text.txt"
    text.write_text("w1 w2\nw1 unheard\n")
    flags = ["--model", str(tmp_path / "model"), "--text", str(text)]
    assert main(["measure", "rate-distortion", *flags]) == 0
    printed = capsys.readouterr()
    content = json.loads(printed.out)
    assert content["values"]["training_unk_percent"] == training
    assert ("untrained_unk" in content["notes"]) == ("untrained_unk: " in printed.err) == noted
    # Minimal pairs are another door to the same model.
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("grammatical\tungrammatical\nw1 w2\tw1 w3\nw1 unheard\tw2 unheard\n")
    assert main(["measure", "probe", *flags[:2], "--pairs", str(pairs)]) in (0, 1)
    assert ("untrained_unk: 2 of 8 words" in capsys.readouterr().err) == noted


def test_probe_counts_the_pairs_that_it_draws(measure):
    content = json.loads(measure("probe", "--pairs-a-row", 1)[1])
    rows = sum(name.endswith(".items") for name in content["values"])
    assert content["sentences"] == rows < 30


@pytest.mark.parametrize(
    ("corpus", "noted"), [({}, True), ({"corpus": "a" * 64}, False)], ids=["text", "corpus"]
)
def test_syntax_names_its_language_model(measure, tmp_path, corpus, noted):
    saved.save(tmp_path / "model", TRAINED, {"corpus": "a" * 64})
    model = lively_language_model()
    language_model.save(tmp_path / "lm", model, VOCABULARY, {"sentences": 2} | corpus)
    _, out, err = measure("syntax", model=tmp_path / "model", language_model=tmp_path / "lm")
    content = json.loads(out)
    recorded = json.loads((tmp_path / "lm/config.json").read_text())
    assert content["language_model_sha256"] == recorded["weights"]
    assert content["language_model_sentences"] == 2
    assert ("language_model" in content["notes"]) == ("language_model: " in err) == noted


@pytest.mark.parametrize("name", [name for name in NAMES if KIND[name] in SINGLE])
def test_single_sentence_gives_values_or_notes(measure, name):
    status, out, _ = measure(name, **SINGLE[KIND[name]])
    content = json.loads(out)
    assert (status, content["sentences"]) == (0, 1)
    missing = {metric for metric, value in content["values"].items() if value is None}
    assert missing <= content["notes"].keys()
    assert missing < content["values"].keys()


@pytest.mark.parametrize(("old", "new"), [("evaluate", "measure"), ("fce", "measure fce")])
def test_earlier_command_names_its_replacement(capsys, old, new):
    assert main([old, "--model", "model"]) == 2
    assert f"`textvae {new}`" in capsys.readouterr().err


def test_measurement_of_unknown_kind_is_named(monkeypatch):
    wrong = Declaration("measurement", "odd", "", "odd.py", facts={"of": "weather"})
    monkeypatch.setattr(MEASUREMENTS, "declared", lambda: {"odd": wrong})
    with pytest.raises(InputError, match=r"^odd\.py: .*'odd'.*'weather'"):
        measured_on("split")


def test_setting_with_the_name_of_another_flag_is_named(monkeypatch, capsys):
    setting = Spec("corpus", "int", 1, "")
    clash = Declaration("measurement", "odd", "odd", "odd.py", (setting,), {"of": "split"})
    monkeypatch.setattr(MEASUREMENTS, "declared", lambda: {"odd": clash})
    assert main(["measure", "odd", "--help"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("textvae measure: odd.py: odd: ")
    assert "--corpus" in line


@pytest.mark.parametrize(
    ("returned", "problem"),
    [
        (None, "returned NoneType None, expected a dictionary"),
        (3.5, "returned float 3.5, expected a dictionary"),
        ({"mean": "long"}, "'mean' is str 'long', expected a number"),
        ({"mean": np.ones(2)}, "'mean' is ndarray"),
        ({"mean": torch.ones(2)}, "'mean' is Tensor"),
    ],
)
def test_what_a_measurement_of_your_own_returns_is_checked(returned, problem):
    with pytest.raises(InputError, match=re.escape(f"own: {problem}")):
        Result.of(returned, "own")
    numbers = {"a": np.float32(1), "b": torch.tensor(2), "c": None}
    assert Result.of(numbers, "own").values == numbers
