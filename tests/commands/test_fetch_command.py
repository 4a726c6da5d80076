"""`textvae fetch` as a person or a rule calls it."""

import hashlib
import json
from pathlib import Path

import pytest
import yaml

from fileserver import Reply, serving
from textvae.cli import main

TEXT = b"the cat sat .\n"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def command(folder: Path, url: str) -> list[str]:
    """Fetch a source of one file, which is at `url`."""
    file = {"sha256": hashlib.sha256(TEXT).hexdigest(), "origins": [{"url": f"{url}/train.txt"}]}
    told = dict.fromkeys(["description", "licence", "citation", "homepage"], "of cats")
    declared = {"sources": {"cats": {**told, "files": {"train.txt": file}}}}
    (folder / "sources.yaml").write_text(yaml.safe_dump(declared))
    sources, output = str(folder / "sources.yaml"), str(folder / "out")
    return ["fetch", "cats", "--sources", sources, "--output", output]


def test_a_source_arrives_with_its_manifest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving({"/train.txt": Reply(TEXT)}) as server:
        assert main(command(tmp_path, server.url)) == 0
        assert main(command(tmp_path, server.url)) == 0
        assert server.asked == ["/train.txt"]
    assert (tmp_path / "out" / "train.txt").read_bytes() == TEXT
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["files"][0]["origin"] == "found here"
    path = tmp_path / "out" / "train.txt"
    assert capsys.readouterr().err.splitlines() == [
        f"{path}: 14 bytes, {server.url}/train.txt",
        f"{path}: 14 bytes, found here",
    ]


def test_a_failure_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving({}) as server:
        assert main(command(tmp_path, server.url)) == 1
    printed = capsys.readouterr().err
    assert printed.startswith("textvae fetch: cats: train.txt could not be had\n")
    assert f"{server.url}/train.txt: HTTP 404 Not Found" in printed
    assert f"put it there by hand: {tmp_path / 'out' / 'train.txt'} (sha256 " in printed
    assert "Traceback" not in printed


def test_an_unknown_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = command(tmp_path, "https://127.0.0.1")
    argv[1] = "dogs"
    assert main(argv) == 1
    assert "sources.yaml: no source 'dogs', there are cats" in capsys.readouterr().err
