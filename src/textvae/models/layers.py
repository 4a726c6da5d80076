"""The layers that a text VAE and a language model begin and end with, as the authors start them."""

from torch import nn


def embedding(words: int, size: int, spread: float) -> nn.Embedding:
    """Words to vectors, uniform in plus or minus `spread`."""
    layer = nn.Embedding(words, size)
    nn.init.uniform_(layer.weight, -spread, spread)
    return layer


def output(features: int, words: int) -> nn.Linear:
    """Features to logits: Glorot uniform, without bias at the start."""
    layer = nn.Linear(features, words)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
