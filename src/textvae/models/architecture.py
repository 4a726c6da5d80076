"""What a model is made of, as plain data (paper, section 3, "Models"). No torch here."""

from textvae.settings import Settings, setting


class Architecture(Settings):
    """The parts of a text VAE by name, and their sizes; the defaults are the paper's LSTM."""

    encoder: str = setting(
        "lstm",
        "encoder",
        choices=(
            "lstm",
            "gru",
        ),
    )
    decoder: str = setting(
        "lstm",
        "decoder",
        choices=(
            "lstm",
            "gru",
            "cnn",
        ),
    )
    posterior: str = setting(
        "diagonal-gaussian", "family of q(z|x)", choices=("diagonal-gaussian",)
    )
    prior: str = setting("standard-normal", "family of p(z)", choices=("standard-normal",))
    embedding: int = setting(256, "size of a word embedding", ge=1)
    hidden: int = setting(512, "size of a recurrent state", ge=1)
    latent: int = setting(64, "dimensions of z", ge=1)
    channels: int = setting(512, "of the CNN decoder's blocks", ge=1)
    bottleneck: int = setting(128, "channels of the CNN decoder's causal convolutions", ge=1)
    filter_width: int = setting(20, "words that each of those convolutions sees", ge=1)
    blocks: int = setting(2, "gated blocks of the CNN decoder", ge=1)
    dropout: float = setting(
        0.1, "share of the CNN decoder's channels dropped in training", ge=0, le=0.99
    )
    embedding_range: float = setting(0.05, "embeddings start uniform in +-RANGE", gt=0)
    # Gains of 1 are the authors' initialisation. A small model that trains for few steps needs
    # larger ones for its code to come alive; whoever uses them says so in the configuration.
    mean_gain: float = setting(1.0, "factor on the initial weights of the posterior mean", gt=0)
    latent_gain: float = setting(1.0, "factor on the decoder's initial weights for z", gt=0)


class LanguageModelSizes(Settings):
    """What a language model is made of; the defaults are those of the paper's decoder."""

    embedding: int = setting(256, "size of a word embedding", ge=1)
    hidden: int = setting(512, "size of the recurrent state", ge=1)
    embedding_range: float = setting(0.05, "embeddings start uniform in +-RANGE", gt=0)
