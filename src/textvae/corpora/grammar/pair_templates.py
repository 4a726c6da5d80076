"""The templates of the minimal pairs, a row of the paper's Table 4 each.

They are those of Marvin and Linzen (2018), in the embedded grammar. A template is made of words and
of classes of words (CLASSES of `combinations`), each class with the form of the word drawn for it:

    n       the number of the noun that the critical word agrees with, or that licenses "ever"
    m       the number of the other noun, which tempts to the wrong answer
    o       the number of an object that agrees with nothing
    sg, ed  this form, whatever the numbers; sg stands for the only form of an uninflected class too
    !       the noun and the verb of a combination that training never has
    *       the critical word: the ungrammatical sentence has it in the other number
    a/b     a in the grammatical sentence, b in the ungrammatical one

"the" goes with both numbers, so no determiner tells them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from textvae.corpora.grammar.combinations import Lemma

# By the kind of the first noun: persons laugh and like, things affect persons.
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
    """A place of a template that a word of a class is drawn for."""

    word_class: str
    form: str  # n, m, o, or a form
    new: bool = False  # of the combination that training never has
    critical: bool = False

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms in which its word may stand."""
        return ("sg", "pl") if self.form in ("n", "m", "o") else (self.form,)

    def word(self, lemma: Lemma, numbers: Mapping[str, str], grammatical: bool) -> str:
        """`lemma` as it stands here, where `numbers` are the values (sg, pl) of n, m and o."""
        form = numbers.get(self.form, self.form)
        return lemma.forms[form if grammatical or not self.critical else _OTHER[form]]


@dataclass(frozen=True)
class Template:
    """What one set of pairs is made from.

    places: slots, and fixed words as (in the grammatical sentence, in the ungrammatical one).
    """

    row: str
    set: str
    places: tuple[Slot | tuple[str, str], ...]

    @cached_property
    def slots(self) -> list[Slot]:
        """The places that a word is drawn for, in their order."""
        return [place for place in self.places if isinstance(place, Slot)]

    @property
    def combination(self) -> tuple[Slot, Slot]:
        """The slots of the noun and of the verb that training never has together."""
        noun, verb = (slot for slot in self.slots if slot.new)
        return noun, verb

    @property
    def numbers(self) -> list[str]:
        """The numbers that make the subcategories: n, and m where there is another noun."""
        return [name for name in ("n", "m") if any(slot.form == name for slot in self.slots)]

    def sentence(
        self, chosen: Sequence[Lemma], numbers: Mapping[str, str], grammatical: bool
    ) -> str:
        """One member of a pair; `chosen` are the words of the slots, in their order."""
        waiting = iter(chosen)
        return " ".join(
            place.word(next(waiting), numbers, grammatical)
            if isinstance(place, Slot)
            else place[not grammatical]
            for place in self.places
        )


def read_templates(rows: Mapping[str, Mapping[str, str]] = ROWS) -> list[Template]:
    """The templates of `rows`, each a set of its own.

    A set is named after its row, without "agreement" and with the kind where a row has two sets.
    """
    return [
        Template(
            row,
            row.removeprefix("agreement.").replace(".", "-") + f"-{kind}" * (len(kinds) > 1),
            tuple(_place(text) for text in template.split()),
        )
        for row, kinds in rows.items()
        for kind, template in kinds.items()
    ]


def _place(text: str) -> Slot | tuple[str, str]:
    slot = _SLOT.fullmatch(text)
    if slot:
        return Slot(slot["word_class"], slot["form"], bool(slot["new"]), bool(slot["critical"]))
    grammatical, _, ungrammatical = text.partition("/")
    return grammatical, ungrammatical or grammatical
