"""A wrong configuration is refused in one line with the key, the value and what is expected."""

import copy
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from textvae.config import model_entry
from textvae.config.checks import check
from textvae.config.files import use_extensions
from textvae.config.schema import configuration
from textvae.corpora.settings import Preparation
from textvae.corpora.sources import load_sources
from textvae.errors import InputError
from textvae.extensions import EXTENSIONS
from textvae.fce.settings import LanguageModelSettings
from textvae.settings import specs

ROOT = Path(__file__).parents[1]
PAPER = yaml.safe_load((ROOT / "config/config.yaml").read_text())
SOURCES = load_sources(ROOT / "config/sources.yaml")
LONG = "w" * 101
SIZES = {"train": 9, "valid": 9, "test": 9, "seed": 1}
NEW_PAIRS = {"corpus": "made", "combinations": 5, "seed": 1}
MISSING = object()
# The SHA-256 of an empty file.
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture
def config(tmp_path, monkeypatch):
    """The paper's configuration with a corpus of the grammar, beside files that it may name."""
    monkeypatch.chdir(tmp_path)
    Path("text.txt").touch()
    Path("other.txt").touch()
    Path("pairs.tsv").write_text("grammatical\tungrammatical\na b\ta c\n")
    Path("wrong.tsv").write_text("good\tbad\na b\ta c\n")
    for name, line in (
        ("equal", "a b\ta c\na b\ta b"),
        ("fields", "a b\ta c\tx"),
        ("empty", "a b\t"),
        ("end", "a <eos> b\ta c"),
    ):
        Path(f"{name}.tsv").write_text(f"grammatical\tungrammatical\n{line}\n")
    config = copy.deepcopy(PAPER)
    config["corpora"]["made"] = {"grammar": SIZES}
    return config


def change(config, path, value):
    """Set the value at a dotted path; MISSING deletes it."""
    *parents, key = path.split(".")
    section = config
    for part in parents:
        section = section.setdefault(part, {})
    if value is MISSING:
        del section[key]
    else:
        section[key] = value


def refusal(config, sources=SOURCES):
    with pytest.raises(InputError) as error:
        check(config, sources)
    assert "\n" not in str(error.value)
    return str(error.value)


