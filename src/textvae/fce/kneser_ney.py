"""Modified Kneser-Ney 5-gram models (Heafield et al. 2013, KenLM), beside the LSTMs of FCE.

lmplz, KenLM's trainer, is a separate program; the Python package only queries models. If it is not
installed, the model's file contains "not built", as do the columns of Table 3.

Words are written as their ids in the dictionary, because KenLM reserves some words, among them
`<unk>`: our `<unk>` is a word like any other, as for the LSTM.
"""

import importlib.util
import math
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from textvae.corpora.encoded import Sentences
from textvae.corpora.vocabulary import UNK_ID, Vocabulary
from textvae.errors import InputError
from textvae.io import atomic_write, read_text, write_text
from textvae.runtime.costs import counting_children

if TYPE_CHECKING:
    import kenlm

ORDER = 5
NOT_BUILT = "not built"
# Start of an ARPA file: a comment with the digests of the dictionary, since words are only ids, and
# of the text.
_HEADER = "# textvae dictionary {} text {}"
# Memory that lmplz allocates. Its default, most of the machine's memory, is slow to allocate.
_MEMORY = "512M"


@dataclass(frozen=True)
class Scores:
    """Negative log-likelihoods of N sentences in nats, `<eos>` included.

    nll: (N,) -log p(x). without_unk: (N,) the same sum without the `<unk>`, which remain in the
    context of the words after them.
    """

    nll: np.ndarray
    without_unk: np.ndarray


def trainer() -> str | None:
    """Return the path of lmplz, beside this Python or on the PATH; None without it or kenlm."""
    if importlib.util.find_spec("kenlm") is None:
        return None
    return shutil.which("lmplz", path=str(Path(sys.executable).parent)) or shutil.which("lmplz")


def train(sentences: Sentences, dictionary: Vocabulary, output: Path, name: str) -> None:
    """Write the model of a text over a dictionary as an ARPA file, or NOT_BUILT without lmplz.

    InputError, with the name and the last line of lmplz, if it fails.
    """
    lmplz = trainer()
    if lmplz is None:
        message = (
            f"{name}: KenLM (lmplz) is not installed; its columns are '{NOT_BUILT}'. Install it"
            " and run `snakemake --forcerun kneser_ney`"
        )
        print(message, file=sys.stderr)
        write_text(output, f"{NOT_BUILT}\n")
        return
    command = [
        lmplz,
        *("--order", str(ORDER), "--memory", _MEMORY),
        # Discounts to use if those of a tiny text cannot be estimated.
        "--discount_fallback",
        # Words of the dictionary that are not in the text share the probability of unseen words, so
        # that all probabilities sum to 1; where the text has all words, KenLM keeps it for <unk>.
        *("--vocab_pad", str(len(dictionary))),
        *("--temp_prefix", f"{output.parent}/"),
    ]
    text = "".join(" ".join(map(str, sentence.tolist())) + "\n" for sentence in sentences)
    with atomic_write(output, "wb") as arpa:
        header = _HEADER.format(dictionary.digest, sentences.digest)
        arpa.write(f"{header}\n".encode())
        # lmplz writes after it, to the same file.
        arpa.flush()
        with counting_children():
            completed = subprocess.run(
                command,
                input=text,
                stdout=arpa,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                check=False,
            )
        if completed.returncode != 0:
            last = (completed.stderr.strip().splitlines() or ["no message"])[-1].strip()
            raise InputError(f"{name}: lmplz failed with status {completed.returncode} ({last})")


def check_model(path: Path, dictionary: Vocabulary, text: str | None) -> None:
    """Raise InputError if a model is of another dictionary or text, or has no record of them.

    text: the digest of the sentences; None for any. Nothing is checked in the file of a model that
    was not built.
    """
    with path.open("rb") as file:
        line = file.readline(1000).decode(errors="replace").strip()
    words = _HEADER.format(dictionary.digest, "")
    if line == NOT_BUILT or (line.startswith(words) and text in (None, line.removeprefix(words))):
        return
    what = "text" if line.startswith(words) else "dictionary"
    raise InputError(
        f"{path}: not a model of the {what} of the LSTM (`textvae kneser-ney` makes one from the"
        " same text and dictionary)"
    )


def load(path: Path) -> "kenlm.Model | None":
    """Return the model of a file; None if it was not built. InputError if it is not a model."""
    if path.stat().st_size < 100 and read_text(path).strip() == NOT_BUILT:
        return None
    try:
        import kenlm
    except ModuleNotFoundError:
        raise InputError(
            f"{path}: this model needs the module kenlm, which is not installed"
        ) from None

    config = kenlm.Config()
    config.show_progress, config.arpa_complain = False, kenlm.ARPALoadComplain.NONE
    try:
        return kenlm.Model(str(path), config)
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{path}: not a model that `textvae kneser-ney` made") from None


def score(model: "kenlm.Model | None", sentences: Sentences) -> Scores | None:
    """Return the scores of sentences under a model; None without a model."""
    if model is None:
        return None
    nll, without_unk = np.empty(len(sentences)), np.empty(len(sentences))
    for number, sentence in enumerate(sentences):
        text = " ".join(map(str, sentence.tolist()))
        # KenLM's logarithms have base 10; the last one is that of the end mark.
        costs = [-math.log(10) * log10 for log10, _, _ in model.full_scores(text)]
        counted = [*(sentence != UNK_ID), True]
        nll[number] = sum(costs)
        without_unk[number] = sum(cost for cost, count in zip(costs, counted, strict=True) if count)
    return Scores(nll, without_unk)
