"""A wrong configuration is refused in one line that says where, what it got and what it takes."""

import copy
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from textvae.config import model_entry
from textvae.config.checks import check
from textvae.config.schema import configuration
from textvae.corpora.settings import Preparation
from textvae.corpora.sources import load_sources
from textvae.errors import InputError
from textvae.fce.settings import LanguageModelSettings
from textvae.registry import MEASUREMENTS, PARTS
from textvae.settings import specs

ROOT = Path(__file__).parents[1]
PAPER = yaml.safe_load((ROOT / "config/config.yaml").read_text())
SOURCES = load_sources(ROOT / "config/sources.yaml")


@pytest.fixture
def config():
    return copy.deepcopy(PAPER)


def complaint(config):
    with pytest.raises(InputError) as error:
        check(config, SOURCES)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_papers_configuration_is_right(config):
    check(config, SOURCES)


def test_an_unknown_model_in_a_group(config):
    config["experiments"]["table1"]["plus"] = [{"models": ["gru"]}, {"C": [5], "seeds": [7]}]
    config["experiments"]["table1"]["plus"][1]["models"] = ["gruu"]
    assert complaint(config).startswith(
        "experiments.table1.plus[1].models[0]: got 'gruu', expected one of lstm, gru,"
    )


def test_the_elbo_takes_one_C_and_no_place_in_figure_1(config):
    config["experiments"]["collapse"]["C"] = [0, 5]
    assert complaint(config).startswith(
        "experiments.collapse: lstm-elbo has the objective elbo, which does not use C;"
    )
    config["experiments"]["collapse"]["C"] = [5]
    check(config, SOURCES)
    config["experiments"]["figure1-mine"] = config["experiments"]["collapse"]
    assert complaint(config).startswith("experiments.figure1-mine: lstm-elbo has the objective")


def test_what_is_generated_needs_a_decoding(config):
    for name in ("table2", "table3"):
        wrong = copy.deepcopy(config)
        del wrong["experiments"][name]["decodings"]
        assert complaint(wrong) == (
            f"experiments.{name}: the key 'decodings' is missing, as in [greedy, nucleus0.9]"
        )
    config["experiments"]["table1"]["decodings"] = ["greedy"]
    assert complaint(config).startswith("experiments.table1.decodings: nothing is generated;")


def test_decodings_are_known_by_name(config):
    config["experiments"]["table3"]["decodings"] = ["greedy", "nucleus1.5"]
    assert complaint(config).startswith("experiments.table3.decodings[1]: 'nucleus1.5': a nucleus")


def test_a_learning_rate_of_language_models_that_is_no_number(config):
    config["language_model"]["learning_rate"] = float("nan")
    assert complaint(config) == "language_model.learning_rate: got nan, expected a finite number"


def test_what_is_measured_on_pairs_says_on_which(config):
    wrong = copy.deepcopy(config)
    del wrong["experiments"]["table4"]["pairs"]
    assert complaint(wrong) == (
        "experiments.table4: the key 'pairs' is missing, a name of the section pairs"
    )
    config["experiments"]["table4"]["pairs"] = "synevall"
    assert complaint(config) == (
        "experiments.table4.pairs: got 'synevall', expected one of syneval (did you mean"
        " 'syneval'?) (see pairs)"
    )
    config["experiments"]["table4"]["pairs"] = "syneval"
    config["experiments"]["table1"]["pairs"] = "syneval"
    assert complaint(config) == (
        "experiments.table1.pairs: nothing is measured on them; expected probe or syntax among its"
        " measurements"
    )


