"""Codes from the prior: drawn once, and lines through them."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.corpora.encoded import save_array
from textvae.errors import InputError
from textvae.generation.codes import corpus_codes, line_ends, load, points

CODES = corpus_codes(2000, 10, seed=1, copy=1)
ENDS = line_ends(1000, 10, seed=1)


@pytest.mark.parametrize(
    ("codes", "shape"), [(CODES, (2000, 10)), (ENDS, (1000, 2, 10))], ids=["corpus", "lines"]
)
def test_codes_are_samples_of_the_prior(codes, shape):
    """N(0, I): no mean, unit variance, dimensions and neighbours that know nothing of each other.

    All bounds are four standard errors.
    """
    assert (codes.shape, codes.dtype) == (shape, np.float32)
    numbers = codes.astype(np.float64).reshape(-1, 10)
    count = len(numbers)
    assert abs(numbers.mean(axis=0)).max() < 4 / count**0.5
    assert abs(numbers.var(axis=0) - 1).max() < 4 * (2 / count) ** 0.5
    # Of a normal variable the fourth moment is 3 (and the error of its mean sqrt(96 / N)).
    assert abs((numbers**4).mean() - 3) < 4 * (96 / numbers.size) ** 0.5
    between = np.corrcoef(numbers.T) - np.eye(10)
    assert abs(between).max() < 4 / count**0.5
    assert abs((numbers[1:] * numbers[:-1]).mean()) < 4 / numbers.size**0.5


def test_a_larger_set_begins_with_the_smaller():
    np.testing.assert_array_equal(corpus_codes(3, 10, 1, 1), CODES[:3])
    np.testing.assert_array_equal(line_ends(3, 10, 1), ENDS[:3])


def test_copies_seeds_and_lines_are_drawn_apart():
    others = [(1, 2), (2, 1), (2, 2), (1, 3), (0, 1)]
    sets = [corpus_codes(2000, 10, seed, copy) for seed, copy in others]
    sets += [line_ends(1000, 10, seed).reshape(-1, 10) for seed in (1, 2)]
    for one, other in combinations([CODES, *sets], 2):
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 4 / CODES.size**0.5
        # Nor do they begin at another place of one and the same stream.
        assert len(np.intersect1d(one, other)) < 20


def test_points_by_hand():
    """From (0, 0) to (4, 8) in three, and from (1, 1) to (1, -1)."""
    ends = np.array([[[0, 0], [4, 8]], [[1, 1], [1, -1]]], dtype=np.float32)
    expected = [[[0, 0], [2, 4], [4, 8]], [[1, 1], [1, 0], [1, -1]]]
    np.testing.assert_array_equal(points(ends, 3), expected)
    assert points(ends, 3).dtype == np.float32


def test_a_homotopy_is_two_samples_of_the_prior_and_five_codes_between():
    """Table 2: seven codes, as far from one to the next; the ends are the samples themselves."""
    on_line = points(ENDS, 7)
    assert on_line.shape == (1000, 7, 10)
    np.testing.assert_array_equal(on_line[:, 0], ENDS[:, 0])
    np.testing.assert_array_equal(on_line[:, 6], ENDS[:, 1])
    steps = np.diff(on_line, axis=1)
    np.testing.assert_allclose(steps, np.repeat(steps.mean(1, keepdims=True), 6, 1), atol=1e-6)


@given(st.integers(2, 40), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_both_ends_are_exact_however_many_codes_lie_between(count, seed):
    ends = line_ends(2, 3, seed)
    np.testing.assert_array_equal(points(ends, count)[:, [0, -1]], ends)


@pytest.mark.parametrize("count", [0, -3])
def test_no_codes_are_refused(count):
    with pytest.raises(
        InputError, match=f"^codes: got the shape {count} x 10, expected at least 1 each$"
    ):
        corpus_codes(count, 10, 1, 1)
    with pytest.raises(InputError, match=f"^codes: got the shape {count} x 2 x 10"):
        line_ends(count, 10, 1)
    with pytest.raises(InputError, match=f"^codes: got the shape 10 x {count}"):
        corpus_codes(10, count, 1, 1)


def test_a_file_holds_what_was_drawn(tmp_path):
    save_array(tmp_path / "codes.npy", CODES)
    save_array(tmp_path / "lines.npy", ENDS)
    np.testing.assert_array_equal(load(tmp_path / "codes.npy", 2, 10), CODES)
    np.testing.assert_array_equal(load(tmp_path / "lines.npy", 3, 10), ENDS)


BROKEN = CODES[:3].copy()
BROKEN[1, 4] = np.nan


@pytest.mark.parametrize(
    ("array", "dimensions", "message"),
    [
        (CODES[:, :9], 2, "codes of 9 dimensions, the model has 10"),
        (ENDS, 2, r"a float32 array (1000, 2, 10), expected float32 the codes of a corpus, (N, d)"),
        (CODES, 3, r"a float32 array (2000, 10), expected float32 lines, (N, 2, d)"),
        (points(ENDS, 3), 3, "a float32 array (1000, 3, 10), expected float32 lines, (N, 2, d)"),
        (CODES[:0], 2, "a float32 array (0, 10), expected float32 the codes of a corpus, (N, d)"),
        (CODES[0], 2, "a float32 array (10,), expected float32 the codes of a corpus, (N, d)"),
        (CODES[0, 0], 2, "a float32 array (), expected float32 the codes of a corpus, (N, d)"),
        (
            CODES.astype(np.float64),
            2,
            "a float64 array (2000, 10), expected float32 the codes of a corpus, (N, d)",
        ),
        (BROKEN, 2, "a code has a number that is not from -1e+06 to 1e+06"),
        (
            np.full((3, 10), 1e30, np.float32),
            2,
            "a code has a number that is not from -1e+06 to 1e+06",
        ),
    ],
)
def test_codes_of_another_kind_are_refused(tmp_path, array, dimensions, message):
    save_array(tmp_path / "codes.npy", array)
    with pytest.raises(InputError) as error:
        load(tmp_path / "codes.npy", dimensions, 10)
    assert str(error.value) == f"{tmp_path}/codes.npy: {message}"


@pytest.mark.parametrize("kind", ["empty", "text", "short", "archive", "objects"])
def test_what_is_no_array_is_refused(tmp_path, kind):
    path = tmp_path / "codes.npy"
    save_array(path, CODES)
    match kind:
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("0.1 0.2 0.3\n" * 9)
        case "short":
            path.write_bytes(path.read_bytes()[:-1])
        case "archive":
            with path.open("wb") as file:
                np.savez(file, codes=CODES)
        case "objects":
            np.save(path, np.array([None, None]), allow_pickle=True)
    with pytest.raises(InputError) as error:
        load(path, 2, 10)
    assert str(error.value).startswith(f"{path}: not a whole .npy array (")
    assert "\n" not in str(error.value)


def test_a_missing_file_says_what_makes_it(tmp_path):
    with pytest.raises(InputError, match=r"codes.npy: no such file \(`textvae codes` makes it\)$"):
        load(tmp_path / "codes.npy", 2, 10)
