"""Cross-entropies by hand."""

import math

import numpy as np
import pytest

from textvae import bootstrap
from textvae.fce.kneser_ney import Scores
from textvae.measurements.fce import cross_entropies, replicated_cross_entropies


def scores(nll, without_unk):
    return Scores(np.array(nll, dtype=float), np.array(without_unk, dtype=float))


SYNTHETIC = scores([40, 60, 35], [30, 60, 33])
REAL = scores([38, 55, 33], [29, 55, 33])
REVERSE = scores([20, 22], [20, 20])


def test_means_over_sentences_and_the_excess_paired_by_sentence():
    values = cross_entropies(SYNTHETIC, REAL, REVERSE)
    assert values == {
        "fce_nats": pytest.approx(45),
        # Deviations -5, 15, -10: a variance of 350 / 2, over three sentences.
        "fce_standard_error": pytest.approx(math.sqrt(175 / 3)),
        "fce_without_unk_nats": pytest.approx(41),
        "floor_nats": pytest.approx(42),
        "floor_without_unk_nats": pytest.approx(39),
        "reverse_nats": pytest.approx(21),
        "excess_nats": pytest.approx(3),
        # Differences 2, 5, 2: a variance of 6 / 2. Long sentences cost both models more, so the
        # standard error of the difference is far below that of either.
        "excess_standard_error": pytest.approx(1),
    }


def test_what_there_are_no_scores_for_is_none():
    missing = cross_entropies(None, None, None)
    assert set(missing) == set(cross_entropies(SYNTHETIC, REAL, REVERSE))
    assert set(missing.values()) == {None}
    half = cross_entropies(None, REAL, None)
    assert {name for name, value in half.items() if value is not None} == {
        "floor_nats",
        "floor_without_unk_nats",
    }


def test_one_sentence_has_no_standard_error():
    one = scores([40], [30])
    values = cross_entropies(one, one, one)
    assert values["fce_standard_error"] is values["excess_standard_error"] is None
    assert (values["fce_nats"], values["excess_nats"]) == (40, 0)


def test_replicates_are_of_the_human_test_set_alone():
    values = cross_entropies(SYNTHETIC, REAL, REVERSE)
    replicates = replicated_cross_entropies(SYNTHETIC, REAL, 5)
    assert set(replicates) == {
        name for name in values if "standard_error" not in name and name != "reverse_nats"
    }
    for r, counts in enumerate(bootstrap.resamples(3, 5)):
        drawn = [
            Scores(np.repeat(one.nll, counts), np.repeat(one.without_unk, counts))
            for one in (SYNTHETIC, REAL)
        ]
        expected = cross_entropies(*drawn, REVERSE)
        for name, found in replicates.items():
            assert found[r] == pytest.approx(expected[name])


def test_what_there_are_no_scores_for_has_no_replicates():
    assert replicated_cross_entropies(None, None, 5) == {}
    assert set(replicated_cross_entropies(None, REAL, 5)) == {
        "floor_nats",
        "floor_without_unk_nats",
    }
