"""For each claim made-up measurements that satisfy it, and ones that each break it."""

from itertools import product

from made_up import Values, over_C

NUCLEUS = "nucleus0.9"

Case = tuple[Values, list[Values]]


def of_levels(metric: str, holds: list[float], *breaks: list[float], decoding: str = "") -> Case:
    """A metric at C = 3, 15 and 100."""

    def at(values: list[float]) -> Values:
        return over_C(metric, dict(zip((3, 15, 100), values, strict=True)), decoding=decoding)

    return at(holds), [at(values) for values in breaks]


def scores(score: str, **changed: list[float]) -> Values:
    """BLEU or ROUGE that grow in every bucket, but for those that are changed."""
    values: Values = {}
    for n, bucket in product((2, 4), ("bucket1", "bucket2", "bucket3", "all")):
        metric = f"{score}{n}_{bucket}"
        grows = changed.get(metric, [1, 5, 20])
        values |= over_C(metric, dict(zip((3, 15, 100), grows, strict=True)))
    return values


def gains(**D: tuple[float, float]) -> Values:
    """D at C = 10 and 100 on Yahoo for each model."""
    values: Values = {}
    for model, (first, last) in D.items():
        values |= over_C("distortion_nats", {10: first, 100: last}, "yahoo", model)
    return values


def of_corpora(**D: tuple[float, float]) -> Values:
    """D at C = 3 and 100 of the LSTM on each corpus; CBT's sentences are the shortest."""
    values: Values = {}
    for corpus, (first, last) in D.items():
        values |= over_C("distortion_nats", {3: first, 100: last}, corpus)
    return values


def betas(rate: float, distortion: float) -> Values:
    """beta = 2 beside beta = 1, which gives D = 100 at C = 20."""
    return (
        over_C("distortion_nats", {20: 100})
        | over_C("distortion_nats", {20: distortion}, model="lstm-beta2")
        | over_C("rate_nats", {20: rate}, model="lstm-beta2")
    )


def widths(metric: str, narrow: list[float], wide: list[float]) -> Values:
    """A metric at C = 10, 20 and 30 of the LSTM and of the one of twice the parameters."""
    C = (10, 20, 30)
    return over_C(metric, dict(zip(C, narrow, strict=True))) | over_C(
        metric, dict(zip(C, wide, strict=True)), model="lstm-wide"
    )


def gradients(up: list[float], down: list[float]) -> Values:
    """Shares of distinct neighbours along the gradient at C = 3 and 100."""
    return over_C("distinct_gradient_up", {3: up[0], 100: up[1]}) | over_C(
        "distinct_gradient_down", {3: down[0], 100: down[1]}
    )


def reverse(costs: list[float], lengths: list[float]) -> Values:
    """Reverse cross-entropy a sentence, and words a sentence, at C = 3 and 100."""
    return over_C("reverse_nats", {3: costs[0], 100: costs[1]}, decoding=NUCLEUS) | over_C(
        "mean_length", {3: lengths[0], 100: lengths[1]}, decoding=NUCLEUS
    )


def lengths(greedy: list[float], nucleus: list[float]) -> Values:
    """Mean lengths at C = 3 and 100."""
    return over_C("mean_length", {3: greedy[0], 100: greedy[1]}, decoding="greedy") | over_C(
        "mean_length", {3: nucleus[0], 100: nucleus[1]}, decoding=NUCLEUS
    )


def vocabulary(common: float) -> Values:
    """The words common to C = 3 and 15; the corpus has 12,000."""
    return over_C("vocabulary_size", {3: common, 15: common}, decoding=NUCLEUS)


def self_bleu(pairs: list[float], all_others: list[float]) -> Values:
    """Both kinds of self-BLEU of greedy text at C = 3 and 15."""
    return over_C("pairwise_bleu4", {3: pairs[0], 15: pairs[1]}, decoding="greedy") | over_C(
        "self_bleu4", {3: all_others[0], 15: all_others[1]}, decoding="greedy"
    )


def syntactic(C3: dict[str, list[float]], C100: dict[str, list[float]]) -> Values:
    """p1, p2 and the barred ones of five rows of Table 4; each metric a list of five."""
    return {
        key: value
        for C, metrics in ((3, C3), (100, C100))
        for metric, values in metrics.items()
        for row, value in enumerate(values)
        for key, value in over_C(f"agreement.row{row}.{metric}", {C: value}, "wiki50").items()
    }


