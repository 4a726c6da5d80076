"""Random sentences and models, and a slow oracle: one sentence, one word at a time."""

import copy
import random
from collections.abc import Sequence

import torch
from torch import nn
from torch.distributions import Categorical, Normal, kl_divergence

from textvae.cells import Cell
from textvae.corpora.encoded import Sentences
from textvae.corpora.minimal_pairs import Pair
from textvae.corpora.vocabulary import Vocabulary
from textvae.models.saved import TrainedModel
from textvae.models.vae import TextVAE
from tiny import MODEL, WORDS, tiny_model

VOCABULARY = Vocabulary(f"w{i}" for i in range(WORDS))
LATENT = MODEL.architecture.latent


def random_sentences(count: int, longest: int = 9, seed: int = 1) -> Sentences:
    draw = random.Random(seed)
    ids = range(2, len(VOCABULARY))
    return Sentences.of([draw.choices(ids, k=draw.randint(1, longest)) for _ in range(count)])


def random_pairs(count: int, seed: int = 1) -> list[Pair]:
    """Return pairs of two rows, three sets and five subcategories.

    Many sentences share a prefix, some pairs differ in several words or in length, and some words
    are outside the vocabulary.
    """
    draw = random.Random(seed)
    words = [f"w{i}" for i in range(WORDS)] + ["strange", "stranger"]
    prefixes = [draw.choices(words, k=draw.randint(0, 5)) for _ in range(12)]
    pairs: dict[tuple[str, str], Pair] = {}
    while len(pairs) < count:
        good = [*draw.choice(prefixes), *draw.choices(words, k=draw.randint(1, 4))]
        bad = list(good)
        for index in draw.sample(range(len(good)), k=min(len(good), draw.choice([1, 1, 1, 2, 3]))):
            bad[index] = draw.choice(words)
        if draw.random() < 0.2:
            bad.insert(draw.randrange(len(bad) + 1), draw.choice(words))
        if good != bad:
            row, group = draw.choice(["first.row", "second.row"]), draw.randrange(5)
            sentences = (" ".join(good), " ".join(bad))
            pairs[sentences] = Pair(*sentences, row, f"set{group % 3}", f"group{group}")
    return list(pairs.values())


def lively_model(
    seed: int = 1, latent: int = LATENT, vocabulary: Vocabulary = VOCABULARY
) -> TrainedModel:
    """Return an untrained model with weights so large that sentences and codes matter."""
    torch.manual_seed(seed)
    model = TextVAE(MODEL.replace(latent=latent), len(vocabulary)).eval()
    with torch.no_grad():
        for layer in (model.output, model.posterior.mean, model.posterior.log_variance):
            layer.weight.mul_(3)
            layer.bias.normal_(0, 0.3)
        for weight in (model.embedding.weight, *model.decoder.recurrence.all_weights[0][:2]):
            weight.mul_(3)
    return TrainedModel(Cell("tiny", "lively", 2.0, seed), model, vocabulary)


def lively_decoder(decoder: str) -> TextVAE:
    """Return a model with this decoder and weights so large that words and codes matter."""
    torch.manual_seed(3)
    model = TextVAE(tiny_model(decoder), len(VOCABULARY)).eval()
    with torch.no_grad():
        model.output.bias[0] += 1
        if decoder == "cnn":
            # Its initial weights are larger: with logits of 40 sampling would be greedy.
            model.output.weight.mul_(0.2)
        else:
            for weight in (model.embedding.weight, *model.decoder.parameters()):
                weight.mul_(2)
            model.output.weight.mul_(3)
    return model


def states_by_hand(layer, inputs):
    """Return the hidden state after each vector of `inputs`, by the equations of LSTM or GRU."""
    size = layer.hidden_size
    hidden, cell, states = torch.zeros(size), torch.zeros(size), []
    for x in inputs:
        given = layer.weight_ih_l0 @ x + layer.bias_ih_l0
        past = layer.weight_hh_l0 @ hidden + layer.bias_hh_l0
        if isinstance(layer, nn.LSTM):
            i, f, g, o = (given + past).split(size)
            cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
            hidden = torch.sigmoid(o) * torch.tanh(cell)
        else:
            reset = torch.sigmoid(given[:size] + past[:size])
            update = torch.sigmoid(given[size : 2 * size] + past[size : 2 * size])
            new = torch.tanh(given[2 * size :] + reset * past[2 * size :])
            hidden = (1 - update) * new + update * hidden
        states.append(hidden)
    return states


class OneByOne:
    """A model applied to single sentences, in float64."""

    def __init__(self, model: TextVAE) -> None:
        self.model = copy.deepcopy(model).double()

    @torch.no_grad()
    def posterior(self, sentence: Sequence[int]) -> Normal:
        """Return q(z|x), (d,), from the last state of the encoder."""
        words = torch.tensor([*map(int, sentence), 0])
        states, _ = self.model.encoder.recurrence(self.model.embedding(words))
        head = self.model.posterior
        return Normal(head.mean(states[-1]), torch.exp(0.5 * head.log_variance(states[-1])))

    @torch.no_grad()
    def costs(self, sentence: Sequence[int], z: torch.Tensor) -> list[float]:
        """Return -log p of each word and of `<eos>`, given z and the words before it."""
        costs, previous, state = [], 0, None
        for word in [*map(int, sentence), 0]:
            probabilities, state = self.next_word(previous, z, state)
            costs.append(-probabilities.log_prob(torch.tensor(word)).item())
            previous = word
        return costs

    def distortion(self, sentence: Sequence[int], z: torch.Tensor) -> float:
        return sum(self.costs(sentence, z))

    @torch.no_grad()
    def rate(self, sentence: Sequence[int]) -> float:
        """Return KL(q(z|x) || N(0, I))."""
        unit = Normal(torch.zeros((), dtype=torch.float64), torch.ones((), dtype=torch.float64))
        return kl_divergence(self.posterior(sentence), unit).sum().item()

    @torch.no_grad()
    def greedy(self, z: torch.Tensor, steps: int) -> list[int]:
        sentence, word, state = [], 0, None
        for _ in range(steps):
            probabilities, state = self.next_word(word, z, state)
            word = int(probabilities.probs.argmax())
            if word == 0:
                break
            sentence.append(word)
        return sentence

    def next_word(self, previous: int, z: torch.Tensor, state):
        """Return the distribution of the word after `previous`, and the next state."""
        embedded = self.model.embedding.weight[previous]
        inputs = torch.cat([embedded, z.double()])[None]
        features, state = self.model.decoder.recurrence(inputs, state)
        return Categorical(logits=self.model.output(features[0])), state