NAN = float("nan")
TABLE1, TABLE3 = "experiments.table1", "experiments.table3"
CELL = "cbt/lstm/C3/seed1"
FILES = {"train": "text.txt", "valid": "other.txt", "test": "other.txt"}
# The changed key and its value; how the message begins; what else is in it.
REFUSED = [
    # Unknown and missing keys.
    ("models.lstm.learning_rat", 1e-3, "models.lstm:", "'learning_rat'", "mean 'learning_rate'?"),
    ("models.lstm.learning_rate", 100, "models.lstm.learning_rate: ", "100"),
    ("model", {}, "top level:", "'model'", "mean 'models'?"),
    (f"{TABLE1}.seeds", MISSING, f"{TABLE1}:", "'seeds' is missing"),
    ("models.mine", {"base": "lstm", "bade": "gru"}, "models.mine:", "'bade'", "mean 'base'?"),
    ("overrides", {CELL: {"base": "gru"}}, f"overrides.{CELL}:", "'base'"),
    # Names that refer to other sections.
    (f"{TABLE1}.plus", [{"C": [5]}, {"models": ["gruu"]}], f"{TABLE1}.plus[1].models[0]:", "gruu"),
    (f"{TABLE1}.corpora", ["cbt", "wikki"], f"{TABLE1}.corpora[1]:", "'wikki'", "mean 'wiki'?"),
    ("targets", ["table1", "figure2"], "targets[1]:", "'figure2'", "one of table1,"),
    ("models.lstm.decoder", "transformer", "models.lstm.decoder:", "cnn, dilated-cnn, lstm, gru"),
    ("models.mine", {"base": "lstm-wid"}, "models.mine.base:", "'lstm-wid'", "mean 'lstm-wide'?"),
    ("models.mine", {"base": 7}, "models.mine.base:", "got 7", "a text"),
    ("models.a", {"base": "a"}, "models.a.base:", "a -> a"),
    ("corpora.cbt.source", "cbtt", "corpora.cbt.source:", "'cbtt'", "mean 'cbt'?"),
    ("corpora.webtext.files", FILES, "corpora.webtext.files.train:", "'text.txt'", "one of"),
    ("overrides", {"cbt/lstm/15": {}}, "'cbt/lstm/15':", "corpus/model/C15/seed1"),
    ("overrides", {"cbt/rnn/C15/seed1": {}}, "overrides.cbt/rnn/C15/seed1:", "'rnn'"),
    ("overrides", {"cbtt/gru/C15/seed1": {}}, "overrides.cbtt/gru/C15/seed1:", "'cbtt'"),
    ("stand_ins", {"cbt/lstm/C4": "yelp/lstm/C3"}, "stand_ins:", "'cbt/lstm/C4'"),
    ("stand_ins", {"cbt/lstm/C3": "yelp/lstm/C3/seed1"}, "stand_ins:", "'yelp/lstm/C3/seed1'"),
    ("stand_ins", {"cbt/lstm/C3": "yepl/lstm/C3"}, "stand_ins.cbt/lstm/C3:", "'yepl'"),
    ("stand_ins", {"cbt/lstm/C3": "yelp/ltsm/C3"}, "stand_ins.cbt/lstm/C3:", "'ltsm'"),
    # Cells that no experiment has.
    ("overrides", {"cbt/lstm/C4/seed1": {}}, "overrides.cbt/lstm/C4/seed1:", CELL),
    ("overrides", {"cbt/lstm/C3/seed2": {}}, "overrides.cbt/lstm/C3/seed2:", CELL),
    ("overrides", {CELL: {}, "cbt/lstm/C3.0/seed1": {}}, "overrides.cbt/lstm/C3.0/seed1:", CELL),
    ("stand_ins", {"cbt/lstm/C3": "yelp/gru/C6"}, "stand_ins.cbt/lstm/C3:", "yelp/gru/C5"),
    # Only figure 1 and the controls have these.
    ("stand_ins", {"cbt/lstm/C3": "cbt/lstm/C10"}, "stand_ins.cbt/lstm/C3:", "table1"),
    ("stand_ins", {"cbt/lstm/C3": "cbt/lstm/C0"}, "stand_ins.cbt/lstm/C3:", "table1"),
    # Numbers and lists.
    (f"{TABLE1}.C", [3, -1], f"{TABLE1}.C[1]:", "-1", "at least 0"),
    (f"{TABLE1}.C", [True], f"{TABLE1}.C[0]:", "True", "a number"),
    (f"{TABLE1}.C", [1000001], f"{TABLE1}.C[0]:", "1000001", "at most 1000000"),
    (f"{TABLE1}.C", [1e-30], f"{TABLE1}:", "1e-30", "digits"),
    (f"{TABLE1}.C", [], f"{TABLE1}.C:", "empty"),
    (f"{TABLE1}.C", 3, f"{TABLE1}.C:", "got 3", "a list"),
    (f"{TABLE1}.C", [3, 15, 3.0], f"{TABLE1}.C:", "3.0", "twice"),
    (f"{TABLE1}.plus", [{"C": [5, 15]}], f"{TABLE1}:", "cbt/lstm/C15/seed1", "twice"),
    (
        "experiments.table3.plus",
        [{"C": [3], "seeds": [2]}],
        "experiments.table3:",
        "C 3 with seed 2 and 3-15-100 with seed 1",
        "the same C with every seed",
    ),
    ("models.lstm.learning_rate", 0, "models.lstm.learning_rate:", "got 0", "more than 0"),
    ("language_model.learning_rate", NAN, "language_model.learning_rate:", "nan", "finite"),
    ("corpora.cbt.shortest", 2.0, "corpora.cbt.shortest:", "2.0", "whole number"),
    ("corpora.cbt.split_sentences", "cz", "corpora.cbt.split_sentences:", "'cz'", "cs"),
    ("pathvars", {"results": "config"}, "pathvars.results:", "'config'", "results/mine"),
    ("pathvars", {"results": ".git"}, "pathvars.results:", "'.git'", "results/mine"),
    ("pathvars", {"results": "src/textvae"}, "pathvars.results:", "'src/textvae'"),
    ("corpora.yelp.label", "tab", "corpora.yelp.label:", "got tab", "expected none"),
    ("corpora.webtext.label", "tab", "corpora.webtext.label:", "got tab", "JSON"),
    ("corpora.cbt.shortest", 31, "corpora.cbt:", "30", "31"),
    ("models.lstm", [], "models.lstm:", "[]", "a mapping"),
    ("generation.copies", "2", "generation.copies:", "'2'", "without quotes", "--configfile"),
    ("models.lstm.epochs", "1e-1", "models.lstm.epochs:", "0.1", "whole number"),
    ("models.lstm.epochs", "1e99", "models.lstm.epochs:", "at most"),
    (f"{TABLE1}.models", [5], f"{TABLE1}.models[0]:", "'5'", "in quotes"),
    # Origins of corpora and minimal pairs.
    ("corpora.cbt.grammar", SIZES, "corpora.cbt:", "source and grammar"),
    ("corpora.cbt", {"format": "plain"}, "corpora.cbt:", "no origin"),
    ("corpora.cbt", {"files": FILES, "text": "text.txt"}, "corpora.cbt:", "files and text"),
    (
        "corpora.mine",
        {"files": FILES | {"test": "text.txt"}},
        "corpora.mine.files:",
        "train and test",
    ),
    ("corpora.mine", {"files": FILES | {"valid": "gone"}}, "corpora.mine.files.valid:", "gone"),
    ("corpora.mine", {"files": FILES, "sha256": {"valid": "1" * 64}}, "corpora.mine.files.", EMPTY),
    ("corpora.mine", {"files": FILES, "sha256": {"test": "e3b0"}}, "corpora.mine.sha256.", "64"),
    ("corpora.cbt.sha256", {"test": EMPTY}, "corpora.cbt.sha256:", "config/sources.yaml"),
    ("corpora.mine", {"text": "gone.txt"}, "corpora.mine.text:", "gone.txt"),
    ("pairs.mine", {}, "pairs.mine:", "no origin"),
    # Ways of choosing C.
    ("choices", {"a": {"by": "luck"}}, "choices.a.by:", "'luck'", "sweep"),
    ("choices", {"a": {"decoding": "luck"}}, "choices.a: --decoding:", "'luck'"),
    (f"{TABLE1}.choices", ["a"], "experiments.table1.choices:", "automatic-C"),
    ("pairs.syneval.grammar", NEW_PAIRS, "pairs.syneval:", "source and grammar"),
    ("pairs.mine", {"source": "cbt"}, "pairs.mine.source:", "'cbt'", "one of syneval"),
    ("pairs.mine", {"file": "gone.tsv"}, "pairs.mine.file:", "gone.tsv"),
    ("pairs.mine", {"file": "wrong.tsv"}, "pairs.mine.file:", "line 1", "grammatical"),
    ("pairs.mine", {"file": "equal.tsv"}, "pairs.mine.file:", "equal.tsv, line 3", "'a b'"),
    ("pairs.mine", {"file": "fields.tsv"}, "pairs.mine.file:", "fields.tsv, line 2", "3", "2"),
    ("pairs.mine", {"file": "empty.tsv"}, "pairs.mine.file:", "line 2", "ungrammatical: blank"),
    ("pairs.mine", {"file": "end.tsv"}, "pairs.mine.file:", "line 2", "grammatical: <eos>"),
    ("pairs.mine.grammar", NEW_PAIRS | {"corpus": "cbt"}, "pairs.mine.grammar.corpus:", "of made"),
    # Measurements, decodings and pairs of an experiment.
    ("experiments.collapse.C", [0, 5], "experiments.collapse:", "lstm-elbo"),
    ("experiments.figure1-x", PAPER["experiments"]["collapse"], "experiments.figure1-x:", "-elbo"),
    ("experiments.table2.decodings", MISSING, "experiments.table2:", "'decodings' is missing"),
    (f"{TABLE3}.decodings", MISSING, f"{TABLE3}:", "'decodings' is missing"),
    (f"{TABLE1}.decodings", ["greedy"], f"{TABLE1}.decodings:", "nothing is generated"),
    (f"{TABLE3}.decodings", ["greedy", "top15/.."], f"{TABLE3}.decodings[1]:", "'top15/..'"),
    ("experiments.table4.pairs", MISSING, "experiments.table4:", "'pairs' is missing"),
    ("experiments.table4.pairs", "synevall", "experiments.table4.pairs:", "mean 'syneval'?"),
    (f"{TABLE1}.pairs", "syneval", f"{TABLE1}.pairs:", "probe or syntax"),
    ("experiments.figure1.measurements", ["slope"], "experiments.figure1.m", "rate-distortion"),
    # Folders.
    ("pathvars", {"result": "x"}, "pathvars:", "'result'", "one of results, sources"),
    ("pathvars", {"results": "/tmp"}, "pathvars.results:", "'/tmp'", "folder below"),
    ("pathvars", {"results": "a\n"}, "pathvars.results:", r"'a\n'"),
    ("pathvars", {"results": "."}, "pathvars.results:", "'.'"),
    ("pathvars", {"sources": "a/../../b"}, "pathvars.sources:", "'a/../../b'", "'..'"),
    ("pathvars", {"results": f"a/{LONG}"}, "pathvars.results:", "101", "at most 100"),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case[0]}-{case[-1]}")
