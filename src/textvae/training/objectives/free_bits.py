"""Free bits: the rate costs nothing below a floor, which has four meanings in the literature.

Below the floor the gradient of the rate is 0, so that nothing raises a rate of 0; the loss is then
not a bound on the likelihood. (The fifth meaning, a weight that adapts, is in soft_free_bits.py.)
"""

from typing import TYPE_CHECKING

from textvae.registry import OBJECTIVES
from textvae.settings import Settings, setting
from textvae.training.objective import Objective

if TYPE_CHECKING:
    from torch import Tensor

    from textvae.models.terms import BatchTerms


_FACTS = {"uses_C": True, "C_setting": "free_nats"}


class FreeBitsSettings(Settings):
    """Settings of free bits."""

    free_nats: float | None = setting(
        None, "nats of the rate that cost nothing, in all dimensions together; by default C", ge=0
    )


class FreeBits(Objective):
    """D plus a rate that is at least the floor; a subclass defines the mean it is taken of."""

    Settings = FreeBitsSettings

    @classmethod
    def check(cls, settings: Settings, C: float) -> str | None:
        """Refuse a floor above C, the rate that is aimed at."""
        if settings.free_nats is None or settings.free_nats <= C:
            return None
        return f"free_nats {settings.free_nats:g} is above C = {C:g}, expected at most C"

    @property
    def floor(self) -> float:
        """Return the nats that are free, of the whole rate."""
        return self.C if self.settings.free_nats is None else self.settings.free_nats

    def raised(self, terms: "BatchTerms") -> "Tensor":
        """Return the rate with the floor, a scalar in nats per sentence."""
        raise NotImplementedError

    def loss(self, terms: "BatchTerms", step: int) -> "Tensor":
        """Return D plus the rate with the floor, a scalar in nats per sentence."""
        return terms.distortion + self.raised(terms)


@OBJECTIVES.register("free-bits-dimension", title="free bits by dimension", **_FACTS)
class FreeBitsByDimension(FreeBits):
    """D + sum_d max(C / d, mean_B R_d): of each dimension's mean over the batch.

    The free bits of Kingma et al. (2016).
    """

    def raised(self, terms: "BatchTerms") -> "Tensor":
        """Return the sum over dimensions of max(floor / d, batch mean)."""
        rates = terms.rates_by_dimension.mean(0)
        return rates.clamp(min=self.floor / len(rates)).sum()


@OBJECTIVES.register("free-bits-sentence", title="free bits by sentence", **_FACTS)
class FreeBitsBySentence(FreeBits):
    """D + mean_B max(C, R): of each sentence.

    Option 1 of the code of Li et al. (2019).
    """

    def raised(self, terms: "BatchTerms") -> "Tensor":
        """Return the mean over sentences of max(floor, rate)."""
        return terms.rates.clamp(min=self.floor).mean()


@OBJECTIVES.register(
    "free-bits-sentence-dimension", title="free bits by sentence and dimension", **_FACTS
)
class FreeBitsBySentenceAndDimension(FreeBits):
    """D + mean_B sum_d max(C / d, R_d): of each sentence and dimension.

    Option 2 of the code of Li et al. (2019), and the usual meaning in papers on text.
    """

    def raised(self, terms: "BatchTerms") -> "Tensor":
        """Return the mean over sentences of the sum of max(floor / d, rate of a dimension)."""
        rates = terms.rates_by_dimension
        return rates.clamp(min=self.floor / rates.shape[1]).sum(1).mean()


@OBJECTIVES.register("free-bits-batch", title="max(C, R)", **_FACTS)
class FreeBitsOfBatch(FreeBits):
    """D + max(C, mean_B R): of the mean over the batch.

    The max(C, KL) that the paper discusses (section 2.2); option 3 of the code of Li et al. (2019).
    """

    def raised(self, terms: "BatchTerms") -> "Tensor":
        """Return max(floor, mean rate)."""
        return terms.rates.mean().clamp(min=self.floor)
