"""The common dictionary: the words that all synthetic corpora of one decoding share.

The cross-entropy of a language model depends on its vocabulary. So the corpora of C = 3, 15, 100
(all copies), the test set and the real text are reduced to the same words before training; every
other word becomes `<unk>` (paper, section 3.3.2).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from textvae.corpora.encoded import EncodedCorpus, Sentences
from textvae.corpora.formats import read
from textvae.corpora.unknown_words import unk_percent
from textvae.corpora.vocabulary import UNK, UNK_ID, Vocabulary
from textvae.errors import InputError, warn
from textvae.runtime.progress import progress


def encode_file(path: Path, dictionary: Vocabulary) -> Sentences:
    """Return the sentences of a text, one a line; a blank line is a sentence without words."""
    sentences = Sentences.of(dictionary.encode(line.split()) for line in _lines(path))
    if len(sentences) == 0:
        raise InputError(f"{path}: empty, expected a sentence a line")
    return sentences


def recode(sentences: Sentences, vocabulary: Vocabulary, dictionary: Vocabulary) -> Sentences:
    """Return a split of a prepared corpus with ids of the dictionary, not of its vocabulary."""
    ids = np.array(dictionary.encode(vocabulary.words), dtype=np.uint32)
    # Sentences have no end marks, and `<unk>` is in both vocabularies.
    return Sentences(ids[sentences.tokens], sentences.offsets)


def real_text(
    corpus: EncodedCorpus, dictionary: Vocabulary, count: int | None, seed: int
) -> Sentences:
    """Return the training split over a dictionary: `count` sentences at random, or all of them."""
    sentences = recode(corpus.split("train"), corpus.vocabulary, dictionary)
    return sentences if count is None else sentences.take(sentences.sample(count, seed))


def hold_out(sentences: Sentences, share: float, seed: int) -> tuple[Sentences, Sentences]:
    """Split sentences into those to train on and a share, at least one, for early stopping.

    InputError for fewer than two sentences.
    """
    count = len(sentences)
    if count < 2:
        raise InputError("at least 2 sentences are needed, one of them held out")
    held_out = sentences.sample(min(count - 1, max(1, round(share * count))), seed)
    rest = np.setdiff1d(np.arange(count), held_out, assume_unique=True)
    return sentences.take(rest), sentences.take(held_out)


def counts(sentences: Sentences, dictionary: Vocabulary) -> dict[str, float | None]:
    """Return the counts of a text: vocabulary (without `<unk>`), unk_percent and mean_length.

    unk_percent is None for a text without words.
    """
    occurrences = np.bincount(sentences.tokens, minlength=len(dictionary))
    total = len(sentences.tokens)
    return {
        "vocabulary": int(np.count_nonzero(occurrences[UNK_ID + 1 :])),
        "unk_percent": unk_percent(sentences),
        "mean_length": total / len(sentences),
    }


def common_dictionary(texts: Sequence[Path], vocabulary: Vocabulary) -> Vocabulary:
    """Return the words common to all texts, in the order of the models' vocabulary.

    InputError, with the file, for a text without words, or if no word is common to all.
    """
    common = set(vocabulary.words)
    with progress("read", len(texts), "texts") as done:
        for path in texts:
            common &= _words(path)
            done(1)
    words = [word for word in vocabulary.words if word in common]
    if not words:
        raise InputError(
            f"no word is common to {len(texts)} texts, from {texts[0]} to {texts[-1]}; the"
            " dictionary is empty"
        )
    return Vocabulary(words)


def _lines(path: Path) -> Iterator[str]:
    """Yield the sentences of a text, and warn if it looks like another format."""
    return read(path, "plain", warn=lambda message: warn(f"{path}: {message}"))


def _words(path: Path) -> set[str]:
    """Return the distinct words of a text, without the marks."""
    words: set[str] = set()
    lines = 0
    for line in _lines(path):
        lines += 1
        words.update(line.split())
    if not words:
        what = "its sentences have no words" if lines else "it is empty"
        raise InputError(f"{path}: {what}, so nothing can be learnt from it")
    if not words - {UNK}:
        raise InputError(f"{path}: it has no word but {UNK}, so nothing can be learnt from it")
    return words - {UNK}
