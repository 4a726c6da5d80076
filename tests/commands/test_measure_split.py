"""`textvae measure` on splits of prepared corpora, and on texts of one's own."""

import json
import math

import pytest
import torch

from one_by_one import LATENT, VOCABULARY, lively_model
from textvae.cli import main
from textvae.corpora.encoded import EncodedCorpus, Sentences
from textvae.corpora.vocabulary import Vocabulary
from textvae.measurements import (
    information,
    likelihood,
    measured_on,
    posterior,
    rate_distortion,
    reconstruction,
    slope,
)
from textvae.models import saved
from textvae.paper.measurements import read_measurement
from tiny import tiny_corpus

TRAINED = lively_model()
MEASUREMENTS = measured_on("split")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a model and the corpus of its words."""
    place = tmp_path_factory.mktemp("place")
    saved.save(place / "model", TRAINED, {})
    tiny_corpus(place / "corpus", sentences=60)
    return place


@pytest.fixture
def measure(place, capsys):
    """Run the command; the status, and what it printed."""

    def run(measurement, *argv):
        status = main(["measure", measurement, "--model", str(place / "model"), *map(str, argv)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


@pytest.fixture
def measure_text(measure, tmp_path):
    """Measure a text; its JSON."""

    def run(text, measurement="rate-distortion"):
        path = tmp_path / "mine.txt"
        path.write_bytes(text.encode())
        status, out, err = measure(measurement, "--text", path)
        assert (status, err) == (0, "")
        return json.loads(out)

    return run


EXPECTED = {
    "rate-distortion": lambda s: rate_distortion.measure(
        TRAINED, s, rate_distortion.RateDistortionSettings()
    ),
    "posterior": lambda s: posterior.measure(TRAINED, s, posterior.PosteriorSettings()),
    "information": lambda s: information.measure(
        TRAINED, s, information.InformationSettings(sentences=40)
    ),
    "likelihood": lambda s: likelihood.measure(
        TRAINED, s, likelihood.LikelihoodSettings(samples=3, sentences=50)
    ),
    "slope": lambda s: slope.measure(TRAINED, s, slope.SlopeSettings(sentences=30)),
    "reconstruction": lambda s: (
        reconstruction.measure(TRAINED, s, reconstruction.ReconstructionSettings()).values
    ),
}
FLAGS = {
    "information": ["--sentences", "40"],
    "likelihood": ["--samples", "3", "--sentences", "50"],
    "slope": ["--sentences", "30"],
}
SAMPLES = {"information": 40, "likelihood": 50, "slope": 30}
# Two buckets are empty: tiny sentences have 1 to 8 words. Posteriors that nothing trained are as
# often wider than the prior as narrower, and a step of their width leaves the rate where it is.
MISSING = {
    "reconstruction": {
        f"{score}{n}_bucket{b}" for score in ("bleu", "rouge") for n in (2, 4) for b in (2, 3)
    },
    "slope": {"slope", "slope_standard_error"},
}


@pytest.mark.parametrize("measurement", MEASUREMENTS)
def test_each_measurement_of_a_corpus(place, measure, measurement):
    argv = ["--corpus", place / "corpus", *FLAGS.get(measurement, [])]
    status, out, err = measure(measurement, *argv)
    assert (status, err) == (0, "")
    content = json.loads(out)
    assert content["cell"] == TRAINED.cell.as_dict()
    assert content["measurement"] == measurement
    assert content["split"] == "test"
    assert content["sentences"] == SAMPLES.get(measurement, 60)
    assert content["values"] == EXPECTED[measurement](EncodedCorpus(place / "corpus").split("test"))
    missing = MISSING.get(measurement, set())
    assert set(content["notes"]) == missing
    assert {name for name, value in content["values"].items() if value is None} == missing


def test_a_file_holds_what_would_be_printed(place, measure, tmp_path):
    argv = ["posterior", "--corpus", place / "corpus", "--split", "valid", "--draws", "2"]
    _, printed, _ = measure(*argv)
    assert measure(*argv, "--output", tmp_path / "new/posterior.json") == (0, "", "")
    assert json.loads((tmp_path / "new/posterior.json").read_text()) == json.loads(printed)
    assert json.loads(printed)["split"] == "valid"
    assert json.loads(printed)["settings"] == {"draws": 2, "noise_seed": 1, "bootstrap": 0}
    assert len(read_measurement(tmp_path / "new/posterior.json")) == 7


def test_on_a_gpu_too_it_would_be_in_float32(place, measure, monkeypatch):
    """By default cuDNN rounds the products of recurrent layers to TF32's 10 bits."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    measure("rate-distortion", "--corpus", place / "corpus")
    assert not torch.backends.cudnn.allow_tf32


