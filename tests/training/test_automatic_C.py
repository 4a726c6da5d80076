"""Controllers that choose C, on a fake model with D = 100 - 0.8 C and I = min(C, 6)."""

import random

import pytest

from textvae.knee import Level, farthest_from_chord, slopes, worth
from textvae.training.automatic.distortion import DistortionController
from textvae.training.automatic.information import InformationController
from textvae.training.automatic.sweep import SweepController
from textvae.training.objectives.auto_distortion import AutoDistortion, target
from textvae.training.objectives.auto_information import AutoInformation
from textvae.training.objectives.sweep import Sweep

STEPS = 1000


class Fake:
    """A model that follows C at once, with noise of a nat in D and of 0.05 in I."""

    def __init__(self, noise=1.0):
        self.noise = noise

    def look(self, C, step):
        draw = random.Random(step)
        information = min(C, 6) + 0.05 * self.noise * draw.gauss()
        measured = {"D": 100 - 0.8 * C + 0.1 * self.noise * draw.gauss(), "D_error": 0.2, "R": C}
        measured |= {"I": information, "I_upper": information, "sentences": 10_000}
        return measured | {"soft_active_units": min(C, 16), "units": 32}

    def distortion(self, C, step):
        return 100 - 0.8 * C + self.noise * random.Random(-step).gauss()


def run(controller, model=None, stop=STEPS, first=0):
    """Take the steps of a training; return how the search ended."""
    model, total, batches = model or Fake(), 0.0, 0
    for step in range(first + 1, stop + 1):
        C = controller.C_after(step - 1)
        total, batches = total + model.distortion(C, step), batches + 1
        if controller.observes_after(step):
            controller.observe(total / batches, batches, step)
            total, batches = 0.0, 0
        if controller.looks_after(step):
            controller.look(model.look(controller.C_after(step), step), step)
    return controller.outcome()


def by_distortion(target, C=0.0, **others):
    given = {"max_C": 100, "gain": 12.5, "averaging": 0.02, "ramp": 0} | others
    return DistortionController(target, C, steps=STEPS, **given)


def by_information(nats=None, units=None, C=3.0):
    return InformationController(C, 100, STEPS, 0, nats=nats, units=units)


def sweep(chord=False, max_C=100, slope=0.5):
    return SweepController(max_C, STEPS, slope, chord)


@pytest.mark.parametrize("C", [0.0, 90.0])
def test_distortion_is_reached_from_either_side(C):
    outcome = run(by_distortion(60, C))
    assert outcome.status == "reached"
    # 100 - 0.8 C = 60
    assert abs(outcome.C - 50) < 1


@pytest.mark.parametrize(
    ("D", "C", "max_C", "status"),
    [
        # On either side of D* = 66, within 1% or two standard errors.
        *((D, C, max_C, "reached") for D in (65.9, 66.1) for C, max_C in ((15, 1000), (1.9, 100))),
        *((64.0, 1.9, 100, "infeasible"), (64.0, 15.0, 100, "missed")),
        *((65.9, 0.05, 100, "infeasible"), (66.1, 0.05, 100, "reached")),
    ],
)
def test_distortion_is_reached_with_a_small_C_but_not_without_a_code(D, C, max_C, status):
    controller = by_distortion(66.0, C, max_C=max_C)
    controller.look({"D": D, "R": C, "D_error": 0.3}, STEPS)
    assert controller.outcome().status == status


@pytest.mark.parametrize(
    ("target", "max_C", "C"),
    [(60, 30, 30), (15, 100, 100), (110, 100, 0), (100.9, 100, 0)],
    ids=str,
)
def test_distortion_out_of_reach_is_reported(target, max_C, C):
    outcome = run(by_distortion(target, max_C=max_C))
    assert (outcome.status, outcome.C) == ("infeasible", C)
    assert f"D* = {target}" in outcome.reason


def test_distortion_that_the_end_came_too_early_for_is_missed():
    assert run(by_distortion(60, gain=1)).status == "missed"


