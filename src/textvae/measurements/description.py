"""Diversity and length of generated text (columns len. and SB of the paper's Table 3).

Measured on the text as generated, before words outside a common dictionary are replaced.
"""

from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from textvae.corpora.grammar.english import english_like
from textvae.corpora.grammar.parsing import InsideParser
from textvae.corpora.vocabulary import EOS, UNK
from textvae.errors import InputError
from textvae.generation.generated import Generated, GeneratedText
from textvae.measurements.report import Result
from textvae.measurements.self_bleu import (
    ORDERS,
    Sentence,
    pairwise_bleu4,
    self_bleu4,
    unknown_note,
)
from textvae.registry import MEASUREMENTS
from textvae.runtime.progress import progress
from textvae.settings import Settings, setting
from textvae.short_sentences import generated_note


def grammaticality(sentences: Collection[Sequence[str]]) -> dict[str, Any]:
    """Return accepted_percent of N sentences, and mean_log_probability of those accepted in nats.

    The mean is None if none is accepted. For a perfect sample it is -H, the negative entropy of the
    grammar, in expectation.
    """
    parser = InsideParser(english_like())
    accepted, total = 0, 0.0
    distinct = Counter(tuple(sentence) for sentence in sentences)
    with progress("parsed", len(sentences), "sentences") as done:
        for sentence, count in distinct.items():
            log_probability = parser.log_probability(sentence)
            if log_probability > float("-inf"):
                accepted += count
                total += count * log_probability
            done(count)
    return {
        "accepted_percent": 100 * accepted / len(sentences),
        "mean_log_probability": total / accepted if accepted else None,
    }


class DescriptionSettings(Settings):
    """How diversity is measured."""

    self_bleu_sentences: int = setting(
        10000, "sentences for self-BLEU, from the first; its value depends on their number", ge=2
    )


@MEASUREMENTS.register(
    "description",
    of="text",
    summary="diversity of a synthetic corpus, and the share that the grammar accepts",
    settings=DescriptionSettings,
)
def measure(
    text: GeneratedText, settings: DescriptionSettings, generated: Generated, grammar: bool = False
) -> Result:
    """Return the diversity of a text, the number of cut sentences, and their maximum length.

    grammar: whether to add `grammaticality`, which is meaningful for a corpus of the embedded
    grammar.
    """
    try:
        values = diversity(text, settings)
    except InputError as error:
        raise InputError(f"{generated}: {error}") from None
    values |= {"cut_sentences": generated.cut, "cut_after_words": generated.longest}
    note = generated_note(values)
    values |= grammaticality(text) if grammar else {}
    notes = {}
    if values.get("accepted_percent") == 0:
        notes["mean_log_probability"] = "the grammar accepts no sentence of this text"
    if unknown := unknown_note(list(islice(text, settings.self_bleu_sentences))):
        notes["unknown_words_in_self_bleu"] = unknown
    return Result(
        values,
        notes,
        remarks={"short_for_bleu4": note} if note else {},
    )


def diversity(sentences: Iterable[Sentence], settings: DescriptionSettings) -> dict[str, Any]:
    """Return the diversity of N sentences of words in one pass; InputError for fewer than two.

    types: number of distinct words, without marks; mean_length: words a sentence, with `<unk>` and
    without the end mark; distinct_sentences, empty_sentences: numbers among the N; self_bleu4,
    pairwise_bleu4: 0 to 100, over the first self_bleu_sentences (the setting, or N if smaller);
    None if none of them has four words; sentences_without_4grams: number of them with fewer.
    """
    first: list[Sentence] = []
    types: set[str] = set()
    # 64-bit hashes: in 2 million sentences, the probability of a collision is 1e-7.
    hashes = array("q")
    words = empty = 0
    for sentence in sentences:
        if len(first) < settings.self_bleu_sentences:
            first.append(sentence)
        types.update(sentence)
        hashes.append(hash(tuple(sentence)))
        words += len(sentence)
        empty += not sentence
    return {
        "self_bleu4": self_bleu4(first),
        "pairwise_bleu4": pairwise_bleu4(first),
        "self_bleu_sentences": len(first),
        "sentences_without_4grams": sum(len(sentence) < max(ORDERS) for sentence in first),
        "types": len(types - {EOS, UNK}),
        "mean_length": words / len(hashes),
        "distinct_sentences": len(np.unique(hashes)),
        "empty_sentences": empty,
    }