def test_pairs_of_originals_and_reconstructions(place, measure, tmp_path):
    path = tmp_path / "pairs.tsv"
    measure("reconstruction", "--corpus", place / "corpus", "--pairs", path)
    sentences = EncodedCorpus(place / "corpus").split("test")
    pairs = reconstruction.reconstruct(TRAINED, sentences)
    lines = path.read_text().split("\n")
    assert lines.pop() == ""
    assert [tuple(line.split("\t")) for line in lines] == [
        (" ".join(original), " ".join(copy)) for original, copy in pairs
    ]


def test_a_text_of_ones_own(measure_text):
    content = measure_text("w3 w4\nw5 w1 w1 w19\n")
    ids = [VOCABULARY.encode(["w3", "w4"]), VOCABULARY.encode(["w5", "w1", "w1", "w19"])]
    assert content["values"] == EXPECTED["rate-distortion"](Sentences.of(ids))
    assert content["split"].endswith("mine.txt")
    assert content["sentences"] == 2
    assert content["notes"] == {}


def test_of_a_text_what_the_model_cannot_see_is_told(measure_text):
    content = measure_text("w3 the W4\n\n  \nw5 cat\n\n")
    ids = [VOCABULARY.encode(["w3", "<unk>", "<unk>"]), VOCABULARY.encode(["w5", "<unk>"])]
    assert content["values"] == EXPECTED["rate-distortion"](Sentences.of(ids))
    assert content["notes"] == {"unknown_words": "3 of 5", "blank_lines": "3 left out"}


def test_marks_in_a_text_are_marks(measure_text):
    """An `<eos>` inside a sentence would be a word that the model was told ends it."""
    plain = measure_text("w3 w4\nw5 <unk>\n")
    marked = measure_text("\ufeffw3 w4 <eos>\r\nw5 _UNK </s>")
    assert marked["values"] == plain["values"]
    # A line ends at a line feed, and at nothing else that Unicode has for line ends.
    assert measure_text("w3\u2028w4\nw5\x85w6\n")["sentences"] == 2


def test_too_few_sentences_for_a_covariance_are_null_with_a_note(measure_text):
    text = "".join(f"w{i} w{2 * i}\n" for i in range(LATENT))
    content = measure_text(text, "posterior")
    for name in ("logdetcov", "moment_matched_kl"):
        assert content["values"][name] is None
        assert content["notes"][name] == "not defined on these sentences"
    assert math.isfinite(content["values"]["mean_sq_norm"])
    assert measure_text(text + "w7\n", "posterior")["values"]["logdetcov"] is not None


@pytest.mark.parametrize("measurement", MEASUREMENTS)
def test_two_short_sentences_are_enough_for_each(measure_text, measurement):
    assert measure_text("w1\nw2", measurement)["sentences"] == 2


def refused(result):
    """The one line on stderr of a run that printed nothing else."""
    status, out, err = result
    assert (status, out) == (1, "")
    assert err.startswith("textvae measure: ")
    assert err.count("\n") == 1
    return err.removeprefix("textvae measure: ").rstrip("\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "at least 2 sentences are needed, found 0"),
        (b"\n \n\n", "at least 2 sentences are needed, found 0"),
        (b"w1 w2\n\n", "at least 2 sentences are needed, found 1"),
        (b"w1\n<eos>\n", "at least 2 sentences are needed, found 1"),
        (b"the cat\nsat\n", "every one of its 3 words is unknown to the model"),
        (b"w1\nw\xe9\n", "not UTF-8"),
    ],
)
def test_a_text_that_cannot_be_measured(measure, tmp_path, text, message):
    (tmp_path / "mine.txt").write_bytes(text)
    said = refused(measure("rate-distortion", "--text", tmp_path / "mine.txt"))
    assert said.startswith(f"{tmp_path}/mine.txt")
    assert message in said


def test_no_such_text(measure, tmp_path):
    path = tmp_path / "mine.txt"
    assert refused(measure("posterior", "--text", path)) == f"{path}: no such file"
    assert "is a folder" in refused(measure("posterior", "--text", tmp_path))


def test_no_such_model(place, capsys):
    argv = ["measure", "posterior", "--model", str(place), "--corpus", str(place / "corpus")]
    status = main(argv)
    printed = capsys.readouterr()
    said = refused((status, printed.out, printed.err))
    assert said == f"{place}/config.json: no such file"


def test_no_such_corpus(place, measure):
    said = refused(measure("posterior", "--corpus", place / "model"))
    assert said == f"{place}/model: not a prepared corpus (`textvae prepare` makes one)"


