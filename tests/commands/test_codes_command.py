"""`textvae codes`: the file that every model and every decoding reads."""

import subprocess
import sys

import numpy as np
import pytest

from textvae.cli import main
from textvae.generation.codes import corpus_codes, line_ends
from textvae.io import write_json
from tiny import tiny_corpus


@pytest.fixture
def codes(tmp_path, capsys):
    """Run the command; the array in its file."""

    def run(*argv):
        path = tmp_path / "new" / "codes.npy"
        assert main(["codes", *map(str, argv), "--output", str(path)]) == 0
        assert capsys.readouterr() == ("", "")
        return np.load(path)

    return run


def test_codes_of_a_corpus(codes):
    drawn = codes("--sentences", 7, "--latent", 5, "--seed", 3, "--copy", 2)
    assert drawn.dtype == np.float32
    np.testing.assert_array_equal(drawn, corpus_codes(7, 5, seed=3, copy=2))
    # Seed 1 and copy 1 where nothing is said.
    np.testing.assert_array_equal(
        codes("--sentences", 7, "--latent", 5), corpus_codes(7, 5, seed=1, copy=1)
    )


def test_as_many_as_a_corpus_trains_on(codes, tmp_path):
    """And of these the first are those of any smaller corpus."""
    tiny_corpus(tmp_path / "corpus", sentences=60)
    sizes = {"train": {"sentences": 60, "longest": 8}}
    write_json(tmp_path / "corpus/statistics.json", {"name": "tiny", "splits": sizes})
    drawn = codes("--corpus", tmp_path / "corpus", "--latent", 5)
    assert drawn.shape == (60, 5)
    np.testing.assert_array_equal(codes("--sentences", 9, "--latent", 5), drawn[:9])


def test_ends_of_lines(codes):
    drawn = codes("--lines", 4, "--latent", 5, "--seed", 3)
    np.testing.assert_array_equal(drawn, line_ends(4, 5, seed=3))
    assert not np.isin(drawn, codes("--sentences", 8, "--latent", 5, "--seed", 3)).any()


def test_the_file_is_the_same_whenever_it_is_drawn(tmp_path):
    """Nothing of a model, of C or of a decoding is in it."""
    files = [tmp_path / name for name in ("one.npy", "other.npy", "copy2.npy")]
    for path, copy in zip(files, "112", strict=True):
        argv = ["--sentences", "9", "--latent", "5", "--copy", copy]
        assert main(["codes", *argv, "--output", str(path)]) == 0
    one, other, second_copy = (path.read_bytes() for path in files)
    assert one == other != second_copy


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--sentences", "0"], "--sentences: 0 is not a number of at least 1"),
        (["--lines", "-1"], "--lines: -1 is not a number of at least 1"),
        (["--sentences", "9", "--seed", "-1"], "--seed: -1 is not a number of at least 0"),
        (["--sentences", "9", "--copy", "0"], "--copy: 0 is not a number of at least 1"),
        (["--corpus", "gone"], "gone: not a prepared corpus (`textvae prepare` makes one)"),
    ],
)
def test_wrong_input_is_one_line_of_error(tmp_path, capsys, argv, message):
    path = tmp_path / "codes.npy"
    assert main(["codes", *argv, "--latent", "5", "--output", str(path)]) == 1
    assert capsys.readouterr() == ("", f"textvae codes: {message}\n")
    assert not path.exists()


@pytest.mark.parametrize("argv", [[], ["--sentences", "9", "--lines", "9"]])
def test_it_is_told_one_way_how_many(tmp_path, argv):
    with pytest.raises(SystemExit, match="2"):
        main(["codes", *argv, "--latent", "5", "--output", str(tmp_path / "codes.npy")])


def test_needs_no_torch(tmp_path):
    code = (
        "import sys; from textvae.cli import main; status = main(sys.argv[1:]); "
        "sys.exit(status or 'torch' in sys.modules)"
    )
    argv = ["codes", "--lines", "3", "--latent", "2", "--output", str(tmp_path / "codes.npy")]
    assert subprocess.run([sys.executable, "-c", code, *argv], timeout=60).returncode == 0
