"""A small language model, and a language that it learns in a second."""

import random
from pathlib import Path

import torch

from one_by_one import VOCABULARY
from textvae.corpora.encoded import Sentences
from textvae.fce.settings import LanguageModelSettings
from textvae.fce.training import LanguageModelJob
from textvae.models.architecture import LanguageModelSizes
from textvae.models.language_model import LanguageModel
from tiny import CPU, WORDS

SIZES = LanguageModelSizes(embedding=6, hidden=8, embedding_range=0.5)
RECIPE = LanguageModelSettings(
    epochs=4, patience=1, held_out=0.2, batch=16, learning_rate=0.03, precision="float32"
)


def round_dance(count: int, step: int = 1, seed: int = 1) -> list[list[str]]:
    """Return sentences of 1 to 8 words: a random one, then each `step` ids after that before."""
    draw = random.Random(seed)
    starts = [(draw.randrange(WORDS), draw.randint(1, 8)) for _ in range(count)]
    return [[f"w{(start + step * i) % WORDS}" for i in range(n)] for start, n in starts]


def write(path: Path, sentences: list[list[str]]) -> Path:
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in sentences))
    return path


def text_task(count: int = 100, **changes: object) -> LanguageModelJob:
    """Return a training on the round dance; `changes` are settings of the training."""
    text = Sentences.of([VOCABULARY.encode(sentence) for sentence in round_dance(count)])
    return LanguageModelJob("tiny/text", text, VOCABULARY, SIZES, RECIPE.replace(**changes), 1, CPU)


def lively_language_model(seed: int = 1) -> LanguageModel:
    """Return an untrained model with weights so large that context changes its predictions."""
    torch.manual_seed(seed)
    model = LanguageModel(SIZES, len(VOCABULARY)).eval()
    with torch.no_grad():
        for weight in (model.output.weight, *model.decoder.recurrence.all_weights[0][:2]):
            weight.mul_(3)
        model.output.bias.normal_(0, 0.3)
    return model