_ALIKE = {"p1": [0.8] * 5, "p2": [0.8] * 5, "p1_bar": [0.8] * 5, "p2_bar": [0.8] * 5}
_APART = {"p1": [0.97] * 5, "p2": [0.05] * 5, "p1_bar": [0.6] * 5, "p2_bar": [0.4] * 5}

CASES: dict[str, Case] = {
    "rate-meets-its-target": of_levels("rate_nats", [3.9, 15, 99], [3, 16.1, 100], [1.9, 15, 100]),
    "any-C-avoids-collapse": of_levels("active_units", [1, 20, 64], [0, 20, 64]),
    "any-beta-that-keeps-C-is-fine": (
        betas(rate=20.5, distortion=104),
        [betas(rate=20.5, distortion=106), betas(rate=20.5, distortion=94)],
    ),
    "distortion-falls": of_levels("distortion_nats", [62, 53, 32], [62, 63, 32], [62, 62, 32]),
    "gain-varies-with-architecture": (
        gains(lstm=(300, 250), gru=(300, 240)),
        [gains(lstm=(300, 250), gru=(310, 260.5))],
    ),
    "gain-varies-with-corpus": (
        of_corpora(cbt=(62, 32), wiki=(81, 17)),
        [of_corpora(cbt=(62, 32), wiki=(81, 50.5))],
    ),
    "longer-sentences-gain-more": (
        of_corpora(cbt=(62, 32), webtext=(77, 22), wiki=(81, 17)),
        [of_corpora(cbt=(62, 32), webtext=(77, 10), wiki=(81, 17))],
    ),
    "twice-the-parameters-same-distortion": (
        widths("distortion_nats", [90, 80, 85], [95, 85, 86]),
        [widths("distortion_nats", [90, 80, 70], [95, 85, 86])],
    ),
    "twice-the-parameters-same-covariance": (
        widths("logdetcov", [-1, -2, -9], [-2, -4, -5]),
        [widths("logdetcov", [-1, -2, -9], [-2, -4, -3])],
    ),
    "active-units-grow": of_levels(
        "active_units", [8, 64, 64], [8, 8, 64], [29, 8, 64], [8, 64, 20]
    ),
    "log-det-covariance-falls": of_levels("logdetcov", [-0.3, -0.4, -9], [-0.39, -0.38, -43]),
    "squared-mean-norm-grows": of_levels("mean_sq_norm", [0, 0.1, 1], [0.05, 0.05, 1]),
    "overlap-with-the-prior-shrinks": of_levels("moment_matched_kl", [1, 0.9, 8], [1, 5, 0.9]),
    "bleu-grows": (
        scores("bleu"),
        [scores("bleu", bleu4_bucket3=[1, 2, 1.9]), scores("bleu", bleu2_all=[2, 1, 3])],
    ),
    "rouge-grows": (
        scores("rouge"),
        [scores("rouge", rouge4_bucket1=[1, 2, 2]), scores("rouge", rouge2_bucket2=[3, 1, 4])],
    ),
    "identical-neighbours-become-fewer": of_levels(
        "distinct_interpolation", [0.6, 1, 1], [0.6, 0.6, 1], [0.6, 0.9, 0.5]
    ),
    "identical-neighbours-along-the-gradient": (
        gradients(up=[0.2, 0.3], down=[0.4, 0.9]),
        [gradients(up=[0.2, 0.3], down=[0.4, 0.3]), gradients(up=[0.3, 0.2], down=[0.4, 0.9])],
    ),
    # The second costs more, but only because its sentences are longer.
    "coherence-is-lost": (
        reverse(costs=[60, 90], lengths=[14, 14]),
        [reverse(costs=[60, 65], lengths=[14, 19])],
    ),
    "nucleus-fce-is-worst-at-the-largest-C": of_levels(
        "fce_nats", [70.4, 70.7, 75.1], [70.4, 76, 75.1], [76, 70.7, 75.1], decoding=NUCLEUS
    ),
    "nucleus-fce-is-alike-at-smaller-C": of_levels(
        "fce_nats", [70, 71, 90], [70, 72, 90], [72, 70, 90], decoding=NUCLEUS
    ),
    "greedy-fce-falls": of_levels(
        "fce_nats", [86.6, 52.3, 47.3], [86.6, 40, 47.3], decoding="greedy"
    ),
    "other-decodings-are-as-greedy": (
        of_levels("fce_nats", [86, 52, 47], decoding="top5")[0]
        | of_levels("fce_nats", [80, 50, 45], decoding="nucleus0.5")[0],
        [
            of_levels("fce_nats", [86, 52, 47], decoding="top5")[0]
            | of_levels("fce_nats", [80, 81, 45], decoding=decoding)[0]
            for decoding in ("top15", "nucleus0.5")
        ],
    ),
    "lengths-are-alike": (
        lengths(greedy=[15.3, 17.5], nucleus=[15.6, 17.6]),
        [lengths(greedy=[15, 15], nucleus=[15, 19]), lengths(greedy=[11, 15], nucleus=[15, 15])],
    ),
    "greedy-dictionaries-leave-unknown-words": of_levels(
        "test_unk_percent", [30.1] * 3, [30] * 3, decoding="greedy"
    ),
    "greedy-unknown-words-increase": of_levels(
        "unk_percent", [9.7, 12.7, 21.3], [27.3, 18.9, 34.8], decoding="greedy"
    ),
    "nucleus-unknown-words-are-flat": of_levels(
        "unk_percent", [7.1, 6.9, 4.8], [8.1, 6.9, 4.8], decoding=NUCLEUS
    ),
    "nucleus-vocabulary-is-near-the-corpus": (
        vocabulary(common=9800),
        [vocabulary(common=8900)],
    ),
    "nucleus-vocabularies-are-alike": of_levels(
        "types", [9000, 10000, 9500], [8900, 9500, 10000], decoding=NUCLEUS
    ),
    "greedy-self-bleu-falls": (
        self_bleu(pairs=[4.2, 0.3], all_others=[80, 40]),
        [
            self_bleu(pairs=[4.2, 0.3], all_others=[40, 80]),
            self_bleu(pairs=[0.3, 0.3], all_others=[80, 40]),
        ],
    ),
    "nucleus-self-bleu-is-the-same": of_levels(
        "pairwise_bleu4", [0.02, 0.01, 0.0], [0.2, 0.05, 0.0], decoding=NUCLEUS
    ),
    "greedy-text-is-less-repetitive": of_levels(
        "distinct_sentences", [300, 4000, 5000], [300, 4000, 3900], decoding="greedy"
    ),
    "p1-is-p2-at-the-least-C": (
        syntactic(_ALIKE | {"p2": [0.8, 0.8, 0.79, 0.78, 0.4]}, _APART),
        [syntactic(_ALIKE | {"p2": [0.8, 0.8, 0.79, 0.77, 0.4]}, _APART)],
    ),
    "averaged-codes-change-nothing-at-the-least-C": (
        syntactic(_ALIKE | {"p1_bar": [0.84, 0.8, 0.8, 0.8, 0.1]}, _APART),
        [
            syntactic(_ALIKE | {"p1_bar": [0.9, 0.8, 0.8, 0.8, 0.1]}, _APART),
            syntactic(_ALIKE | {"p2_bar": [0.9, 0.8, 0.8, 0.8, 0.1]}, _APART),
        ],
    ),
    "p1-is-near-1-at-the-greatest-C": (
        syntactic(_ALIKE, _APART | {"p1": [0.9, 1, 1, 1, 0.5]}),
        [syntactic(_ALIKE, _APART | {"p1": [0.89, 1, 1, 1, 0.5]})],
    ),
    "p2-is-near-0-at-the-greatest-C": (
        syntactic(_ALIKE, _APART | {"p2": [0.15, 0, 0, 0, 0.5]}),
        [syntactic(_ALIKE, _APART | {"p2": [0.16, 0, 0, 0, 0.5]})],
    ),
    "averaged-codes-lie-between-at-the-greatest-C": (
        syntactic(_ALIKE, _APART | {"p1_bar": [0.6, 0.6, 0.6, 0.6, 0.99]}),
        [
            syntactic(_ALIKE, _APART | {"p1_bar": [0.6, 0.6, 0.6, 0.3, 0.99]}),
            syntactic(_ALIKE, _APART | {"p2_bar": [0.4, 0.4, 0.4, 0.04, 0.04]}),
        ],
    ),
}
