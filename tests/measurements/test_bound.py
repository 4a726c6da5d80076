"""Bounds that hold where the probability of every sentence is known.

A small model is trained on sentences of a small grammar: D + R >= H, H - D <= I <= R, and no
likelihood is better than the source's.
"""

import math

import numpy as np
import pytest
import torch

from textvae.cells import Cell
from textvae.corpora import SPLITS
from textvae.corpora.encoded import EncodedCorpus, Sentences, save_array
from textvae.corpora.grammar import entropy, sample
from textvae.corpora.grammar.pcfg import read_grammar
from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.io import write_json, write_text
from textvae.measurements import information, likelihood, rate_distortion
from textvae.measurements.bound import Source, read_source
from textvae.models import saved
from textvae.models.architecture import ModelConfig
from textvae.models.inference import rates_and_distortions
from textvae.training.cell import TrainingJob, train
from textvae.training.config import TrainingConfig
from tiny import save_split

CPU = torch.device("cpu")
COUNTS = {"noun": 20, "verb": 8, "adverb": 8}
C = 1.0


def words_of(kind):
    """Return the alternatives of a word class, of probabilities proportional to 1/i."""
    weights = 1 / np.arange(1, COUNTS[kind] + 1)
    return " | ".join(f"{kind}{i} {p:.17g}" for i, p in enumerate(weights / weights.sum()))


# The number of words has log 6 = 1.8 nats, more than the code.
LENGTHS = range(2, 8)
GRAMMAR = read_grammar(
    f"""
    S -> {" | ".join(f"N V {(length - 2) * 'A '} {1 / len(LENGTHS):.17g}" for length in LENGTHS)}
    N -> {words_of("noun")}
    V -> {words_of("verb")}
    A -> {words_of("adverb")}
    """
)
H = entropy(GRAMMAR)
VOCABULARY = Vocabulary(f"{kind}{i}" for kind, count in COUNTS.items() for i in range(count))


def write_splits(folder, sizes):
    """Write a prepared corpus, and its source as `textvae grammar` writes it."""
    VOCABULARY.save(folder / "vocabulary.txt")
    splits = {split: {"sha256": {"tokens": split, "offsets": split}} for split in SPLITS}
    write_json(folder / "raw/grammar.json", {"entropy_nats": H})
    for split, count in sizes.items():
        texts, log_p = zip(*sample(GRAMMAR, count, f"1/{split}"), strict=True)
        encoded = Sentences.of([VOCABULARY.encode(text) for text in texts])
        splits[split] = {"sha256": save_split(folder, split, encoded)}
        save_array(folder / f"raw/{split}.log-probabilities.npy", np.array(log_p))
        write_text(folder / f"raw/{split}.txt", "".join(" ".join(text) + "\n" for text in texts))
    write_json(folder / "statistics.json", {"name": "small", "splits": splits})
    return EncodedCorpus(folder)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    sizes = {"train": 2000, "valid": 20, "test": 1000}
    return write_splits(tmp_path_factory.mktemp("small"), sizes)


@pytest.fixture(scope="module")
def trained(corpus):
    model = ModelConfig(
        embedding=8, hidden=24, latent=4, embedding_range=0.5, mean_gain=3.0, latent_gain=2.0
    )
    training = TrainingConfig(epochs=5, batch=32, learning_rate=0.02, decay=0.5, ramp_epochs=1.0)
    job = TrainingJob(Cell("small", "lstm", C, 1), corpus, model, training, CPU)
    train(job, corpus.folder / "model", corpus.folder / "checkpoints", 10)
    return saved.load(corpus.folder / "model", CPU)


@pytest.fixture(scope="module")
def test_split(corpus):
    return corpus.split("test")


@pytest.fixture(scope="module")
def source(corpus, test_split):
    return read_source(corpus.folder / "raw", "test", test_split, VOCABULARY)


def holds(excess):
    return excess["bound_excess_nats"] >= -3 * excess["bound_excess_standard_error"]


def test_no_measurement_beats_the_source(trained, test_split, source):
    settings = rate_distortion.RateDistortionSettings()
    values = rate_distortion.measure(trained, test_split, settings, source)
    assert holds(values)
    # An error of half a nat would be visible, and the model depends on its code.
    assert values["bound_excess_nats"] < 0.7
    assert values["bound_excess_standard_error"] < 0.05
    assert values["rate_nats"] == pytest.approx(C, abs=0.3)
    assert values["entropy_nats"] - values["distortion_nats"] > 0.4
    settings = likelihood.LikelihoodSettings(samples=20)
    weighted = likelihood.measure(trained, test_split, settings, source).values
    assert weighted["iw_bound_excess_nats"] >= -3 * weighted["iw_bound_excess_standard_error"]
    assert weighted["iw_bound_excess_nats"] < values["bound_excess_nats"]


