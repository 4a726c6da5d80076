"""A language model, and a language that it learns in a second."""

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
    """Sentences of 1 to 8 words in which each word is `step` words further than the one before.

    The first word is drawn, and after the last word of all comes the first.
    """
    draw = random.Random(seed)
    starts = [(draw.randrange(WORDS), draw.randint(1, 8)) for _ in range(count)]
    return [[f"w{(start + step * i) % WORDS}" for i in range(n)] for start, n in starts]


def write(path: Path, sentences: list[list[str]]) -> Path:
    """A text file, a sentence a line."""
    path.write_text("".join(" ".join(sentence) + "\n" for sentence in sentences))
    return path


def text_task(count: int = 100, **changes: object) -> LanguageModelJob:
    """To learn the round dance; `changes` are fields of the recipe."""
    text = Sentences.of([VOCABULARY.encode(sentence) for sentence in round_dance(count)])
    return LanguageModelJob("tiny/text", text, VOCABULARY, SIZES, RECIPE.replace(**changes), 1, CPU)


def lively_language_model(seed: int = 1) -> LanguageModel:
    """Not trained at all, but of weights so large that the words before make a difference."""
    torch.manual_seed(seed)
    model = LanguageModel(SIZES, len(VOCABULARY)).eval()
    with torch.no_grad():
        for weight in (model.output.weight, *model.decoder.recurrence.all_weights[0][:2]):
            weight.mul_(3)
        model.output.bias.normal_(0, 0.3)
    return model
