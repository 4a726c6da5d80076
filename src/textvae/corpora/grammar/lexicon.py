"""The open word classes: common English words at the head of each list, coined ones in its tail.

Nouns, verbs and adjectives are sorted into six fields (TOPICS), and each class of a field has its
own list, most frequent first, with Zipf's law along it. The tail is coined by rule: syllables in a
fixed, scrambled order, with an ending that shows the class (a "plunkeer" is a person, a "trandet" a
thing). No form is in two classes: a coined stem any of whose forms is already a word of the grammar
is passed over, and two listed ones that clash are an error. Verbs have three forms, "laughs" (sg),
"laugh" (pl, also the bare form after "to") and "laughed" (ed, past and participle), so only regular
ones are listed.
"""

import re
from collections.abc import Collection, Iterator
from itertools import product
from math import fsum

TOPICS = ("stage", "court", "school", "harbour", "farm", "clinic")

# Class -> (length of each field's list, endings of coined stems, the common words of each field).
WORDS: dict[str, tuple[int, tuple[str, ...], dict[str, str]]] = {
    "person": (
        38,
        ("er", "ist", "or", "eer"),
        {
            "stage": "author actor singer painter dancer poet musician writer",
            "court": "lawyer judge guard officer prisoner witness senator banker",
            "school": "student teacher professor scholar tutor pupil librarian consultant",
            "harbour": "captain sailor pilot merchant passenger tourist engineer mechanic",
            "farm": "farmer hunter shepherd gardener rider neighbour miller villager",
            "clinic": "doctor nurse patient surgeon dentist chemist parent taxpayer",
        },
    ),
    "thing": (
        46,
        ("le", "et", "ock", "um", "age", "ow"),
        {
            "stage": "movie song book story poem novel picture concert",
            "court": "law trial crime contract document prison verdict newspaper",
            "school": "lesson school essay library theory idea dictionary classroom",
            "harbour": "ship boat island river storm engine bridge harbour",
            "farm": "house garden field tree barn apple tractor village",
            "clinic": "hospital medicine pill bottle disease bandage bed kitchen",
        },
    ),
    # What a person does: "the author laughs".
    "does": (
        16,
        ("en", "le"),
        {
            "stage": "laugh smile dance perform",
            "court": "protest complain vote testify",
            "school": "listen argue whisper study",
            "harbour": "travel arrive wander float",
            "farm": "work rest whistle wait",
            "clinic": "recover cough faint tremble",
        },
    ),
    # What a person does to someone or something: "the author likes the guard".
    "does to": (
        28,
        ("ish", "ate", "ify"),
        {
            "stage": "like admire praise remember imitate invite",
            "court": "accuse defend follow ignore punish arrest",
            "school": "describe correct mention encourage recommend consult",
            "harbour": "visit watch discover rescue greet welcome",
            "farm": "help love chase carry avoid protect",
            "clinic": "examine trust need treat comfort touch",
        },
    ),
    # What a thing does to a person: "the movie amuses the guard".
    "affects": (
        9,
        ("ise", "ure"),
        {
            "stage": "amuse delight",
            "court": "worry offend",
            "school": "confuse interest",
            "harbour": "frighten surprise",
            "farm": "please calm",
            "clinic": "weaken disturb",
        },
    ),
    "quality": (
        22,
        ("ic", "ous", "y", "al", "ive"),
        {
            "stage": "popular famous beautiful romantic dramatic",
            "court": "honest guilty strict legal serious",
            "school": "clever difficult modern different curious",
            "harbour": "foreign distant brave empty dangerous",
            "farm": "old green quiet simple muddy",
            "clinic": "young healthy clean pale gentle",
        },
    ),
}

_ONSETS = "bl br dr fl fr gl gr j pl scr shr sm sn spl spr st str sw thr tr v z"
_VOWELS = "a e i o u"
_CODAS = "b ck d ff g mp nd ng nk nt p rd rk rt st t zz"


