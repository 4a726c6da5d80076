"""Text over the common dictionary, as ids: what is outside it becomes `<unk>`."""

from pathlib import Path

import numpy as np

from textvae.corpora.encoded import Sentences
from textvae.corpora.readers import read
from textvae.corpora.vocabulary import UNK_ID, Vocabulary
from textvae.errors import InputError


def encode_file(path: Path, dictionary: Vocabulary) -> Sentences:
    """The sentences of a text, a line each; a blank line is a sentence without words."""
    sentences = Sentences.of(dictionary.encode(line.split()) for line in read(path, "plain"))
    if len(sentences) == 0:
        raise InputError(f"{path}: empty, expected a sentence a line")
    return sentences


def recode(sentences: Sentences, vocabulary: Vocabulary, dictionary: Vocabulary) -> Sentences:
    """A split of a prepared corpus, from its own vocabulary to the dictionary."""
    ids = np.array(dictionary.encode(vocabulary.words), dtype=np.uint32)
    # Neither text has end marks; the mark for unknown words is one in both.
    return Sentences(ids[sentences.tokens], sentences.offsets)


def hold_out(sentences: Sentences, share: float, seed: int) -> tuple[Sentences, Sentences]:
    """Most sentences to train on, and a share of them (one at the least) to stop early by.

    InputError for fewer than two sentences.
    """
    count = len(sentences)
    if count < 2:
        raise InputError("at least 2 sentences are needed, one of them to be held out")
    held = sentences.sample(min(count - 1, max(1, round(share * count))), seed)
    rest = np.setdiff1d(np.arange(count), held, assume_unique=True)
    return sentences.take(rest), sentences.take(held)


def counts(sentences: Sentences, dictionary: Vocabulary) -> dict[str, float]:
    """vocabulary: distinct words, `<unk>` not counted; unk_percent of all words; mean_length."""
    found = np.bincount(sentences.tokens, minlength=len(dictionary))
    total = len(sentences.tokens)
    return {
        "vocabulary": int(np.count_nonzero(found[UNK_ID + 1 :])),
        "unk_percent": 100 * int(found[UNK_ID]) / total if total else 0.0,
        "mean_length": total / len(sentences),
    }
