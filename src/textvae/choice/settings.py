"""Settings of a choice of C as plain data. Does not import torch."""

from textvae.errors import InputError
from textvae.schemes import DecodingStrategy
from textvae.settings import Settings, setting

WAYS = ("distortion", "information", "sweep", "fce")


class ChoiceSettings(Settings):
    """How C is chosen."""

    by: str = setting("information", "what decides; fce: forward cross-entropy", choices=WAYS)
    target_distortion: float | None = setting(
        None, "distortion: D* in nats; by default a share of the gap that two trainings find", ge=0
    )
    target_share: float = setting(
        0.5,
        "distortion: D* as a share of the gap from a language model to an autoencoder",
        ge=0,
        le=1,
    )
    target_information: float = setting(
        4.0, "information: I* in nats, e^I* sentences told apart", gt=0, le=5.9
    )
    target_units: int | None = setting(
        None, "information: number of active units, in place of --target-information", ge=1
    )
    max_rate: float = setting(100.0, "largest C, nats; also the end of the grid of fce", gt=2)
    min_slope: float = setting(0.5, "sweep: nats of D that a nat of rate must save", gt=0, le=1)
    knee: str = setting(
        "slope",
        "sweep: the largest C with that slope, or the point farthest from the chord",
        choices=("slope", "chord"),
    )
    levels: int = setting(8, "fce: values of C in the grid, from 2 in equal ratios", ge=2)
    sentences: int = setting(5000, "fce: sentences that are generated from each model", ge=100)
    decoding: str = setting("nucleus0.9", "fce: decoding scheme of those sentences")

    also_measure: str = setting(
        "nothing",
        "of the model at the C that is found, besides D, R, I and active units",
        choices=("nothing", "fce"),
    )

    def __init__(self, **values: object) -> None:
        """Raise InputError, one line, naming the flag of a value that is wrong."""
        super().__init__(**values)
        try:
            DecodingStrategy.parse(self.decoding)
        except InputError as error:
            raise InputError(f"--decoding: {error}") from None
