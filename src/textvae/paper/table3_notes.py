"""What stands under Table 3: its columns explained, and what a reader must know of its numbers."""

from collections.abc import Callable, Sequence

from textvae.cells import format_C
from textvae.paper import decodings
from textvae.paper.blocks import titles
from textvae.paper.layout import decimals
from textvae.paper.rows import Row, corpus_title
from textvae.paper.table3_measures import GRAMMAR, KNESER_NEY, NOT_BUILT

# Further below its floor than so many standard errors no FCE should be by chance.
MOST_ERRORS = 3

_LEGEND = (
    "|V|: words of the dictionary, those that the synthetic corpora of every C share; in the Test "
    "line, those of them that occur in the test set. Words outside it are <unk>; %unk: their "
    "share of all words. FCE: negative log-likelihood of the test set in nats per sentence under "
    "an LSTM language model trained on the synthetic corpus; no unk: the same without the <unk> "
    "tokens; KN-5: the same as FCE of a modified Kneser-Ney 5-gram model; rev.: of the synthetic "
    "corpus under the LSTM model trained on real text. len.: words a sentence."
)
_TEST = (
    "Test: the test set. Its FCE (no unk, KN-5) is the floor: the same model trained on real text, "
    "with the same dictionary."
)
_GRAMMAR = (
    "acc.%: sentences that the grammar of the corpus accepts; log p: their mean log-probability in "
    "it, in nats."
)
_KNESER_NEY = f"KN-5 {NOT_BUILT}: there was no program to train 5-gram models with."


def notes(rows: Sequence[Row]) -> tuple[str, ...]:
    """The notes under the table of these rows, the first for its columns."""
    judged = any(GRAMMAR[0].metric in row.values for row in rows)
    built = any(row.known(KNESER_NEY.metric) for row in rows)
    return (
        " ".join((_LEGEND, _bleu(rows), *((_GRAMMAR,) if judged else ()), _TEST)),
        *(() if built else (_KNESER_NEY,)),
        _counts(rows),
        *_floors(rows),
        *_cut(rows),
    )


def _bleu(rows: Sequence[Row]) -> str:
    sentences = _by_corpus(rows, lambda row: row.mean("self_bleu_sentences"))
    first = f"the first {sentences} sentences" if sentences else "the first sentences"
    return (
        "SB: self-BLEU-4, PB: mean pairwise BLEU-4 (what the paper's SB is held against), both out "
        f"of 100, of {first}."
    )


def _counts(rows: Sequence[Row]) -> str:
    """Over how many copies the means are, and on how many sentences."""
    copies = sorted({len(row.copies) for row in rows})
    seeds = sorted({len(row.seeds) for row in rows})
    of_seeds = "" if seeds == [1] else f" of each of {_range(seeds)} seeds"
    means = (
        "One copy of each synthetic corpus"
        if copies == [1] and not of_seeds
        else f"Means over {_range(copies)} {'copy' if copies == [1] else 'copies'}{of_seeds}, "
        "with the standard deviation over copies below"
    )
    size = _by_corpus(rows, lambda row: row.sentences.get("mean_length"))
    test = _by_corpus(rows, lambda row: row.sentences.get("fce_nats"))
    told = [f"{size} sentences each"] if size else []
    told += [f"FCE on {test} test sentences"] if test else []
    return f"{'; '.join([means, *told])}."


def _floors(rows: Sequence[Row]) -> list[str]:
    """Which rows have an FCE that is surely below its floor, if that was measured."""
    if not any(row.known("excess_standard_error") for row in rows):
        return []
    below = [f"{place}, {excess}" for place, row in _places(rows) if (excess := _below_floor(row))]
    chance = f"by more than {MOST_ERRORS} standard errors, paired by test sentence"
    if not below:
        return [f"No FCE is below its floor {chance}."]
    return [
        "FCE should not be below its floor, as text that a model generated should not be better "
        f"to learn from than real text. It is, {chance}, in: {'; '.join(below)}."
    ]


def _below_floor(row: Row) -> str:
    """By how much it is surely below, at the most: by 1.20 nats in 2 of 3 copies; or ""."""
    pairs = [
        (excess, error)
        for excess, error in zip(
            row.values.get("excess_nats", ()),
            row.values.get("excess_standard_error", ()),
            strict=False,  # a row without the one or the other has no pairs
        )
        if excess is not None and error is not None
    ]
    below = [-excess for excess, error in pairs if excess < -MOST_ERRORS * error]
    if not below:
        return ""
    of_copies = f" in {len(below)} of {len(pairs)} copies" if len(pairs) > 1 else ""
    return f"by {decimals(max(below), 2)} nats{of_copies}"


def _cut(rows: Sequence[Row]) -> list[str]:
    """How many decodings did not end, in the rows that have such."""
    cut = [
        f"{place}, {sum(counts):.0f} of {len(counts) * row.sentences['cut_sentences']}"
        for place, row in _places(rows)
        if sum(counts := row.known("cut_sentences"))
    ]
    words = _by_corpus(rows, lambda row: row.mean("cut_after_words"))
    after = f" after {words} words" if words else ""
    return [f"Sentences that had not ended and were cut{after}: {'; '.join(cut)}."] if cut else []


def _places(rows: Sequence[Row]) -> list[tuple[str, Row]]:
    """Each row with what it is called: CBT, greedy, C = 3."""
    named = titles(rows)
    return [
        (
            f"{named[row.corpus, row.model]}, {decodings.title(row.decoding)}, "
            f"C = {format_C(row.C)}",
            row,
        )
        for row in rows
    ]


def _by_corpus(rows: Sequence[Row], count: Callable[[Row], float | None]) -> str:
    """A count as 100, as 100 to 200, or, where corpora differ in it, as CBT 100, WIKI 200."""
    counts: dict[str, list[int]] = {}
    for row in rows:
        if (found := count(row)) is not None:
            counts.setdefault(row.corpus, []).append(int(found))
    told = {corpus: _range(found) for corpus, found in counts.items()}
    if len(set(told.values())) < 2:
        return next(iter(told.values()), "")
    return ", ".join(f"{corpus_title(corpus)} {found}" for corpus, found in told.items())


def _range(counts: Sequence[int]) -> str:
    fewest, most = min(counts), max(counts)
    return f"{most}" if fewest == most else f"{fewest} to {most}"
