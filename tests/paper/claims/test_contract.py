"""The contract of every registered claim, and which models claims compare."""

from dataclasses import replace

import pytest
from cases import CASES, distortion
from made_up import LSTM, SPECS, evidence, levels, union

from textvae.paper.claims.claim import catalogue
from textvae.paper.claims.decision import FAILS, HOLDS, OPEN, decide_as_printed

CLAIMS = {claim.name: claim for claim in catalogue()}
# Section of the paper, in its order -> module with the claims of that section.
MODULES = {
    **dict.fromkeys(("3.1", "footnote 3", "footnote 5", "footnote 6"), "section3_1"),
    "3.2": "section3_2",
    **dict.fromkeys(("3.3.1", "footnote 7", "3.3.2", "footnote 8"), "section3_3"),
    "3.4": "section3_4",
    "4": "section3_3",
}
every_claim = pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)


def test_every_claim_has_cases_and_its_own_summary():
    assert set(CASES) == set(CLAIMS)
    assert min(map(len, CASES.values())) >= 2
    assert len({claim.says for claim in CLAIMS.values()}) == len(CLAIMS) >= 20


def test_claims_are_in_the_order_of_the_paper():
    assert list(dict.fromkeys(claim.section for claim in CLAIMS.values())) == list(MODULES)
    assert [claim.name for claim in CLAIMS.values() if claim.section == "3.1"] == [
        *("rate-meets-its-target", "any-C-avoids-collapse", "distortion-falls"),
        *("gain-varies-with-architecture", "gain-varies-with-corpus"),
        *("active-units-grow", "bleu-grows", "rouge-grows"),
    ]


@every_claim
def test_claim_comes_from_the_section_it_names(claim):
    assert claim.instances.__module__.endswith(f".{MODULES[claim.section]}")


@every_claim
def test_claim_holds_or_fails_by_its_statistic(claim):
    for number, (statistic, values) in enumerate(CASES[claim.name]):
        decision = decide_as_printed(claim, evidence(values))
        assert decision.verdict == (FAILS if number else HOLDS), number
        assert decision.value == pytest.approx(statistic, abs=1e-9), number


@every_claim
def test_claim_is_open_without_measurements(claim):
    decision = decide_as_printed(claim, evidence({}))
    assert (decision.verdict, decision.value, decision.places) == (OPEN, None, 0)


@every_claim
def test_claim_reads_only_its_own_numbers(claim):
    """Numbers of other claims change nothing, and the metrics that it reads are enough."""
    own = CASES[claim.name][0][1]
    read = {(key.metric, key.decoding) for key in own}
    others = {
        key: value
        for cases in CASES.values()
        for key, value in cases[0][1].items()
        if (key.metric, key.decoding) not in read
    }
    everything = evidence(own | others)
    statistics = claim.statistics(everything)
    assert statistics == claim.statistics(evidence(own))
    assert claim.statistics(evidence(others)) == {}
    metrics = {key.metric for one in statistics.values() for key in one.keys} | everything.context
    enough = {key: value for key, value in own.items() if key.metric in metrics}
    assert claim.statistics(evidence(enough)) == statistics


def locations(name, values, specs=SPECS):
    return list(CLAIMS[name].statistics(evidence(values, specs)))


def test_architectures_gain_over_the_C_that_they_share():
    """The model with most C stands for an architecture; another width is another group."""
    parts = [
        distortion("yahoo", "lstm", (10, 100)),
        distortion("yahoo", "lstm-again", (10, 50, 100)),
        distortion("yahoo", "gru", (5, 10, 100)),
        distortion("yahoo", "lstm-wide", (10, 100)),
        distortion("cbt", "gru", (10, 100)),
    ]
    values = union(parts, [300, 200], [300, 0, 270], [400, 300, 290], [300, 295], [9, 1])
    claim = CLAIMS["gain-varies-with-architecture"]
    (found,) = claim.statistics(evidence(values, SPECS | {"lstm-again": LSTM})).items()
    assert (found[0], found[1].value) == ("yahoo, gru lstm-again, C = 10 → 100", 20)
    one_C = union([distortion(model=m, C=(10,)) for m in ("lstm", "gru")], [9], [8])
    assert locations(claim.name, one_C) == []


@pytest.mark.parametrize("name", ["gain-varies-with-corpus", "longer-sentences-gain-more"])
def test_corpora_gain_over_the_same_span_of_C(name):
    parts = [distortion("cbt"), distortion("wiki", C=(3, 15)), distortion("webtext", C=(3,))]
    assert locations(name, union(parts, [62, 32], [81, 17], [77])) == []


def test_corpus_of_unknown_length_has_no_longer_sentences():
    values = union([distortion("cbt"), distortion("mine")], [62, 32], [81, 17])
    assert locations("longer-sentences-gain-more", values) == []


@pytest.mark.parametrize(
    ("changed", "compared"),
    [
        *(({"hidden": hidden}, True) for hidden in (180, 240)),
        *(({"hidden": hidden}, False) for hidden in (100, 179, 241)),
        *(({"hidden": 200} | other, False) for other in ({"latent": 32}, {"decoder": "gru"})),
    ],
)
def test_wider_model_is_alike_but_for_twice_the_units(changed, compared):
    narrow = replace(LSTM, hidden=100)
    specs = {"lstm": narrow, "wide": replace(narrow, **changed)}
    values = union([distortion(), distortion(model="wide")], [90, 80], [95, 85])
    assert bool(locations("twice-the-parameters-same-distortion", values, specs)) == compared
    elsewhere = union([distortion(), distortion("wiki", "wide")], [90, 80], [95, 85])
    assert locations("twice-the-parameters-same-distortion", elsewhere, specs) == []


@pytest.mark.parametrize(
    ("changed", "rate", "D", "compared"),
    [
        ({}, 20, 100, True),
        ({}, 21.001, 100, False),
        ({}, 20, 0, False),
        ({"hidden": 128}, 20, 100, False),
        ({"latent": 32}, 20, 100, False),
    ],
)
def test_other_beta_is_compared_where_it_keeps_C(changed, rate, D, compared):
    specs = {"lstm": LSTM, "beta": replace(LSTM, beta=2, **changed)}
    parts = [
        *(levels("rate_nats", (20,), model="beta"), distortion(model="beta", C=(20,))),
        distortion(C=(20,)),
    ]
    found = locations("any-beta-that-keeps-C-is-fine", union(parts, [rate], [9], [D]), specs)
    assert found == (["cbt, beta, C = 20, against lstm"] if compared else [])
    alone = union(parts[:2], [rate], [9])
    assert locations("any-beta-that-keeps-C-is-fine", alone, specs) == []


@pytest.mark.parametrize(
    ("name", "metric", "decoding"),
    [
        ("lengths-are-alike", "mean_length", "greedy"),
        ("nucleus-vocabularies-are-alike", "types", "nucleus0.9"),
        ("nucleus-fce-is-alike-at-smaller-C", "fce_nats", "nucleus0.9"),
    ],
)
def test_share_of_zero_is_undefined(name, metric, decoding):
    """Synthetic text may consist of empty sentences."""
    assert locations(name, levels(metric, decoding=decoding)([0, 0, 0])) == []
    assert locations(name, levels(metric, (3,), decoding=decoding)([5])) == []