def test_pairs_have_one_origin(config, tmp_path):
    def pairs(**entry):
        config["pairs"] = {"syneval": config["pairs"]["syneval"], "mine": entry}
        return complaint(config)

    assert pairs() == (
        "pairs.mine: got no origin, expected a source (of config/sources.yaml), a file (a TSV) or a"
        " grammar"
    )
    grammar = {"corpus": "cbt", "combinations": 5, "seed": 1}
    assert pairs(source="syneval", grammar=grammar).startswith(
        "pairs.mine: got source and grammar, expected"
    )
    assert pairs(source="syneva").startswith("pairs.mine.source: got 'syneva', expected one of")
    assert pairs(file="gone.tsv") == "pairs.mine.file: no such file: gone.tsv"
    assert pairs(grammar=grammar).startswith("pairs.mine.grammar.corpus: got 'cbt', expected")
    sizes = {"train": 9, "valid": 9, "test": 9, "seed": 1}
    config["corpora"]["made"] = {"grammar": sizes}
    assert pairs(grammar=grammar) == (
        "pairs.mine.grammar.corpus: got 'cbt', expected one of made (see corpora: those of the"
        " grammar)"
    )
    assert pairs(source="cbt") == (
        "pairs.mine.source: got 'cbt', expected one of syneval (see config/sources.yaml: those of"
        " pickles)"
    )
    (tmp_path / "own.tsv").write_text("good\tbad\na b\ta c\n")
    assert pairs(file=str(tmp_path / "own.tsv")).startswith(
        f"pairs.mine.file: {tmp_path}/own.tsv, line 1: no column grammatical among 'good', 'bad'"
    )
    (tmp_path / "own.tsv").write_text("grammatical\tungrammatical\na b\ta c\n")
    for entry in ({"file": str(tmp_path / "own.tsv")}, {"grammar": grammar | {"corpus": "made"}}):
        config["pairs"]["mine"] = entry
        check(config, SOURCES)


def test_new_combinations_are_new_to_one_corpus(config):
    sizes = {"train": 9, "valid": 9, "test": 9, "seed": 1}
    config["corpora"] |= {"made": {"grammar": sizes}, "other": {"grammar": sizes | {"seed": 2}}}
    config["pairs"]["new"] = {"grammar": {"corpus": "made", "combinations": 5, "seed": 1}}
    config["experiments"]["table4"] |= {"pairs": "new", "corpora": ["made"]}
    check(config, SOURCES)
    config["experiments"]["table4"]["corpora"] = ["made", "other"]
    assert complaint(config) == (
        "experiments.table4.pairs: new is made for the corpus made, but the experiment also has"
        " other"
    )


def test_a_figure_without_the_measurements_that_it_shows(config):
    config["experiments"]["figure1-wide"]["measurements"] = ["rate-distortion", "slope"]
    assert complaint(config) == (
        "experiments.figure1-wide.measurements: posterior is missing, which figure1 shows"
    )


def test_a_target_that_is_no_experiment(config):
    config["targets"] = ["table1", "figure2"]
    assert complaint(config).startswith("targets[1]: got 'figure2', expected one of table1,")


def test_a_misspelt_key(config):
    config["models"]["lstm"]["learning_rat"] = 1e-3
    assert re.fullmatch(
        r"models\.lstm: unknown key 'learning_rat', expected one of .*"
        r"\(did you mean 'learning_rate'\?\)",
        complaint(config),
    )


def test_a_misspelt_key_at_the_top(config):
    config["model"] = {}
    assert complaint(config).startswith("top level: unknown key 'model', expected one of")


@pytest.mark.parametrize(
    ("C", "expected"),
    [
        ([3, -1], "experiments.table1.C[1]: got -1, expected at least 0"),
        (["three"], "experiments.table1.C[0]: got 'three', expected a number"),
        ([True], "experiments.table1.C[0]: got True, expected a number"),
        ([float("inf")], "experiments.table1.C[0]: got inf, expected a finite number"),
        ([float("nan")], "experiments.table1.C[0]: got nan, expected a finite number"),
        ([2000000], "experiments.table1.C[0]: got 2000000, expected at most 1000000"),
        ([1e-30], "experiments.table1: C: 1e-30 has too many digits to be part of a path"),
        ([], "experiments.table1.C: got an empty list, expected at least one entry"),
        (3, "experiments.table1.C: got 3, expected a list"),
        ([3, 15, 3.0], "experiments.table1.C: 3.0 appears twice"),
    ],
)
def test_a_wrong_C(config, C, expected):
    config["experiments"]["table1"]["C"] = C
    assert complaint(config) == expected