def test_wrong_value_is_refused_with_key_and_value(config, case):
    path, value, start, *parts = case
    change(config, path, value)
    message = refusal(config)
    assert message.startswith(start)
    assert all(part in message for part in parts), message


def test_FCE_of_choices_and_grid_is_of_one_decoding(config):
    config["choices"] = {"a": {"by": "fce", "decoding": "top15"}}
    entry = config["experiments"]["table1"] | {"choices": ["a"], "decodings": ["greedy"]}
    entry["measurements"] = ["rate-distortion", "information", "posterior", "fce"]
    config["experiments"]["automatic-C"] = entry
    message = refusal(config)
    assert message.startswith("experiments.automatic-C.decodings: ")
    assert "top15" in message
    entry["decodings"] = ["greedy", "top15"]
    check(config, SOURCES)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("experiments.collapse.C", [5]),
        ("experiments.collapse.seeds", [1, 2]),
        (f"{TABLE1}.C", [0, 1000000]),
        ("corpora.cbt.shortest", 30),
        ("corpora.mine", {"files": FILES}),
        ("corpora.mine", {"files": FILES, "sha256": {"test": EMPTY}}),
        ("corpora.mine", {"text": "text.txt"}),
        ("pairs.mine", {"file": "pairs.tsv"}),
        ("pairs.mine", {"grammar": NEW_PAIRS}),
        ("pathvars", {"results": f"a/{'w' * 100}"}),
        ("stand_ins", {"cbt/lstm/C3.0": "yelp/gru/C5"}),
        ("overrides", {"cbt/lstm/C15.0/seed1": {"decay": 0.5}}),
        ("models.a", {"base": "lstm", "learning_rate": 1}),
    ],
)
def test_values_at_the_bounds_are_accepted(config, path, value):
    change(config, path, value)
    check(config, SOURCES)


