"""What a trained model does, in numbers (paper, sections 3.1 and 3.2, Tables 1 to 4).

A measurement is a function that one file registers:

    @MEASUREMENTS.register(
        "posterior", of="split", summary="...", settings=PosteriorSettings
    )
    def measure(trained, sentences, settings): ...

`of` is what it is taken on, and decides what the function is given, in this order:

- "split": a model and a split of its corpus. (trained, sentences, settings), and with the fact
  `bounded=True` also `source`, the grammar's log-probabilities of the sentences, or None.
- "lines": lines through the latent space. (trained, ends, settings, longest), with the ends of N
  lines, (N, 2, d), and after how many words a sentence is cut.
- "text": a synthetic corpus. (text, settings, generated, grammar), with what was generated, and
  whether the embedded grammar is asked.
- "fce": language models over a common dictionary. (subject, settings), a `CommonDictionary`.
- "pairs": minimal pairs. (trained, pairs, settings), and with the fact `language_model=True` also
  `language_model`, one over the model's vocabulary, or None.

It returns its values, metric -> number, or a `Result`. The fact `texts` lists the further files
that a result may have: name, which is that of the flag, -> what the file holds. The other modules
here are what the measurements are made of.
"""

from textvae.errors import InputError
from textvae.registry import MEASUREMENTS

KINDS = ("split", "lines", "text", "fce", "pairs")


def measured_on(*kinds: str) -> tuple[str, ...]:
    """Return the names of the measurements taken on subjects of these kinds.

    InputError where a measurement is registered for a kind that there is not.
    """
    for one in MEASUREMENTS.declared().values():
        if one.facts.get("of") not in KINDS:
            raise InputError(
                f"{one.module}: the measurement {one.name!r} is of {one.facts.get('of')!r:.40},"
                f" expected {', '.join(map(repr, KINDS))}"
            )
    return tuple(name for name, one in MEASUREMENTS.declared().items() if one.facts["of"] in kinds)
