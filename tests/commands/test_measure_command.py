"""`textvae measure`: flags of one kind of subject; test_measurements_contract.py has the rest."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from one_by_one import LATENT, VOCABULARY, lively_model, random_pairs
from textvae.cells import Cell
from textvae.cli import main
from textvae.corpora.encoded import EncodedCorpus, Sentences
from textvae.corpora.minimal_pairs import write_pairs
from textvae.generation.codes import line_ends
from textvae.io import write_json
from textvae.measurements import rate_distortion, reconstruction, sensitivity
from textvae.measurements.log_odds import encode
from textvae.measurements.syntax import SyntaxSettings, judge
from textvae.models import language_model, saved
from textvae.models.posteriors.diagonal_gaussian import Gaussian
from tiny import tiny_corpus
from tiny_language_model import lively_language_model

TRAINED = lively_model()
PAIRS = random_pairs(60)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a model, the corpus of its words, a language model and minimal pairs."""
    folder = tmp_path_factory.mktemp("subjects")
    saved.save(folder / "model", TRAINED, {})
    tiny_corpus(folder / "corpus", sentences=20)
    language_model.save(folder / "lm", lively_language_model(), VOCABULARY, {})
    write_pairs(folder / "pairs.tsv", PAIRS)
    return folder


@pytest.fixture
def measure(folder, capsys):
    """Run a measurement of the model; return the status, stdout and stderr."""

    def run(name, *argv):
        capsys.readouterr()
        status = main(["measure", name, "--model", str(folder / "model"), *map(str, argv)])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def measure_text(measure, tmp_path):
    """Measure the rate and distortion of a text; return the JSON."""

    def run(text, name="rate-distortion"):
        (tmp_path / "own.txt").write_bytes(text.encode())
        status, out, err = measure(name, "--text", tmp_path / "own.txt")
        assert status == 0
        assert err.count("\n") == err.count("warning: ")
        return json.loads(out)

    return run


def rates_of(*sentences):
    ids = Sentences.of([VOCABULARY.encode(sentence.split()) for sentence in sentences])
    return rate_distortion.measure(TRAINED, ids, rate_distortion.RateDistortionSettings())


def test_own_text_is_measured_with_notes_on_unknown_words_and_blank_lines(measure_text):
    plain = measure_text("w3 w4\nw5 w1 w1 w19\n")
    assert plain["values"] == rates_of("w3 w4", "w5 w1 w1 w19")
    assert plain["split"].endswith("own.txt")
    assert (plain["sentences"], plain["notes"]) == (2, {})
    noted = measure_text("w3 the W4\n\n  \nw5 cat\n\n")
    assert noted["values"] == rates_of("w3 <unk> <unk>", "w5 <unk>")
    assert noted["notes"] == {"unknown_words": "3 of 5 words (60.0%)", "blank_lines": "3 left out"}
    # Marks of other formats; only a line feed ends a line.
    marked = measure_text("\ufeffw3 w4 <eos>\r\nw5 _UNK </s>")
    assert marked["values"] == measure_text("w3 w4\nw5 <unk>\n")["values"]
    assert measure_text("w3\u2028w4\nw5\x85w6\n")["sentences"] == 2


def test_each_unknown_word_of_own_text_is_told(measure, tmp_path):
    """Not only many of them: one may be a text that was prepared in another way."""
    (tmp_path / "own.txt").write_text("w3 w4 w5 w6 w7\nw5 w1 w2 w3 The\n")
    status, _, err = measure("rate-distortion", "--text", tmp_path / "own.txt")
    assert status == 0
    assert "unknown_words: 1 of 10 words (10.0%)" in err


