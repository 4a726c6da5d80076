"""Rounds of work by the checkout whose source is on PYTHONPATH, of this version or an earlier one.

Run as a file by `benchmarks.baseline`, not imported: what differs between versions is handled here.
The argument is a task as JSON; each line of standard input is the number of a round, answered by
one line of JSON with the work done, its seconds, and the numbers that were computed.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Takes the number of a round; returns the work done and the computed numbers.
Round = Callable[[int], tuple[float, list[float]]]


def training(model: str, corpus: str, words: int, precision: str, batches: int) -> Round:
    """Return steps of the training loop on batches of 128 sentences, counted in tokens."""
    from benchmarks.turns import Case, Variant, ours

    case = Case(Path(corpus).name, words, model, batches)
    turn = ours(case, Path(corpus), Variant(precision, True), "cpu")
    return lambda number: (turn(number), [])


def generation(scheme: str, count: int, words: int, max_words: int) -> Round:
    """Return the decoding of sampled codes, counted in sentences; the numbers identify them."""
    import torch

    from textvae.models.decoding import decode

    try:
        from textvae.schemes import DecodingStrategy as Scheme
    except ImportError:
        from textvae.schemes import Scheme

    model, chosen = _model(words), Scheme.parse(scheme)
    codes = torch.randn(count, model.architecture.latent)

    def turn(number: int) -> tuple[float, list[float]]:
        decoded = list(decode(model, codes, max_words, chosen, (number,)))
        return float(len(decoded)), [_number_of(sentence.ids) for sentence in decoded]

    return turn


def rate_distortion(corpus: str, count: int, words: int) -> Round:
    """Return D and R of sentences."""
    try:
        from textvae.models.inference import rates_and_distortions as measured
    except ImportError:
        from textvae.models.channel import transmit as measured

    model, sentences = _model(words), _sentences(corpus, count)

    def turn(number: int) -> tuple[float, list[float]]:
        values = measured(model, sentences, seed=number)
        return float(count), [*values.distortion.tolist(), *values.rate.tolist()]

    return turn


def reconstruction(corpus: str, count: int, words: int, max_words: int) -> Round:
    """Return greedy reconstructions from posterior means; the numbers identify them."""
    from textvae.models.decoding import greedy

    try:
        from textvae.models.inference import posteriors
    except ImportError:
        from textvae.models.channel import posteriors

    model, sentences = _model(words), _sentences(corpus, count)

    def turn(_: int) -> tuple[float, list[float]]:
        copies = greedy(model, posteriors(model, sentences).mean, max_words)
        return float(count), [_number_of(copy) for copy in copies]

    return turn


def likelihood(corpus: str, count: int, words: int, samples: int) -> Round:
    """Return the importance-weighted likelihood, counted in codes."""
    from textvae.cells import Cell
    from textvae.models.saved import TrainedModel

    try:
        from textvae.measurements.likelihood import LikelihoodSettings as Settings
        from textvae.measurements.likelihood import measure
    except ImportError:
        from textvae.evaluation.likelihood import Settings, measure

    sentences, vocabulary = _sentences(corpus, count), _vocabulary(corpus)
    trained = TrainedModel(Cell("text", "lstm", 15.0, 1), _model(words), vocabulary)
    settings = Settings(samples=samples, sentences=count)

    def turn(_: int) -> tuple[float, list[float]]:
        return float(count * samples), [measure(trained, sentences, settings)["iw_nll_nats"]]

    return turn


def pairs(corpus: str, count: int, words: int) -> Round:
    """Return the log odds of pairs that differ in the third word from the end, each with a code."""
    import torch

    try:
        from textvae.measurements.log_odds import Question, log_odds
    except ImportError:
        from textvae.syntax.log_odds import Question, log_odds

    model, sentences = _model(words), _sentences(corpus, count)
    codes = torch.randn(count, model.architecture.latent)
    questions = []
    for row in range(count):
        ids = tuple(sentences[row].tolist())
        at = max(0, len(ids) - 3)
        other = 1 + ids[at] % (words - 1)
        questions.append(Question(row, ids, (*ids[:at], other, *ids[at + 1 :])))
    precision = torch.bfloat16 if _multiplies_bfloat16() else torch.float32

    def turn(_: int) -> tuple[float, list[float]]:
        odds = log_odds(model, codes, questions, precision, "pairs")
        # What counts is which sentence of a pair is preferred.
        return float(count), [float(each > 0) for each in odds]

    return turn


def cross_entropy(corpus: str, count: int, words: int) -> Round:
    """Return the scores of sentences by a language model, as for FCE."""
    import torch

    from textvae.models.architecture import LanguageModelSizes
    from textvae.models.language_model import LanguageModel

    try:
        from textvae.models.language_model import score
    except ImportError:
        from textvae.fce.scoring import score

    torch.manual_seed(1)
    model = _sharpened(LanguageModel(LanguageModelSizes(), words).eval())
    sentences = _sentences(corpus, count)
    return lambda _: (float(count), score(model, sentences).nll.tolist())


TASKS: dict[str, Callable[..., Round]] = {
    task.__name__: task
    for task in (
        *(training, generation, rate_distortion, reconstruction, likelihood, pairs),
        *(cross_entropy,),
    )
}


def _model(words: int) -> Any:
    """Return the paper's LSTM with `words` ids."""
    import torch

    from textvae.models import architecture
    from textvae.models.vae import TextVAE

    torch.manual_seed(1)
    config = getattr(architecture, "ModelConfig", architecture.Architecture)()
    return _sharpened(TextVAE(config, words).eval())


