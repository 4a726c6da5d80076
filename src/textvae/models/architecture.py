"""Model configuration as plain data (paper, section 3, "Models"). Does not import torch."""

from textvae.composed import Composed
from textvae.registry import DECODERS, ENCODERS, POSTERIORS, PRIORS
from textvae.settings import Settings, setting


class Architecture(Settings):
    """The parts of a text VAE by name, and their sizes; the defaults are the paper's LSTM."""

    encoder: str = setting("lstm", "encoder", kind="encoder")
    decoder: str = setting("lstm", "decoder", kind="decoder")
    posterior: str = setting("diagonal-gaussian", "family of q(z|x)", kind="posterior")
    prior: str = setting("standard-normal", "family of p(z)", kind="prior")
    embedding: int = setting(256, "size of a word embedding", ge=1)
    hidden: int = setting(512, "size of a recurrent state", ge=1)
    latent: int = setting(64, "dimensions of z", ge=1)
    embedding_range: float = setting(0.05, "embeddings start uniform in +-RANGE", gt=0)
    # A gain of 1 is the authors' initialisation. A small model trained for few steps needs a
    # larger one to use its code, and sets it in the configuration.
    latent_gain: float = setting(1.0, "factor on the decoder's initial weights for z", gt=0)


class ModelConfig(Composed[Architecture]):
    """Configuration of a text VAE: its architecture, and the settings that its parts declare."""

    SHARED = Architecture
    PARTS = (ENCODERS, DECODERS, POSTERIORS, PRIORS)

    @property
    def architecture(self) -> Architecture:
        """Return the settings that all parts share."""
        return self.shared


class LanguageModelSizes(Settings):
    """Sizes of a language model; the defaults are those of the paper's decoder."""

    embedding: int = setting(256, "size of a word embedding", ge=1)
    hidden: int = setting(512, "size of the recurrent state", ge=1)
    embedding_range: float = setting(0.05, "embeddings start uniform in +-RANGE", gt=0)