@pytest.mark.parametrize(
    ("R", "how"), [(16.9, None), (17.1, "come down"), (13.1, None), (12.9, "rise")]
)
def test_what_was_found_is_not_of_a_C_which_the_rate_does_not_follow(R, how):
    """By any way: C = 15, and R is 2 nats off at most."""
    measured = {"D": 66.0, "R": R, "D_error": 0.3, "I": 5.0, "I_upper": 5.0, "sentences": 10_000}
    measured |= {"soft_active_units": 12, "units": 32}
    ways = by_distortion(66.0, 15.0), by_information(5, C=15.0), by_information(units=12, C=15.0)
    for controller in ways:
        for step in (950, STEPS):
            controller.look(measured, step)
        outcome = controller.outcome()
        assert outcome.status == ("missed" if how else "reached")
        assert how is None or f"R = {R:.2f} did not {how} to C = 15.00" in outcome.reason


def test_largest_C_is_not_too_small_where_the_rate_does_not_come_near_it():
    """Then no C has been tried that might give what is wanted."""
    for R, status in ((95.0, "infeasible"), (5.4, "missed")):
        measured = {"D": 60.0, "R": R, "D_error": 0.3, "I": 0.1, "I_upper": 90.0}
        measured |= {"sentences": 10_000}
        for controller in (by_distortion(40, 100.0), by_information(5, C=100.0)):
            for step in (900, 950, STEPS):
                controller.look(measured, step)
            outcome = controller.outcome()
            assert outcome.status == status
            assert ("did not rise to C = 100" in outcome.reason) == (status == "missed")


def test_knee_of_a_sweep_whose_rate_does_not_follow_C_is_missed():
    class Stuck(Fake):
        """The rate is 12 nats, and a hundredth of C more."""

        def look(self, C, step):
            return {"R": 12 + 0.01 * C, "D": 90 - 0.008 * min(C, 20) - 0.001 * max(0, C - 20)}

    for chord in (False, True):
        outcome = run(sweep(chord), Stuck())
        assert outcome.status == "missed"
        assert "did not rise to C = " in outcome.reason


def test_few_batches_of_a_moving_mean_are_told():
    controller = by_distortion(56.0, 15.0, averaging=0.0016)
    controller.observe(65.3, 4, 20)
    controller.look({"D": 60.3, "R": 15.0, "D_error": 0.3}, STEPS)
    assert "the mean of about 1.6 batches" in controller.outcome().reason
    assert "dropped words" not in controller.outcome().reason


def test_distortion_with_noise_in_training_does_not_advise_a_longer_one():
    """Words that are dropped raise D in training by 5 nats, and C follows that."""

    class Dropping(Fake):
        def distortion(self, C, step):
            return super().distortion(C, step) + 5

    outcome = run(by_distortion(60), Dropping())
    assert outcome.status == "missed"
    assert outcome.figures["D"] == pytest.approx(55, abs=0.7)
    assert "longer" not in outcome.reason
    assert "in training D is" in outcome.reason
    assert "a longer training may" in run(by_distortion(60, gain=1)).reason


def test_a_move_of_C_by_hand():
    controller = by_distortion(60)
    # Until three tenths of the steps nothing moves.
    controller.observe(80, 4, 300)
    assert controller.aim == 0
    controller.observe(80, 4, 304)
    # The mean is 80 from the start: 12.5 * 4 / 1000 * 20.
    assert controller.record(304) == pytest.approx({"C": 1, "target": 60, "missing": 20})


@pytest.mark.parametrize(("nats", "units", "C"), [(5, None, 5), (None, 12, 12)])
def test_information_and_units_are_reached(nats, units, C):
    outcome = run(by_information(nats, units))
    assert outcome.status == "reached"
    assert abs(outcome.C - C) < 0.3


def test_information_that_only_the_rate_follows_is_infeasible():
    outcome = run(by_information(8))
    assert outcome.status == "infeasible"
    assert "rate without information" in outcome.reason
    # It stops soon after C exceeds three times the 6 nats.
    assert 18 < outcome.C < 21


def test_information_needs_sentences():
    controller = by_information(5)
    few = Fake().look(3, 1) | {"sentences": 100}
    # e^6 = 403.4
    with pytest.raises(Exception, match="at least 404 validation sentences, found 100"):
        controller.look(few, 50)


