"""Settings that are valid alone and make no sense together are refused, or warned of."""

import copy
from contextlib import nullcontext
from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config

from textvae.config.checks import check
from textvae.config.warnings import size_warnings, training_warnings, warnings
from textvae.corpora.sources import load_sources
from textvae.errors import InputError

ROOT = Path(__file__).parents[1]
SOURCES = load_sources(ROOT / "config/sources.yaml")


def read(*names):
    config = {}
    for name in names:
        update_config(config, yaml.safe_load((ROOT / "config" / f"{name}.yaml").read_text()))
    return config


DEMO = read("config", "demo")
SPHERE = {"posterior": "von-mises-fisher", "prior": "uniform-sphere"}


def changed(**sections):
    config = copy.deepcopy(DEMO)
    update_config(config, sections)
    return config


@pytest.mark.parametrize(
    ("sections", "key"),
    [
        ({"models": {"lstm-small": {"ramp_epochs": 2}}}, "models.lstm-small:"),
        ({"models": {"lstm": {"epochs": 1}}}, "models.lstm:"),
        (
            {"overrides": {"grammar/gru-small/C15/seed1": {"ramp_epochs": 1.5}}},
            "overrides.grammar/gru-small/C15/seed1:",
        ),
    ],
)
def test_ramp_longer_than_the_training_is_refused(sections, key):
    with pytest.raises(InputError) as error:
        check(changed(**sections), SOURCES)
    assert str(error.value).startswith(key)
    assert "ramp_epochs" in str(error.value)


