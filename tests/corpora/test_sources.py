"""Declared sources, checksums and manifests of fetched files."""

import hashlib
import io
import json
from pathlib import Path

import pytest
import yaml

from input_errors import refusal
from realdata import real_file
from textvae.corpora import sources
from textvae.corpora.contents import Checks, Contents
from textvae.corpora.sources import Archive, Origin, check_unchanged, find_source, load_sources

DECLARED = Path(__file__).parents[2] / "config" / "sources.yaml"
SHA = "0123456789abcdef" * 4
HELLO = "ce013625030ba8dba906f756967f9e9ca394464a"  # of `git hash-object`
TEXT = b"the cat sat .\n" * 3


def entry(**changes):
    """Return a valid source with `changes`."""
    origins = [{"archive": "all.tgz", "member": "m.txt"}, {"url": "https://example.org/a"}]
    return {
        **dict.fromkeys(("description", "licence", "citation", "homepage"), "x"),
        "archives": {"all.tgz": {"urls": ["http://example.org/all.tgz"], "sha256": SHA}},
        "files": {"train.txt": {"bytes": 1, "origins": origins}},
        **changes,
    }


def files(*origins, **file):
    return entry(files={"train.txt": {"origins": list(origins), **file}})


def load(tmp_path, source):
    path = tmp_path / "sources.yaml"
    path.write_text(yaml.safe_dump({"sources": {"own": source}}))
    return find_source(path, "own")


URL = {"url": "https://example.org/a"}
HTTP = {"url": "http://example.org/a"}


def test_valid_source_keeps_the_order_of_origins(tmp_path):
    source = load(tmp_path, entry())
    (file,) = source.files
    assert file.origins == (Origin(archive="all.tgz", member="m.txt"), Origin(**URL))
    assert file.checks == Checks(bytes=1)
    url = "http://example.org/all.tgz"
    assert source.archives == {"all.tgz": Archive("all.tgz", (url,), Checks(sha256=SHA))}
    # Plain http is allowed for a file with a SHA-256.
    assert load(tmp_path, files(HTTP, sha256=SHA)).files[0].origins == (Origin(**HTTP),)


@pytest.mark.parametrize(
    ("source", "key"),
    [
        (entry(license="MIT"), "sources.own: unknown key 'license'"),
        ({"description": "d"}, "sources.own: citation"),
        ("text", "sources.own: "),
        (entry(files={}), "files: empty"),
        (files(URL, sha1="x"), "'sha1'"),
        (files(URL, bytes="12"), "bytes: '12'"),
        (files(URL, bytes=0), "bytes: 0"),
        (files(URL, sha256=SHA[1:]), "64 hexadecimal"),
        (files(URL, git_blob=12), "git_blob: 12, expected 40"),
        (files(), "train.txt.origins"),
        (files(HTTP), "origins: 'http://example.org/a'"),
        (files(HTTP, git_blob="0" * 40), "origins: 'http://example.org/a'"),
        (files({"url": "file:///etc/passwd"}, sha256=SHA), "'file:///etc/passwd'"),
        (files({"archive": "all.tgz"}), "origins: archive given"),
        (files({"archive": "other", "member": "m"}), "'other'"),
        (entry(files={"../train.txt": {}}), "'../train.txt'"),
        (entry(files={"/train.txt": {}}), "'/train.txt'"),
        (entry(files={"a\\b": {}}), "'a\\\\b'"),
        (entry(files={"manifest.json": {"origins": [URL]}}), "manifest.json"),
        (entry(files={"all.tgz": {"origins": [URL]}}), "named all.tgz"),
        (entry(archives={"a.zip": {"urls": [HTTP["url"]]}}), "archives.a.zip.urls: "),
        (entry(archives={"a.zip": {"urls": ["https://["]}}), "archives.a.zip.urls: 'https://['"),
    ],
)
def test_invalid_source_is_named(tmp_path, source, key):
    assert key in refusal(load, tmp_path, source)