def test_own_text_is_known_by_its_content_and_is_no_split(measure, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = []
    for text in ("w3 w4\nw5 w1\n", "w3 w4\nw5 w2\n"):
        (tmp_path / "test").write_text(text)
        for name in ("rate-distortion", "posterior"):
            found.append(json.loads(measure(name, "--text", "test")[1]))
    assert {one["split"] for one in found} == {"./test"}
    digests = [one["sentences_sha256"] for one in found]
    assert digests[0] == digests[1] != digests[2] == digests[3]


def test_own_text_of_as_many_sentences_as_dimensions_has_no_determinant(measure_text):
    text = "".join(f"w{i} w{2 * i}\n" for i in range(LATENT))
    few, enough = measure_text(text, "posterior"), measure_text(text + "w7\n", "posterior")
    undefined = {"logdetcov", "moment_matched_kl"}
    undefined |= {f"{name}_bias" for name in undefined}
    assert {name for name, value in few["values"].items() if value is None} == undefined
    assert set(few["notes"]) == undefined
    assert None not in enough["values"].values()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        *((b"\n \n\n", "found 0"), (b"w1\n<eos>\n", "found 1"), (b"the cat\nsat\n", "3 words")),
        *((b"w1\nw\xe9\n", "line 2"), (None, "no such file")),
    ],
)
def test_own_text_that_cannot_be_measured_is_named(measure, tmp_path, text, message):
    if text is not None:
        (tmp_path / "own.txt").write_bytes(text)
    status, out, err = measure("rate-distortion", "--text", tmp_path / "own.txt")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"textvae measure: {tmp_path}/own.txt")
    assert message in err


def test_flags_of_a_corpus_are_refused_with_a_text(measure, folder):
    for flag, value in (("--split", "valid"), ("--grammar", folder)):
        _, _, err = measure("rate-distortion", "--text", "own.txt", flag, value)
        assert err.startswith(f"textvae measure: {flag}: ")
    for argv in ([], ["--corpus", "a", "--text", "b"], ["--corpus", "a", "--split", "dev"]):
        with pytest.raises(SystemExit, match="2"):
            measure("posterior", *argv)