@pytest.mark.parametrize(
    ("named", "settings"),
    [
        ("target_distortion", {"objective": "geco"}),
        ("target_distortion", {"objective": "geco", "target_distortion": -1}),
        ("mdr_gain", {"objective": "mdr", "mdr_gain": 1e-6}),
        ("free_nats", {"objective": "free-bits-batch", "free_nats": 50}),
        ("linear_rise", {"objective": "linear-annealing", "linear_rise": 2}),
        ("logistic_middle", {"objective": "logistic-annealing", "logistic_middle": 1}),
        # The longest sentence of the grammar has 28 words.
        ("dilated_layers", {"decoder": "dilated-cnn", "dilated_layers": 4}),
        ("word_dropout", {"decoder": "lstm-word-dropout", "word_dropout": 1.1}),
        ("code_input", {"decoder": "lstm-skip", "code_input": "no"}),
        ("decoder lstm,", {"decoder": "lstm-code-input", "code_input": "each-word"}),
        ("aggressive_steps", {"strategy": "aggressive", "aggressive_steps": 0}),
        ("pretraining", {"strategy": "pretrained-encoder", "pretraining": 1}),
        ("pretraining", {"strategy": "pretrained-encoder", "pretraining": 1.5}),
        ("pretraining_rise", {"strategy": "pretrained-encoder", "pretraining_rise": 0.6}),
        ("svi_steps", {"posterior": "semi-amortised", "svi_steps": 0}),
        ("word_dropout", {"decoder": "lstm-word-dropout", "word_dropout": 0}),
        ("bag_weight", {"decoder": "lstm-bag-of-words-loss", "bag_weight": 0}),
        ("aggressive_share", {"strategy": "aggressive", "aggressive_share": 0}),
        ("aggressive_share 0.1", {"strategy": "aggressive", "aggressive_share": 0.1}),
        (
            "pretraining_rise 0",
            {"strategy": "pretrained-encoder", "pretraining": 0, "pretraining_rise": 0},
        ),
        # 1,250 steps.
        ("cycles 625", {"objective": "cyclical-annealing", "cycles": 625}),
        (
            "linear_rise 0.2 leave",
            {"objective": "linear-annealing", "strategy": "pretrained-encoder", "pretraining": 0.2},
        ),
        ("no step", {"objective": "logistic-annealing", "strategy": "pretrained-encoder"}),
        (
            "cycles 1 and cycle_rise 0.5 leave",
            {"objective": "cyclical-annealing", "cycles": 1, "strategy": "pretrained-encoder"},
        ),
        ("one step only", {"objective": "linear-annealing", "linear_rise": 0.0001}),
        # 1,250 steps in 25 cycles, of 50 each.
        ("at 0.98", {"objective": "cyclical-annealing", "cycles": 25, "cycle_rise": 1}),
        ("one step only", {"objective": "logistic-annealing", "logistic_middle": 0.0001}),
        (
            "ramp_epochs 1.8",
            {"objective": "auto-distortion", "target_distortion": 30, "epochs": 2}
            | {"ramp_epochs": 1.8},
        ),
        (
            "batch_norm_gamma",
            {"objective": "auto-information", "target_units": 2, "posterior": "batch-norm"}
            | {"batch_norm_gamma": 0.5},
        ),
        (
            "vmf_concentration 2",
            {"posterior": "von-mises-fisher", "prior": "uniform-sphere", "vmf_concentration": 2.0},
        ),
        ("constant_rate", {"posterior": "constant", "constant_rate": 3.0}),
        ("infovae_alpha", {"objective": "infovae", "infovae_alpha": 1, "infovae_lambda": 0}),
        ("the ELBO", {"objective": "infovae", "infovae_alpha": 0, "infovae_lambda": 1}),
        ("free_nats", {"objective": "free-bits-batch", "free_nats": 0}),
        ("mixture_components 1", {"prior": "gaussian-mixture", "mixture_components": 1}),
        ("svi_clip", {"posterior": "semi-amortised", "svi_clip": 0}),
        ("delta_rate", {"posterior": "delta", "delta_rate": 21}),
        # Floors of 32 dimensions.
        ("19.2 nats or more", {"posterior": "delta", "delta_rate": 0.6}),
        (
            "64 nats or more",
            {"objective": "mdr", "posterior": "batch-norm", "batch_norm_gamma": 2.0},
        ),
        ("delta_rate 0", {"objective": "elbo", "posterior": "delta", "delta_rate": 0}),
        ("gamma 0", {"objective": "elbo", "posterior": "batch-norm", "batch_norm_gamma": 0}),
        # A fixed rate has no gradient.
        ("geco", {"objective": "geco", "target_distortion": 30, "posterior": "constant"}),
        ("infovae", {"objective": "infovae", "posterior": "constant"}),
        ("beta 0.1", {"objective": "elbo", "beta": 0.1, "posterior": "constant"}),
        (
            "linear-annealing",
            {
                "objective": "linear-annealing",
                "posterior": "von-mises-fisher",
                "prior": "uniform-sphere",
            },
        ),
        ("prior: standard-normal", {"posterior": "constant", "prior": "gaussian-mixture"}),
        ("aggressive", {"strategy": "aggressive", "posterior": "constant"}),
        (
            "beta 0",
            {"objective": "elbo", "beta": 0, "strategy": "pretrained-encoder", "pretraining": 0},
        ),
        (
            "pretraining 0 has no effect",
            {"objective": "elbo", "strategy": "pretrained-encoder", "pretraining": 0} | SPHERE,
        ),
        # 625 steps of 0.01%.
        (
            "soft_step 0.0001",
            {"objective": "soft-free-bits", "soft_step": 1e-4, "epochs": 1, "batch": 64},
        ),
        ("batch 1 has a single code", {"objective": "infovae", "batch": 1}),
        (
            "max_rate 30",
            {"objective": "sweep", "max_rate": 30, "posterior": "delta", "delta_rate": 1},
        ),
        ("uniform-sphere", {"posterior": "von-mises-fisher"}),
        ("free-bits-dimension", {"prior": "vamp", "objective": "free-bits-dimension"}),
        ("mixture_components", {"prior": "gaussian-mixture", "mixture_components": 0}),
    ],
)
def test_method_that_cannot_do_its_work_is_refused(named, settings):
    experiment = DEMO["experiments"]["table1"] | {"models": ["mine"], "C": [15]}
    models = {"mine": {"base": "lstm-small", **settings}}
    with pytest.raises(InputError) as error:
        check(changed(models=models, experiments={"table1-mine": experiment}), SOURCES)
    assert str(error.value).startswith("models.mine")
    assert "\n" not in str(error.value)
    assert named in str(error.value)


@pytest.mark.parametrize(
    "own",
    [
        {"beta": 0},
        {"pretraining": 0},
        SPHERE,
        SPHERE | {"pretraining": 0, "decoder": "lstm-bag-of-words-loss"},
        {"beta": 0, "pretraining": 0, "prior": "gaussian-mixture"},
    ],
)
def test_pretrained_encoder_is_accepted_where_decoder_or_weights_change(own):
    pretrained = {"base": "lstm-small", "objective": "elbo", "strategy": "pretrained-encoder"}
    experiment = DEMO["experiments"]["table1"] | {"models": ["mine"], "C": [15]}
    sections = {"models": {"mine": pretrained | own}, "experiments": {"table1-mine": experiment}}
    check(changed(**sections), SOURCES)


