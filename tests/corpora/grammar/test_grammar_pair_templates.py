"""The templates of the minimal pairs, and how they are filled."""

from textvae.corpora.grammar.combinations import Lemma
from textvae.corpora.grammar.minimal_pairs import Slot, read_templates

AUTHOR = Lemma("author", {"sg": "author", "pl": "authors"}, 1)
GUARD = Lemma("guard", {"sg": "guard", "pl": "guards"}, 1)
LIKES = Lemma("likes", {"sg": "likes", "pl": "like", "ed": "liked"}, 1)
LAUGHS = Lemma("laughs", {"sg": "laughs", "pl": "laugh", "ed": "laughed"}, 1)
HAS = Lemma("has", {"sg": "has", "pl": "have"}, 1)
HERSELF = Lemma("herself", {"sg": "herself", "pl": "themselves"}, 1)


def members(template: str, chosen: list[Lemma], **numbers: str) -> tuple[str, str]:
    (read,) = read_templates({"row": {"person": template}})
    return read.sentence(chosen, numbers, True), read.sentence(chosen, numbers, False)


def test_a_set_each_with_a_name_of_its_own():
    sets = {template.set: template.row for template in read_templates()}
    assert len(sets) == len(read_templates()) == 22, "as many as Marvin and Linzen have"
    assert sets["simple"] == "agreement.simple"
    assert sets["prepositional-phrase-person"] == "agreement.prepositional-phrase"
    assert sets["prepositional-phrase-thing"] == "agreement.prepositional-phrase"
    assert sets["reflexive-simple"] == "reflexive.simple"
    assert sets["npi-relative-clause-thing"] == "npi.relative-clause"


def test_the_parts_of_a_template():
    (template,) = read_templates({"npi.simple": {"person": "no/the Person[n]! Have[n]* Do[ed]!"}})
    assert template.items == (
        ("no", "the"),
        Slot("Person", "n", new=True),
        Slot("Have", "n", critical=True),
        Slot("Do", "ed", new=True),
    )
    assert template.combination == (template.items[1], template.items[3])
    assert template.numbers == ["n"]
    assert [slot.forms for slot in template.slots] == [("sg", "pl"), ("sg", "pl"), ("ed",)]


def test_words_agree_with_their_own_noun():
    template = "the Person[n]! that the Person[m] DoTo[m] Do[n]!*"
    chosen = [AUTHOR, GUARD, LIKES, LAUGHS]
    assert members(template, chosen, n="pl", m="sg") == (
        "the authors that the guard likes laugh",
        "the authors that the guard likes laughs",
    )
    assert members(template, chosen, n="sg", m="pl") == (
        "the author that the guards like laughs",
        "the author that the guards like laugh",
    )


def test_the_critical_word_may_be_a_reflexive():
    template = "the Person[n]! DoTo[ed]! Self[n]*"
    assert members(template, [AUTHOR, LIKES, HERSELF], n="sg") == (
        "the author liked herself",
        "the author liked themselves",
    )
    assert members(template, [AUTHOR, LIKES, HERSELF], n="pl") == (
        "the authors liked themselves",
        "the authors liked herself",
    )


def test_the_licensor_changes_its_place():
    template = "no/the Person[n]! that the/no Person[m] DoTo[m] Have[n] ever Do[ed]!"
    assert members(template, [AUTHOR, GUARD, LIKES, HAS, LAUGHS], n="pl", m="pl") == (
        "no authors that the guards like have ever laughed",
        "the authors that no guards like have ever laughed",
    )


def test_each_set_has_one_combination_and_one_thing_wrong():
    for template in read_templates():
        noun, verb = template.combination
        assert noun.form == "n"
        assert noun.word_class in ("Person", "Thing")
        assert verb.word_class in ("Do", "DoTo", "Affect")
        wrong = [slot for slot in template.slots if slot.critical]
        if template.row.startswith("agreement"):
            assert wrong == [verb]
        elif template.row.startswith("reflexive"):
            assert [slot.word_class for slot in wrong] == ["Self"]
        else:
            assert not wrong
            assert ("no", "the") in template.items