def lexicon(taken: Collection[str]) -> dict[str, dict[str, float]]:
    """The words of each lexical nonterminal, with their probabilities.

    The nonterminals are Noun[person|thing,sg|pl,topic], Do[form,topic], DoTo[form,topic],
    Affect[form,topic] with form sg, pl or ed, and Adj[topic]. `taken` are the words of the
    grammar's own rules, which no form may equal (ValueError where a listed one does).
    """
    used = set(taken)
    stems: dict[tuple[str, str], list[str]] = {}
    # All listed words first, so that a coined one never takes the form of a listed one.
    for kind, (_, _, listed) in WORDS.items():
        for topic in TOPICS:
            stems[kind, topic] = listed[topic].split()
            for stem in stems[kind, topic]:
                clash = used.intersection(forms(kind, stem).values())
                if clash:
                    raise ValueError(f"lexicon: {min(clash)} ({kind}, {topic}) is already a word")
                used.update(forms(kind, stem).values())
    for kind, (size, endings, _) in WORDS.items():
        coined = _coined(endings)
        for topic in TOPICS:
            while len(stems[kind, topic]) < size:
                stem = next(coined)
                if used.isdisjoint(forms(kind, stem).values()):
                    used.update(forms(kind, stem).values())
                    stems[kind, topic].append(stem)
    return {
        symbol: zipf(words)
        for (kind, topic), ranked in stems.items()
        for symbol, words in _by_symbol(kind, topic, ranked).items()
    }


def zipf(words: list[str]) -> dict[str, float]:
    """Zipf's law along a list: the word of rank r = 1, 2, ... has a weight of 1 / (r + 1).

    The shift by one (Mandelbrot's, which real lists show too) keeps the very first word from
    crowding out the rest. Divisions and an exactly rounded sum only, so the numbers are the same on
    every machine.
    """
    weights = [1 / (rank + 1) for rank in range(1, len(words) + 1)]
    total = fsum(weights)
    return {word: weight / total for word, weight in zip(words, weights, strict=True)}


def forms(kind: str, stem: str) -> dict[str, str]:
    """The inflected forms of a stem, by feature: English regular spelling."""
    if kind == "quality":
        return {"": stem}
    if kind in ("person", "thing"):
        return {"sg": stem, "pl": _with_s(stem)}
    return {"sg": _with_s(stem), "pl": stem, "ed": _with_ed(stem)}


def _by_symbol(kind: str, topic: str, stems: list[str]) -> dict[str, list[str]]:
    """The ranked forms of one list, under the nonterminals that emit them."""
    name = {
        "person": "Noun[person,{},{}]",
        "thing": "Noun[thing,{},{}]",
        "does": "Do[{},{}]",
        "does to": "DoTo[{},{}]",
        "affects": "Affect[{},{}]",
        "quality": "Adj[{1}]",
    }[kind]
    inflected = [forms(kind, stem) for stem in stems]
    return {
        name.format(feature, topic): [each[feature] for each in inflected]
        for feature in inflected[0]
    }


def _with_s(stem: str) -> str:
    if re.search(r"(s|x|z|ch|sh)$", stem):
        return stem + "es"
    return re.sub(r"(?<=[^aeiou])y$", "ie", stem) + "s"


def _with_ed(stem: str) -> str:
    return re.sub(r"(?<=[^aeiou])y$", "ie", stem).removesuffix("e") + "ed"


def _coined(endings: tuple[str, ...]) -> Iterator[str]:
    """All stems of one syllable and an ending, scrambled but always in the same order."""
    syllables = product(_ONSETS.split(), _VOWELS.split(), _CODAS.split(), endings)
    stems = ["".join(parts) for parts in syllables]
    # Steps of a prime that does not divide their number visit each of them once.
    return (stems[i * 1009 % len(stems)] for i in range(len(stems)))