def test_information_is_between_entropy_minus_distortion_and_rate(trained, test_split, source):
    """H - D <= I <= R (paper, section 2.1), H - D paired by sentence."""
    costs = rates_and_distortions(trained.model, test_split, seed=1)
    excess = source.excess(costs.distortion)
    gain, error = -excess["bound_excess_nats"], excess["bound_excess_standard_error"]
    assert gain == pytest.approx(H - costs.distortion.mean(), abs=0.3)
    values = information.measure(trained, test_split, information.InformationSettings()).values
    below, above = (values[f"mutual_information_{end}nats"] for end in ("", "upper_"))
    # Far below log N the two estimates almost agree.
    assert above == pytest.approx(below, abs=0.01)
    assert below < above < values["log_sentences"] - 5
    assert 0.5 < gain <= below + 3 * error
    assert above <= costs.rate.mean()


def test_excess_by_hand():
    source = Source(5.0, np.array([-1.0, -2.0, -9.0, -3.0]))
    assert source.excess(np.array([2.0, 4.0, 3.0]), chosen=np.array([0, 1, 3])) == {
        "bound_excess_nats": pytest.approx(1),
        "bound_excess_standard_error": pytest.approx(1 / math.sqrt(3)),
    }


@pytest.fixture
def folder(tmp_path):
    """The folder of a source, to damage."""
    write_splits(tmp_path, {"test": 5})
    return tmp_path / "raw"


def refusal(folder):
    sentences = EncodedCorpus(folder.parent).split("test")
    with pytest.raises(InputError) as error:
        read_source(folder, "test", sentences, VOCABULARY)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("entropy", [0, 1e6, H])
def test_source_is_read_up_to_its_limits(folder, entropy):
    write_json(folder / "grammar.json", {"entropy_nats": entropy})
    np.save(folder / "test.log-probabilities.npy", np.array([0, -1e6, -1, -1, -1.0]))
    source = read_source(folder, "test", EncodedCorpus(folder.parent).split("test"), VOCABULARY)
    assert source.entropy == entropy


@pytest.mark.parametrize("name", ["grammar.json", "test.log-probabilities.npy", "test.txt"])
def test_missing_or_empty_file_is_named(folder, name):
    (folder / name).write_text("")
    assert str(folder / name) in refusal(folder)
    (folder / name).unlink()
    assert str(folder / name) in refusal(folder)


@pytest.mark.parametrize(
    "entropy", ['"much"', "true", "NaN", "Infinity", "-1", "1000001", "1" + 400 * "0", None]
)
def test_invalid_entropy_is_named(folder, entropy):
    content = "[]" if entropy is None else f'{{"entropy_nats": {entropy}}}'
    (folder / "grammar.json").write_text(content)
    assert f"{folder}/grammar.json" in refusal(folder)


@pytest.mark.parametrize(
    "array",
    [
        *(np.full(5, value) for value in (math.nan, -math.inf, -1.1e6, 0.5)),
        *(np.zeros(5, dtype) for dtype in (np.float32, np.int64, "S3")),
        np.zeros(4),
    ],
)
def test_invalid_log_probabilities_are_named(folder, array):
    np.save(folder / "test.log-probabilities.npy", array)
    assert f"{folder}/test.log-probabilities.npy: " in refusal(folder)


def test_source_of_other_sentences_is_named_with_the_line(folder):
    lines = (folder / "test.txt").read_text().splitlines()
    (folder / "test.txt").write_text("\n".join([*lines[:2], lines[3], lines[2], lines[4]]) + "\n")
    assert "test.txt, line 3: " in refusal(folder)
    (folder / "test.txt").write_text("\n".join(lines[:2]) + "\n")
    assert "test.txt, line 3: " in refusal(folder)
    # A sentence with `<unk>` costs less than the sentence of known probability.
    (folder / "test.txt").write_text("\n".join(lines) + "\n")
    tokens = EncodedCorpus(folder.parent).split("test").tokens.copy()
    tokens[0] = 1
    save_array(folder.parent / "test.tokens.npy", tokens)
    write_json(folder.parent / "statistics.json", {"name": "small"})
    assert "test.txt, line 1: " in refusal(folder)
