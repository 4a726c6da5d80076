"""Settings of corpus preparation (paper, section 3, "Corpora"); does not import numpy."""

from collections.abc import Sequence
from typing import Any

from textvae.corpora.labels import ENDS, check_label
from textvae.corpora.sentences import check_language
from textvae.errors import InputError
from textvae.settings import Settings, setting


def tokenised_twice(format: str, normalise: Sequence[str]) -> str | None:
    """Return a message if a format tokenises before the step that does; None if not."""
    if format == "webtext" and "tokenise" in normalise:
        return "tokenise has no effect, `format: webtext` tokenises; `json-lines` does not"
    return None


class Preparation(Settings):
    """Settings that turn raw text into a corpus.

    Among equally frequent words, those first in alphabetical order are kept. Sentences are sampled
    without replacement and stay in the order of the file; a split with fewer keeps all.
    """

    format: str = setting(
        "plain",
        "format of the raw text, which decides how it is split into sentences",
        kind="format",
    )
    label: str | None = setting(
        None,
        "drop the label before each text: the part of a line before its first tab or space; lines"
        " without one are refused",
        choices=ENDS,
    )
    split_sentences: str | None = setting(
        None,
        "code of a language, as en, by whose rules the text of each line is split into sentences,"
        " before the other steps; wikitext is split without it, too, by those of English, and"
        " json-lines and webtext by one for any script",
    )
    normalise: tuple[str, ...] = setting(
        (), "steps applied to each sentence, in this order", kind="normalisation step"
    )
    shortest: int = setting(1, "sentences of fewer words are dropped", ge=1)
    longest: int | None = setting(None, "sentences of more words are dropped", ge=1)
    vocabulary: int | None = setting(
        None,
        "the most frequent words of the training split, up to this number, `<eos>` and `<unk>` not"
        " counted; all if not given",
        ge=1,
    )
    train_size: int | None = setting(None, "sentences to sample; all if not given", ge=2)
    valid_size: int | None = setting(None, "sentences to sample; all if not given", ge=2)
    test_size: int | None = setting(None, "sentences to sample; all if not given", ge=2)
    seed: int = setting(1, "seed of that sampling, and of the splits of a text", ge=0)

    def __init__(self, **values: Any) -> None:
        """Raise InputError, one line, naming the flag of a value that is wrong."""
        super().__init__(**values)
        check_language("--split-sentences", self.split_sentences)
        check_label("--label", self.format, self.label)
        if self.longest is not None and self.longest < self.shortest:
            raise InputError(f"--longest: {self.longest} is less than --shortest, {self.shortest}")

    def size(self, split: str) -> int | None:
        """Return the number of sentences requested for a split, None for all."""
        return getattr(self, f"{split}_size")
