"""Workloads of the benchmarks, timed processes, and the report of made-up measurements."""

import os
import time
from functools import partial

import pytest
import torch
from benchmarks.peer import PeerLanguageModel, PeerVAE
from benchmarks.plain import PlainLanguageModel, PlainVAE, padded
from benchmarks.processes import run
from benchmarks.texts import LENGTHS, draw_sentences, write_corpus, write_text
from benchmarks.training import flop_per_token
from benchmarks.workers import interleaved, together

from benchmarks import cost, loss, report, starts, turns
from textvae.errors import InputError
from textvae.models.architecture import LanguageModelSizes
from textvae.models.batches import pack
from textvae.models.language_model import LanguageModel
from textvae.models.vae import TextVAE
from textvae.stages import STEPS
from tiny import WORDS, tiny_corpus, tiny_model

CASES = [(precision, name) for precision, losses in loss.LOSSES.items() for name in losses]


@pytest.mark.parametrize("kind", LENGTHS)
def test_texts_have_the_lengths_of_their_kind(kind):
    lengths, expected = draw_sentences(kind, 1000, 5000, seed=1).lengths, LENGTHS[kind]
    assert lengths.mean() == pytest.approx(expected.mean, rel=0.03)
    assert expected.shortest <= lengths.min() <= lengths.max() <= expected.longest


def test_corpus_and_text_contain_the_same_sentences(tmp_path):
    sizes = {"train": 30, "valid": 5, "test": 5}
    split = write_corpus(tmp_path / "corpus", "cbt-like", 50, sizes).split("train")
    write_text(tmp_path / "text.txt", "cbt-like", 50, 30)
    lines = (tmp_path / "text.txt").read_text().splitlines()
    assert len(lines) == len(split) == 30
    assert lines[7].split() == [f"w{word}" for word in split[7]]


@pytest.fixture(scope="module")
def sentences(tmp_path_factory):
    split = tiny_corpus(tmp_path_factory.mktemp("corpus")).split("train")
    return [split[i] for i in range(12)]


FLOAT32, BFLOAT16 = torch.float32, torch.bfloat16
# Relative differences of losses and of gradients. In bfloat16 the sum of the peer's loss over
# tokens is inexact.
TOLERANCES = {FLOAT32: (1e-5, 1e-4), BFLOAT16: (0.06, 0.05)}


def check_losses(one, other, precision):
    torch.testing.assert_close(one, other, rtol=TOLERANCES[precision][0], atol=0)


def check_gradients(plain, ours, precision):
    pairs = zip(plain.named_parameters(), ours.named_parameters(), strict=True)
    for (name, one), (_, other) in pairs:
        difference = float((one.grad - other.grad).norm() / other.grad.norm())
        assert difference < TOLERANCES[precision][1], name


@pytest.mark.parametrize("decoder", ["lstm", "gru", "cnn"])
@pytest.mark.parametrize("precision", [None, FLOAT32, BFLOAT16])
def test_plain_vae_and_peer_have_the_same_losses_and_gradients(sentences, decoder, precision):
    config = tiny_model(decoder, **{"dropout": 0} if decoder == "cnn" else {})
    torch.manual_seed(1)
    ours = TextVAE(config, WORDS + 2)
    if precision is None:
        precision, plain = FLOAT32, PlainVAE(config, WORDS + 2)
    else:
        plain = PeerVAE(config, WORDS + 2, precision)
    plain.load_state_dict(ours.state_dict())
    batch, noise = pack(sentences), torch.randn(len(sentences), config.architecture.latent)
    terms = ours(batch, batch.arrange(noise), FLOAT32)
    nll = terms.distortion * len(batch)
    plain_nll, plain_rates = plain(*padded(sentences), noise)
    check_losses(plain_nll, nll, precision)
    check_losses(plain_rates, batch.restore(terms.rates), precision)
    (nll + terms.rates.sum()).backward()
    (plain_nll + plain_rates.sum()).backward()
    check_gradients(plain, ours, precision)


@pytest.mark.parametrize("precision", [None, FLOAT32, BFLOAT16])
def test_plain_language_model_and_peer_have_the_same_loss_and_gradients(sentences, precision):
    sizes = LanguageModelSizes(embedding=6, hidden=8)
    torch.manual_seed(1)
    ours = LanguageModel(sizes, WORDS + 2)
    if precision is None:
        precision, plain = FLOAT32, PlainLanguageModel(sizes, WORDS + 2)
    else:
        plain = PeerLanguageModel(sizes, WORDS + 2, precision)
    plain.load_state_dict(ours.state_dict())
    nll, plain_nll = ours(pack(sentences), FLOAT32), plain(*padded(sentences))
    check_losses(plain_nll, nll, precision)
    nll.backward()
    plain_nll.backward()
    check_gradients(plain, ours, precision)


@pytest.mark.parametrize(("precision", "name"), CASES)
def test_compared_losses_differ_by_rounding_only(precision, name):
    error, gradients = loss.errors(loss.LOSSES[precision][name], precision, words=700, tokens=600)
    rounding = {"float32": 1e-6, "bfloat16": 1e-2}[precision]
    assert gradients < rounding
    # torch's sum in bfloat16 is compared because it is wrong.
    if precision == "float32" or "summed" not in name:
        assert abs(error) < rounding


@pytest.mark.parametrize("precision", loss.PRECISIONS)
def test_variant_trains_with_its_loss(precision, monkeypatch):
    called = []
    monkeypatch.setitem(loss.LOSSES, precision, {"mine": lambda *inputs: called.append(inputs)})
    before = turns.vae.fused_linear_cross_entropy
    with turns.Variant(precision, compiled=False, loss="mine").used():
        turns.vae.fused_linear_cross_entropy(7)
    assert called == [(7,)]
    assert turns.vae.fused_linear_cross_entropy is before