def test_duplicate_seeds(config):
    config["experiments"]["table1"]["seeds"] = [1, 2, 1]
    assert complaint(config) == "experiments.table1.seeds: 1 appears twice"


def test_an_unknown_corpus(config):
    config["experiments"]["table1"]["corpora"] = ["cbt", "wikki"]
    message = complaint(config)
    assert message.startswith("experiments.table1.corpora[1]: got 'wikki', expected one of cbt,")
    assert message.endswith("(did you mean 'wiki'?) (see corpora)")


def test_an_unknown_decoder(config):
    config["models"]["lstm"]["decoder"] = "transformer"
    assert complaint(config) == (
        "models.lstm.decoder: got 'transformer', expected one of cnn, lstm, gru"
    )


def test_an_unknown_source_and_an_unknown_file_of_one(config):
    config["corpora"]["cbt"]["source"] = "cbtt"
    assert complaint(config).startswith("corpora.cbt.source: got 'cbtt', expected one of")
    config["corpora"]["cbt"] |= {
        "source": "cbt",
        "files": {"train": "train.txt", "valid": "dev.txt", "test": "test.txt"},
    }
    assert complaint(config).startswith("corpora.cbt.files.valid: got 'dev.txt', expected one of")


def test_a_path_that_is_not_there(config, tmp_path):
    (tmp_path / "here.txt").touch()
    files = {split: str(tmp_path / "here.txt") for split in ("train", "valid", "test")}
    config["corpora"]["mine"] = {"files": files}
    check(config, SOURCES)
    files["valid"] = str(tmp_path / "gone.txt")
    assert complaint(config) == f"corpora.mine.files.valid: no such file: {tmp_path}/gone.txt"


def test_a_corpus_of_two_origins_or_none(config):
    config["corpora"]["cbt"]["grammar"] = {"train": 9, "valid": 9, "test": 9, "seed": 1}
    assert complaint(config).startswith("corpora.cbt: got source and grammar, expected a source")
    config["corpora"]["cbt"] = {"format": "plain"}
    assert complaint(config).startswith("corpora.cbt: got no origin, expected a source")


def test_a_name_that_could_leave_the_results_folder(config):
    config["corpora"]["../../etc"] = config["corpora"]["cbt"]
    assert complaint(config) == (
        "corpora: '../../etc' is not made of letters, digits, '-', '_' and '.'"
    )


LONG = "w" * 101


@pytest.mark.parametrize("kind", ["corpora", "pairs", "models", "experiments"])
@pytest.mark.parametrize(
    "name", ["..", ".", "../x", "a/b", "/etc", "~", "~root", "", "-x", "a b", "a\n", "a;b", "{a}"]
)
def test_no_name_leaves_its_folder(config, kind, name):
    section = config[kind]
    section[name] = section[next(iter(section))]
    assert complaint(config) == (
        f"{kind}: {name!r} is not made of letters, digits, '-', '_' and '.'"
    )


@pytest.mark.parametrize("kind", ["corpora", "pairs", "models", "experiments"])
def test_no_name_is_too_long_for_a_file_system(config, kind):
    section = config[kind]
    section["w" * 100] = section[LONG] = section[next(iter(section))]
    assert complaint(config) == (
        f"{kind}: {LONG[:40]!r}...: is 101 characters long, expected 100 at the most"
    )


@pytest.mark.parametrize("name", ["../x", "a/b", "", "~", LONG, 7])
def test_no_source_leaves_its_folder(config, name):
    sources = SOURCES | {name: SOURCES["cbt"]}
    with pytest.raises(InputError, match=r"^config/sources\.yaml: source"):
        check(config, sources)


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", f"a/{LONG}"])
def test_no_file_of_a_source_leaves_its_folder(config, name):
    file = replace(SOURCES["cbt"].files[0], name=name)
    sources = SOURCES | {"mine": replace(SOURCES["cbt"], files=(file,))}
    with pytest.raises(InputError, match=r"^config/sources\.yaml: sources\.mine\.files: "):
        check(config, sources)


