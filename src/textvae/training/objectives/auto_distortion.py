"""C chosen in a training by the distortion that it should have."""

from textvae.registry import OBJECTIVES
from textvae.settings import Settings, setting
from textvae.training.automatic.distortion import MIN_STEPS, TOLERANCE, DistortionController
from textvae.training.automatic.objective import Search, SearchSettings
from textvae.training.gains import immobile

# Where the search starts if the cell's C is 0: without a rate at the start, a code may stay empty
# when C rises later.
_START = 10.0


@OBJECTIVES.register("auto-distortion", title="C by distortion", uses_C=False)
class AutoDistortion(Search):
    """D + beta |R - C|, C moved until D is D*; it starts at the cell's C, or if this is 0 at 10.

    D* is given in nats, or as a share of the gap from the D of a language model to that of an
    autoencoder, which were measured before.
    """

    MIN_STEPS = MIN_STEPS

    class Settings(SearchSettings):
        """Settings of the search for a distortion."""

        target_distortion: float | None = setting(
            None, "distortion D* to reach, nats; without a default", ge=0
        )
        target_share: float | None = setting(
            None,
            "D* as a share of the gap between distortion_without_code and distortion_autoencoder",
            ge=0,
            le=1,
        )
        distortion_without_code: float | None = setting(
            None, "distortion of a language model, nats; for target_share", ge=0
        )
        distortion_autoencoder: float | None = setting(
            None, "distortion of an autoencoder, nats; for target_share", ge=0
        )
        distortion_gain: float = setting(
            12.5, "change of C in a whole training for each nat that D is above D*", gt=0
        )
        distortion_averaging: float = setting(
            0.02, "share of the steps over which the moving mean of D extends", gt=0, le=1
        )

    @classmethod
    def check(cls, settings: Settings, C: float) -> str | None:
        """Refuse a missing target, two targets, a gap of no width, and an immobile C."""
        share = settings.target_share
        if (settings.target_distortion is None) == (share is None):
            given = "missing" if share is None else "given beside target_share"
            return f"target_distortion is {given}, expected one of target_distortion, target_share"
        if share is not None:
            high, low = settings.distortion_without_code, settings.distortion_autoencoder
            if high is None or low is None:
                name = "distortion_without_code" if high is None else "distortion_autoencoder"
                return f"{name} is missing, which target_share needs"
            if low >= high:
                return (
                    f"distortion_autoencoder {low:g} is not below distortion_without_code {high:g}"
                )
            if high - low <= TOLERANCE * target(settings):
                return (
                    f"distortion_without_code {high:g} and distortion_autoencoder {low:g} differ by"
                    f" {high - low:.2g} nats, less than {TOLERANCE:.0%} of D*, within which every C"
                    " reaches it"
                )
        if settings.max_rate < C:
            return f"C {C:g}, where the search starts, is above max_rate {settings.max_rate:g}"
        # With a distortion that is a nat off.
        return immobile("distortion_gain", settings.distortion_gain, 1, settings.max_rate)

    def start(self, steps: int) -> DistortionController:
        settings = self.settings
        return DistortionController(
            target(settings),
            self.C or min(_START, settings.max_rate),
            settings.max_rate,
            steps,
            self.ramp(),
            settings.distortion_gain,
            settings.distortion_averaging,
        )


def target(settings: Settings) -> float:
    """Return D* of settings that `check` accepts."""
    if settings.target_distortion is not None:
        return settings.target_distortion
    high, low = settings.distortion_without_code, settings.distortion_autoencoder
    return high - settings.target_share * (high - low)
