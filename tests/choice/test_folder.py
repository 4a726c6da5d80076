"""The folder of a search: another's files are refused, and only a search's are removed."""

import json

import pytest

from textvae import cli
from textvae.choice import choose
from textvae.choice.request import check_model, check_request, is_prepared, write_request
from textvae.errors import InputError
from textvae.io import write_json

SWEEP, FCE = {"by": "sweep"}, {"by": "fce"}


def model_of(folder, name):
    write_json(folder / "config.json", {"cell": {"model": name}})


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("overwrite", [False, True])
def test_folder_with_files_and_no_search_is_refused(tmp_path, overwrite):
    model_of(tmp_path / "model", "mine")
    with pytest.raises(InputError, match="has model and no request"):
        check_request(tmp_path, FCE, overwrite)
    assert names(tmp_path) == ["model"]


def test_another_search_is_refused_or_removed_alone(tmp_path):
    check_request(tmp_path, SWEEP)
    check_request(tmp_path, SWEEP)
    with pytest.raises(InputError, match="another by; expected the same flags"):
        check_request(tmp_path, FCE)
    of_models = (("search", "search"), ("model", "mine"), ("model2", "model2"), ("C5/rung1", "fce"))
    # The name of a C of a million.
    of_models += (("C1e+06/rung1", "fce"),)
    for folder, name in of_models:
        model_of(tmp_path / folder, name)
    for folder in ("C7/rung1", "C7/notes", "C3-mine", "mine", "autoencoder.checkpoints"):
        (tmp_path / folder).mkdir(parents=True)
    # What a search has beside a model, and within it.
    (tmp_path / "C5/rung1.checkpoints/abc").mkdir(parents=True)
    for made in ("search/lm/config.json", "search/text.txt", "model2/samples-of-mine.txt"):
        (tmp_path / made).parent.mkdir(exist_ok=True)
        (tmp_path / made).write_text("{}")
    (tmp_path / "choice.json").write_text("{}")
    check_request(tmp_path, FCE, overwrite=True)
    assert names(tmp_path) == ["C3-mine", "C7", "mine", "model", "model2", "request.json"]
    assert names(tmp_path / "C7") == ["notes"]
    assert names(tmp_path / "model2") == ["samples-of-mine.txt"]
    assert json.loads((tmp_path / "request.json").read_text()) == FCE


@pytest.mark.parametrize("changed", ["cell", "recipe", None])
def test_model_of_another_training_is_refused(tmp_path, changed):
    recipe = {"epochs": 2, "corpus": "a"}
    training = {"recipe": recipe, "corpus": "abc", "threads": 1}
    identity = {"cell": {"model": "model", "C": 3.0}, "architecture": {}, "training": training}
    found = identity | {"training": training | {"threads": 4}}
    if changed == "cell":
        found |= {"cell": {"model": "model", "C": 5.0}}
    elif changed == "recipe":
        found |= {"training": training | {"recipe": {}}}
    write_json(tmp_path / "config.json", found)
    if changed is None:
        check_model(tmp_path, identity)
        return
    with pytest.raises(InputError, match="is not of the training model/3"):
        check_model(tmp_path, identity)


def test_corpus_of_another_text_is_not_used(tmp_path, capsys):
    text, corpus = tmp_path / "my.txt", tmp_path / "out/corpus"
    text.write_text("a b\n")
    write_json(corpus / "statistics.json", {})
    flags = ["choose-C", "--text", str(text), "--output", str(tmp_path / "out")]
    for more in ([], ["--overwrite"]):
        assert cli.main(flags + more) == 1
        assert "has corpus and no request.json" in capsys.readouterr().err
    assert names(corpus) == ["statistics.json"]


def test_corpus_of_another_version_is_prepared_again(tmp_path):
    assert not is_prepared(tmp_path, {"code": "1"})
    write_request(tmp_path, {"code": "1"})
    assert not is_prepared(tmp_path, {"code": "1"})
    (tmp_path / "statistics.json").write_text("{}")
    assert is_prepared(tmp_path, {"code": "1"})
    with pytest.raises(InputError, match="another code"):
        is_prepared(tmp_path, {"code": "2"})
    assert not is_prepared(tmp_path, {"code": "2"}, overwrite=True)


def test_text_that_is_refused_leaves_the_corpus_of_another(tmp_path, monkeypatch):
    """A text of 150 lines is prepared; one of 60, the fewest being 100, is not."""
    texts = {name: tmp_path / f"{name}.txt" for name in ("long", "short")}
    for (name, path), lines in zip(texts.items(), (150, 60), strict=True):
        path.write_text("".join(f"{name} words {i % 9} more\n" for i in range(lines)))
    monkeypatch.setattr(choose, "choose", lambda *_: {"by": "fce"})
    monkeypatch.setattr(choose, "paragraph", lambda *_: "chosen")
    flags = ["choose-C", "--by", "sweep", "--batch", "5", "--output", str(tmp_path / "out")]
    assert cli.main([*flags, "--text", str(texts["long"])]) == 0
    made = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    write_json(tmp_path / "out/request.json", {})
    assert cli.main([*flags, "--text", str(texts["short"]), "--overwrite"]) == 1
    assert {path: path.read_bytes() for path in made} == made
    assert cli.main([*flags, "--text", str(texts["long"])]) == 0
    assert names(tmp_path / "out") == ["corpus", "raw", "request.json"]
    # Another preparation leaves what is not its own.
    for name in ("corpus/notes/mine.txt", "raw/mine.txt"):
        (tmp_path / "out" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "out" / name).write_text("mine")
    more = ["--longest", "90", "--overwrite"]
    assert cli.main([*flags, "--text", str(texts["long"]), *more]) == 0
    mine = sorted((tmp_path / "out").rglob("mine.txt"))
    assert [path.read_text() for path in mine] == ["mine", "mine"]
    assert (tmp_path / "out/corpus/statistics.json").is_file()


def test_text_is_prepared_by_flags(tmp_path, monkeypatch, capsys):
    """A remedy that a warning of the preparation names is a flag of the same command."""
    text = tmp_path / "my.txt"
    text.write_text("".join(f"Some words {'and more ' * (i % 4)}{i % 9}\n" for i in range(150)))
    monkeypatch.setattr(choose, "choose", lambda *_: {"by": "sweep"})
    monkeypatch.setattr(choose, "paragraph", lambda *_: "chosen")
    flags = ["choose-C", "--by", "sweep", "--batch", "5", "--output", str(tmp_path / "out")]
    corpus = tmp_path / "out/corpus"
    own = ["--text", str(text), "--longest", "7", "--vocabulary", "4", "--normalise"]
    assert cli.main([*flags, *own]) == 0
    assert "are too long and dropped" in capsys.readouterr().err
    statistics = json.loads((corpus / "statistics.json").read_text())
    assert statistics["vocabulary"]["reached"] == 4
    assert statistics["splits"]["train"]["longest"] == 7
    assert "Some" in (corpus / "vocabulary.txt").read_text().split()
    assert cli.main([*flags, *own, "--longest", "9"]) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert cli.main([*flags, "--corpus", str(corpus)]) == 0
    assert cli.main([*flags, "--corpus", str(corpus), "--longest", "9"]) == 1
    assert "--longest: this flag prepares a --text" in capsys.readouterr().err
