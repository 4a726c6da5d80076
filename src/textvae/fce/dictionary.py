"""The common dictionary: the words that all synthetic corpora of one decoding share.

What a language model pays for depends on the words it knows. So the corpora of C = 3, 15, 100 (all
copies), the test set, and the real text are all given the same words before any is trained on;
every other word becomes `<unk>` (paper, section 3.3.2).
"""

from collections.abc import Sequence
from pathlib import Path

from textvae.corpora.readers import read
from textvae.corpora.vocabulary import UNK, Vocabulary
from textvae.errors import InputError
from textvae.progress import progress


def common_dictionary(texts: Sequence[Path], vocabulary: Vocabulary) -> Vocabulary:
    """The words common to all texts, in the order of the models' vocabulary.

    InputError, with the file, for a text without a word, and where no word is common to all.
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


def _words(path: Path) -> set[str]:
    """The distinct words of a text, without the marks."""
    words: set[str] = set()
    lines = 0
    for line in read(path, "plain"):
        lines += 1
        words.update(line.split())
    if not words:
        what = "its sentences have no words" if lines else "it is empty"
        raise InputError(f"{path}: {what}, so nothing can be learnt from it")
    if not words - {UNK}:
        raise InputError(f"{path}: it has no word but {UNK}, so nothing can be learnt from it")
    return words - {UNK}