@pytest.mark.parametrize("decoding", ["../greedy", "/greedy", "greedy\n", "top15/..", "~", ""])
def test_no_decoding_leaves_its_folder(config, decoding):
    config["experiments"]["table3"]["decodings"] = [decoding]
    assert complaint(config).startswith("experiments.table3.decodings[0]: ")


def test_so_many_C_that_their_dictionary_has_no_name(config):
    config["experiments"]["table3"]["C"] = [1000 + i / 10 for i in range(1, 60)]
    assert complaint(config).startswith(
        "experiments.table3.C: too many for one dictionary: 1000.1-1000.2-1000.3-"
    )


def test_a_whole_number_is_one_to_a_command_line_too(config):
    config["corpora"]["cbt"]["shortest"] = 2.0
    assert complaint(config) == "corpora.cbt.shortest: got 2.0, expected a whole number"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("w" * 300, f"no such file: {'w' * 300}"),
        ("w" * 5000, f"no such file: {'w' * 300}"),
        ("a\nb.txt", r"'a\nb.txt' has characters in it that do not show"),
        ("{a}.txt", "'{a}.txt' has a bracket in it, which Snakemake fills in"),
    ],
)
def test_a_path_that_cannot_be_one(config, path, message):
    config["corpora"]["mine"] = {"files": dict.fromkeys(("train", "valid", "test"), path)}
    assert complaint(config) == f"corpora.mine.files.train: {message}"
    config["corpora"].pop("mine")
    config["pairs"]["mine"] = {"file": path}
    assert complaint(config) == f"pairs.mine.file: {message}"


def test_a_table_of_pairs_that_cannot_be_read(config, tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / "own.tsv").touch()
    config["pairs"]["mine"] = {"file": str(tmp_path / "own.tsv")}
    monkeypatch.setattr("textvae.config.checks.check_header", refuse)
    assert complaint(config).startswith("pairs.mine.file: [Errno 13] Permission denied")


def test_an_override_of_a_cell_that_is_none(config):
    config["overrides"] = {"cbt/lstm/15": {}}
    assert complaint(config) == "'cbt/lstm/15': expected a cell such as corpus/model/C15/seed1"
    config["overrides"] = {15: {}}
    assert complaint(config) == "overrides: the key 15 is not a text (in quotes it is)"
    config["overrides"] = {"cbt/rnn/C15/seed1": {}}
    assert complaint(config).startswith("overrides.cbt/rnn/C15/seed1: got 'rnn', expected one of")


@pytest.mark.parametrize(
    ("paper", "ours", "line"),
    [
        ("cbt/lstm/C4", "yelp/lstm/C3", "stand_ins: 'cbt/lstm/C4': not a cell of the paper"),
        ("cbt/lstm", "yelp/lstm/C3", "stand_ins: 'cbt/lstm': expected corpus/model/C15"),
        ("cbt/lstm/C3", "yelp/lstm/C3/seed1", "stand_ins: 'yelp/lstm/C3/seed1': expected corpus/"),
        ("cbt/lstm/C3", "yepl/lstm/C3", "stand_ins.cbt/lstm/C3: got 'yepl', expected one of cbt, "),
        ("cbt/lstm/C3", "yelp/ltsm/C3", "stand_ins.cbt/lstm/C3: got 'ltsm', expected one of lstm,"),
        ("cbt/lstm/C3", 7, "stand_ins.cbt/lstm/C3: got 7, expected a text"),
    ],
)
def test_a_stand_in_that_cannot_be_one(config, paper, ours, line):
    config["stand_ins"] = {"cbt/lstm/C3.0": "yelp/lstm/C5"} if paper != "cbt/lstm/C3" else {}
    check(config, SOURCES)
    config["stand_ins"][paper] = ours
    assert complaint(config).startswith(line)


def test_a_cell_of_the_paper_has_one_stand_in(config):
    config["stand_ins"] = {"cbt/lstm/C3": "yelp/lstm/C5", "cbt/lstm/C3.0": "yelp/lstm/C6"}
    assert complaint(config).startswith("stand_ins: 'cbt/lstm/C3.0': already has a stand-in")