def _multiplies_bfloat16() -> bool:
    import torch

    try:
        from textvae.models.kernels.precision import multiplies_bfloat16
    except ImportError:
        from textvae.models.precision import multiplies_bfloat16
    return multiplies_bfloat16(torch.device("cpu"))


def _sharpened(model: Any) -> Any:
    """Give an untrained model the entropy of a trained one: Zipf's law, and features that count.

    Otherwise nearly all words are equally probable, and sentences do not end. Its products are in
    bfloat16 as if it had been trained so, if this version does that and the machine can.
    """
    import torch

    if hasattr(model, "inference_precision") and _multiplies_bfloat16():
        model.inference_precision = torch.bfloat16
    with torch.no_grad():
        model.output.weight *= 60
        model.output.bias -= torch.log(torch.arange(10.0, 10.0 + len(model.output.bias)))
        model.output.bias[0] = model.output.bias[2:].logsumexp(0) - 1
    return model


def _sentences(corpus: str, count: int) -> Any:
    import numpy as np

    from textvae.corpora.encoded import EncodedCorpus

    return EncodedCorpus(Path(corpus)).split("train").take(np.arange(count))


def _vocabulary(corpus: str) -> Any:
    from textvae.corpora.encoded import EncodedCorpus

    return EncodedCorpus(Path(corpus)).vocabulary


def _number_of(ids: list[int]) -> float:
    """Return a number that other sentences do not have."""
    return float(int(hashlib.sha256(json.dumps(ids).encode()).hexdigest()[:12], 16))


def main() -> None:
    # Standard output is the answer alone; what the checkout prints goes to standard error.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    task = json.loads(sys.argv[1])
    import torch

    import textvae

    torch.set_num_threads(1)
    turn = TASKS[task.pop("task")](**task)
    print(json.dumps({"source": textvae.__file__}), file=answers, flush=True)
    for line in sys.stdin:
        wall, processor = time.perf_counter(), time.process_time()
        work, numbers = turn(int(line))
        seconds = {
            "seconds": time.perf_counter() - wall,
            "cpu_seconds": time.process_time() - processor,
        }
        print(json.dumps({"work": work, **seconds, "numbers": numbers}), file=answers, flush=True)


if __name__ == "__main__":
    main()
