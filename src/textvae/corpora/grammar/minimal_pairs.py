"""Make minimal pairs of the embedded grammar: a test set for Table 4 with known answers.

Each combination of a noun and a verb occurs in all numbers, with the other words unchanged, so that
neither the noun nor the form of the verb is informative alone.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from random import Random

from textvae.corpora.grammar.combinations import (
    MIN_OCCURRENCES,
    Combination,
    Lemma,
    TrainingCombinations,
    draw,
    lemmas,
    unseen,
)
from textvae.corpora.minimal_pairs import Pair
from textvae.errors import InputError

# Row -> kind of the first noun -> template: persons laugh and like, things affect persons.
ROWS: dict[str, dict[str, str]] = {
    "agreement.simple": {"person": "the Person[n]! Do[n]!*"},
    "agreement.sentential-complement": {
        "person": "the Person[m] Say[sg] the Person[n]! Do[n]!*",
    },
    "agreement.short-vp-coordination": {"person": "the Person[n]! Do[n] and Do[n]!*"},
    "agreement.long-vp-coordination": {
        "person": "the Person[n]! DoTo[n] the Adj[sg] Adj[sg] Thing[o] and DoTo[n]!* the Person[o]",
    },
    "agreement.prepositional-phrase": {
        "person": "the Person[n]! Prep[sg] the Person[m] Do[n]!*",
        "thing": "the Thing[n]! Prep[sg] the Person[m] Affect[n]!* the Person[o]",
    },
    "agreement.subject-relative": {
        "person": "the Person[n]! that DoTo[n] the Person[m] Do[n]!*",
    },
    "agreement.across-object-relative": {
        "person": "the Person[n]! that the Person[m] DoTo[m] Do[n]!*",
        "thing": "the Thing[n]! that the Person[m] DoTo[m] Affect[n]!* the Person[o]",
    },
    "agreement.across-object-relative-no-that": {
        "person": "the Person[n]! the Person[m] DoTo[m] Do[n]!*",
        "thing": "the Thing[n]! the Person[m] DoTo[m] Affect[n]!* the Person[o]",
    },
    "agreement.in-object-relative": {
        "person": "the Person[m] that the Person[n]! DoTo[n]!* Do[m]",
        "thing": "the Thing[m] that the Person[n]! DoTo[n]!* Affect[m] the Person[o]",
    },
    "agreement.in-object-relative-no-that": {
        "person": "the Person[m] the Person[n]! DoTo[n]!* Do[m]",
        "thing": "the Thing[m] the Person[n]! DoTo[n]!* Affect[m] the Person[o]",
    },
    "reflexive.simple": {"person": "the Person[n]! DoTo[ed]! Self[n]*"},
    "reflexive.sentential-complement": {
        "person": "the Person[m] Say[sg] the Person[n]! DoTo[ed]! Self[n]*",
    },
    "reflexive.relative-clause": {
        "person": "the Person[n]! that the Person[m] DoTo[m] DoTo[ed]! Self[n]*",
    },
    "npi.simple": {
        "person": "no/the Person[n]! Have[n] ever Do[ed]!",
        "thing": "no/the Thing[n]! Have[n] ever Affect[ed]! the Person[o]",
    },
    "npi.relative-clause": {
        "person": "no/the Person[n]! that the/no Person[m] DoTo[m] Have[n] ever Do[ed]!",
        "thing": (
            "no/the Thing[n]! that the/no Person[m] DoTo[m] Have[n] ever Affect[ed]! the Person[o]"
        ),
    },
}
_OTHER = {"sg": "pl", "pl": "sg"}
_SLOT = re.compile(r"(?P<word_class>[A-Z]\w*)\[(?P<form>\w+)\](?P<new>!?)(?P<critical>\*?)")


@dataclass(frozen=True)
class Slot:
    """A position of a template, filled with a word of a class."""

    word_class: str
    form: str  # n, m, o, or a form
    new: bool = False  # part of the combination that never occurs in training
    critical: bool = False

    @property
    def forms(self) -> tuple[str, ...]:
        """Return the forms that its word may have."""
        return ("sg", "pl") if self.form in ("n", "m", "o") else (self.form,)

    def word(self, lemma: Lemma, numbers: Mapping[str, str], grammatical: bool) -> str:
        """Return the form of `lemma` here; numbers: the values (sg, pl) of n, m and o."""
        form = numbers.get(self.form, self.form)
        return lemma.forms[form if grammatical or not self.critical else _OTHER[form]]


@dataclass(frozen=True)
class Template:
    """The template of one set of pairs.

    items: slots, and fixed words as (in the grammatical sentence, in the ungrammatical one).
    """

    row: str
    set: str
    items: tuple[Slot | tuple[str, str], ...]

    @cached_property
    def slots(self) -> list[Slot]:
        """Return the items that are filled with a word, in order."""
        return [item for item in self.items if isinstance(item, Slot)]

    @property
    def combination(self) -> tuple[Slot, Slot]:
        """Return the slots of the noun and the verb that never occur together in training."""
        noun, verb = (slot for slot in self.slots if slot.new)
        return noun, verb

    @property
    def numbers(self) -> list[str]:
        """Return the numbers that define the subcategories: n, and m if there is another noun."""
        return [name for name in ("n", "m") if any(slot.form == name for slot in self.slots)]

    def sentence(
        self, chosen: Sequence[Lemma], numbers: Mapping[str, str], grammatical: bool
    ) -> str:
        """Return one sentence of a pair; chosen: the words of the slots, in order."""
        waiting = iter(chosen)
        return " ".join(
            item.word(next(waiting), numbers, grammatical)
            if isinstance(item, Slot)
            else item[not grammatical]
            for item in self.items
        )


def read_templates(rows: Mapping[str, Mapping[str, str]] = ROWS) -> list[Template]:
    """Return the templates of `rows`, one for each set.

    A set is named after its row, without "agreement", and with the kind if a row has two sets.
    """
    return [
        Template(
            row,
            row.removeprefix("agreement.").replace(".", "-") + f"-{kind}" * (len(kinds) > 1),
            tuple(_item(text) for text in template.split()),
        )
        for row, kinds in rows.items()
        for kind, template in kinds.items()
    ]


def _item(text: str) -> Slot | tuple[str, str]:
    slot = _SLOT.fullmatch(text)
    if slot:
        return Slot(slot["word_class"], slot["form"], bool(slot["new"]), bool(slot["critical"]))
    grammatical, _, ungrammatical = text.partition("/")
    return grammatical, ungrammatical or grammatical


_NUMBERS = {"sg": "singular", "pl": "plural"}


def minimal_pairs(sentences: Iterable[str], combinations: int, seed: int) -> list[Pair]:
    """Return pairs for the fifteen rows, with words of the training sentences in new combinations.

    sentences: of training, words between spaces; read once. combinations: of a noun and a verb, in
    each set. No training sentence has the two together in any form; each combination is in every
    subcategory of its set: the numbers of its noun and of the other noun, in this order. They are
    drawn by their probability, and for each one the other words of its sentences, all different.
    Every form used occurs at least MIN_OCCURRENCES times in training. The same arguments give the
    same pairs.

    InputError if there are fewer combinations than requested, or no word for a slot.
    """
    if combinations < 1:
        raise InputError(f"combinations: {combinations} requested, expected at least 1")
    training = TrainingCombinations.of(sentences)
    return [
        pair
        for template in read_templates()
        for pair in _set(template, training, combinations, seed)
    ]


def unseen_combinations(template: Template, training: TrainingCombinations) -> list[Combination]:
    """Return the combinations for a set: frequent nouns and verbs that never occur together."""
    noun, verb = template.combination
    return unseen(
        training.known(noun.word_class, noun.forms),
        training.known(verb.word_class, verb.forms),
        training.cooccurring,
    )


def _set(
    template: Template, training: TrainingCombinations, combinations: int, seed: int
) -> Iterator[Pair]:
    """Yield the pairs of one set, grouped by combination."""
    candidates = unseen_combinations(template, training)
    if len(candidates) < combinations:
        raise _too_few(template, training, len(candidates), combinations)
    known = [training.known(slot.word_class, slot.forms) for slot in template.slots]
    # Each set has its own random stream, so that it does not depend on the other sets.
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
    """Choose a different word for each slot: the combination's, or one of the `known`."""
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
                f"{MIN_OCCURRENCES} times in all its forms, beside those in use; "
                "more training sentences would help"
            )
        chosen += draw(left, 1, uniform)
        names.add(chosen[-1].name)
    return chosen


def _too_few(
    template: Template, training: TrainingCombinations, available: int, requested: int
) -> InputError:
    # More sentences make more words known; once all are known, they only reduce unseen pairs.
    missing = any(
        len(training.known(slot.word_class, slot.forms)) < len(lemmas(slot.word_class))
        for slot in template.combination
    )
    return InputError(
        f"{template.row}: {requested} combinations requested (set {template.set}), {available} "
        f"available of a noun and a verb that occur at least {MIN_OCCURRENCES} times in each form, "
        f"but never together in the {training.sentences} training sentences; "
        f"fewer combinations or {'more' if missing else 'fewer'} training sentences would help"
    )
