"""Nouns and verbs that are frequent in training but never occur in one sentence.

A model that separates a grammatical sentence from an ungrammatical one by its noun and its verb,
although it has never seen the two together, has learnt agreement, not co-occurrence.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import NamedTuple, TypeVar

from textvae.corpora.grammar.english import FEATURES, english_like

# Minimum number of occurrences in training of a known form. A form seen once or twice may never
# have shown its number ("the" goes with both), and its vector has hardly moved from initialisation,
# so that a wrong answer would reflect the word, not the syntax.
MIN_OCCURRENCES = 5

# Word class -> the grammar's nonterminals that emit its words.
CLASSES = {
    "Person": "Noun[person,{form},{topic}]",
    "Thing": "Noun[thing,{form},{topic}]",
    "Do": "Do[{form},{topic}]",
    "DoTo": "DoTo[{form},{topic}]",
    "Affect": "Affect[{form},{topic}]",
    "Adj": "Adj[{topic}]",
    "Prep": "Prep",
    "Say": "Say",
    "Have": "Have[{form}]",
    "Self": "Self[{form}]",
}
NOUNS = ("Person", "Thing")
VERBS = ("Do", "DoTo", "Affect")


class Lemma(NamedTuple):
    """A word with all of its forms."""

    name: str  # its singular form
    forms: Mapping[str, str]  # by sg, pl and ed; all the same if it is not inflected
    probability: float  # within its class


@cache
def lemmas(word_class: str) -> tuple[Lemma, ...]:
    """Return the words of one of CLASSES, with the grammar's probabilities, which sum to 1."""
    rules = english_like().rules
    pattern = CLASSES[word_class]
    topics = FEATURES.priors["t"] if "{topic}" in pattern else {"": 1.0}
    result = []
    for topic, p in topics.items():
        symbols = {form: pattern.format(form=form, topic=topic) for form in ("sg", "pl", "ed")}
        by_form = {form: rules[symbol] for form, symbol in symbols.items() if symbol in rules}
        for rank, expansion in enumerate(by_form["sg"]):
            # All forms of a word have the same rank; "himself" and "herself" share a plural.
            forms = {
                form: " ".join(expansions[min(rank, len(expansions) - 1)].symbols)
                for form, expansions in by_form.items()
            }
            result.append(Lemma(forms["sg"], forms, p * expansion.probability))
    return tuple(result)


@dataclass(frozen=True)
class TrainingCombinations:
    """Counts of the grammar's words in the training sentences.

    sentences: their number. occurrences: number of occurrences of each form. cooccurring: names
    (noun, verb) of which any two forms occur in one sentence, in any positions.
    """

    sentences: int
    occurrences: Mapping[str, int]
    cooccurring: Set[tuple[str, str]]

    @classmethod
    def of(cls, sentences: Iterable[str]) -> "TrainingCombinations":
        """Count words and pairs in space-separated sentences, read once (below 200,000 pairs)."""
        noun, verb = (
            {form: lemma.name for name in names for lemma in lemmas(name)
             for form in lemma.forms.values()}
            for names in (NOUNS, VERBS)
        )  # fmt: skip
        number = 0
        occurrences: Counter[str] = Counter()
        cooccurring: set[tuple[str, str]] = set()
        for sentence in sentences:
            words = sentence.split()
            number += 1
            occurrences.update(words)
            cooccurring.update(
                product(
                    [noun[word] for word in words if word in noun],
                    [verb[word] for word in words if word in verb],
                )
            )
        return cls(number, occurrences, cooccurring)

    def known(self, word_class: str, forms: Collection[str]) -> list[Lemma]:
        """Return the words of a class all of whose `forms` occur often enough."""
        return [
            lemma
            for lemma in lemmas(word_class)
            if all(
                self.occurrences.get(word, 0) >= MIN_OCCURRENCES
                for form in forms
                for word in lemma.forms[form].split()
            )
        ]


class Combination(NamedTuple):
    """A noun and a verb that never occur in one sentence."""

    noun: Lemma
    verb: Lemma

    @property
    def probability(self) -> float:
        """Return the probability of drawing the two independently."""
        return self.noun.probability * self.verb.probability


def unseen(
    nouns: Iterable[Lemma], verbs: Iterable[Lemma], cooccurring: Set[tuple[str, str]]
) -> list[Combination]:
    """Return the combinations of a noun and a verb that no training sentence has in any form."""
    return [
        Combination(noun, verb)
        for noun, verb in product(nouns, verbs)
        if (noun.name, verb.name) not in cooccurring
    ]


Candidate = TypeVar("Candidate", Lemma, Combination)


def draw(
    candidates: Sequence[Candidate], count: int, uniform: Callable[[], float]
) -> list[Candidate]:
    """Draw `count` different candidates, each by its probability among the remaining ones.

    Each candidate gets an exponential waiting time with its probability as the rate, and the first
    `count` are taken (Efraimidis and Spirakis 2006); uses one uniform number per candidate.
    """
    waits = [-math.log(1 - uniform()) / candidate.probability for candidate in candidates]
    first = sorted(range(len(candidates)), key=waits.__getitem__)[:count]
    return [candidates[i] for i in first]
