"""Minimal pairs of the embedded grammar: the test set of a Table 4 whose right answers are known.

Each combination of a noun and a verb stands in all numbers, and the other words of its sentences
stay the same. So neither a noun nor the form of a verb says anything by itself: only both do.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from random import Random

from textvae.corpora.grammar.combinations import (
    LEAST_OCCURRENCES,
    Combination,
    Lemma,
    Training,
    draw,
    lemmas,
    unmet,
)
from textvae.corpora.grammar.pair_templates import Template, read_templates
from textvae.corpora.pairs import Pair
from textvae.errors import InputError

_NUMBERS = {"sg": "singular", "pl": "plural"}


def minimal_pairs(sentences: Iterable[str], combinations: int, seed: int) -> list[Pair]:
    """Pairs for the fifteen rows, with words of the training sentences in new combinations.

    sentences: of training, words between spaces; read once. combinations: how many of a noun and a
    verb each set has. No training sentence has them together in any form, and each is in every
    subcategory of its set: the numbers of its noun and of the other noun, in this order. They are
    drawn by their probability, and for each one the other words of its sentences, all different.
    Every form used occurs at least LEAST_OCCURRENCES times in training. The same arguments give the
    same pairs.

    InputError where there are fewer combinations than asked for, or no such word for a place.
    """
    if combinations < 1:
        raise InputError(f"combinations: {combinations} asked for, expected at least 1")
    training = Training.of(sentences)
    return [
        pair
        for template in read_templates()
        for pair in _set(template, training, combinations, seed)
    ]


def unmet_combinations(template: Template, training: Training) -> list[Combination]:
    """What a set can be made from: well-known nouns and verbs that never stand together."""
    noun, verb = template.combination
    return unmet(
        training.known(noun.word_class, noun.forms),
        training.known(verb.word_class, verb.forms),
        training.met,
    )


def _set(template: Template, training: Training, combinations: int, seed: int) -> Iterator[Pair]:
    """The pairs of one set, those of a combination one after the other."""
    candidates = unmet_combinations(template, training)
    if len(candidates) < combinations:
        raise _too_few(template, training, len(candidates), combinations)
    known = [training.known(slot.word_class, slot.forms) for slot in template.slots]
    # A stream of its own, so that no set depends on how much the others draw.
    uniform = Random(f"{seed}/{template.set}").random
    for combination in draw(candidates, combinations, uniform):
        chosen = _choose(template, combination, known, uniform)
        numbers = {"o": "sg" if uniform() < 0.5 else "pl"}
        for values in product(_NUMBERS, repeat=len(template.numbers)):
            numbers |= dict(zip(template.numbers, values, strict=True))
            yield Pair(
                grammatical=template.sentence(chosen, numbers, grammatical=True),
                ungrammatical=template.sentence(chosen, numbers, grammatical=False),
                row=template.row,
                set=template.set,
                subcategory="_".join(_NUMBERS[value] for value in values),
                item=combination.noun.name,
                number=_NUMBERS[numbers["n"]],
            )


def _choose(
    template: Template,
    combination: Combination,
    known: Sequence[Sequence[Lemma]],
    uniform: Callable[[], float],
) -> list[Lemma]:
    """A word for each slot, no word twice: the combination's, and of the `known` for the others."""
    new = iter(combination)
    names = {lemma.name for lemma in combination}
    chosen = []
    for slot, words in zip(template.slots, known, strict=True):
        if slot.new:
            chosen.append(next(new))
            continue
        left = [lemma for lemma in words if lemma.name not in names]
        if not left:
            raise InputError(
                f"{template.row}: no word for {slot.word_class} occurs in training "
                f"{LEAST_OCCURRENCES} times in all its forms, beside those in use; "
                "more training sentences would help"
            )
        chosen += draw(left, 1, uniform)
        names.add(chosen[-1].name)
    return chosen


def _too_few(template: Template, training: Training, found: int, wanted: int) -> InputError:
    # More sentences make more words known; once all are, they only bring words together.
    missing = any(
        len(training.known(slot.word_class, slot.forms)) < len(lemmas(slot.word_class))
        for slot in template.combination
    )
    return InputError(
        f"{template.row}: {wanted} combinations asked for (set {template.set}), {found} found of a "
        f"noun and a verb that occur at least {LEAST_OCCURRENCES} times in each form, but never "
        f"together in the {training.sentences} training sentences; "
        f"fewer combinations or {'more' if missing else 'fewer'} training sentences would help"
    )
