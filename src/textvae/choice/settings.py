"""Settings of a choice of C as plain data. Does not import torch."""

from typing import Any

from textvae.cells import MAX_C
from textvae.choice.halving import grid
from textvae.errors import InputError
from textvae.schemes import DecodingStrategy
from textvae.settings import Settings, setting, specs

WAYS = ("distortion", "information", "sweep", "fce")
# Setting -> the ways that it belongs to, and its value by default.
_OWN: dict[str, tuple[tuple[str, ...], Any]] = {
    "target_distortion": (("distortion",), None),
    "target_share": (("distortion",), 0.5),
    "target_information": (("information",), 4.0),
    "target_units": (("information",), None),
    "corrections": (("distortion", "information"), 2),
    "min_slope": (("sweep",), 0.5),
    "knee": (("sweep",), "slope"),
    "levels": (("fce",), 8),
    "sentences": (("fce",), 5000),
}
# Of two targets of a way one is given.
_EITHER = {"target_share": "target_distortion", "target_information": "target_units"}
# Settings of every FCE that is measured, and the decoding that all ways have.
_OF_FCE = ("sentences",)
_DECODING = "nucleus0.9"
# The least C of the grid of fce.
LEAST = 2.0


class ChoiceSettings(Settings):
    """How C is chosen; those of another way are null."""

    by: str = setting("information", "what decides; fce: forward cross-entropy", choices=WAYS)
    target_distortion: float | None = setting(
        None, "distortion: D* in nats; by default a share of the gap that two trainings find", ge=0
    )
    target_share: float | None = setting(
        None,
        "distortion: D* as a share of the gap from a language model to an autoencoder, by default"
        " 0.5",
        ge=0,
        le=1,
    )
    target_information: float | None = setting(
        None, "information: I* in nats, e^I* sentences told apart; by default 4", gt=0, le=5.9
    )
    target_units: int | None = setting(
        None, "information: soft active units, in place of --target-information", ge=1
    )
    corrections: int | None = setting(
        None,
        "distortion, information: trainings at another C, each nearer to the target, if the one at"
        " the C found misses it; by default 2",
        ge=0,
    )
    max_rate: float = setting(
        100.0, "largest C, nats; also the end of the grid of fce", gt=LEAST, le=MAX_C
    )
    min_slope: float | None = setting(
        None, "sweep: nats of D that a nat of rate must save, by default 0.5", gt=0, le=1
    )
    knee: str | None = setting(
        None,
        "sweep: the largest C with that slope (by default), or the point farthest from the chord",
        choices=("slope", "chord"),
    )
    levels: int | None = setting(
        None, "fce: values of C in the grid, from 2 in equal ratios; by default 8", ge=2
    )
    sentences: int | None = setting(
        None, "fce: sentences that are generated from each model, by default 5000", ge=100
    )
    decoding: str = setting(_DECODING, "fce: decoding scheme of those sentences")

    also_measure: str = setting(
        "nothing",
        "of the model at the C that is found, besides D, R, I and soft active units",
        choices=("nothing", "fce"),
    )

    def __init__(self, **values: object) -> None:
        """Raise InputError, one line, naming the flag of a value that is wrong or without effect.

        Missing settings of the way get their defaults.
        """
        super().__init__(**values)
        try:
            DecodingStrategy.parse(self.decoding)
        except InputError as error:
            raise InputError(f"--decoding: {error}") from None
        super().__init__(**(values | self._completed()))
        if self.decoding != _DECODING and "fce" not in (self.by, self.also_measure):
            raise InputError(f"--decoding: has no effect on a choice by {self.by}, expected by fce")
        if self.by == self.also_measure == "fce":
            raise InputError("--also-measure: has no effect on a choice by fce, which has it")
        if self.by == "fce":
            grid(LEAST, self.max_rate, self.levels)

    def _completed(self) -> dict[str, Any]:
        """Return the settings of the way, with defaults; InputError for one of another way."""
        flags = {one.name: one.flag for one in specs(type(self))}
        completed = {}
        for name, (ways, default) in _OWN.items():
            given = getattr(self, name)
            if self.by not in ways and not (name in _OF_FCE and self.also_measure == "fce"):
                if given is not None:
                    raise InputError(
                        f"{flags[name]}: has no effect on a choice by {self.by}, expected by"
                        f" {' or '.join(ways)}"
                    )
                continue
            other = _EITHER.get(name)
            if other and getattr(self, other) is not None:
                if given is not None:
                    raise InputError(
                        f"{flags[name]}: given beside {flags[other]}, expected one of them"
                    )
                continue
            completed[name] = default if given is None else given
        return completed
