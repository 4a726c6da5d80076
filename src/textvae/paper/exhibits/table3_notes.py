"""The notes under Table 3: its columns, numbers of texts and sentences, and what to be wary of."""

from collections.abc import Callable, Sequence

from textvae.cells import format_C
from textvae.paper import decodings
from textvae.paper.exhibits.table3_measures import NOT_BUILT, built, judged
from textvae.paper.render.table import decimals, titles
from textvae.paper.rows import Row, corpus_title
from textvae.short_sentences import TOO_SHORT, generated_note

# Sentences that the models of the synthetic and of real text were trained on.
_TRAINED_ON = ("synthetic_sentences", "floor_sentences")

# Standard errors: chance does not explain an FCE further below its floor.
_MAX_STANDARD_ERRORS = 3

_LEGEND = (
    "|V|: size of the dictionary, which contains the words that occur in the synthetic corpora of "
    "every C; in the Test line, the number of these words in the test set. All other words are "
    "<unk>; %unk: their share of all words. FCE: negative log-likelihood of the test set in nats "
    "per sentence under an LSTM language model trained on the synthetic corpus; no unk: FCE "
    "without the <unk> tokens; KN-5: FCE of a modified Kneser-Ney 5-gram model instead; rev.: "
    "negative log-likelihood of the synthetic corpus under the LSTM model trained on real text. "
    "len.: words per sentence."
)
_TEST = (
    "Test: the test set. Its FCE, no unk and KN-5 are the floors: values of the same models with "
    "the same dictionary, trained on real text."
)
_GRAMMAR = (
    "acc.%: sentences that the grammar of the corpus accepts; log p: the mean log-probability of "
    "the accepted sentences under the grammar, in nats."
)
_KNESER_NEY = f"KN-5 {NOT_BUILT}: KenLM, which trains 5-gram models, is not installed."


def notes(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the notes under the table; the first explains its columns."""
    return (
        " ".join((_LEGEND, _bleu(rows), *((_GRAMMAR,) if judged(rows) else ()), _TEST)),
        *(() if built(rows) else (_KNESER_NEY,)),
        _counts(rows),
        *_unequal_floors(rows),
        *_floors(rows),
        *_cut(rows),
        *_short(rows),
    )


def _bleu(rows: Sequence[Row]) -> str:
    sentences = _by_corpus(rows, lambda row: row.mean("self_bleu_sentences"))
    only = f" (number of sentences: {sentences})" if sentences else ""
    return (
        "SB: self-BLEU-4; PB: mean BLEU-4 of pairs of sentences, which we compare with the paper's "
        f"SB. Both are from 0 to 100, for the first sentences of a corpus{only}; <unk> matches "
        "itself."
    )


def _counts(rows: Sequence[Row]) -> str:
    """Return a note on the number of synthetic corpora and sentences behind the means."""
    copies = sorted({len(row.copies) for row in rows})
    seeds = sorted({len(row.seeds) for row in rows})
    of_seeds = "" if seeds == [1] else f" of each of {_range(seeds)} seeds"
    means = (
        "One synthetic corpus for each C and decoding"
        if copies == [1] and not of_seeds
        else f"Means over {_range(copies)} synthetic {'corpus' if copies == [1] else 'corpora'}"
        f"{of_seeds}, with the standard deviation below"
    )
    sentences = _by_corpus(rows, lambda row: row.sentences.get("mean_length"))
    test = _by_corpus(rows, lambda row: row.sentences.get("fce_nats"))
    sizes = [f"sentences in each: {sentences}"] if sentences else []
    sizes += [f"test sentences: {test}"] if test else []
    return f"{'; '.join([means, *sizes])}."


def _unequal_floors(rows: Sequence[Row]) -> list[str]:
    """Return a note on the rows whose floor is of another number of sentences."""
    unequal = [
        f"{title}, {synthetic:,.0f} and {real:,.0f}"
        for title, row in _titled(rows)
        for synthetic, real in [(row.mean(metric) for metric in _TRAINED_ON)]
        if None not in (synthetic, real) and synthetic != real
    ]
    if not unequal:
        return []
    return [
        "FLOORS OF OTHER NUMBERS OF SENTENCES: the models of the synthetic and of real text were "
        "trained on different numbers of sentences, which the distance from the floor includes: "
        f"{'; '.join(unequal)}."
    ]


def _floors(rows: Sequence[Row]) -> list[str]:
    """Return a note on the rows with an FCE significantly below its floor, if that was measured."""
    if not any(row.known("excess_standard_error") for row in rows):
        return []
    below = [f"{title}, {deficit}" for title, row in _titled(rows) if (deficit := _deficit(row))]
    significantly = f"by more than {_MAX_STANDARD_ERRORS} standard errors, paired by test sentence"
    if not below:
        return [f"No FCE is below its floor {significantly}."]
    return [
        "FCE should not be below its floor, because generated text should not be better training "
        f"data than real text. It is below its floor, {significantly}, in: {'; '.join(below)}."
    ]


def _deficit(row: Row) -> str:
    """Return the largest significant deficit: by 1.20 nats in 2 of 3 corpora; "" if none."""
    pairs = [
        (excess, error)
        for excess, error in zip(
            row.values.get("excess_nats", ()),
            row.values.get("excess_standard_error", ()),
            strict=False,  # a row that lacks either metric has no pairs
        )
        if excess is not None and error is not None
    ]
    below = [-excess for excess, error in pairs if excess < -_MAX_STANDARD_ERRORS * error]
    if not below:
        return ""
    of_corpora = f" in {len(below)} of {len(pairs)} corpora" if len(pairs) > 1 else ""
    return f"by {decimals(max(below), 2)} nats{of_corpora}"


def _cut(rows: Sequence[Row]) -> list[str]:
    """Return a note on the rows with sentences that were cut at the maximum length."""
    cut = [
        f"{title}, {sum(counts):.0f} of {len(counts) * row.sentences['cut_sentences']}"
        for title, row in _titled(rows)
        if sum(counts := row.known("cut_sentences"))
    ]
    words = _by_corpus(rows, lambda row: row.mean("cut_after_words"))
    length = f" (words: {words})" if words else ""
    return [f"Sentences cut at the maximum length{length}: {'; '.join(cut)}."] if cut else []


def _short(rows: Sequence[Row]) -> list[str]:
    """Return a note on the rows with many sentences that are too short for BLEU-4."""
    short = [
        f"{title}, {row.mean('sentences_without_4grams'):.0f}"
        for title, row in _titled(rows)
        if generated_note({metric: row.mean(metric) for metric in row.values})
    ]
    return [f"{TOO_SHORT}: {'; '.join(short)}."] if short else []


def _titled(rows: Sequence[Row]) -> list[tuple[str, Row]]:
    """Return (title, row) pairs; a title is CBT, greedy, C = 3."""
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
    """Format a count: 100; 100 to 200; or, if corpora differ, CBT 100, WIKI 200."""
    counts: dict[str, list[int]] = {}
    for row in rows:
        if (value := count(row)) is not None:
            counts.setdefault(row.corpus, []).append(int(value))
    ranges = {corpus: _range(values) for corpus, values in counts.items()}
    if len(set(ranges.values())) < 2:
        return next(iter(ranges.values()), "")
    return ", ".join(f"{corpus_title(corpus)} {shown}" for corpus, shown in ranges.items())


def _range(counts: Sequence[int]) -> str:
    """Format the smallest and the largest count: 2 to 3; 2 if they are equal."""
    low, high = min(counts), max(counts)
    return f"{high}" if low == high else f"{low} to {high}"
