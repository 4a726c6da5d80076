"""The embedded grammar: English-like sentences of at most 30 words with exactly known entropy.

It has the constructions of the paper's Table 4 (Marvin and Linzen 2018): subjects and verbs that
agree, alone and across prepositional phrases and relative clauses, in sentential complements and in
coordination; reflexives that agree with the subject of their own clause; and "ever", which needs
"no" or "few" on the subject itself. The words of a sentence share a topic: a verb suits its
subject's field, an object its verb's, a modifier its noun's, so that words depend on one another
beyond their neighbours, though no combination is impossible.

Each sentence has exactly one derivation. Read a sentence from left to right: the class of the next
word always decides which alternative applies, because

- each word form belongs to one class. Determiners alone are shared ("the" goes with both numbers),
  and the noun that follows shows the number;
- a noun has at most one modifier, a prepositional phrase or a relative clause, and the noun phrases
  inside a modifier have none, so no modifier can follow them;
- after a subject's noun, a preposition begins its prepositional phrase; objects have none;
- after a noun, "that" or a determiner begins its relative clause. A verb comes next if the clause
  lacks its subject, a determiner if it lacks its object;
- relative clauses hold no adverb, no prepositional phrase and no "and": these are the predicate's;
- "and" joins two verb phrases, never three, never noun phrases or clauses;
- a report ("the guard said ...") occurs only once, at the top, and is not coordinated: all that
  follows belongs to the reported clause;
- a topic is the field of a word in the sentence: no choice stays hidden.

The tests prove it by counting: with one word per class there are 618,491,185,629,375,744
derivations, and as many strings.
"""

import re
from collections.abc import Collection, Iterator
from functools import cache
from itertools import product
from math import fsum

