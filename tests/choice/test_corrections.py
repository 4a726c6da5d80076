"""A C that is corrected by trainings from the start."""

from pathlib import Path

import pytest

from textvae.choice.corrections import Tried, correct, next_C
from textvae.choice.search import Search
from textvae.training.automatic.controller import Outcome


@pytest.mark.parametrize(
    ("tried", "by", "target", "expected"),
    [
        # I = 4 at C = 4: I follows C itself, so 4 x 3 / 4.
        # I = 5 at C = 10: it follows the root of C, 10 x (4 / 5)^2.
        ([(4, -1)], "information", 3, 3),
        ([(10, -1)], "information", 4, 6.4),
        # By a factor of 3 at most, also if there is no information at all.
        ([(2, 3.9)], "information", 4, 6),
        ([(2, 4.0)], "information", 4, 6),
        # Units follow the root of C: 9 x (20 / 24)^2.
        ([(9, -4)], "units", 20, 6.25),
        # Two nats of D are saved where C grows by a factor e: 10 e^(-1/2).
        ([(10, -1)], "distortion", 36, 6.07),
        # C doubled for a nat and needs another.
        ([(5, 2), (10, 1)], "distortion", 36, 20),
        # On the line between the two beside the target: a third of the way from 4 to 10.
        ([(10, -2), (4, 1)], "information", 4, 6),
        # Of three, the nearest on either side: half of the way from 4 to 6.
        ([(10, -2), (4, 1), (6, -1)], "information", 4, 5),
        # I falls where C is large, so that only a larger one is of use: 20 x (4 / 2)^(1 / 0.2).
        ([(12, -1), (20, 2)], "information", 4, 40),
        ([(40, 2)], "information", 4, None),
        ([(0, 2)], "information", 4, None),
        ([(5, 0.005), (5.004, -0.005)], "information", 4, None),
    ],
)
def test_next_C_by_hand(tried, by, target, expected):
    known = [Tried(C, missing) for C, missing in tried]
    assert next_C(known, by, target, max_C=40) == expected


class Trainings(Search):
    """A search whose trainings have I = f(C), D = 40 - f(C) and 3 f(C) units."""

    def __init__(self, of_C):
        super().__init__(Path("searched"), None, 1.0)
        object.__setattr__(self, "of_C", of_C)
        object.__setattr__(self, "trained", [])

    def confirmation(self, C, number=1):
        self.trained.append(C)
        assert number == len(self.trained)
        return self.folder / str(number)

    def measured(self, model):
        value = self.of_C(self.trained[int(model.name) - 1])
        return {"I": value, "D": 40 - value, "soft_active_units": 3 * value}

    def fault(self, C):
        return None


def ended(by, target, C, status="reached"):
    return Outcome(by, status, C, "searched", {"target": target})


def concave(C):
    return 8 * C / (C + 10)


def test_training_that_agrees_is_the_one_that_is_chosen():
    """The first has a D that is closer to 36, but a code without information."""

    class Two(Trainings):
        def measured(self, model):
            first = {"D": 36.2, "I": 0.01, "soft_active_units": 0.0}
            return first if model.name == "1" else {"D": 35.2, "I": 3.0, "soft_active_units": 8.0}

    outcome, folder, more = correct(Two(None), ended("distortion", 36, 8), 2, 100)
    assert (outcome.status, folder.name, more) == ("reached", "2", 1)
    assert outcome.C > 8


@pytest.mark.parametrize(
    ("by", "target", "start", "within"),
    [
        ("information", 4, 25, 0.25),
        ("information", 4, 3, 0.25),
        ("distortion", 36, 30, 1),
        ("units", 12, 20, 1),
    ],
)
def test_corrected_C_meets_the_target(by, target, start, within):
    search = Trainings(concave)
    outcome, folder, more = correct(search, ended(by, target, start, "missed"), 3, 100)
    assert outcome.status == "reached"
    assert 1 <= more == len(search.trained) - 1
    assert search.trained[-1] == outcome.C
    assert folder.name == str(len(search.trained))
    value = {"information": 1, "units": 3}.get(by, -1) * concave(outcome.C) + 40 * (
        by == "distortion"
    )
    assert abs(value - target) <= within
    assert outcome.figures["search"]["C"] == start


def test_C_that_needs_no_correction_is_as_it_was_found():
    found = ended("information", 4, 10)
    assert correct(Trainings(concave), found, 2, 100) == (found, Path("searched/1"), 0)


def test_corrections_end_where_no_model_can_be_trained():
    class Floor(Trainings):
        def fault(self, C):
            return None if C > 3 else "its rate is 3 or more"

    search = Floor(lambda C: 6.0)
    outcome, _, more = correct(search, ended("information", 4, 5), 3, 100)
    assert (outcome.status, more, search.trained) == ("missed", 1, [5, 3.33])


def test_the_closest_is_kept_where_corrections_do_not_suffice():
    # 8 x 40 / 50 = 6.4, and I falls by half where C is below 30: nothing is near 4.
    search = Trainings(lambda C: 6.4 if C >= 30 else 1.5)
    outcome, folder, more = correct(search, ended("information", 4, 40), 2, 100)
    assert (outcome.status, more) == ("missed", 2)
    closest = min(search.trained, key=lambda C: abs(search.of_C(C) - 4))
    assert closest == outcome.C
    assert folder.name == str(search.trained.index(closest) + 1)
    for C in search.trained:
        assert f"C = {C:g}: I = " in outcome.reason
