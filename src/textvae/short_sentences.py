"""Notes on sentences with fewer words than the n-grams of a score, which a copy cannot match.

By the paper's definitions they stay in the mean and score 0 in ROUGE-n, and in self-BLEU-4 an order
without n-grams counts as one without matches. Values of texts with many of them are low for this
reason alone.
"""

from collections.abc import Mapping

# Sentences that are too short, as a share of all, above which scores are noted.
MAX_SHARE = 0.01
TOO_SHORT = (
    "Sentences of fewer than 4 words, which score 0 in pairwise BLEU-4 (PB) and low in self-BLEU-4"
    " (SB) even where they have copies"
)


def originals_notes(values: Mapping[str, float | None]) -> dict[str, str]:
    """Return notes on originals that are too short for ROUGE-n, by name, if they are many.

    values: those of `reconstruction`. All of them are in the first bucket.
    """
    notes = {}
    for n in (2, 4):
        short = values.get(f"originals_without_{n}grams")
        sentences, of_bucket = values.get("sentences_all"), values.get("sentences_bucket1")
        if not (short and sentences and of_bucket) or short <= MAX_SHARE * of_bucket:
            continue
        if short < sentences:  # else the score is undefined, which its own note says
            bucket, every = (100 * (1 - short / count) for count in (of_bucket, sentences))
            notes[f"short_for_rouge{n}"] = (
                f"{short:,.0f} of {sentences:,.0f} originals have fewer than {n} words and score 0"
                f" in ROUGE-{n}: perfect copies would score {bucket:.1f} in bucket 1 and"
                f" {every:.1f} in All"
            )
    return notes


def generated_note(values: Mapping[str, float | None]) -> str | None:
    """Return a note on sentences that are too short for BLEU-4, None if they are few.

    values: those of `description`.
    """
    short = values.get("sentences_without_4grams")
    sentences = values.get("self_bleu_sentences")
    if not (short and sentences) or not MAX_SHARE * sentences < short < sentences:
        return None
    return (
        f"{short:,.0f} of the first {sentences:,.0f} sentences have fewer than 4 words: they score"
        " 0 in pairwise BLEU-4, and low in self-BLEU-4, even where they have copies"
    )
