"""What stands under Table 3."""

import pytest
from generated_text import copies, generated

from textvae.paper.exhibits.table3 import notes, table3
from textvae.paper.rows import rows_of


def found(measured, word: str) -> list[str]:
    """The notes under the table of these measurements that have the word."""
    return [note for note in notes(rows_of(measured)) if word in note]


def test_the_first_note_explains_every_column():
    judged = {"accepted_percent": 50.0, "mean_log_probability": -38.7}
    table = table3(rows_of(generated(judged)), "Caption")
    for column in table.columns[3:]:
        heading = column.html.replace("<i>", "").replace("</i>", "")
        assert f"{heading}:" in table.notes[0], heading
    assert "Test: the test set. Its FCE (no unk, KN-5) is the floor" in table.notes[0]
    assert "out of 100, of the first 10000 sentences" in table.notes[0]


def test_the_grammar_is_not_explained_where_it_judged_nothing():
    assert found(generated(), "grammar") == []


def test_a_kneser_ney_model_that_was_not_built():
    [note] = found(generated({"kn5_fce_nats": None}), "not built")
    assert note == "KN-5 not built: there was no program to train 5-gram models with."
    assert found([*generated({"kn5_fce_nats": None}), *generated(C=15.0)], "not built") == []


def two(seed):
    return copies({"fce_nats": (86.0, 88.0)}, seed=seed)


@pytest.mark.parametrize(
    ("measured", "means"),
    [
        (generated(), "One copy of each synthetic corpus"),
        (two(1), "Means over 2 copies, with the standard deviation over copies below"),
        ([*two(1), *generated(C=15.0)], "Means over 1 to 2 copies, with the standard deviation"),
        ([*two(1), *two(2)], "Means over 2 copies of each of 2 seeds, with the standard deviation"),
    ],
)
def test_over_how_many_copies_the_means_are(measured, means):
    [note] = found(measured, "192000")
    assert note.startswith(means)
    assert note.endswith("; 192000 sentences each; FCE on 12000 test sentences.")


def test_corpora_may_differ_in_what_self_bleu_is_of():
    measured = [
        *generated(),
        *generated({"self_bleu_sentences": 500}, corpus="grammar"),
        *generated({"self_bleu_sentences": 400}, corpus="grammar", C=15.0),
    ]
    assert len(found(measured, "of the first CBT 10000, grammar 400 to 500 sentences")) == 1


def test_no_synthetic_corpus_beats_real_text():
    [note] = found([*generated(), *generated({"excess_nats": -0.3}, C=15.0)], "floor by")
    assert (
        note == "No FCE is below its floor by more than 3 standard errors, paired by test sentence."
    )


def test_a_row_whose_fce_is_below_its_floor_is_named():
    """0.31 nats are more than 3 standard errors of 0.1; of 0.2 they are not."""
    measured = [
        *generated(),
        *generated({"excess_nats": -0.31}, decoding="nucleus0.9"),
        *copies(
            {"excess_nats": (-0.31, -1.25, -0.5), "excess_standard_error": (0.2, 0.1, 0.1)},
            C=15.0,
            corpus="wiki",
        ),
    ]
    [note] = found(measured, "should not be below its floor")
    assert note.endswith(
        "It is, by more than 3 standard errors, paired by test sentence, in: "
        "CBT, NS (p = 0.9), C = 3, by 0.31 nats; "
        "WIKI, greedy, C = 15, by 1.25 nats in 2 of 3 copies."
    )


def test_where_no_floor_was_measured_nothing_is_said_of_it():
    without = {"excess_nats": None, "excess_standard_error": None}
    assert found(generated(without), "below its floor") == []


def test_decodings_that_did_not_end_are_counted():
    measured = [
        *generated(),
        *copies(
            {"cut_sentences": (2, 0, 5), "cut_after_words": (31, 31, 31)},
            decoding="top5",
            C=100.0,
            model="gru",
        ),
    ]
    [note] = found(measured, "cut")
    assert note == (
        "Sentences that had not ended and were cut after 31 words: CBT (gru), top-5, C = 100, 7 of "
        "576000."
    )
    assert found(generated(), "cut") == []