def test_numbers_that_yaml_reads_as_text_are_taken_as_numbers(config):
    text = "{models: {lstm: {learning_rate: 85e-5}}, generation: {copies: 1e1}, C: [1e1, .5e3]}"
    given = yaml.safe_load(text)
    assert given["models"]["lstm"] == {"learning_rate": "85e-5"}
    config["models"]["lstm"] |= given["models"]["lstm"]
    config["generation"] |= given["generation"]
    config["experiments"]["table1"]["C"] = given["C"]
    check(config, SOURCES)
    assert config["models"]["lstm"]["learning_rate"] == 0.00085
    assert config["generation"]["copies"] == 10
    assert config["experiments"]["table1"]["C"] == [10, 500]


def test_authors_splits_are_a_valid_configuration(config):
    authors = yaml.safe_load((ROOT / "config/authors.yaml").read_text())
    for name, entry in authors["corpora"].items():
        config["corpora"][name] |= entry
    check(config, SOURCES)


@pytest.mark.parametrize("kind", ["corpora", "pairs", "models", "experiments"])
def test_names_cannot_leave_their_folder(config, kind):
    section = config[kind]
    section["w" * 100] = valid = section[next(iter(section))]
    check(config, SOURCES)
    for name in ("..", "../x", "a/b", "~", "", "-x", "a b", "a\n", "a;b", "{a}", LONG):
        message = refusal(config | {kind: section | {name: valid}})
        assert message.startswith(f"{kind}: ")
        assert repr(name[:40])[:-1] in message
    assert "101" in message
    assert "100" in message


