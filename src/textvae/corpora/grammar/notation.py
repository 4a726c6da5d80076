"""A grammar as a linguist writes it: rules with features, spelt out into plain rules.

    VP[v,t] -> Verb[v,u~t] NP[n,u] 0.6   # likes the guard
             | Be[v] Adj[~t]       0.4   # is popular

A rule is a left-hand side, an arrow, and alternatives between bars, each ending with its
probability; it may run over several lines, and `#` begins a comment. The brackets hold values
("sg") and variables (v, t):

- a variable on the left stands for each of its values in turn, and has that value all along the
  rule: that is agreement;
- a variable met first on the right is drawn from its prior (n above), each value making a rule of
  its own;
- `u~t` draws u from what suits the value of t; `~t` draws a value that needs no name.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from textvae.corpora.grammar.pcfg import Expansion, Grammar, is_nonterminal
from textvae.errors import InputError

Distribution = Mapping[str, float]

_SYMBOL = re.compile(r"([^\[\]]+)(?:\[([^\[\]]+)\])?")


@dataclass(frozen=True)
class Features:
    """What the variables of a grammar range over.

    priors: for each variable, its values, with their probabilities where it is drawn.
    suits: for each value v that may stand behind a `~`, the distribution of what suits v.
    """

    priors: Mapping[str, Distribution] = field(default_factory=dict)
    suits: Mapping[str, Distribution] = field(default_factory=dict)


def read_grammar(
    text: str,
    features: Features | None = None,
    lexicon: Mapping[str, Distribution] | None = None,
) -> Grammar:
    """The grammar of `text`, which starts from the left-hand side of its first rule.

    lexicon: the words of each nonterminal that the text leaves open, spelt out ("Noun[sg]").
    InputError, with the rule or symbol, where the text cannot be read or makes no grammar.
    """
    features = features or Features()
    rules: dict[str, tuple[Expansion, ...]] = {}
    for lhs, alternatives in _alternatives(text):
        name, arguments = _split(lhs)
        variables = [argument for argument in arguments if argument in features.priors]
        for values in product(*(features.priors[variable] for variable in variables)):
            given = dict(zip(variables, values, strict=True))
            instance = _join(name, [given.get(argument, argument) for argument in arguments])
            if instance in rules:
                raise InputError(f"grammar: two rules define {instance}, expected one")
            rules[instance] = tuple(
                Expansion(symbols, probability * p)
                for body, probability in alternatives
                for symbols, p in _instances(body, given, features)
            )
    if not rules:
        raise InputError("grammar: the text holds no rule")
    start = next(iter(rules))
    for symbol, words in (lexicon or {}).items():
        if symbol in rules:
            raise InputError(f"grammar: {symbol} has a rule and stands in the lexicon too")
        rules[symbol] = tuple(Expansion((word,), p) for word, p in words.items())
    return Grammar(start, rules)


def words_of(text: str) -> set[str]:
    """The words that stand in the rules of `text`."""
    return {
        symbol
        for _, alternatives in _alternatives(text)
        for body, _ in alternatives
        for symbol in body
        if not is_nonterminal(symbol)
    }


def _alternatives(text: str) -> Iterator[tuple[str, list[tuple[list[str], float]]]]:
    """Each left-hand side, with its alternatives as written: symbols and probability."""
    text = "\n".join(line.partition("#")[0] for line in text.splitlines())
    # A rule begins on each line that has an arrow, and runs to the next such line.
    for rule in re.split(r"\n(?=.*->)", text):
        if not rule.strip():
            continue
        lhs, arrow, right = rule.partition("->")
        if not arrow:
            raise InputError(f"grammar: no arrow in {' '.join(rule.split())!r}")
        alternatives = []
        for alternative in right.split("|"):
            *body, last = alternative.split() or [""]
            try:
                alternatives.append((body, float(last)))
            except ValueError:
                raise InputError(
                    f"grammar: an alternative of {lhs.strip()} ends with {last!r}, "
                    "expected its probability"
                ) from None
        yield lhs.strip(), alternatives


def _instances(
    body: list[str], values: dict[str, str], features: Features
) -> Iterator[tuple[tuple[str, ...], float]]:
    """`body` with every way to give its variables values, and the probability of each way."""
    if not body:
        yield (), 1.0
        return
    name, arguments = _split(body[0])
    for chosen, extended, p in _bindings(arguments, values, features):
        for rest, q in _instances(body[1:], extended, features):
            yield (_join(name, chosen), *rest), p * q


def _bindings(
    arguments: list[str], values: dict[str, str], features: Features
) -> Iterator[tuple[list[str], dict[str, str], float]]:
    """Values for `arguments`, the variables known after them, and the probability of the draws."""
    if not arguments:
        yield [], values, 1.0
        return
    first, *others = arguments
    variable, tilde, given = first.partition("~")
    if tilde and values.get(given) not in features.suits:
        raise InputError(f"grammar: {first} stands where {given} has no value to suit")
    if tilde:
        draws = features.suits[values[given]]
    elif first in values:
        draws = {values[first]: 1.0}
    else:
        draws = features.priors.get(first, {first: 1.0})
    for value, p in draws.items():
        for chosen, extended, q in _bindings(others, {**values, variable: value}, features):
            yield [value, *chosen], extended, p * q


def _split(symbol: str) -> tuple[str, list[str]]:
    match = _SYMBOL.fullmatch(symbol)
    if not match:
        raise InputError(f"grammar: {symbol!r} is no symbol, expected Name[feature,...] or a word")
    return match[1], match[2].split(",") if match[2] else []


def _join(name: str, values: list[str]) -> str:
    return f"{name}[{','.join(values)}]" if values else name
