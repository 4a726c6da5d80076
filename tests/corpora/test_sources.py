"""Sources are declared once; whatever does not fit is named by its place in the file."""

from pathlib import Path

import pytest
import yaml

from realdata import real_file
from textvae.corpora.sources import Archive, Origin, Source, find_source, load_sources
from textvae.corpora.transfer import Contents
from textvae.errors import InputError

DECLARED = Path(__file__).parents[2] / "config" / "sources.yaml"
SHA = "0123456789abcdef" * 4


def entry(**changes: object) -> dict[str, object]:
    """A source that is right, but for `changes`."""
    return {
        "description": "d",
        "licence": "l",
        "citation": "c",
        "homepage": "https://example.org",
        "archives": {"all.tar.gz": {"urls": ["http://example.org/all.tar.gz"], "sha256": SHA}},
        "files": {
            "train.txt": {
                "bytes": 12,
                "origins": [
                    {"archive": "all.tar.gz", "member": "all/train.txt"},
                    {"url": "https://example.org/train.txt"},
                ],
            }
        },
        **changes,
    }


def load(tmp_path: Path, source: object) -> Source:
    path = tmp_path / "sources.yaml"
    path.write_text(yaml.safe_dump({"sources": {"own": source}}))
    return find_source(path, "own")


def files(**file: object) -> dict[str, object]:
    return {"train.txt": {"origins": [{"url": "https://example.org/a"}], **file}}


def test_origins_keep_their_order(tmp_path: Path) -> None:
    source = load(tmp_path, entry())
    (file,) = source.files
    assert file.origins == (
        Origin(archive="all.tar.gz", member="all/train.txt"),
        Origin(url="https://example.org/train.txt"),
    )
    assert file.checks.bytes == 12
    assert isinstance(source.archives["all.tar.gz"], Archive)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (entry(license="MIT"), "sources.own: unknown key 'license', expected archives"),
        ({"description": "d"}, "sources.own: citation is missing"),
        ("text", "sources.own: expected keys and values, got 'text'"),
        (entry(files={}), "files: empty"),
        (entry(files=files(sha1="x")), "unknown key 'sha1'"),
        (entry(files=files(bytes="12")), "bytes: '12', expected a positive whole number"),
        (entry(files=files(sha256="123")), "sha256: '123', expected 64 hexadecimal digits"),
        (entry(files=files(git_blob=12)), "git_blob: 12, expected 40 hexadecimal digits"),
        (entry(files=files(origins=[])), "origins: expected a list with at least one entry"),
        (
            entry(files=files(origins=[{"url": "http://example.org"}])),
            "expected an address with https",
        ),
        (
            entry(files=files(origins=[{"url": "file:///etc/passwd"}])),
            "expected an address with https",
        ),
        (
            entry(files=files(origins=[{"archive": "all.tar.gz"}])),
            "either url, or archive and member",
        ),
        (
            entry(files=files(origins=[{"archive": "other", "member": "m"}])),
            "no archive 'other' is declared",
        ),
        (entry(files={"../train.txt": {}}), "is not the name of a file inside the source's folder"),
        (entry(files={"/train.txt": {}}), "is not the name of a file inside the source's folder"),
        (entry(files={"manifest.json": files()["train.txt"]}), "are named manifest.json"),
        (entry(files={"all.tar.gz": files()["train.txt"]}), "are named all.tar.gz"),
        (entry(archives={"a.zip": {"urls": ["http://example.org"]}}), "archives.a.zip.urls: "),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, source: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, source)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_plain_http_needs_a_sha256_beside_it(tmp_path: Path) -> None:
    guarded = files(origins=[{"url": "http://example.org/a"}], sha256=SHA)
    assert load(tmp_path, entry(files=guarded)).files[0].origins[0].url == "http://example.org/a"


def test_the_file_itself_may_be_wrong(tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    with pytest.raises(InputError, match="no such file"):
        load_sources(path)
    path.write_text("sources: [")
    with pytest.raises(InputError, match="not YAML"):
        load_sources(path)
    path.write_text("source: {}")
    with pytest.raises(InputError, match="sources is missing"):
        load_sources(path)


def test_an_unknown_source_is_answered_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no source 'cbd', expected authors, cbt, syneval, web"):
        find_source(DECLARED, "cbd")


def test_the_papers_corpora_are_declared() -> None:
    sources = load_sources(DECLARED)
    assert set(sources) == {"yahoo", "yelp", "cbt", "wiki", "webtext", "syneval", "authors"}
    for name in ("yahoo", "yelp", "cbt", "wiki", "webtext"):
        stems = [Path(file.name).stem for file in sources[name].files]
        assert stems == ["train", "valid", "test"]
    assert len(sources["syneval"].files) == 22


def test_the_declared_checksums_are_those_of_the_real_files() -> None:
    sources = load_sources(DECLARED)
    valid = sources["yahoo"].files[1]
    with real_file("yahoo/yahoo.val.txt").open("rb") as file:
        assert valid.checks.fault(Contents.of(file)) is None
    for pickle in sources["syneval"].files:
        with real_file(f"syneval/EMNLP2018_templates/{pickle.name}").open("rb") as file:
            assert pickle.checks.fault(Contents.of(file)) is None
