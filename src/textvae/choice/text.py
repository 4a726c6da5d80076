"""Forward cross-entropy of a trained model on validation sentences."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from textvae.corpora.encoded import EncodedCorpus, Sentences
from textvae.corpora.unknown_words import unk_percent
from textvae.corpora.vocabulary import UNK_ID, Vocabulary
from textvae.fce.dictionary import encode_file, real_text, recode
from textvae.fce.settings import LanguageModelSettings
from textvae.fce.training import LanguageModelJob, train
from textvae.generation.codes import corpus_codes
from textvae.generation.synthesis import Tally, synthesise
from textvae.io import atomic_write
from textvae.models import language_model, saved
from textvae.models.architecture import LanguageModelSizes
from textvae.models.inference import codes_of
from textvae.models.language_model import score
from textvae.schemes import DecodingStrategy

# Validation sentences that are scored.
MAX_SCORED = 5000


@dataclass(frozen=True)
class FCE:
    """How FCE is measured: a language model is trained on text that a model generates.

    sentences: the size of that text. The dictionary has the words of as much real text, so that it
    is the same for every C.
    """

    corpus: EncodedCorpus
    decoding: DecodingStrategy
    sentences: int
    sizes: LanguageModelSizes
    recipe: LanguageModelSettings
    seed: int
    device: torch.device

    def costs(self, model: Path, folder: Path, name: str, checkpoint_minutes: float) -> np.ndarray:
        """Return -log p of each validation sentence, nats, (N,).

        model: folder of the model. folder: for the text and its language model, which are used if
        they are already there.
        """
        dictionary, text, trained = self.dictionary(), folder / "text.txt", folder / "lm"
        if not text.exists():
            self._generate(model, text)
        if not (trained / "config.json").exists():
            job = LanguageModelJob(
                *(name, encode_file(text, dictionary), dictionary, self.sizes, self.recipe),
                *(self.seed, self.device),
            )
            train(job, trained, folder / "lm.checkpoints", checkpoint_minutes)
        learnt, _ = language_model.load(trained, self.device)
        return score(learnt, self._validation(dictionary)).nll

    def unk_percent(self) -> float:
        """Return the percentage of the words of the validation sentences that are `<unk>`."""
        return unk_percent(self._validation(self.dictionary())) or 0.0

    def dictionary(self) -> Vocabulary:
        """Return the words of as much real text, in the order of the corpus's vocabulary."""
        words = self.corpus.vocabulary
        text = real_text(self.corpus, words, self.sentences, self.seed)
        return Vocabulary(words.words[i] for i in np.unique(text.tokens) if i > UNK_ID)

    def _validation(self, dictionary: Vocabulary) -> Sentences:
        valid = self.corpus.split("valid")
        chosen = valid.take(valid.sample(MAX_SCORED, seed=0))
        return recode(chosen, self.corpus.vocabulary, dictionary)

    def _generate(self, model: Path, path: Path) -> None:
        """Write the text of the codes that all models share."""
        trained = saved.load(model, self.device)
        latent = trained.model.architecture.latent
        codes = codes_of(trained.model, corpus_codes(self.sentences, latent, self.seed, 1))
        max_words = self.corpus.counted("train", "longest") + 1
        lines = synthesise(trained, codes, self.decoding, (self.seed, 1), max_words, Tally())
        with atomic_write(path) as file:
            file.writelines(f"{line}\n" for line in lines)