from textvae.corpora.grammar.pcfg import Features, Grammar, read_grammar, words_of

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
    """Return the words of each lexical nonterminal, with their probabilities.

    The nonterminals are Noun[person|thing,sg|pl,topic], Do[form,topic], DoTo[form,topic],
    Affect[form,topic] with form sg, pl or ed, and Adj[topic]. `taken` are the words of the
    grammar's own rules, which no form may equal (ValueError if a listed one does).
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
    """Return probabilities by Zipf's law: the word of rank r = 1, 2, ... has weight 1 / (r + 1).

    The shift by one (Mandelbrot's, as in real frequency lists) keeps the first word from
    dominating. Uses only divisions and an exactly rounded sum, so the numbers are the same on every
    machine.
    """
    weights = [1 / (rank + 1) for rank in range(1, len(words) + 1)]
    total = fsum(weights)
    return {word: weight / total for word, weight in zip(words, weights, strict=True)}


def forms(kind: str, stem: str) -> dict[str, str]:
    """Return the regular inflected forms of an English stem, by feature."""
    if kind == "quality":
        return {"": stem}
    if kind in ("person", "thing"):
        return {"sg": stem, "pl": _with_s(stem)}
    return {"sg": _with_s(stem), "pl": stem, "ed": _with_ed(stem)}


def _by_symbol(kind: str, topic: str, stems: list[str]) -> dict[str, list[str]]:
    """Return the ranked forms of one list, by the nonterminals that emit them."""
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
    """Yield all stems of one syllable and an ending, in a fixed scrambled order."""
    syllables = product(_ONSETS.split(), _VOWELS.split(), _CODAS.split(), endings)
    stems = ["".join(parts) for parts in syllables]
    # Steps of a prime that does not divide their number visit each stem once.
    return (stems[i * 1009 % len(stems)] for i in range(len(stems)))


# k, j: kind (person, thing). n, m: number (sg, pl). v: form of the verb (sg; pl, the bare form too;
# ed, the past and the participle). p: polarity of the determiner (+, -). t, u: topic, the field of
# a word or, for a phrase, the field that its words suit. `u~t` draws a field that suits t.
# The subject of a report is never negative: "no guard said the author has ever laughed" would be
# good English, and "ever" is licensed within its own clause only.
RULES = """
S -> Clause[t]                                                   0.76
   | Det[n,+] Noun[person,n,t] Say Clause[~t]                    0.12   # the guard said ...
   | Det[n,+] Noun[person,n,t] Say that Clause[~t]               0.12
Clause[t] -> Subject[k,n,t,p] Predicate[k,n,t,p]                 1

Subject[k,n,t,p] -> Det[n,p] Nominal[k,n,t]                      0.35
                  | Det[n,p] Nominal[k,n,t] Prep NP[j,m,t]       0.25   # the author near the guard
                  | Det[n,p] Nominal[k,n,t] Relative[k,n,t]      0.40
Nominal[k,n,t] -> Noun[k,n,t] 0.65 | Adj[~t] Noun[k,n,t] 0.35

Relative[person,n,t] -> that Do[n,~t]                            0.15   # that laughs
                      | that DoTo[n,u~t] NP[j,m,u]               0.35   # that likes the guard
                      | that Gap[t]                              0.30   # that the guard likes
                      | Gap[t]                                   0.20   # the guard likes
Relative[thing,n,t] -> that Affect[n,u~t] NP[person,m,u]         0.40   # that amuses the guard
                     | that Gap[t]                               0.35
                     | Gap[t]                                    0.25
Gap[t] -> NP[person,m,t] DoTo[m,~t]                              1

# The subject's polarity licenses "ever"; its number decides the form of the verb.
Predicate[k,n,t,+] -> Present[k,n,t] 0.85 | Have[n] VP[k,ed,t] 0.15
Predicate[k,n,t,-] -> Present[k,n,t] 0.40 | Have[n] VP[k,ed,t] 0.10 | Have[n] ever VP[k,ed,t] 0.50
Present[person,n,t] -> VP[person,n,t]                            0.45
                     | VP[person,n,t] and VP[person,n,t]         0.30
                     | DoTo[ed,~t] Self[n]                       0.12   # praised himself
                     | DoTo[n,u~t] Heavy[u]                      0.13
Present[thing,n,t] -> VP[thing,n,t]                              0.70
                    | VP[thing,n,t] and VP[thing,n,t]            0.30

VP[person,v,t] -> Do[v,~t]                                       0.12   # laughs
                | Do[v,~t] Adverb                                0.08
                | Do[v,~t] Prep NP[j,m,t]                        0.12   # laughs near the guard
                | DoTo[v,u~t] Object[u]                          0.28   # likes the guard
                | DoTo[v,u~t] Object[u] Adverb                   0.10
                | Want[v] to Do[pl,~t]                           0.05   # hopes to laugh
                | Want[v] to DoTo[pl,u~t] Object[u]              0.10
                | Be[v] Adj[~t]                                  0.15   # is popular
VP[thing,v,t] -> Be[v] Adj[~t]                                   0.45
               | Affect[v,u~t] NP[person,m,u]                    0.35   # amuses the guard
               | Affect[v,u~t] NP[person,m,u] Adverb             0.20

# Noun phrases whose noun suits t; only a heavy one has a relative clause.
NP[k,n,t] -> Det[n,p] Suiting[k,n,t] 0.70 | Det[n,p] Quality[t] Suiting[k,n,t] 0.30
Object[t] -> NP[k,n,t] 0.85 | Det[n,p] Quality[t] Quality[t] Suiting[k,n,t] 0.15
Heavy[t] -> Det[n,p] Noun[k,n,u~t] Relative[k,n,u] 1
Suiting[k,n,t] -> Noun[k,n,~t] 1
Quality[t] -> Adj[~t] 1

Det[sg,+] -> the 0.60 | every 0.15 | this 0.15 | another 0.10
Det[pl,+] -> the 0.50 | some 0.15 | many 0.15 | most 0.10 | these 0.10
Det[sg,-] -> no 1
Det[pl,-] -> no 0.50 | few 0.50
Have[sg] -> has 1
Have[pl] -> have 1
Be[sg] -> is 1
Be[pl] -> are 1
Be[ed] -> been 1
Self[sg] -> himself 0.50 | herself 0.50
Self[pl] -> themselves 1
Say -> said 0.40 | thought 0.20 | knew 0.15 | claimed 0.10 | believed 0.10 | heard 0.05
Want[sg] -> wants 0.40 | hopes 0.25 | tries 0.20 | decides 0.15
Want[pl] -> want 0.40 | hope 0.25 | try 0.20 | decide 0.15
Want[ed] -> wanted 0.40 | hoped 0.25 | tried 0.20 | decided 0.15
Prep -> near 0.25 | behind 0.20 | beside 0.15 | next to 0.15 | in front of 0.15 | across from 0.10
Adverb -> often 0.24 | again 0.16 | today 0.12 | slowly 0.10 | quietly 0.08 | here 0.07
        | gladly 0.06 | loudly 0.05 | badly 0.04 | carefully 0.03 | there 0.03 | twice 0.02
"""

_NUMBER = {"sg": 0.5, "pl": 0.5}
_KIND = {"person": 0.6, "thing": 0.4}
FEATURES = Features(
    priors={
        "k": _KIND,
        "j": _KIND,
        "n": _NUMBER,
        "m": _NUMBER,
        "v": dict.fromkeys(("sg", "pl", "ed"), 1 / 3),  # only on the left, so never drawn
        "p": {"+": 0.85, "-": 0.15},
        "t": dict(zip(TOPICS, (0.25, 0.20, 0.17, 0.14, 0.13, 0.11), strict=True)),
    },
    # With probability 0.8 a word has the field of the word that it suits.
    suits={t: {u: 0.80 if u == t else 0.20 / (len(TOPICS) - 1) for u in TOPICS} for t in TOPICS},
)


@cache
def english_like() -> Grammar:
    """Return the embedded grammar with its whole lexicon; sentences have 3 to 28 words."""
    return read_grammar(RULES, FEATURES, lexicon(words_of(RULES)))
