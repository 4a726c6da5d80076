"""C chosen in a training by the information that the code should carry."""

from collections.abc import Mapping
from typing import Any

from textvae.registry import OBJECTIVES
from textvae.settings import Settings, setting
from textvae.training.automatic.information import (
    LAST_MOVE,
    LOOKS,
    InformationController,
    sentences_for,
    too_few_sentences,
)
from textvae.training.automatic.objective import Search, SearchSettings

# Nats: the estimate is of 1,000 sentences, whose logarithm is 6.9, and a nat of it is a margin.
_MAX_INFORMATION = 5.9
# Validation sentences of which variances of codes can be estimated, to count active units.
_FEWEST = 20
# Where the search for a number of units starts if the cell's C is 0.
_START = 3.0


@OBJECTIVES.register("auto-information", title="C by information", uses_C=False)
class AutoInformation(Search):
    """D + beta |R - C|, C moved until I is I*, or a number of units is active.

    It starts at the cell's C, or if this is 0 at I*, which is the least rate that allows it.
    """

    MIN_STEPS = LOOKS
    LAST_MOVE = LAST_MOVE

    class Settings(SearchSettings):
        """Settings of the search for an information."""

        target_information: float | None = setting(
            None, "information I* to reach, nats", gt=0, le=_MAX_INFORMATION
        )
        target_units: int | None = setting(
            None, "number of soft active units to reach, in place of target_information", ge=1
        )

    @classmethod
    def check(cls, settings: Settings, C: float) -> str | None:
        """Refuse a missing target, two targets, and a start above the largest C."""
        nats, units = settings.target_information, settings.target_units
        if (nats is None) == (units is None):
            given = "missing" if nats is None else "given beside target_units"
            return (
                f"target_information is {given}, expected one of target_information, target_units"
            )
        if (start := _start(settings, C)) > settings.max_rate:
            return f"C {start:g}, where the search starts, is above max_rate {settings.max_rate:g}"
        if nats is not None and nats > settings.max_rate:
            return (
                f"target_information {nats:g} is above max_rate {settings.max_rate:g}, and I is at"
                " most the rate"
            )
        return None

    @classmethod
    def check_job(
        cls,
        settings: Settings,
        trained: Mapping[str, Any],
        steps: int | None,
        valid: int | None,
    ) -> str | None:
        """Refuse more information than the sentences can show, and more units than dimensions."""
        if fault := super().check_job(settings, trained, steps, valid):
            return fault
        nats, units = settings.target_information, settings.target_units
        if nats is not None and valid is not None and valid < sentences_for(nats):
            return too_few_sentences(nats, valid)
        if units is not None and valid is not None and valid < _FEWEST:
            return f"target_units needs at least {_FEWEST} validation sentences, found {valid}"
        if units is not None and units > trained["latent"]:
            return f"target_units {units} is above latent {trained['latent']}, expected at most it"
        if units is not None and trained["posterior"] == "batch-norm":
            return (
                "target_units has no effect with the posterior batch-norm, whose units are active"
                " or not by batch_norm_gamma; expected target_information"
            )
        return None

    def start(self, steps: int) -> InformationController:
        settings = self.settings
        return InformationController(
            _start(settings, self.C),
            settings.max_rate,
            steps,
            self.ramp(),
            nats=settings.target_information,
            units=settings.target_units,
        )


def _start(settings: Settings, C: float) -> float:
    if C > 0:
        return C
    return _START if settings.target_information is None else settings.target_information