class Bent(Fake):
    """A model whose D falls by 0.8 nats for a nat of rate until R = 20, then by 0.1."""

    def look(self, C, step):
        # Training makes D smaller all the time.
        later = 2 * (1 - step / STEPS)
        return {"R": C, "D": 100 - 0.8 * min(C, 20) - 0.1 * max(0, C - 20) + later}


@pytest.mark.parametrize("chord", [False, True])
def test_sweep_finds_the_knee(chord):
    outcome = run(sweep(chord), Bent())
    assert outcome.status == "reached"
    # Levels are at 100 / 50^((i + 0.5) / 20): 19.0 and 23.1 are beside the knee.
    assert 17.5 < outcome.C < 23.1


@pytest.mark.parametrize(("slope", "C"), [(0.05, 90.68), (0.9, 2.21)])
def test_sweep_without_a_knee_is_infeasible(slope, C):
    outcome = run(sweep(slope=slope), Bent())
    assert (outcome.status, outcome.C) == ("infeasible", C)


@pytest.mark.parametrize(
    ("slopes", "C"),
    [
        # 3 + (0.7 - 0.5) / (0.7 - 0.3)
        ([0.6, 0.4, 0.7, 0.3], 3.5),
        ([0.3, 0.3, 0.3, 0.6, 1.1, 1.6], 6),
        ([0.3, 0.4], None),
    ],
)
def test_largest_C_worth_its_rate_by_hand(slopes, C):
    levels = [Level(index + 1, 0, 0, slope) for index, slope in enumerate(slopes)]
    assert worth(levels, 0.5) == (C and pytest.approx(C))


class Flat(Fake):
    """A model that takes no rate."""

    def look(self, C, step):
        return {"R": 1, "D": 100}


@pytest.mark.parametrize("chord", [True, False])
def test_curve_of_one_point_has_neither_knee_nor_slope(chord):
    outcome = run(sweep(chord=chord), Flat())
    assert outcome.status == "infeasible"
    assert "only 1 of 20 points" in outcome.reason


def test_sweep_falls_and_rises_through_the_same_levels():
    controller = sweep()
    steps = controller.look_steps()
    assert len(steps) == 40
    levels = [controller.C_after(step) for step in steps]
    assert levels == pytest.approx(levels[::-1], rel=0.01)
    ends = [controller.C_after(step) for step in (0, 200, 600, STEPS)]
    assert ends == pytest.approx([100, 100, 2, 100])


def test_C_rises_to_its_start_in_the_ramp():
    controller = by_distortion(60, C=10, ramp=400)
    controller.observe(90, 4, 304)
    assert [controller.C_after(step) for step in (0, 100, 400)] == [0, 2.5, 10]


def test_slopes_and_chord_by_hand():
    points = [(0, 0, 10), (1, 1, 8), (2, 2, 6), (3, 3, 4), (4, 4, 2)]
    assert slopes(points) == pytest.approx([2] * 5)
    run(controller := sweep(), Bent())
    # The chord falls by 0.25 for a nat: the curve is farthest below it at the knee.
    assert round(farthest_from_chord(controller.levels()).C, 2) == 23.06


@pytest.mark.parametrize(
    "new",
    [lambda: by_distortion(60), lambda: by_information(5), lambda: by_information(8), sweep],
    ids=["distortion", "information", "stopped", "sweep"],
)
def test_resumed_controller_ends_with_the_same_numbers(new):
    whole, first, second = new(), new(), new()
    run(whole)
    assert run(first, stop=480) is None
    second.restore(first.numbers())
    run(second, first=480)
    assert second.numbers() == whole.numbers()
    assert second.outcome() == whole.outcome()


