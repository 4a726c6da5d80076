"""Natural order of names."""

from textvae.natural_order import natural


def test_numbers_in_names_are_compared_as_numbers():
    names = ["x-10", "x-2", "x", "x-2b", "x-02", "a-100", "x-1.5", "10", "9" * 5000, "y²", ""]
    assert sorted(names, key=natural) == [
        *("", "10", "9" * 5000, "a-100", "x", "x-1.5", "x-02", "x-2", "x-2b", "x-10", "y²")
    ]
