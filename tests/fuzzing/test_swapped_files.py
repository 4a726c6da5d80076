"""A file of another run, whole and of the right kind, in the place of the right one."""

import json
from contextlib import chdir

import example_run
import pytest

from textvae.cli import main


@pytest.mark.parametrize(
    ("name", "flag", "other"),
    [
        # The synthetic and the real text share a dictionary, so that only their digests differ.
        ("measure fce", "--synthetic-lstm", "real-model"),
        ("measure fce", "--real-lstm", "text-model"),
        ("measure fce", "--synthetic-kneser-ney", "real.arpa"),
        ("measure fce", "--real-kneser-ney", "text.arpa"),
        ("measure fce", "--corpus", "prepared/grammar"),
        ("measure fce", "--text", "raw/plain.test"),
        ("measure description", "--text", "raw/plain.test"),
        ("measure syntax", "--language-model", "real-model"),
    ],
)
def test_file_of_another_text_is_refused(whole_run, capsys, name, flag, other):
    argv = example_run.argv(name)
    argv[argv.index(flag) + 1] = other
    with chdir(whole_run):
        assert main(argv) == 1
    assert other in capsys.readouterr().err


def test_language_model_of_another_corpus_is_refused(whole_run, tmp_path, capsys):
    """The words of both corpora are the same; their texts are not."""
    with chdir(whole_run):
        corpus, model = tmp_path / "corpus", tmp_path / "words"
        argv = example_run.argv("prepare closed")
        argv[argv.index("--train") + 1] = "raw/copies.txt"
        argv[argv.index("--words") + 1] = "corpus/vocabulary.txt"
        assert main([*argv[:-1], str(corpus)]) == 0
        argv = example_run.argv("language-model words")
        argv[argv.index("--corpus") + 1] = str(corpus)
        assert main([*argv[:-1], str(model)]) == 0
        argv = example_run.argv("measure syntax")
        argv[argv.index("--language-model") + 1] = str(model)
        assert main(argv) == 1
    assert str(model) in capsys.readouterr().err


def test_measurements_of_two_trainings_are_not_gathered(whole_run, tmp_path, capsys):
    with chdir(whole_run):
        content = json.loads((whole_run / "posterior.json").read_text())
        other = tmp_path / "posterior.json"
        other.write_text(json.dumps(content | {"weights": "0" * 64}))
        argv = ["gather", "information.json", str(other), "--output", str(tmp_path / "all.csv")]
        assert main(argv) == 1
    assert str(other) in capsys.readouterr().err
    assert not (tmp_path / "all.csv").exists()


def test_corpus_of_another_text_than_the_generated_one_is_refused(whole_run, tmp_path, capsys):
    argv = example_run.argv("measure fce")
    place = argv.index("--report") + 1
    with chdir(whole_run):
        content = json.loads((whole_run / argv[place]).read_text())
        argv[place] = str(tmp_path / "report.json")
        (tmp_path / "report.json").write_text(json.dumps(content | {"corpus_sha256": "0" * 64}))
        assert main(argv) == 1
    assert f"{argv[argv.index('--corpus') + 1]}: another text" in capsys.readouterr().err