@pytest.mark.parametrize("name", ["../x", "a/b", "", "~", LONG, 7])
def test_names_of_sources_cannot_leave_their_folder(config, name):
    message = refusal(config, SOURCES | {name: SOURCES["cbt"]})
    assert message.startswith("config/sources.yaml: source")


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", f"a/{LONG}"])
def test_files_of_sources_cannot_leave_their_folder(config, name):
    file = replace(SOURCES["cbt"].files[0], name=name)
    message = refusal(config, SOURCES | {"mine": replace(SOURCES["cbt"], files=(file,))})
    assert message.startswith("config/sources.yaml: sources.mine.files: ")


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("w" * 300, "w" * 300),
        ("a\nb.txt", r"'a\nb.txt'"),
        ("{a}.txt", "'{a}.txt' contains a bracket"),
    ],
)
def test_impossible_paths_are_refused(config, path, part):
    for key in ("corpora.mine.text", "pairs.mine.file"):
        wrong = copy.deepcopy(config)
        change(wrong, key, path)
        message = refusal(wrong)
        assert message.startswith(f"{key}: ")
        assert part in message


def test_extensions_are_set_for_jobs_and_unset_without_any(config, monkeypatch):
    # Restores the variable, which the function sets.
    monkeypatch.setenv(EXTENSIONS, "old.py")
    for wrong, where in (("a.py", "extensions:"), ([7], "extensions[0]:"), (["a:b"], "ext")):
        Path("a:b").touch()
        with pytest.raises(InputError, match=rf"^{re.escape(where)}"):
            use_extensions({"extensions": wrong})
    Path("mine.py").touch()
    use_extensions({"extensions": ["mine.py"]})
    assert os.environ[EXTENSIONS] == str(Path("mine.py").resolve())
    use_extensions(config)
    assert EXTENSIONS not in os.environ


def test_names_of_replicates_and_of_cells_are_reserved(config):
    config["experiments"]["table1.bootstrap"] = config["experiments"]["table1"]
    assert refusal(config).startswith("experiments.table1.bootstrap: ")
    config["overrides"] = {15: {}}
    assert refusal(config).startswith("overrides: the key 15 ")