@pytest.mark.parametrize(
    ("cls", "settings", "C", "named"),
    [
        (AutoDistortion, {}, 0, "target_distortion is missing"),
        (AutoDistortion, {"target_distortion": 9, "target_share": 0.5}, 0, "beside target_share"),
        (AutoDistortion, {"target_share": 0.5}, 0, "distortion_without_code is missing"),
        (AutoDistortion, {"target_distortion": 9}, 101, "above max_rate 100"),
        (AutoDistortion, {"target_distortion": 9, "distortion_gain": 0.1}, 0, "distortion_gain"),
        (
            AutoDistortion,
            {"target_share": 1, "distortion_without_code": 50, "distortion_autoencoder": 49.6},
            0,
            "0.4 nats",
        ),
        (AutoInformation, {}, 0, "target_information is missing"),
        (AutoInformation, {"target_information": 5, "max_rate": 4}, 3, "above max_rate 4"),
        (AutoInformation, {"target_information": 5, "target_units": 9}, 0, "beside target_units"),
        (AutoInformation, {"target_information": 5, "max_rate": 4}, 0, "above max_rate 4"),
    ],
)
def test_settings_that_cannot_be_met_are_refused(cls, settings, C, named):
    assert named in cls.check(cls.Settings(**settings), C)


TRAINED = {"posterior": "diagonal-gaussian", "strategy": "standard", "latent": 4, "epochs": 3}


@pytest.mark.parametrize(
    ("cls", "settings", "trained", "steps", "valid", "named"),
    [
        (AutoDistortion, {"target_distortion": 9}, {}, 20, 9, None),
        (AutoDistortion, {"target_distortion": 9}, {}, 19, 9, "at least 20"),
        (AutoInformation, {"target_information": 2}, {}, 20, 21, None),
        # e^3 = 20.09
        (AutoInformation, {"target_information": 2}, {}, None, 20, "at least 21 validation"),
        (AutoInformation, {"target_units": 4}, {}, None, None, None),
        (AutoInformation, {"target_units": 4}, {}, None, 20, None),
        (AutoInformation, {"target_units": 4}, {}, None, 19, "at least 20 validation"),
        (
            AutoInformation,
            {"target_units": 4, "ramp_epochs": 2.7},
            {},
            None,
            None,
            "less than 2.55",
        ),
        (AutoDistortion, {"target_distortion": 9}, {"epochs": 2}, None, None, "less than 1.8"),
        # The last look that moves C is after 85% of the steps.
        (AutoInformation, {"target_units": 4, "ramp_epochs": 2.55}, {}, None, None, "than 2.55"),
        (AutoInformation, {"target_units": 4, "ramp_epochs": 2.54}, {}, None, None, None),
        (AutoInformation, {"target_units": 5}, {}, None, None, "latent 4"),
        (Sweep, {}, {}, 51, None, None),
        (Sweep, {}, {}, 50, None, "at least 51"),
        (Sweep, {"beta": 0}, {}, None, None, "beta 0"),
        (
            Sweep,
            {},
            {"posterior": "delta", "delta_rate": None},
            None,
            None,
            "delta_rate is missing",
        ),
        (Sweep, {}, {"posterior": "delta", "delta_rate": 0.5}, None, None, None),
        (Sweep, {}, {"strategy": "pretrained-encoder"}, None, None, "no weight at first"),
    ],
)
def test_trainings_that_cannot_find_C_are_refused(cls, settings, trained, steps, valid, named):
    fault = cls.check_job(cls.Settings(**settings), TRAINED | trained, steps, valid)
    assert (fault is None) if named is None else named in fault


@pytest.mark.parametrize("steps", [51, 60, 99])
def test_looks_of_a_sweep_are_after_different_steps(steps):
    assert len(set(SweepController(100, steps, 0.5, False).look_steps())) == 40


def test_small_targets_are_not_reached_without_a_code():
    # Half of I* = 0.2, and of one unit.
    assert [by_information(0.2).tolerance, by_information(units=1).tolerance] == [0.1, 0.5]
    assert [by_information(4).tolerance, by_information(units=9).tolerance] == [0.25, 1]


def test_share_of_a_gap_is_a_distortion():
    gap = {"distortion_without_code": 40, "distortion_autoencoder": 20}
    settings = AutoDistortion.Settings(target_share=0.25, **gap)
    assert AutoDistortion.check(settings, 0) is None
    assert target(settings) == 35
