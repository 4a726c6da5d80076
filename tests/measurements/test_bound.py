"""Where the probability of every sentence is known, no measurement may beat it.

A small grammar, a small model trained on its sentences for some hundred steps, and all that must
hold between its numbers: D + R >= H, H - D <= I <= R, and likelihoods no better than the source's.
"""

import math

import numpy as np
import pytest
import torch

from textvae.bootstrap import standard_error
from textvae.cells import Cell
from textvae.corpora.encoded import EncodedCorpus, Sentences, save_array
from textvae.corpora.grammar import InsideParser, entropy, sample
from textvae.corpora.grammar.pcfg import read_grammar
from textvae.corpora.vocabulary import Vocabulary
from textvae.errors import InputError
from textvae.io import write_json, write_text
from textvae.measurements import information, likelihood, rate_distortion
from textvae.measurements.bound import Source, read_source
from textvae.models import saved
from textvae.models.architecture import ModelConfig
from textvae.models.batches import Batch
from textvae.models.inference import rates_and_distortions
from textvae.training.cell import TrainingJob, train
from textvae.training.config import TrainingConfig

CPU = torch.device("cpu")
KINDS = {"noun": 20, "verb": 8, "adverb": 8}
C = 1.0


def words_of(kind):
    """Words of falling probability, 1/i."""
    weights = 1 / np.arange(1, KINDS[kind] + 1)
    return " | ".join(f"{kind}{i} {p:.17g}" for i, p in enumerate(weights / weights.sum()))


# A sentence may go on for long or end at any word, so that its end is news: log 6 = 1.8 nats of it,
# which are more than the code holds, are in the number of words.
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
VOCABULARY = Vocabulary(f"{kind}{i}" for kind, count in KINDS.items() for i in range(count))


def write_splits(folder, sizes):
    """A prepared corpus, and its source beside it as `textvae grammar` writes one."""
    VOCABULARY.save(folder / "vocabulary.txt")
    write_json(folder / "statistics.json", {"name": "small"})
    write_json(folder / "raw/grammar.json", {"entropy_nats": H})
    for split, count in sizes.items():
        texts, log_p = zip(*sample(GRAMMAR, count, f"1/{split}"), strict=True)
        encoded = Sentences.of([VOCABULARY.encode(text) for text in texts])
        save_array(folder / f"{split}.tokens.npy", encoded.tokens)
        save_array(folder / f"{split}.offsets.npy", encoded.offsets)
        save_array(folder / f"raw/{split}.log-probabilities.npy", np.array(log_p))
        write_text(folder / f"raw/{split}.txt", "".join(" ".join(text) + "\n" for text in texts))
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
    task = TrainingJob(Cell("small", "lstm", C, 1), corpus, model, training, CPU)
    train(task, corpus.folder / "model", corpus.folder / "checkpoints", 10)
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
    values = rate_distortion.measure(
        trained, test_split, rate_distortion.RateDistortionSettings(), source
    )
    assert holds(values)
    # The model is good enough for a fault of half a nat to be seen, and lives from its code.
    assert values["bound_excess_nats"] < 0.7
    assert values["bound_excess_standard_error"] < 0.05
    assert values["rate_nats"] == pytest.approx(C, abs=0.3)
    assert values["entropy_nats"] - values["distortion_nats"] > 0.4

    weighted = likelihood.measure(
        trained, test_split, likelihood.LikelihoodSettings(samples=20), source
    )
    assert weighted["iw_bound_excess_nats"] >= -3 * weighted["iw_bound_excess_standard_error"]
    assert weighted["iw_bound_excess_nats"] < values["bound_excess_nats"]


def test_information_is_between_what_it_buys_and_what_it_costs(trained, test_split, source):
    """H - D <= I <= R (paper, section 2.1), H - D paired by sentence as well."""
    sent = rates_and_distortions(trained.model, test_split, seed=1)
    excess = source.excess(sent.distortion)
    bought, error = -excess["bound_excess_nats"], excess["bound_excess_standard_error"]
    assert bought == pytest.approx(H - sent.distortion.mean(), abs=0.3)
    found = information.measure(trained, test_split, information.InformationSettings())
    below, above = (found[f"mutual_information_{end}nats"] for end in ("", "upper_"))
    # Far from log N the two estimates all but agree, and each is held to both ends.
    assert above == pytest.approx(below, abs=0.01)
    assert below < above < found["log_sentences"] - 5
    assert 0.5 < bought <= below + 3 * error
    assert above <= sent.rate.mean()


def excess_of(trained, sentences, source):
    sent = rates_and_distortions(trained.model, sentences, seed=1)
    return source.excess(sent.distortion + sent.rate)


def test_a_forgotten_end_mark_is_caught(trained, test_split, source, monkeypatch):
    whole = Batch.per_sentence
    monkeypatch.setattr(
        Batch, "per_sentence", lambda batch, values: whole(batch, values * (batch.words != 0))
    )
    assert not holds(excess_of(trained, test_split, source))


def test_half_a_rate_is_caught(trained, test_split, source):
    sent = rates_and_distortions(trained.model, test_split, seed=1)
    assert holds(source.excess(sent.distortion + sent.rate))
    assert not holds(source.excess(sent.distortion + sent.rate / 2))


def test_costs_of_other_sentences_are_caught(trained, test_split, source):
    """Sentences without their last word, or read to the end of the shortest."""
    shorter = Sentences.of([sentence[:2].tolist() for sentence in test_split])
    assert not holds(excess_of(trained, shorter, source))


