"""What a model is made of, as plain data (paper, section 3, "Models"). No torch here."""

from dataclasses import dataclass, field

from textvae.settings import at_least, between, one_of, positive


@dataclass(frozen=True)
class Architecture:
    """The parts of a text VAE by name, and their sizes; the defaults are the paper's LSTM."""

    encoder: str = field(default="lstm", metadata=one_of("lstm", "gru", help="encoder"))
    decoder: str = field(default="lstm", metadata=one_of("lstm", "gru", "cnn", help="decoder"))
    posterior: str = field(
        default="diagonal-gaussian",
        metadata=one_of("diagonal-gaussian", help="family of q(z|x)"),
    )
    prior: str = field(
        default="standard-normal", metadata=one_of("standard-normal", help="family of p(z)")
    )
    embedding: int = field(default=256, metadata=at_least(1, help="size of a word embedding"))
    hidden: int = field(default=512, metadata=at_least(1, help="size of a recurrent state"))
    latent: int = field(default=64, metadata=at_least(1, help="dimensions of z"))
    channels: int = field(default=512, metadata=at_least(1, help="of the CNN decoder's blocks"))
    bottleneck: int = field(
        default=128, metadata=at_least(1, help="channels of the CNN decoder's causal convolutions")
    )
    filter_width: int = field(
        default=20, metadata=at_least(1, help="words that each of those convolutions sees")
    )
    blocks: int = field(default=2, metadata=at_least(1, help="gated blocks of the CNN decoder"))
    dropout: float = field(
        default=0.1,
        metadata=between(0, 0.99, help="share of the CNN decoder's channels dropped in training"),
    )
    embedding_range: float = field(
        default=0.05, metadata=positive(help="embeddings start uniform in +-RANGE")
    )
    # Gains of 1 are the authors' initialisation. A small model that trains for few steps needs
    # larger ones for its code to come alive; whoever uses them says so in the configuration.
    mean_gain: float = field(
        default=1.0, metadata=positive(help="factor on the initial weights of the posterior mean")
    )
    latent_gain: float = field(
        default=1.0, metadata=positive(help="factor on the decoder's initial weights for z")
    )


@dataclass(frozen=True)
class LanguageModelSizes:
    """What a language model is made of; the defaults are those of the paper's decoder."""

    embedding: int = field(default=256, metadata=at_least(1, help="size of a word embedding"))
    hidden: int = field(default=512, metadata=at_least(1, help="size of the recurrent state"))
    embedding_range: float = field(
        default=0.05, metadata=positive(help="embeddings start uniform in +-RANGE")
    )
