"""The embedded grammar: English-like sentences, none over 30 words, of an entropy known exactly.

It has the constructions of the paper's Table 4 (Marvin and Linzen 2018): subjects and verbs that
agree, alone and across prepositional phrases and relative clauses, in sentential complements and in
coordination; reflexives that agree with the subject of their own clause; and "ever", which needs
"no" or "few" on the subject itself. What a sentence is about runs through it: a verb suits its
subject's field, an object its verb's, a modifier its noun's, so that words depend on one another
beyond their neighbours, though no combination is impossible.

Why each sentence has exactly one derivation. Read a sentence from left to right: the class of the
next word always decides which alternative applies, because

- each word form belongs to one class. Determiners alone are shared ("the" goes with both numbers),
  and the noun that follows tells the number;
- a noun has one modifier at most, a prepositional phrase or a relative clause, and the noun phrases
  inside a modifier have none: what follows them cannot be theirs;
- after a subject's noun, a preposition begins its prepositional phrase; objects have none;
- after a noun, "that" or a determiner begins its relative clause. A verb comes next where the
  clause lacks its subject, a determiner where it lacks its object;
- relative clauses hold no adverb, no prepositional phrase and no "and": these are the predicate's;
- "and" joins two verb phrases, never three, never noun phrases or clauses;
- a report ("the guard said ...") stands once, at the top, and is not coordinated: all that follows
  belongs to the reported clause;
- a topic is the field of a word that is there to be seen: no choice stays hidden.

The tests prove it by counting: with one word a class there are 618,491,185,629,375,744 derivations,
and as many strings.
"""

from functools import cache

from textvae.corpora.grammar.lexicon import TOPICS, lexicon
from textvae.corpora.grammar.notation import Features, read_grammar, words_of
from textvae.corpora.grammar.pcfg import Grammar

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
        "v": dict.fromkeys(("sg", "pl", "ed"), 1 / 3),  # stands on the left, so is never drawn
        "p": {"+": 0.85, "-": 0.15},
        "t": dict(zip(TOPICS, (0.25, 0.20, 0.17, 0.14, 0.13, 0.11), strict=True)),
    },
    # Four times in five a word is of the field of the one it suits.
    suits={t: {u: 0.80 if u == t else 0.20 / (len(TOPICS) - 1) for u in TOPICS} for t in TOPICS},
)


@cache
def english_like() -> Grammar:
    """The embedded grammar with its whole lexicon; sentences are of 3 to 28 words."""
    return read_grammar(RULES, FEATURES, lexicon(words_of(RULES)))
