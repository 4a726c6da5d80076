"""All claims, in the order of the paper."""

from textvae.paper.claims import diversity, generation, posterior, rate, reconstruction, syntax
from textvae.paper.claims.claim import Claim

_SECTIONS = (
    *("3.1", "footnote 3", "footnote 5", "footnote 6", "3.2", "3.3.1", "footnote 7"),
    *("3.3.2", "footnote 8", "3.4", "4"),
)

CLAIMS: tuple[Claim, ...] = tuple(
    sorted(
        (
            value
            for module in (rate, posterior, reconstruction, generation, diversity, syntax)
            for value in vars(module).values()
            if isinstance(value, Claim)
        ),
        key=lambda claim: _SECTIONS.index(claim.section),
    )
)