@pytest.mark.parametrize(
    ("own", "refused"),
    [
        ({"objective": "elbo", "posterior": "delta"}, False),
        ({"objective": "elbo", "posterior": "delta", "delta_rate": 0.1}, True),
        ({"objective": "free-bits-batch"}, False),
        ({"objective": "free-bits-batch", "free_nats": 1}, True),
        ({"objective": "geco", "target_distortion": 30, "posterior": "batch-norm"}, False),
    ],
)
def test_model_has_several_C_only_if_it_depends_on_C(own, refused):
    experiment = DEMO["experiments"]["table1"] | {"models": ["mine"], "C": [3, 15]}
    models = {"mine": {"base": "lstm-small", **own}}
    wanted = pytest.raises(InputError, match="single C") if refused else nullcontext()
    with wanted:
        check(changed(models=models, experiments={"table1-mine": experiment}), SOURCES)


@pytest.mark.parametrize(
    "names", [["config"], ["config", "demo"], ["config", "own"], ["config", "authors"]]
)
def test_shipped_configurations_have_no_warnings(names):
    assert warnings(read(*names), [read("config")]) == []


@pytest.mark.parametrize(
    ("sections", "parts"),
    [
        ({"models": {"lstm-small": {"ramp_epochs": 1}}}, ["models.lstm-small", "last step"]),
        ({"models": {"lstm-small": {"beta": 0}}}, ["models.lstm-small", "beta"]),
        ({"models": {"lstm-small": {"blocks": 3}}}, ["models.lstm-small.blocks", "decoder cnn"]),
        (
            {"overrides": {"grammar/lstm-small/C15/seed1": {"blocks": 3}}},
            ["overrides.grammar/lstm-small/C15/seed1.blocks", "decoder cnn"],
        ),
        ({"evaluation": {"posterior": {"bootstrap": 10}}}, ["posterior.bootstrap", "10"]),
        ({"evaluation": {"likelihood": {"sentences": 2}}}, ["likelihood.sentences: 2", "20"]),
        ({"generation": {"lines": 19}}, ["generation.lines: 19", "20"]),
        (
            {"generation": {"self_bleu_sentences": 2}},
            ["generation.self_bleu_sentences: 2 sentences", "20"],
        ),
        ({"corpora": {"grammar": {"grammar": {"test": 19}}}}, ["corpora.grammar: 19 test", "20"]),
        ({"generation": {"sentences": 1000}}, ["self_bleu_sentences", "2000"]),
        ({"generation": {"sentences": 50000}}, ["generation.sentences", "40000"]),
        (
            {"generation": {"sentences": 2000}, "language_model": {"held_out": 0.0001}},
            ["language_model.held_out", "2000"],
        ),
        (
            {"language_model": {"epochs": 3, "patience": 3}},
            ["language_model: patience 3", "epochs 3"],
        ),
        ({"evaluation": {"likelihood": {"samples": 1}}}, ["likelihood.samples: 1", "D + R"]),
        ({"corpora": {"grammar": {"seed": 2}}}, ["corpora.grammar.seed: no effect", "train_size"]),
        (
            {"corpora": {"grammar": {"grammar": {"test": 32}}}},
            ["models.lstm-small.latent: 32", "32 test"],
        ),
    ],
)
def test_senseless_combination_is_warned_of(sections, parts):
    config = changed(**sections)
    check(config, SOURCES)
    lines = warnings(config)
    assert any(all(part in line for part in parts) for line in lines), lines


def test_early_stopping_is_warned_of_whatever_the_size_of_texts():
    config = changed(language_model={"epochs": 3, "patience": 3})
    del config["generation"]["sentences"]
    check(config, SOURCES)
    assert any(line.startswith("language_model: patience 3") for line in warnings(config))


def test_target_that_decides_no_claim_is_warned_of():
    """Its texts have another dictionary than those of the target before it."""
    config = changed()
    config["experiments"]["table3-b"] = config["experiments"]["table3"] | {"C": [2, 15]}
    config["targets"] = ["table3", "table3-b"]
    check(config, SOURCES)
    assert [line for line in warnings(config) if line.startswith("targets: table3-b decides no")]


def test_settings_that_have_an_effect_are_not_warned_of():
    sections = {"language_model": {"epochs": 3, "patience": 2}}
    sections |= {"evaluation": {"likelihood": {"samples": 2}}}
    sections |= {"corpora": {"grammar": {"seed": 2, "test_size": 1000}}}
    assert warnings(changed(**sections)) == []


@pytest.mark.parametrize(
    ("share", "target", "named"), [(0.5, 40, "word_dropout 0.5"), (1, 40, None), (0.5, None, None)]
)
def test_distortion_that_noise_in_training_raises_is_warned_of(share, target, named):
    """Without any word, D is the same in measurements."""
    settings = {"epochs": 10, "word_dropout": share, "target_distortion": target}
    assert [named in line for line in training_warnings(settings, 0)] == [True] * bool(named)


