"""Codes of the prior, and codes on lines between two of them."""

from itertools import combinations

import numpy as np
import pytest

from textvae.corpora.encoded import save_array
from textvae.errors import InputError
from textvae.generation.codes import corpus_codes, line_ends, load, points

CODES = corpus_codes(2000, 10, seed=1, copy=1)
ENDS = line_ends(1000, 10, seed=1)


@pytest.mark.parametrize(
    ("codes", "shape"), [(CODES, (2000, 10)), (ENDS, (1000, 2, 10))], ids=["corpus", "lines"]
)
def test_codes_are_samples_of_the_prior(codes, shape):
    """N(0, I): zero mean, unit variance, independent dimensions; within four standard errors."""
    assert (codes.shape, codes.dtype) == (shape, np.float32)
    numbers = codes.astype(np.float64).reshape(-1, 10)
    count = len(numbers)
    assert abs(numbers.mean(axis=0)).max() < 4 / count**0.5
    assert abs(numbers.var(axis=0) - 1).max() < 4 * (2 / count) ** 0.5


def test_draws_are_independent_and_begin_with_a_smaller_set():
    others = [(1, 2), (2, 1), (2, 2), (1, 3), (0, 1)]
    np.testing.assert_array_equal(corpus_codes(3, 10, 1, 1), CODES[:3])
    np.testing.assert_array_equal(line_ends(3, 10, 1), ENDS[:3])
    with pytest.raises(InputError, match="0 x 10"):
        corpus_codes(0, 10, 1, 1)
    sets = [corpus_codes(2000, 10, seed, copy) for seed, copy in others]
    sets += [line_ends(1000, 10, seed).reshape(-1, 10) for seed in (1, 2)]
    for one, other in combinations([CODES, *sets], 2):
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 4 / CODES.size**0.5
        # Nor are they parts of one stream.
        assert len(np.intersect1d(one, other)) < 20


def test_points_by_hand():
    """From (0, 0) to (4, 8) in three, and from (1, 1) to (1, -1)."""
    ends = np.array([[[0, 0], [4, 8]], [[1, 1], [1, -1]]], dtype=np.float32)
    expected = [[[0, 0], [2, 4], [4, 8]], [[1, 1], [1, 0], [1, -1]]]
    np.testing.assert_array_equal(points(ends, 3), expected)
    assert points(ends, 3).dtype == np.float32
    # Both ends are exact, whatever the number of codes between them.
    for count in range(2, 41):
        np.testing.assert_array_equal(points(ENDS, count)[:, [0, -1]], ENDS)


def edited(value):
    codes = CODES[:3].copy()
    codes[1, 4] = value
    return codes


def test_file_contains_what_was_drawn(tmp_path):
    for array, dimensions in ((CODES, 2), (ENDS, 3), (edited(1e6), 2), (edited(-1e6), 2)):
        save_array(tmp_path / "codes.npy", array)
        np.testing.assert_array_equal(load(tmp_path / "codes.npy", dimensions, 10), array)


@pytest.mark.parametrize(
    ("array", "dimensions", "message"),
    [
        (CODES[:, :9], 2, "9 dimensions"),
        (ENDS, 2, "(1000, 2, 10)"),
        (CODES, 3, "(2000, 10)"),
        (points(ENDS, 3), 3, "(1000, 3, 10)"),
        (CODES[:0], 2, "(0, 10)"),
        (CODES.astype(np.float64), 2, "float64"),
        (edited(np.nan), 2, "1e+06"),
        (edited(1.1e6), 2, "1e+06"),
        (edited(-1.1e6), 2, "1e+06"),
    ],
)
def test_array_of_another_kind_is_refused(tmp_path, array, dimensions, message):
    save_array(tmp_path / "codes.npy", array)
    with pytest.raises(InputError) as error:
        load(tmp_path / "codes.npy", dimensions, 10)
    assert str(error.value).startswith(f"{tmp_path}/codes.npy: ")
    assert message in str(error.value)
    for content in (b"", b"0.1 0.2 0.3\n" * 9, (tmp_path / "codes.npy").read_bytes()[:-1]):
        (tmp_path / "codes.npy").write_bytes(content)
        with pytest.raises(InputError, match="textvae codes"):
            load(tmp_path / "codes.npy", dimensions, 10)
