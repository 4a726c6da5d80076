"""Measurements of trained models (paper, sections 3.1 to 3.4, Tables 1 to 4).

A measurement is a function, registered in its own file:

    @MEASUREMENTS.register(
        "posterior", of="split", summary="...", settings=PosteriorSettings
    )
    def measure(trained, sentences, settings): ...

`of` is the kind of its subject and determines the arguments of the function, in this order:

- "split": a model and a split of its corpus. (trained, sentences, settings), and with the fact
  `bounded=True` also `source`, the grammar's log-probabilities of the sentences, or None.
- "lines": lines through the latent space. (trained, ends, settings, longest): the ends of N
  lines, (N, 2, d), and the number of words after which a sentence is cut.
- "text": a synthetic corpus. (text, settings, generated, grammar): the report of the text, and
  whether to parse its sentences with the embedded grammar.
- "fce": language models over a common dictionary. (subject, settings), a `CommonDictionary`.
- "pairs": minimal pairs. (trained, pairs, settings), and with the fact `language_model=True` also
  `language_model`, one over the model's vocabulary, or None.

It returns its values, metric -> number, or a `Result`. The fact `texts` lists the additional files
of a result: name of the flag -> content of the file. The other modules of this package are shared
by several measurements.
"""

from textvae.errors import InputError
from textvae.registry import MEASUREMENTS

KINDS = ("split", "lines", "text", "fce", "pairs")


def measured_on(*kinds: str) -> tuple[str, ...]:
    """Return the names of the measurements taken on subjects of these kinds.

    InputError if a measurement is registered for an unknown kind.
    """
    for declaration in MEASUREMENTS.declared().values():
        if declaration.facts.get("of") not in KINDS:
            raise InputError(
                f"{declaration.module}: the measurement {declaration.name!r} has"
                f" of={declaration.facts.get('of')!r:.40}, expected {', '.join(map(repr, KINDS))}"
            )
    return tuple(
        name
        for name, declaration in MEASUREMENTS.declared().items()
        if declaration.facts["of"] in kinds
    )
