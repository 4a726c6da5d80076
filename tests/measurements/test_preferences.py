"""Table 4's four codes, against one pair at a time with nothing shared."""

import numpy as np
import pytest
import torch

from one_by_one import VOCABULARY, lively_model
from pairs_of_words import random_pairs
from textvae.corpora.minimal_pairs import Pair
from textvae.measurements.log_odds import encode
from textvae.measurements.syntax import SyntaxSettings, judge
from textvae.models.batches import pack
from tiny_language_model import lively_language_model

FLOAT32 = SyntaxSettings(precision="float32")


def ids(sentence, vocabulary=VOCABULARY):
    return np.array(vocabulary.encode(sentence.split()))


def one_pair_at_a_time(model, pairs, vocabulary=VOCABULARY):
    """The table's four numbers of each row, from whole sentences in batches of one."""

    @torch.no_grad()
    def mean(sentence):
        return model.encode(pack([ids(sentence, vocabulary)])).mean[0]

    def prefers(pair, z):
        good, bad = (
            model.distortion(pack([ids(sentence, vocabulary)]), z[None]).item()
            for sentence in (pair.grammatical, pair.ungrammatical)
        )
        # p(x-|z) < p(x+|z), strictly.
        return good < bad

    plus = [mean(pair.grammatical) for pair in pairs]
    minus = [mean(pair.ungrammatical) for pair in pairs]
    values = {}
    for row in {pair.row for pair in pairs}:
        mine = [i for i, pair in enumerate(pairs) if pair.row == row]
        values[f"{row}.p1"] = np.mean([prefers(pairs[i], plus[i]) for i in mine])
        values[f"{row}.p2"] = np.mean([prefers(pairs[i], minus[i]) for i in mine])
        groups = {(pairs[i].set, pairs[i].subcategory) for i in mine}
        for name, codes in (("p1_bar", plus), ("p2_bar", minus)):
            shares = []
            for group in groups:
                members = [i for i in mine if (pairs[i].set, pairs[i].subcategory) == group]
                averaged = sum(codes[i].double() for i in members) / len(members)
                shares.append(np.mean([prefers(pairs[i], averaged.float()) for i in members]))
            values[f"{row}.{name}"] = np.mean(shares)
    return values


def check_against_one_at_a_time(trained, pairs):
    found, _ = judge(trained.model, pairs, encode(pairs, trained.vocabulary), FLOAT32)
    slow = one_pair_at_a_time(trained.model, pairs, trained.vocabulary)
    assert {name: found[name] for name in slow} == pytest.approx(slow, abs=1e-12)
    return found


def test_three_hundred_pairs_one_at_a_time():
    found = check_against_one_at_a_time(lively_model(), random_pairs(300))
    # Under its own code a sentence is not preferred less often, and the code matters.
    for row in ("first.row", "second.row"):
        assert found[f"{row}.p1"] != found[f"{row}.p2"]
        assert found[f"{row}.p1"] != found[f"{row}.p1_bar"]


def test_a_pair_that_is_one_sentence_to_the_model_is_wrong_under_every_code():
    pairs = [Pair("w1 strange", "w1 stranger"), Pair("strange w2", "stranger w2")]
    values, odds = judge(lively_model().model, pairs, encode(pairs, VOCABULARY), FLOAT32)
    assert [values[f"all.{name}"] for name in ("p1", "p2", "p1_bar", "p2_bar")] == [0, 0, 0, 0]
    assert values["all.coverage"] == 0
    assert values["all.p1_covered"] is None
    assert all((found == 0).all() for found in odds.values())


def test_a_subcategory_of_one_pair_has_its_own_codes():
    pairs = [
        Pair(p.grammatical, p.ungrammatical, "r", "s", str(i))
        for i, p in enumerate(random_pairs(30))
    ]
    values, odds = judge(lively_model().model, pairs, encode(pairs, VOCABULARY), FLOAT32)
    np.testing.assert_allclose(odds["p1"], odds["p1_bar"], atol=2e-5)
    assert values["r.p1"] == pytest.approx(values["r.p1_bar"])


def test_a_language_model_beside():
    pairs = random_pairs(60)
    encoded = encode(pairs, VOCABULARY)
    speaker = lively_language_model()
    without, _ = judge(lively_model().model, pairs, encoded, FLOAT32)
    values, odds = judge(lively_model().model, pairs, encoded, FLOAT32, speaker)

    def log_p(sentence):
        return -speaker.token_nll(pack([ids(sentence)])).sum().item()

    preferred = [log_p(pair.grammatical) > log_p(pair.ungrammatical) for pair in pairs]
    mine = [taken for taken, pair in zip(preferred, pairs, strict=True) if pair.row == "first.row"]
    assert values["first.row.language_model"] == pytest.approx(np.mean(mine))
    assert "first.row.language_model_covered" in values
    # It changes nothing else.
    assert {name: values[name] for name in without} == without
    assert set(odds) == {"p1", "p2", "p1_bar", "p2_bar", "language_model"}


def test_bfloat16_is_held_against_float32():
    pairs = random_pairs(120)
    encoded = encode(pairs, VOCABULARY)
    exact, _ = judge(lively_model().model, pairs, encoded, FLOAT32)
    rounded, _ = judge(
        lively_model().model, pairs, encoded, SyntaxSettings(precision="bfloat16", checked=50)
    )
    assert rounded.pop("differs_from_float32") == 0
    assert rounded == exact
    unchecked, _ = judge(
        lively_model().model, pairs, encoded, SyntaxSettings(precision="bfloat16", checked=0)
    )
    assert "differs_from_float32" not in unchecked


def test_a_turned_decision_is_counted(monkeypatch):
    from textvae.measurements import log_odds
    from textvae.measurements import syntax as preferences

    def rounding(model, codes, questions, precision, label):
        found = log_odds.log_odds(model, codes, questions, torch.float32, label)
        return found if precision == torch.float32 else -found

    monkeypatch.setattr(preferences, "log_odds", rounding)
    pairs = random_pairs(40)
    settings = SyntaxSettings(precision="bfloat16", checked=1000)
    values, odds = judge(lively_model().model, pairs, encode(pairs, VOCABULARY), settings)
    ties = np.mean([found == 0 for found in odds.values()])
    assert values["differs_from_float32"] == pytest.approx(1 - ties)


def test_replicates_of_every_accuracy_where_they_are_asked_for():
    trained, pairs = lively_model(), random_pairs(60)
    encoded = encode(pairs, VOCABULARY)
    asked = SyntaxSettings(precision="float32", bootstrap=8)
    plain, _ = judge(trained.model, pairs, encoded, FLOAT32, lively_language_model())
    values, _ = judge(trained.model, pairs, encoded, asked, lively_language_model())
    replicates = values.pop("bootstrap")
    assert values == plain
    who = ("p1", "p1_bar", "p2", "p2_bar", "language_model")
    assert set(replicates) == {f"{row}.{one}" for row in ("first.row", "second.row") for one in who}
    assert all(found.shape == (8,) for found in replicates.values())