def test_nats_too_few_are_caught():
    random = np.random.default_rng(1)
    log_p = -random.gamma(4, 2, size=500)
    source = Source(8.0, log_p)
    assert holds(source.excess(-log_p + random.normal(0, 1, 500)))
    assert not holds(source.excess(-log_p + random.normal(0, 1, 500) - 0.5))
    assert not holds(source.excess(-log_p - 20 + random.normal(0, 1, 500)))


def test_the_excess_by_hand():
    source = Source(5.0, np.array([-1.0, -2.0, -9.0, -3.0]))
    assert source.excess(np.array([2.0, 4.0, 3.0]), chosen=np.array([0, 1, 3])) == {
        "bound_excess_nats": pytest.approx(1),
        "bound_excess_standard_error": pytest.approx(1 / math.sqrt(3)),
    }
    assert standard_error(np.array([1.0, 3.0])) == pytest.approx(1)


def test_pairing_takes_out_most_of_the_noise(trained, test_split, source):
    sent = rates_and_distortions(trained.model, test_split, seed=1)
    unpaired = standard_error(sent.distortion + sent.rate)
    assert excess_of(trained, test_split, source)["bound_excess_standard_error"] < unpaired / 2


def test_the_grammar_of_these_tests_is_what_it_seems():
    """Unambiguous, its probabilities sum to 1, and H is the mean of -log p over all sentences."""
    nouns, verbs = ([f"{kind}{i}" for i in range(KINDS[kind])] for kind in ("noun", "verb"))
    parser = InsideParser(GRAMMAR)
    of_two = [parser.log_probability([noun, verb]) for noun in nouns for verb in verbs]
    assert math.fsum(map(math.exp, of_two)) == pytest.approx(1 / len(LENGTHS))
    for sentence, log_p in sample(GRAMMAR, 50, 1):
        assert parser.log_probability(sentence) == pytest.approx(log_p)
    surprisals = np.array([-log_p for _, log_p in sample(GRAMMAR, 20_000, 2)])
    assert abs(surprisals.mean() - H) < 4 * standard_error(surprisals)


@pytest.fixture
def folder(tmp_path):
    """A corpus of its own to spoil."""
    write_splits(tmp_path, {"test": 5})
    return tmp_path / "raw"


def refusal(folder, vocabulary=VOCABULARY):
    sentences = EncodedCorpus(folder.parent).split("test")
    with pytest.raises(InputError) as error:
        read_source(folder, "test", sentences, vocabulary)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_source_is_read_as_it_was_written(folder):
    source = read_source(folder, "test", EncodedCorpus(folder.parent).split("test"), VOCABULARY)
    assert source.entropy == H
    assert source.log_probabilities.tolist() == [p for _, p in sample(GRAMMAR, 5, "1/test")]


@pytest.mark.parametrize("name", ["grammar.json", "test.log-probabilities.npy", "test.txt"])
def test_a_folder_that_lacks_a_file_is_named(folder, name):
    (folder / name).unlink()
    assert str(folder) in refusal(folder)


@pytest.mark.parametrize(
    "content",
    [
        *("[]", '{"H": 3}', '{"entropy_nats": "much"}', '{"entropy_nats": true}', "{"),
        *(f'{{"entropy_nats": {number}}}' for number in ("NaN", "Infinity", "-1", "1" + 400 * "0")),
    ],
)
def test_a_grammar_without_entropy_is_named(folder, content):
    (folder / "grammar.json").write_text(content)
    assert str(folder) in refusal(folder)


@pytest.mark.parametrize("content", [b"", b"not an array"])
def test_a_damaged_array_is_named(folder, content):
    (folder / "test.log-probabilities.npy").write_bytes(content)
    assert refusal(folder) == (
        f"{folder}/test.log-probabilities.npy: not a whole .npy array (`textvae grammar` makes it)"
    )


@pytest.mark.parametrize(
    "array",
    [
        *(np.full(5, value) for value in (math.nan, -math.inf, -1e300, 0.5)),
        *(np.zeros(5, dtype) for dtype in (np.float32, np.int64, complex, bool, "S3")),
    ],
)
def test_what_are_no_log_probabilities_are_refused(folder, array):
    np.save(folder / "test.log-probabilities.npy", array)
    assert refusal(folder) == (
        f"{folder}/test.log-probabilities.npy: not log-probabilities in nats, float64"
    )


def test_another_number_of_sentences_is_refused(folder):
    save_array(folder / "test.log-probabilities.npy", np.zeros(4))
    assert "4 log-probabilities for 5 sentences" in refusal(folder)


def test_probabilities_of_other_sentences_are_refused(folder):
    lines = (folder / "test.txt").read_text().splitlines()
    lines[2], lines[3] = lines[3], lines[2]
    write_text(folder / "test.txt", "\n".join(lines) + "\n")
    assert "test.txt, line 3: not sentence 3 of the corpus" in refusal(folder)
    write_text(folder / "test.txt", "\n".join(lines[:2]) + "\n")
    assert "test.txt, line 3: not sentence 3 of the corpus" in refusal(folder)


def test_a_corpus_with_unknown_words_is_refused(folder):
    """A sentence with `<unk>` in it costs less than the sentence whose probability is known."""
    corpus = EncodedCorpus(folder.parent)
    tokens = corpus.split("test").tokens.copy()
    tokens[0] = 1
    save_array(folder.parent / "test.tokens.npy", tokens)
    assert "test.txt, line 1" in refusal(folder)