def test_tf32_is_disabled(measure, folder, monkeypatch):
    """By default cuDNN rounds products of recurrent layers to TF32's 10 bits."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    measure("rate-distortion", "--corpus", folder / "corpus")
    assert not torch.backends.cudnn.allow_tf32


@pytest.fixture(scope="module")
def grammar_corpus(tmp_path_factory):
    """A corpus of the embedded grammar, another sample of it, and a model of its words."""
    folder = tmp_path_factory.mktemp("grammar")
    raw = folder / "raw"
    sizes = ["--train", "20", "--valid", "5", "--test", "30"]
    assert main(["grammar", *sizes, "--output", str(raw)]) == 0
    assert main(["grammar", *sizes, "--seed", "2", "--output", str(folder / "other")]) == 0
    files = [word for s in ("train", "valid", "test") for word in (f"--{s}", f"{raw}/{s}.txt")]
    argv = [*files, "--words", f"{raw}/words.txt", "--output", str(folder / "corpus")]
    assert main(["prepare", "--name", "grammar", *argv]) == 0
    vocabulary = EncodedCorpus(folder / "corpus").vocabulary
    saved.save(folder / "model", lively_model(vocabulary=vocabulary), {})
    return folder


def test_grammar_adds_the_bound_for_its_own_sample(measure, grammar_corpus):
    folder = grammar_corpus
    subject = ["--model", folder / "model", "--corpus", folder / "corpus", "--grammar"]
    values = json.loads(measure("rate-distortion", *subject, folder / "raw")[1])["values"]
    entropy = json.loads((folder / "raw/grammar.json").read_text())["entropy_nats"]
    assert values["entropy_nats"] == entropy
    assert values["bound_excess_nats"] > 3 * values["bound_excess_standard_error"] > 0
    flags = ["--samples", 2, "--sentences", 10]
    values = json.loads(measure("likelihood", *subject, folder / "raw", *flags)[1])["values"]
    assert values["iw_bound_excess_nats"] > 0
    valid = measure("rate-distortion", *subject, folder / "raw", "--split", "valid")
    assert json.loads(valid[1])["sentences"] == 5
    # A model may know its training sentences better than their source does.
    train = measure("rate-distortion", *subject, folder / "raw", "--split", "train")
    assert (train[0], "not trained on" in train[2]) == (1, True)
    few = measure("likelihood", *subject, folder / "raw", "--split", "valid", *flags)
    assert "10 requested" in json.loads(few[1])["notes"]["sentences"]
    status, _, err = measure("rate-distortion", *subject, folder / "other")
    assert status == 1
    assert err.startswith(f"textvae measure: {folder}/other/test.txt, line 1: ")


def test_fewer_sentences_than_requested_are_told_with_those_there_are(measure, folder, monkeypatch):
    """By a measurement that takes fewer than there are, too."""
    split = ["information", "--corpus", folder / "corpus", "--bootstrap", 0]
    for most, measured in ((None, 20), (12, 12)):
        monkeypatch.setattr(Gaussian, "most_pairs", most)
        content = json.loads(measure(*split)[1])
        assert content["sentences"] == measured
        assert (
            content["notes"]["sentences"] == f"5000 are the default, measured on {measured} of 20"
        )
        notes = json.loads(measure(*split, "--sentences", 12)[1])["notes"]
        assert "sentences" not in notes


def test_lines_are_drawn_by_count_and_seed(measure, folder):
    def values(*argv):
        return json.loads(measure("sensitivity", *argv)[1])["values"]

    def expected(count, seed, longest):
        ends = line_ends(count, LATENT, seed)
        return sensitivity.measure(TRAINED, ends, sensitivity.SensitivitySettings(), longest)

    assert values("--count", 20, "--seed", 6) == expected(20, 6, 50)
    assert values("--longest", 3) == expected(200, 1, 3)
    for flag, low in (("--count", 0), ("--longest", 0), ("--seed", -1)):
        assert f"{flag}: {low} " in measure("sensitivity", flag, low)[2]
    with pytest.raises(SystemExit, match="2"):
        measure("sensitivity", "--lines", "lines.npy", "--count", 3)
    assert "--seed: " in measure("sensitivity", "--lines", "lines.npy", "--seed", 3)[2]
    # More of the same lines, and others.
    lines = [
        json.loads(measure("sensitivity", "--longest", 3, *argv)[1])["lines_sha256"]
        for argv in (("--count", 5), ("--count", 6), ("--count", 5, "--seed", 2))
    ]
    assert lines[0] == lines[1] != lines[2]
    # The longest training sentence has 8 words, and its end.
    assert values("--count", 5, "--corpus", folder / "corpus") == expected(5, 1, 9)


def test_description_with_the_grammar_counts_accepted_sentences(tmp_path, capsys):
    text = "the author laughs\nthe author laugh\n\nthe <unk> laughs\nthe author laughs\n"
    (tmp_path / "text.txt").write_text(text)
    report = {"cell": TRAINED.cell.as_dict(), "decoding": "greedy", "copy": 2}
    write_json(tmp_path / "report.json", report | {"cut": 3, "longest": 9})
    files = ["--text", str(tmp_path / "text.txt"), "--report", str(tmp_path / "report.json")]

    def values(*flags):
        assert main(["measure", "description", *files, *flags]) == 0
        return json.loads(capsys.readouterr().out)["values"]

    assert values("--grammar")["accepted_percent"] == 40
    plain = values()
    assert "accepted_percent" not in plain
    assert (plain["cut_sentences"], plain["cut_after_words"]) == (3, 9)


def test_additional_texts_have_pairs_and_scores(measure, folder, tmp_path):
    """Lines of original and reconstruction; the log-odds of each pair, also of a language model."""
    measure("reconstruction", "--corpus", folder / "corpus", "--pairs", tmp_path / "pairs.tsv")
    sentences = EncodedCorpus(folder / "corpus").split("test")
    assert (tmp_path / "pairs.tsv").read_text() == "".join(
        f"{' '.join(original)}\t{' '.join(copy)}\n"
        for original, copy in reconstruction.reconstruct(TRAINED, sentences)
    )
    argv = ["--pairs", folder / "pairs.tsv", "--name", "own", "--precision", "float32"]
    argv += ["--language-model", folder / "lm", "--scores", tmp_path / "scores.tsv"]
    content = json.loads(measure("syntax", *argv)[1])
    encoded = encode(PAIRS, VOCABULARY)
    settings = SyntaxSettings(precision="float32")
    values, odds = judge(TRAINED.model, PAIRS, encoded, settings, lively_language_model())
    assert (content["values"], content["split"]) == (values, "own")
    with (tmp_path / "scores.tsv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for column in ("row", "set", "subcategory", "grammatical", "ungrammatical"):
        assert [row[column] for row in rows] == [getattr(pair, column) for pair in PAIRS]
    assert [row["covered"] == "yes" for row in rows] == encoded.covered.tolist()
    for name, expected in odds.items():
        np.testing.assert_allclose([float(row[name]) for row in rows], expected, rtol=1e-5)


def test_pairs_of_unknown_words_give_a_remark_and_a_note(measure, tmp_path):
    path = tmp_path / "own.tsv"
    path.write_text("grammatical\tungrammatical\nW1 w2\tW1 w3\nw1 W2.\tw1 w2.\nA w1\tB w1\n")
    status, out, err = measure("syntax", "--pairs", path)
    note = json.loads(out)["notes"]["coverage"]
    assert (status, err.count("\n"), note in err) == (0, 1, True)
    # The words of both sentences count, also those that they share (W1).
    assert "0 of 3 pairs" in note
    # 6 of 12 words.
    assert "50.0%" in note
    assert all(f"'{word}'" in note for word in ("W1", "W2.", "w2.", "A", "B"))
    probed = json.loads(measure("probe", "--pairs", path)[1])
    assert (probed["values"]["all.probe_coverage"], probed["notes"]["coverage"]) == (0, note)
    # If half of the pairs are covered, the note is not printed.
    path.write_text("grammatical\tungrammatical\nw1 w2\tw1 w3\nA w1\tB w1\n")
    status, out, err = measure("syntax", "--pairs", path, "--precision", "float32")
    assert (err, "1 of 2 pairs" in json.loads(out)["notes"]["coverage"]) == ("", True)
    assert "--name: 'a\\nb'" in measure("syntax", "--pairs", path, "--name", "a\nb")[2]
    path.write_text("ungrammatical\tgrammatical\nw1 A\tw1 B\n")
    content = json.loads(measure("syntax", "--pairs", path)[1])
    assert content["values"]["all.p1_covered"] is None
    assert "all.p1_covered" in content["notes"]


def prepared(folder, name, **lines):
    """Prepare a corpus of the words `a` and `b`; lines: split -> its text, by default two lines."""
    texts = {split: lines.get(split, "a b\nb a\n") for split in ("train", "valid", "test")}
    (folder / f"{name}.words").write_text("a\nb\n")
    argv = ["--words", f"{folder}/{name}.words", "--output", f"{folder}/{name}"]
    for split, text in texts.items():
        (folder / f"{name}.{split}.txt").write_text(text)
        argv += [f"--{split}", f"{folder}/{name}.{split}.txt"]
    assert main(["prepare", "--name", name.rstrip("2"), *argv]) == 0
    return EncodedCorpus(folder / name)


def test_measurement_names_another_corpus_and_unknown_words(tmp_path, capsys):
    own = prepared(tmp_path, "one")
    prepared(tmp_path, "other")
    prepared(tmp_path, "one2", test="a b\na a\n")
    prepared(tmp_path, "foreign", test="x y z\na q\n")
    model = lively_model(vocabulary=own.vocabulary)
    cell = Cell("one", "lively", 2.0, 1)
    saved.save(tmp_path / "model", replace(model, cell=cell), {"corpus": own.fingerprint})

    def run(corpus, *argv):
        capsys.readouterr()
        argv = ["--model", tmp_path / "model", "--corpus", tmp_path / corpus, *argv]
        assert main(["measure", "rate-distortion", *map(str, argv)]) == 0
        out, err = capsys.readouterr()
        assert err.count("\n") == err.count("warning: ")
        content = json.loads(out)
        return content["split"], content["notes"], err, content["values"]["unk_percent"]

    assert run("one") == ("test", {}, "", 0)
    assert run("one", "--split", "train")[0] == "train"
    split, notes, err, _ = run("other")
    assert (split, notes["corpus"] in err) == ("other: test", True)
    assert "'other'" in notes["corpus"]
    split, notes, err, _ = run("one2")
    assert (split, notes["corpus"] in err) == ("one: test", True)
    _, notes, err, percent = run("foreign")
    # The training split has no unknown word.
    assert notes["untrained_unk"] in err
    # 4 of 5 words.
    assert (percent, "4 of 5" in notes["unknown_words"], "80.0%" in err) == (80, True, True)
