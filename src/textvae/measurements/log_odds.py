"""Log-odds of two sentences under a decoder, log p(x+|z) - log p(x-|z) (paper, section 3.4).

The words before the first difference have the same probability in both sentences and cancel. At the
first difference the normaliser of the softmax is the same too, so only the two logits are needed;
after it every word must be scored. Sentences with a common prefix share decoder states: those under
one code form a tree of prefixes, which is traversed level by level, each prefix once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from textvae.corpora.encoded import Sentences
from textvae.corpora.minimal_pairs import Pair
from textvae.corpora.vocabulary import EOS, EOS_ID, UNK_ID, Vocabulary
from textvae.errors import InputError
from textvae.models.inference import posteriors
from textvae.models.kernels.fused_loss import log_normalisers
from textvae.models.language_model import LanguageModel
from textvae.models.vae import TextVAE
from textvae.runtime.progress import progress

Ids = tuple[int, ...]


def posterior_means(model: TextVAE, sentences: Sequence[Ids]) -> tuple[Tensor, np.ndarray]:
    """Return posterior means of the distinct sentences, (K, d) on the CPU, and rows, (N,).

    Sentence i of the N has the mean in row rows[i]. InputError if a mean is not finite.
    """
    row_of = {ids: row for row, ids in enumerate(dict.fromkeys(sentences))}
    means = posteriors(model, Sentences.of(row_of)).mean
    if not means.isfinite().all():
        raise InputError("the model's codes are not finite: its weights are damaged")
    return means, np.array([row_of[ids] for ids in sentences])


@dataclass(frozen=True)
class EncodedPairs:
    """N pairs as ids, without end marks.

    covered: (N,) whether the vocabulary has every word of both sentences.
    """

    grammatical: tuple[Ids, ...]
    ungrammatical: tuple[Ids, ...]
    covered: np.ndarray

    def __len__(self) -> int:
        return len(self.covered)


def encode(pairs: Sequence[Pair], vocabulary: Vocabulary) -> EncodedPairs:
    """Encode pairs in their order; words outside the vocabulary become `<unk>`.

    InputError for an end mark inside a sentence, which would be scored as its end.
    """
    grammatical, ungrammatical, covered = [], [], []
    for pair in pairs:
        good, bad = pair.grammatical.split(), pair.ungrammatical.split()
        if EOS in (*good, *bad):
            where = f"{pair.grammatical[:80]!r} or its pair"
            raise InputError(f"{EOS} occurs in {where}, expected words only")
        grammatical.append(tuple(vocabulary.encode(good)))
        ungrammatical.append(tuple(vocabulary.encode(bad)))
        covered.append(UNK_ID not in (*grammatical[-1], *ungrammatical[-1]))
    return EncodedPairs(tuple(grammatical), tuple(ungrammatical), np.array(covered, dtype=bool))


# Questions per traversal. The states of 4,096 sentences take 16 MB a level; more are not faster.
QUESTIONS_PER_TRAVERSAL = 2048
# If bfloat16 gives log-odds closer to 0 than CLOSE nats plus CLOSE_A_WORD a scored word, they are
# computed again in float32. On Marvin and Linzen's pairs, with 2 to 20 scored words, the error
# of full-size models is at most 0.11 nats; on documents with about 120 scored words, 0.43.
CLOSE = 0.1
CLOSE_A_WORD = 0.01


class Question(NamedTuple):
    """Two sentences to compare under a code, given as its row."""

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
    """Return log p(first|z) - log p(second|z), `<eos>` included, (N,) float64, nats.

    codes: (K, d); (1, 0) for a language model. Normalisers are computed in `precision`, or in
    float32 if the two sentences are close; all else is float32. The result is exactly 0 for equal
    sentences. label: prefix of messages. InputError if a result is not finite.
    """
    # Without duplicates, and sorted, so that neighbours share prefixes.
    distinct = sorted({question for question in questions if question.first != question.second})
    codes = codes.to(model.device)
    odds = np.empty(len(distinct))
    with progress(label, len(distinct), "distinct pairs") as done:
        for start in range(0, len(distinct), QUESTIONS_PER_TRAVERSAL):
            part = distinct[start : start + QUESTIONS_PER_TRAVERSAL]
            # Damaged weights give infinities; they are refused below.
            with np.errstate(invalid="ignore", over="ignore"):
                values, scored = _traverse(model, codes, part, precision)
            close = np.flatnonzero(abs(values) < CLOSE + CLOSE_A_WORD * scored)
            if precision != torch.float32 and len(close):
                values[close], _ = _traverse(model, codes, [part[i] for i in close], torch.float32)
            odds[start : start + len(part)] = values
            done(len(part))
    if not np.isfinite(odds).all():
        raise InputError(f"{label}: log-odds are not finite: the weights are damaged")
    odds_of = dict(zip(distinct, odds.tolist(), strict=True))
    return np.array([odds_of.get(question, 0.0) for question in questions])


@torch.no_grad()
def _traverse(
    model: TextVAE | LanguageModel,
    codes: Tensor,
    questions: Sequence[Question],
    precision: torch.dtype,
) -> tuple[np.ndarray, np.ndarray]:
    """Return log-odds, (N,), and numbers of scored words, (N,), by one traversal of the tree.

    The number of scored words is that of both sentences together.
    """
    targets, lengths = _padded_targets(questions)
    # Position of the first difference, for both sentences of a question.
    first = (targets[0::2] != targets[1::2]).argmax(1).repeat(2)
    log_likelihood = np.zeros(len(targets))
    words = len(model.output.weight)
    # Current tree node of each sentence; the codes are the roots.
    roots, node = np.unique([question.code for question in questions], return_inverse=True)
    node = node.repeat(2)
    z, state = codes[_index(roots, codes)], None
    previous = np.full(len(roots), EOS_ID)
    for position in range(targets.shape[1]):
        running = np.flatnonzero(lengths > position)
        if position:
            branches = node[running] * words + targets[running, position - 1]
            branches, node[running] = np.unique(branches, return_inverse=True)
            parents, previous = np.divmod(branches, words)
            rows = _index(parents, codes)
            z, state = z[rows], model.decoder.keep(state, rows)
        embedded = model.embedding(_index(previous, codes))
        features, state = model.decoder.step(embedded, z, state)
        from_difference = running[position >= first[running]]
        log_likelihood[from_difference] += _logits(
            model, features, node[from_difference], targets[from_difference, position]
        )
        scored = running[position > first[running]]
        log_likelihood[scored] -= _normalisers(model, features, node[scored], precision)
    scored_words = lengths - first - 1
    return log_likelihood[0::2] - log_likelihood[1::2], scored_words[0::2] + scored_words[1::2]


def _padded_targets(questions: Sequence[Question]) -> tuple[np.ndarray, np.ndarray]:
    """Return the target words, (2N, L) ids with end marks, and their lengths, (2N,)."""
    sentences = [sentence for question in questions for sentence in question[1:]]
    lengths = np.array([len(sentence) + 1 for sentence in sentences])
    targets = np.full((len(sentences), lengths.max()), EOS_ID)
    for row, sentence in zip(targets, sentences, strict=True):
        row[: len(sentence)] = sentence
    return targets, lengths


def _logits(
    model: TextVAE | LanguageModel, features: Tensor, nodes: np.ndarray, words: np.ndarray
) -> np.ndarray:
    """Return the logit of a word at a node, for each of S sentences, (S,)."""
    rows, ids = _index(nodes, features), _index(words, features)
    products = (features[rows] * model.output.weight[ids]).sum(1)
    return (products + model.output.bias[ids]).cpu().numpy()


def _normalisers(
    model: TextVAE | LanguageModel, features: Tensor, nodes: np.ndarray, precision: torch.dtype
) -> np.ndarray:
    """Return the log-normaliser of the softmax at a node, for each of S sentences, (S,)."""
    distinct, row = np.unique(nodes, return_inverse=True)
    chosen = features[_index(distinct, features)]
    values = log_normalisers(chosen, model.output.weight, model.output.bias, precision)
    return values.cpu().numpy()[row]


def _index(rows: np.ndarray, like: Tensor) -> Tensor:
    return torch.from_numpy(rows).to(like.device)
