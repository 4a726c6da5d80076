"""By how much a decoder prefers one sentence to another (paper, section 3.4).

log p(x+|z) - log p(x-|z) needs little of what the two sentences cost. What stands before their
first difference costs both the same; there, the normaliser of the softmax does too, and only the
two logits count; from there on every word does. And sentences that begin alike share their states:
under one code they are walked as a tree of prefixes, level by level, each prefix once.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from textvae.corpora.vocabulary import EOS_ID
from textvae.errors import InputError
from textvae.models.language_model import LanguageModel
from textvae.models.softmax import log_normalisers
from textvae.models.vae import TextVAE
from textvae.progress import progress
from textvae.syntax.encoding import Ids

# Walked side by side. The states of 4,096 sentences take 16 MB a level; more would be no faster.
QUESTIONS_PER_WALK = 2048
# Where bfloat16 finds log-odds nearer to 0 than this, nats and nats for each word that is priced,
# float32 decides. On Marvin and Linzen's pairs, which price 2 to 20 words, full-size models were
# never wrong by more than 0.11; on documents that price some 120 words, by 0.43.
CLOSE = 0.1
CLOSE_A_WORD = 0.01


class Question(NamedTuple):
    """Does the decoder, given a code (its row), find the first of two sentences more probable?"""

    code: int
    first: Ids
    second: Ids


def log_odds(
    model: TextVAE | LanguageModel,
    codes: Tensor,
    questions: Sequence[Question],
    precision: torch.dtype,
    label: str,
) -> np.ndarray:
    """log p(first|z) - log p(second|z) of each question, (N,) float64, nats, `<eos>` included.

    codes: (K, d), of which a language model has one of no dimensions. Normalisers are made of
    products in `precision`, but where the two are close; all else is float32. Exactly 0 for the
    same sentence twice. `label` says for whom, in messages. InputError where one is not finite.
    """
    # Asked once, and in an order in which neighbours begin alike.
    distinct = sorted({question for question in questions if question.first != question.second})
    codes = codes.to(model.device)
    odds = np.empty(len(distinct))
    with progress(label, len(distinct), "distinct pairs") as done:
        for start in range(0, len(distinct), QUESTIONS_PER_WALK):
            part = distinct[start : start + QUESTIONS_PER_WALK]
            found, priced = _walk(model, codes, part, precision)
            close = np.flatnonzero(abs(found) < CLOSE + CLOSE_A_WORD * priced)
            if precision != torch.float32 and len(close):
                found[close], _ = _walk(model, codes, [part[i] for i in close], torch.float32)
            odds[start : start + len(part)] = found
            done(len(part))
    if not np.isfinite(odds).all():
        raise InputError(f"{label}: log-odds are not finite: the weights are damaged")
    answers = dict(zip(distinct, odds.tolist(), strict=True))
    return np.array([answers.get(question, 0.0) for question in questions])


@torch.no_grad()
def _walk(
    model: TextVAE | LanguageModel,
    codes: Tensor,
    questions: Sequence[Question],
    precision: torch.dtype,
) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds of some questions, (N,), by one walk down the tree of their sentences.

    With them the words that were priced for each, in both sentences together, (N,).
    """
    targets, lengths = _laid_out(questions)
    # Of both sentences of a question, the place of their first difference.
    first = (targets[0::2] != targets[1::2]).argmax(1).repeat(2)
    log_likelihood = np.zeros(len(targets))
    words = len(model.output.weight)
    # Where each sentence stands in the tree; at the root are the codes.
    roots, node = np.unique([question.code for question in questions], return_inverse=True)
    node = node.repeat(2)
    z, state = codes[_index(roots, codes)], None
    said = np.full(len(roots), EOS_ID)
    for place in range(targets.shape[1]):
        running = np.flatnonzero(lengths > place)
        if place:
            branches = node[running] * words + targets[running, place - 1]
            branches, node[running] = np.unique(branches, return_inverse=True)
            parents, said = np.divmod(branches, words)
            rows = _index(parents, codes)
            z, state = z[rows], model.decoder.keep(state, rows)
        embedded = model.embedding(_index(said, codes))
        features, state = model.decoder.step(embedded, z, state)
        deciding = running[place >= first[running]]
        log_likelihood[deciding] += _logits(
            model, features, node[deciding], targets[deciding, place]
        )
        priced = running[place > first[running]]
        log_likelihood[priced] -= _normalisers(model, features, node[priced], precision)
    after = lengths - first - 1
    return log_likelihood[0::2] - log_likelihood[1::2], after[0::2] + after[1::2]


def _laid_out(questions: Sequence[Question]) -> tuple[np.ndarray, np.ndarray]:
    """What the decoder has to say, (2N, L) ids with end marks, and how much of it, (2N,)."""
    sentences = [sentence for question in questions for sentence in question[1:]]
    lengths = np.array([len(sentence) + 1 for sentence in sentences])
    targets = np.full((len(sentences), lengths.max()), EOS_ID)
    for row, sentence in zip(targets, sentences, strict=True):
        row[: len(sentence)] = sentence
    return targets, lengths


def _logits(
    model: TextVAE | LanguageModel, features: Tensor, nodes: np.ndarray, words: np.ndarray
) -> np.ndarray:
    """The logit of a word at a node, for each of S sentences, (S,)."""
    rows, ids = _index(nodes, features), _index(words, features)
    products = (features[rows] * model.output.weight[ids]).sum(1)
    return (products + model.output.bias[ids]).cpu().numpy()


def _normalisers(
    model: TextVAE | LanguageModel, features: Tensor, nodes: np.ndarray, precision: torch.dtype
) -> np.ndarray:
    """The log of the softmax's denominator at a node, for each of S sentences, (S,)."""
    distinct, place = np.unique(nodes, return_inverse=True)
    chosen = features[_index(distinct, features)]
    found = log_normalisers(chosen, model.output.weight, model.output.bias, precision)
    return found.cpu().numpy()[place]


def _index(rows: np.ndarray, like: Tensor) -> Tensor:
    return torch.from_numpy(rows).to(like.device)