def test_decoding_from_more_words_than_there_are_is_warned_of():
    config = read("config")
    config["experiments"]["table3"]["decodings"] = ["top15", "top11999", "top12000", "sample"]
    (line,) = [line for line in warnings(config) if ".decodings: " in line]
    assert line.startswith("experiments.table3.decodings: top12000 samples from all 12000 words")


def test_experiments_of_your_own_are_warned_of_before_they_are_targets():
    shipped = read("config")
    config = read("config")
    config["models"]["mine"] = {"base": "lstm", "ramp_epochs": 10}
    config["experiments"]["table1-mine"] = config["experiments"]["table1"] | {"models": ["mine"]}
    lines = warnings(config, [shipped])
    assert [line.startswith("models.mine: ramp_epochs equals") for line in lines] == [True]
    config["experiments"]["table1"]["models"] = ["mine"]
    del config["experiments"]["table1-mine"]
    config["targets"] = ["table2"]
    assert not any("ramp_epochs" in line for line in warnings(config, [shipped]))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("table1_mine", "table1 or a name that begins with table1-"),
        ("Table3-mine", "table3 or a name that begins with table3-"),
        ("table1-mine", None),
        ("mine", None),
    ],
)
def test_name_that_is_almost_that_of_an_exhibit_is_warned_of(name, expected):
    config = read("config")
    config["experiments"][name] = config["experiments"]["table1"]
    config["targets"] = [name]
    lines = [line for line in warnings(config) if line.startswith(f"experiments.{name}")]
    assert [line.partition("expected ")[2] for line in lines] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("own", "named"),
    [
        ({}, None),
        ({"objective": "sweep"}, "objective sweep"),
        ({"strategy": "aggressive"}, "strategy aggressive"),
    ],
)
def test_selection_on_the_test_split_is_warned_of(own, named):
    config = read("config")
    config["models"]["lstm"] |= own
    config["targets"] = ["table1"]
    for test in ("b", "./b"):
        config["corpora"]["cbt"] |= {"files": {"train": "a", "valid": "b", "test": test}}
        lines = [line for line in warnings(config) if line.startswith("corpora.cbt.files")]
        assert [named in line for line in lines] == ([True] if named else [])


def test_format_that_tokenises_already_is_warned_of():
    config = changed(corpora={"grammar": {"format": "webtext", "normalise": ["tokenise"]}})
    (line,) = warnings(config)
    assert all(part in line for part in ("corpora.grammar.normalise", "tokenise", "webtext"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("longest", 12), ("shortest", 2), ("vocabulary", 100), ("test_size", 1999)),
        *(("label", "tab"), ("normalise", ["tokenise"]), ("format", "wikitext")),
        ("split_sentences", "en"),
    ],
)
def test_sentences_of_the_grammar_are_kept_as_they_are(key, value):
    with pytest.raises(InputError) as error:
        check(changed(corpora={"grammar": {key: value}}), SOURCES)
    assert str(error.value).startswith(f"corpora.grammar.{key}: got ")
    kept = {"shortest": 1, "test_size": 2000, "train_size": 30000, "normalise": []}
    check(changed(corpora={"grammar": kept}), SOURCES)


@pytest.mark.parametrize(("pairs", "warned"), [(19, True), (20, False)])
def test_file_of_few_pairs_is_warned_of(tmp_path, pairs, warned):
    path = tmp_path / "pairs.tsv"
    lines = [f"a{number}\tb\n" for number in range(pairs)]
    path.write_text("grammatical\tungrammatical\n" + "".join(lines) + "\n")
    table4 = DEMO["experiments"]["table4"] | {"pairs": "mine"}
    config = changed(
        pairs={"mine": {"file": str(path)}},
        experiments={"table4-mine": table4},
        targets=["table4-mine"],
    )
    check(config, SOURCES)
    assert any(line.startswith("pairs.mine: 19 pairs") for line in warnings(config)) == warned


@pytest.mark.parametrize("kind", ["corpora", "models", "pairs", "choices"])
def test_definition_of_your_own_without_use_is_warned_of(kind):
    entries = DEMO.get(kind) or {"any": {"by": "fce"}}
    config = changed(**{kind: {"mine": next(iter(entries.values()))}})
    assert warnings(config, [read("config")]) == [f"{kind}.mine: no experiment uses it"]
    assert warnings(config, [read("config"), {kind: {"mine": {}}}]) == []


def test_size_of_the_text_decides_on_batch_decay_and_held_out_share():
    settings = {"batch": 8, "epochs": 2, "decay": 0.5, "held_out": 0.1}
    assert list(size_warnings(settings, 16)) == []
    batch, decay, held_out = size_warnings(settings | {"batch": 9, "held_out": 0.12}, 8)
    assert "9 is more than the 8" in batch
    assert "2 steps" in decay
    assert "held_out 0.12 of 8" in held_out
