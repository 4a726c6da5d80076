"""Each source's format, the marks they bring along, and what is said of files that are wrong."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realdata import real_file
from textvae.corpora import formats as readers
from textvae.corpora.formats import read
from textvae.errors import InputError
from textvae.registry import FORMATS


def sentences(tmp_path: Path, format: str, content: str | bytes) -> list[str]:
    path = tmp_path / "raw.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read(path, format))


def test_plain_is_a_sentence_a_line(tmp_path: Path) -> None:
    assert sentences(tmp_path, "plain", "a b .\nc  d\t.\r\nlast") == ["a b .", "c d .", "last"]


def test_cbt_has_titles_and_escaped_brackets(tmp_path: Path) -> None:
    text = "_BOOK_TITLE_ : Prigio.txt.out\nCHAPTER I. -LCB- p1 -RCB-\n-LRB- a -LSB- b -RSB- -RRB-\n"
    assert sentences(tmp_path, "cbt", text) == ["CHAPTER I. { p1 }", "( a [ b ] )"]


def test_wiki_ends_its_sentences_with_a_mark(tmp_path: Path) -> None:
    text = "a b . <eos>\nc <unk> . <eos> d <eos>\ncut\n <eos> \n"
    assert sentences(tmp_path, "wiki", text) == ["a b .", "c <unk> .", "d", "cut"]


def test_yelp_has_a_label_before_a_tab(tmp_path: Path) -> None:
    assert sentences(tmp_path, "yelp", "4\tgood _UNK .\n0\tbad\tfood\n") == [
        "good <unk> .",
        "bad food",
    ]


def test_webtext_is_json_with_documents(tmp_path: Path) -> None:
    documents = [
        {"id": 1, "text": "Hello, world. It's me.\n\nA title\n"},
        {"text": ""},
        {"text": "“Why?” \ud83d half"},
    ]
    text = "\n".join(json.dumps(document) for document in documents)
    assert sentences(tmp_path, "webtext", text) == [
        "Hello , world .",
        "It 's me .",
        "A title",
        '" Why ? " � half',
    ]


@pytest.mark.parametrize("format", ["plain", "cbt", "wiki"])
def test_marks_get_one_spelling(tmp_path: Path, format: str) -> None:
    text = "_UNK <unk> UNK <UNK> [UNK] ⟨unk⟩ <EOS> a </s> <eos>\n"
    expected = ["<unk> <unk> <unk> <unk> <unk> <unk> a"]
    assert sentences(tmp_path, format, text) == expected


def test_words_that_only_hold_a_mark_stay(tmp_path: Path) -> None:
    assert sentences(tmp_path, "plain", "UNKIND unk x_UNK s </s>x") == ["UNKIND unk x_UNK s </s>x"]


@pytest.mark.parametrize("format", FORMATS.names())
def test_blank_lines_are_empty_sentences(tmp_path: Path, format: str) -> None:
    assert sentences(tmp_path, format, "\n \t\n\r\n") == ["", "", ""]


def test_a_line_of_nothing_but_marks_is_blank(tmp_path: Path) -> None:
    assert sentences(tmp_path, "plain", "</s>\n<EOS> <eos>\n") == ["", ""]


def test_an_empty_file_has_no_sentences(tmp_path: Path) -> None:
    assert sentences(tmp_path, "plain", b"") == []


def test_a_byte_order_mark_is_no_word(tmp_path: Path) -> None:
    assert sentences(tmp_path, "plain", b"\xef\xbb\xbfa b\n") == ["a b"]


@pytest.mark.parametrize(
    ("format", "content", "message"),
    [
        ("plain", b"good\nb\xffd\n", "raw.txt, line 2: not UTF-8 (byte 0xff at position 2)"),
        ("plain", "a\n".encode("utf-16"), "raw.txt, line 1: not UTF-8 (byte 0xff at position 1)"),
        ("yelp", b"1\ta\n\nno tab\n", "line 3: no tab in it, expected a label, a tab and the text"),
        ("webtext", b'{"text": "a"}\n{"text": \n', "line 2: not JSON, expected an object like {"),
        ("webtext", b"[" * 100_000, "line 1: not JSON"),
        ("webtext", b'{"text": ' + b"1" * 5000 + b"}", "line 1: not JSON"),
        ("webtext", b'["text"]', 'line 1: no text in it, expected an object like {"text": "..."}'),
        ("webtext", b'{"text": 3}', "line 1: no text in it"),
    ],
)
def test_wrong_text_is_named_by_file_and_line(
    tmp_path: Path, format: str, content: bytes, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        sentences(tmp_path, format, content)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_a_file_must_be_there_and_its_format_known(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.txt: no such file"):
        list(read(tmp_path / "none.txt", "plain"))
    with pytest.raises(InputError, match="is a folder, expected a file of text"):
        list(read(tmp_path, "plain"))
    with pytest.raises(InputError, match="format: 'text', expected one of plain, cbt, wiki, yelp"):
        list(read(tmp_path, "text"))


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MAX_LINE", 100)
    assert sentences(tmp_path, "plain", "a" * 100) == ["a" * 100]
    with pytest.raises(InputError, match="line 2: longer than 100 bytes, expected lines of text"):
        sentences(tmp_path, "plain", "a\n" + "a" * 101)


def test_reading_tells_how_many_bytes_it_has_read(tmp_path: Path) -> None:
    path = tmp_path / "raw.txt"
    path.write_text("some words .\n" * 200_000)
    told: list[int] = []
    assert sum(1 for _ in read(path, "plain", told.append)) == 200_000
    assert sum(told) == path.stat().st_size
    assert len(told) == 3


LINES = st.text() | st.builds("{}\t{}".format, st.integers(), st.text())
LINES |= st.text().map(lambda text: json.dumps({"text": text}))


@settings(deadline=None, max_examples=300)
@given(
    content=st.binary() | st.lists(LINES).map(lambda lines: "\n".join(lines).encode()),
    format=st.sampled_from(sorted(FORMATS.names())),
)
def test_any_bytes_end_in_sentences_or_a_message(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, format: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes(content)
    message = f"{path}, line "
    try:
        for sentence in read(path, format):
            assert sentence == " ".join(sentence.split())
            assert "<eos>" not in sentence.split()
            sentence.encode()
    except InputError as error:
        message = str(error)
    assert message.startswith(f"{path}, line ")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "format", "lines", "words"),
    [  # counted with grep -v '^_BOOK_TITLE_' and wc -lw; WIKI's words less one <eos> a line
        ("cbt/DERIVED_cbtlike_train.txt", "cbt", 48_711, 1_054_052),
        ("cbt/DERIVED_cbtlike_valid.txt", "cbt", 5_135, 93_097),
        ("cbt/DERIVED_cbtlike_test.txt", "cbt", 6_318, 162_131),
        ("cbt/REAL_cbt_excerpt_23lines.txt", "cbt", 22, 466),
        ("wiki/SUBSTITUTE.linzen_subj_agr_filtered.text", "wiki", 7_489, 186_255 - 7_489),
        ("yahoo/yahoo.val.txt", "plain", 10_000, 790_680),
    ],
)
def test_real_files_are_read_whole(name: str, format: str, lines: int, words: int) -> None:
    counts = [len(sentence.split()) for sentence in read(real_file(name), format)]
    assert (len(counts), sum(counts)) == (lines, words)
    assert min(counts) > 0


def test_real_marks_and_brackets() -> None:
    """grep -o counts 33,582 `_UNK` in Yahoo's file and 463 `-LRB-` over CBT's three."""
    yahoo = Counter(" ".join(read(real_file("yahoo/yahoo.val.txt"), "plain")).split())
    assert yahoo["<unk>"] == 33_582
    assert yahoo["_UNK"] == 0
    brackets = 0
    for split in ("train", "valid", "test"):
        for sentence in read(real_file(f"cbt/DERIVED_cbtlike_{split}.txt"), "cbt"):
            assert "RB-" not in sentence
            brackets += sentence.count("(")
    assert brackets == 463


def test_real_web_documents_lose_no_letter() -> None:
    path = real_file("webtext/webtext_first63bpe.valid.jsonl")
    read_letters = Counter(filter(str.isalnum, "".join(read(path, "webtext"))))
    with path.open(encoding="utf-8") as file:
        documents = [json.loads(line)["text"] for line in file]
    assert len(documents) == 4_724
    assert read_letters == Counter(filter(str.isalnum, "".join(documents)))
    # No outside count exists of what our own rules make of it; this one guards against change.
    assert sum(1 for _ in read(path, "webtext")) == 15_654


def test_a_format_of_an_extension_is_read(tmp_path: Path) -> None:
    extension = tmp_path / "tabs.py"
    extension.write_text(
        "from textvae.errors import InputError\n"
        "from textvae.registry import FORMATS\n\n\n"
        '@FORMATS.register("second-column")\n'
        "def second_column(line):\n"
        '    """The second of several columns between tabs."""\n'
        '    if "\\t" not in line:\n'
        '        raise InputError("no tab, expected columns")\n'
        '    return (line.split("\\t")[1],)\n'
    )
    path = tmp_path / "raw.txt"
    path.write_text("1\tthe cat\tx\n2\tthe dog\tx\nnone\n")
    program = (
        "import sys\nfrom pathlib import Path\nfrom textvae.corpora.formats import read\n"
        "for sentence in read(Path(sys.argv[1]), 'second-column'): print(sentence)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        env=os.environ | {"TEXTVAE_EXTENSIONS": str(extension)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "the cat\nthe dog\n"
    assert done.stderr.splitlines()[-1].endswith(f"{path}, line 3: no tab, expected columns")