def test_invalid_sources_file_or_name_is_refused(tmp_path):
    path = tmp_path / "sources.yaml"
    assert "no such file" in refusal(load_sources, path)
    for text, key in (("sources: [", "YAML"), ("a: 2000-13-01", "date"), ("source: {}", "sources")):
        path.write_text(text)
        assert key in refusal(load_sources, path)
    message = refusal(find_source, DECLARED, "cbd")
    assert "'cbd'" in message
    assert "authors, cbt, syneval" in message


def test_declared_sources_are_those_of_the_paper():
    declared = load_sources(DECLARED)
    assert set(declared) == {"yahoo", "yelp", "cbt", "wiki", "webtext", "syneval", "authors"}
    for name in ("yahoo", "yelp", "cbt", "wiki", "webtext"):
        assert [Path(file.name).stem for file in declared[name].files] == ["train", "valid", "test"]
    assert len(declared["syneval"].files) == 22


def test_contents_are_size_sha256_and_git_blob():
    contents = Contents.of(io.BytesIO(b"hello\n"))
    assert contents == Contents(6, hashlib.sha256(b"hello\n").hexdigest(), HELLO)
    file = io.BytesIO(b"x" * 3_000_000)
    file.seek(17)
    assert Contents.of(file).bytes == 3_000_000


@pytest.mark.parametrize(
    ("checks", "key"),
    [
        (Checks(), None),
        (Checks(bytes=6), None),
        (Checks(bytes=7), "too short: 6 bytes, expected 7"),
        (Checks(bytes=5), "too long: 6 bytes, expected 5"),
        (Checks(sha256="0" * 64), f"expected {'0' * 64}"),
        (Checks(git_blob=HELLO), None),
        (Checks(git_blob="1" * 40), f"git blob {HELLO}, expected 1"),
    ],
)
def test_fault_names_received_and_expected(checks, key):
    fault = checks.fault(Contents.of(io.BytesIO(b"hello\n")))
    assert fault is None if key is None else key in fault
    assert checks.fault(Contents.of(io.BytesIO(b""))) == "empty (0 bytes)"


def test_checks_are_shown_with_all_that_is_known():
    checks = str(Checks(120_547_669, "b" * 64, "a" * 40))
    assert checks == f"120,547,669 bytes, sha256 {'b' * 64}, git blob {'a' * 40}"
    assert str(Checks())


@pytest.fixture
def checked(tmp_path):
    """A file with the manifest of its fetch."""
    (tmp_path / "train.txt").write_bytes(TEXT)
    sha256 = hashlib.sha256(TEXT).hexdigest()
    entries = [{"file": "train.txt", "bytes": len(TEXT), "sha256": sha256}]
    sources.write(tmp_path, "cats", entries)
    return tmp_path / "train.txt"


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (TEXT.replace(b"cat", b"cow"), "wrong checksum: sha256 "),
        (TEXT[:-1], "too short: 41 bytes, expected 42"),
    ],
)
def test_file_changed_since_its_fetch_is_refused(checked, content, key):
    check_unchanged(checked)
    checked.write_bytes(content)
    message = refusal(check_unchanged, checked)
    assert message.startswith(f"{checked}: ")
    assert key in message
    assert f"delete {checked.parent / 'manifest.json'}" in message


@pytest.mark.parametrize("manifest", [[], {"files": 3}, {"files": [{"file": "train.txt"}]}, None])
def test_file_without_an_entry_is_not_checked(checked, manifest):
    (checked.parent / "own.txt").write_bytes(TEXT)
    check_unchanged(checked.parent / "own.txt")
    check_unchanged(checked.parent / "missing.txt")
    checked.write_bytes(b"other")
    (checked.parent / "manifest.json").write_text(json.dumps(manifest))
    check_unchanged(checked)


def test_declared_checksums_are_those_of_the_real_files():
    sources = load_sources(DECLARED)
    with real_file("yahoo/yahoo.val.txt").open("rb") as file:
        assert sources["yahoo"].files[1].checks.fault(Contents.of(file)) is None
    for pickle in sources["syneval"].files:
        with real_file(f"syneval/EMNLP2018_templates/{pickle.name}").open("rb") as file:
            assert pickle.checks.fault(Contents.of(file)) is None