@pytest.mark.parametrize("precision", ["float32", "auto"])
@pytest.mark.parametrize("model", ["lstm", turns.LANGUAGE_MODEL])
def test_round_of_ours_trains_on_all_tokens(tmp_path, model, precision):
    corpus = write_corpus(tmp_path, "cbt-like", 50, {"train": 128, "valid": 5, "test": 5})
    turn = turns.ours(
        turns.Case("cbt-like", 50, model, 1), tmp_path, turns.Variant(precision, False), "cpu"
    )
    assert turn(0) == len(corpus.split("train").tokens) + 128


def test_every_step_has_a_program_to_time():
    assert all("import textvae.cli" in starts.program(step) for step in STEPS)


def variant(speed, ratio):
    values = {"tokens_per_second": speed, "ratio_to_plain": ratio, "ratio_to_peer": ratio / 4}
    values |= {"rounds": [speed]}
    return values | {"share_of_peak": 0.25, "peak_memory_mib": 700}


def case(model, corpus="cbt-like", words=12_000, together=None):
    return {"corpus": corpus, "words": words, "model": model, "batch": 128} | {
        "peak_gflops": {"float32": 150.0, "bfloat16": 1100.0},
        "mflop_per_token": flop_per_token(model, words) / 1e6,
        "variants": {"plain": variant(500.0, 1.0), "bfloat16": variant(5000.0, 10.0)},
        "tokens_per_second_side_by_side": together or {},
    }


def test_operations_of_an_lstm_by_hand():
    # Four gates of input and state, in the decoder also of z, and 12,000 words.
    products = 4 * 512 * (256 + 512) + 4 * 512 * (256 + 64 + 512) + 512 * 12_000
    assert flop_per_token("lstm", 12_000) == 6 * products


def test_hours_follow_from_speed_and_tokens():
    rows = cost.of_paper([case("lstm")], "bfloat16")
    by_name = {row["trainings"]: row for row in rows}
    cbt, wiki = by_name["Table 1, CBT"], by_name["Table 1, WIKI"]
    tokens = 3 * 192_000 * 16.9 * 10
    assert cbt["hours"] == pytest.approx(tokens / 5000 / 3600)
    # More words need more operations a token; documents were not measured.
    assert wiki["hours"] / wiki["million_tokens"] > cbt["hours"] / cbt["million_tokens"]
    assert not any("Yahoo" in row["trainings"] for row in rows)
    faster = cost.of_paper([case("lstm", together={"2": 10_000.0})], "bfloat16")
    assert faster[0]["hours"] == pytest.approx(tokens / 10_000 / 3600)
    vaes = sum(group.models for group in cost.PAPER if group.model != "language-model")
    assert (vaes, sum(group.models for group in cost.PAPER) - vaes) == (73, 54)


def test_tables_and_figure(tmp_path):
    ours = {"tokens_per_second": 2000.4, "ratio_to_ours": 1.0, "peak_memory_mib": 400}
    ours |= {"loss_error": -3.2e-8, "gradient_error": 3.1e-7}
    losses = {"precision": "float32", "words": 12_000, "tokens": 2048, "losses": {"ours": ours}}
    training = [case("lstm"), case("gru", "yahoo-like", 20_000, {"2": 9000.0})]
    measured = {"training": training, "loss": [losses]}
    measured |= {"torch": "2", "cost": cost.of_paper(training, "bfloat16")}
    measured["machine"] = {"processor": "A processor", "system": "A system", "gpus": []}
    text = report.markdown(measured)
    for line in (
        "| lstm, cbt-like, 12,000 words | bfloat16 | 5,000 | 10.0 | 2.50 | 25% | 700 |",
        "2 at once: 9,000 tokens/s together (gru, yahoo-like)",
        "| Table 1, CBT | 3 | 97 | 5.4 |",
        "| float32, 2,048 tokens, 12,000 words | ours | 2,000 | 1.00 | -3e-08 | 3e-07 | 400 |",
    ):
        assert line in text
    paths = {form: tmp_path / f"figure.{form}" for form in ("pdf", "svg")}
    report.draw(training, paths)
    assert all(path.stat().st_size > 1000 for path in paths.values())


def working(seconds):
    def turn(number):
        time.sleep(seconds)
        return seconds * (number + 1)

    return turn


def test_speeds_of_each_round_after_a_warm_up():
    """The work grows with the number of the round, the time does not."""
    speeds, peaks = interleaved({"one": partial(working, 0.02)}, 2, "cpu")
    assert speeds.keys() == peaks.keys() == {"one"}
    assert all(0 < speed <= bound for speed, bound in zip(speeds["one"], (2, 3), strict=True))
    assert min(peaks.values()) > 10
    (both,) = together(partial(working, 0.02), 2, 1, "cpu")
    assert 0 < both <= 4


def test_process_that_dies_is_named():
    with pytest.raises(InputError, match="benchmark: gone: "):
        interleaved({"gone": partial(partial, os._exit)}, 1, "cpu")


def test_commands_are_timed_and_failures_quoted():
    finished = run(["/bin/sh", "-c", "echo hello; sleep 0.05"])
    assert finished.printed == "hello\n"
    assert finished.seconds >= 0.05
    with pytest.raises(InputError, match=r"sh -c echo no; exit 3: .*status 3: no"):
        run(["/bin/sh", "-c", "echo no; exit 3"])