def test_a_corpus_of_another_vocabulary(measure, tmp_path):
    tiny_corpus(tmp_path / "other")
    Vocabulary(f"v{i}" for i in range(20)).save(tmp_path / "other/vocabulary.txt")
    said = refused(measure("posterior", "--corpus", tmp_path / "other"))
    assert said == f"{tmp_path}/other: its vocabulary is not the one the model was trained with"


@pytest.mark.parametrize(
    ("measurement", "flags", "message"),
    [
        ("likelihood", ["--samples", "0"], "--samples: 0 is not a number of at least 1"),
        ("likelihood", ["--sentences", "1"], "--sentences: 1 is not a number of at least 2"),
        ("information", ["--sentences", "1"], "--sentences: 1 is not a number of at least 2"),
        ("posterior", ["--draws", "0"], "--draws: 0 is not a number of at least 1"),
        ("posterior", ["--noise-seed", "-1"], "--noise-seed: -1 is not a number of at least 0"),
        (
            "posterior",
            ["--device", "abacus"],
            "--device: 'abacus' is not cpu, cuda, cuda:N or auto",
        ),
        ("posterior", ["--threads", "0"], "--threads: 0 is not a number from 1 to 1024"),
    ],
)
def test_settings_out_of_bounds(place, measure, measurement, flags, message):
    assert refused(measure(measurement, "--corpus", place / "corpus", *flags)) == message


def test_what_belongs_to_a_corpus_does_not_go_with_a_text(place, measure):
    for flag, value in (("--split", "valid"), ("--grammar", place)):
        said = refused(measure("rate-distortion", "--text", "mine.txt", flag, value))
        assert said == f"{flag}: can only be used with --corpus, not with --text"


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["--corpus", "a", "--text", "b"],
        ["--corpus", "a", "--split", "dev"],
        ["--corpus", "a", "--samples", "3"],
    ],
)
def test_arguments_that_do_not_fit_are_told_with_the_usage(measure, capsys, argv):
    with pytest.raises(SystemExit) as stop:
        measure("posterior", *argv)
    assert stop.value.code == 2
    assert "usage: textvae" in capsys.readouterr().err


def test_an_output_that_cannot_be_written(place, measure):
    said = refused(measure("posterior", "--corpus", place / "corpus", "--output", place))
    assert "is a folder, expected the name of a file" in said


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    """The embedded corpus, small, and a model of its words."""
    place = tmp_path_factory.mktemp("embedded")
    raw = place / "raw"
    sizes = ["--train", "20", "--valid", "5", "--test", "30"]
    assert main(["grammar", *sizes, "--output", str(raw)]) == 0
    files = [word for s in ("train", "valid", "test") for word in (f"--{s}", f"{raw}/{s}.txt")]
    words = ["--words", str(raw / "words.txt")]
    argv = ["prepare", "--name", "grammar", *files, *words, "--output", str(place / "corpus")]
    assert main(argv) == 0
    assert main(["grammar", *sizes, "--seed", "2", "--output", str(place / "other")]) == 0
    vocabulary = EncodedCorpus(place / "corpus").vocabulary
    saved.save(place / "model", lively_model(vocabulary=vocabulary), {})
    return place


def bounded(place, measurement, raw, capsys, *flags):
    argv = ["measure", measurement, "--model", str(place / "model"), *flags]
    status = main([*argv, "--corpus", str(place / "corpus"), "--grammar", str(place / raw)])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_beside_the_grammar_the_bound_is_measured(embedded, capsys):
    capsys.readouterr()
    _, out, _ = bounded(embedded, "rate-distortion", "raw", capsys)
    values = json.loads(out)["values"]
    assert (
        values["entropy_nats"]
        == json.loads((embedded / "raw/grammar.json").read_text())["entropy_nats"]
    )
    assert values["bound_excess_nats"] > 3 * values["bound_excess_standard_error"] > 0
    flags = ["--samples", "2", "--sentences", "10"]
    _, out, _ = bounded(embedded, "likelihood", "raw", capsys, *flags)
    assert json.loads(out)["values"]["iw_bound_excess_nats"] > 0
    _, out, _ = bounded(embedded, "rate-distortion", "raw", capsys, "--split", "valid")
    assert json.loads(out)["sentences"] == 5


def test_beside_another_sample_of_the_grammar_it_is_not(embedded, capsys):
    capsys.readouterr()
    said = refused(bounded(embedded, "rate-distortion", "other", capsys))
    assert said.startswith(f"{embedded}/other/test.txt, line 1: not sentence 1 of the corpus")
