"""Costs, tables and the figure of the benchmarks, from made-up measurements."""

import pytest
from benchmarks.training import flop_per_token

from benchmarks import cost, report


def variant(speed, ratio):
    values = {"tokens_per_second": speed, "ratio_to_plain": ratio, "rounds": [speed]}
    return values | {"share_of_peak": 0.25, "peak_memory_mib": 700}


def case(model, corpus="cbt-like", words=12_000, together=None):
    return {
        "corpus": corpus,
        "words": words,
        "model": model,
        "batch": 128,
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
    cbt, wiki = (
        next(row for row in rows if row["trainings"] == f"Table 1, {name}")
        for name in ("CBT", "WIKI")
    )
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
    text = report.markdown(
        {
            "machine": {"processor": "A processor", "system": "A system", "gpus": []},
            "torch": "2",
            "training": training,
            "loss": [losses],
            "cost": cost.of_paper(training, "bfloat16"),
        }
    )
    for line in (
        "| lstm, cbt-like, 12,000 words | bfloat16 | 5,000 | 10.0 | 25% | 700 |",
        "2 at once: 9,000 tokens/s together (gru, yahoo-like)",
        "| Table 1, CBT | 3 | 97 | 5.4 |",
        "| float32, 2,048 tokens, 12,000 words | ours | 2,000 | 1.00 | -3e-08 | 3e-07 | 400 |",
    ):
        assert line in text
    paths = {form: tmp_path / f"figure.{form}" for form in ("pdf", "svg")}
    report.draw(training, paths)
    assert all(path.stat().st_size > 1000 for path in paths.values())