def test_a_missing_key(config):
    del config["experiments"]["table1"]["seeds"]
    assert complaint(config) == "experiments.table1: the key 'seeds' is missing"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_none(config, value):
    config["models"]["lstm"]["learning_rate"] = value
    assert complaint(config) == f"models.lstm.learning_rate: got {value}, expected a finite number"


def test_a_longest_below_the_shortest(config):
    config["corpora"]["cbt"]["shortest"] = 40
    assert complaint(config) == "corpora.cbt: longest, 30, is less than shortest, 40"


@pytest.mark.parametrize(
    ("pathvars", "message"),
    [
        ({"result": "x"}, "pathvars: unknown key 'result', expected one of results, sources"),
        ({"results": "my demo"}, "pathvars.results: 'my demo' is not made of letters"),
        ({"results": "results/"}, "pathvars.results: 'results/' is not made of letters"),
        ({"results": "/tmp"}, "pathvars.results: '/tmp' is not made of letters"),
        ({"results": "~"}, "pathvars.results: '~' is not made of letters"),
        ({"results": "a\n"}, r"pathvars.results: 'a\n' is not made of letters"),
        ({"results": ".."}, "pathvars.results: '..' has '..' in it, expected names alone"),
        ({"sources": "a/../../b"}, "pathvars.sources: 'a/../../b' has '..' in it"),
        ({"results": "w" * 300}, f"pathvars.results: '{'w' * 40}'... has 300 characters"),
    ],
)
def test_a_wrong_folder(config, pathvars, message):
    config["pathvars"] = pathvars
    assert complaint(config).startswith(message)


def test_the_authors_splits_are_a_right_configuration(config):
    authors = yaml.safe_load((ROOT / "config/authors.yaml").read_text())
    for name, entry in authors["corpora"].items():
        config["corpora"][name] |= entry
    check(config, SOURCES)


def keys(section):
    return set(section.model_fields)


def test_keys_are_the_settings_of_the_code(config):
    complete = check(config, SOURCES)
    lstm, cbt = complete.models["lstm"], complete.corpora["cbt"]
    parts = [
        one.name
        for registry in PARTS
        for part in registry.declared().values()
        for one in part.specs
    ]
    shared = [one.name for one in model_entry.shared()]
    assert keys(type(lstm)) == {*shared, *parts, "base"}
    assert {"latent", "epochs", "channels", "mean_gain", "beta", "ramp_epochs"} < keys(type(lstm))
    origins = {"source", "files", "text", "grammar"}
    assert keys(type(cbt)) - origins == {one.name for one in specs(Preparation)}
    assert keys(type(complete.language_model)) == {one.name for one in specs(LanguageModelSettings)}
    evaluation = complete.evaluation
    for name, known in MEASUREMENTS.declared().items():
        own = {one.name for one in known.specs} - {"self_bleu_sentences"}
        offered = type(evaluation).model_fields.get(name)
        assert (keys(offered.annotation) if offered else set()) == own


def test_defaults_are_filled_in(config):
    del config["threads"], config["checkpoint_minutes"]
    complete = check(config, SOURCES)
    assert (complete.threads, complete.cells_per_gpu, complete.checkpoint_minutes) == (1, 1, 10)
    assert (complete.pathvars.results, complete.pathvars.sources) == ("results", "results/sources")
    assert complete.language_model.patience == 1
    assert complete.models["gru"].hidden == 512


def test_every_key_is_described():
    def undescribed(schema, where):
        for name, entry in schema.get("properties", {}).items():
            if "description" not in entry:
                yield f"{where}.{name}"

    schema = configuration().model_json_schema()
    assert list(undescribed(schema, "")) == []
    for title, section in schema["$defs"].items():
        assert list(undescribed(section, title)) == []


def test_no_experiment_takes_the_name_of_the_replicates_of_another(config):
    config["experiments"]["table1.bootstrap"] = config["experiments"]["figure1"]
    assert complaint(config) == (
        "experiments.table1.bootstrap: the replicates of table1 have this name, expected another"
    )