def test_stand_in_of_the_same_cell_twice_is_refused(config):
    config["stand_ins"] = {"cbt/lstm/C3": "yelp/lstm/C5", "cbt/lstm/C3.0": "yelp/lstm/C6"}
    assert refusal(config).startswith("stand_ins: 'cbt/lstm/C3.0': ")


def test_tables_of_the_paper_measure_each_cell_alike(config):
    """FCE over other C has another dictionary, and the comparison one value for each number."""
    table1 = config["experiments"]["table1"]
    table1 |= {"measurements": [*table1["measurements"], "fce"], "decodings": ["greedy"]}
    table1["C"] = [3, 15]
    assert refusal(config).startswith("experiments.table3: measures cells of table1 ")
    config["targets"].remove("table3")
    check(config, SOURCES)


def test_unreadable_pairs_are_refused(config, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    config["pairs"]["mine"] = {"file": "pairs.tsv"}
    monkeypatch.setattr("textvae.config.texts.check_pairs", refuse)
    message = refusal(config)
    assert message.startswith("pairs.mine.file: ")
    assert "Permission denied" in message


def test_bases_in_a_circle_are_refused_with_the_chain(config):
    config["models"] |= {"a": {"base": "b"}, "b": {"base": "c"}, "c": {"base": "a"}}
    message = refusal(config)
    assert message.startswith("models.c.base: ")
    assert "a -> b -> c -> a" in message


def test_pairs_of_new_combinations_fit_one_corpus(config):
    config["corpora"]["other"] = {"grammar": SIZES | {"seed": 2}}
    config["pairs"]["new"] = {"grammar": NEW_PAIRS}
    config["experiments"]["table4"] |= {"pairs": "new", "corpora": ["made"]}
    check(config, SOURCES)
    config["experiments"]["table4"]["corpora"] = ["made", "other"]
    message = refusal(config)
    assert message.startswith("experiments.table4.pairs: ")
    assert all(name in message for name in ("new", "made", "other"))


def test_name_of_a_common_dictionary_has_at_most_200_characters(config):
    # As 1001-1002-...: 39 of 4 digits and one of 5 with the hyphens are 200 characters.
    values = [*range(1001, 1040), 10000]
    config["experiments"]["table3"]["C"] = values
    check(config, SOURCES)
    values[0] = 10001
    assert refusal(config).startswith("experiments.table3.C: ")


def test_seeds_of_a_cell_have_the_same_overrides(config):
    config["experiments"]["table1"]["seeds"] = [1, 2]
    other = CELL.replace("seed1", "seed2")
    config["overrides"] = {CELL: {"epochs": 12}}
    assert refusal(config).startswith(f"overrides.{CELL}: other settings than {other}, which")
    config["overrides"][other] = {"epochs": 11}
    assert "other settings" in refusal(config)
    config["overrides"][other] = {"epochs": 12}
    check(config, SOURCES)


def test_keys_are_the_declared_settings():
    def keys(name):
        kind = fields[name].annotation
        return set((kind.__args__[-1] if name in ("models", "corpora") else kind).model_fields)

    fields = configuration().model_fields
    assert keys("models") == {*(one.name for one in model_entry.known_keys()), "base"}
    origins = {"source", "files", "sha256", "text", "grammar"}
    assert keys("corpora") == origins | {one.name for one in specs(Preparation)}
    assert keys("language_model") == {one.name for one in specs(LanguageModelSettings)}


def test_defaults_are_filled_in(config):
    del config["threads"], config["checkpoint_minutes"]
    complete = check(config, SOURCES)
    assert (complete.threads, complete.cells_per_gpu, complete.checkpoint_minutes) == (1, 1, 10)
    assert (complete.pathvars.results, complete.pathvars.sources) == ("results", "results/sources")
    assert complete.models["gru"].hidden == 512


def test_every_key_is_described():
    schema = configuration().model_json_schema()
    for title, section in {"": schema, **schema["$defs"]}.items():
        for name, entry in section.get("properties", {}).items():
            assert entry.get("description"), f"{title}.{name}"
