"""Recognition of other formats by the first lines of a text."""

import json
from textwrap import wrap

import pytest

from realdata import real_file
from textvae.corpora.formats import read
from textvae.corpora.other_formats import other_format

TEXTS = ["A first text, quite short.", "Another text", "and, then, a third one"]


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ([json.dumps({"text": text}) for text in TEXTS], "`format: json-lines`"),
        (["[", '{"text": "a b"},', '{"text": "c"}', "]"], "`format: json-lines`"),
        (["label,text", *(f'{number},"{text}"' for number, text in enumerate(TEXTS))], "CSV"),
        (["text", *(f'"{text}"' for text in TEXTS)], "CSV"),
        (["id;review_text", "1;good food", "2;bad food"], "CSV"),
        ([f'"3","{text}"' for text in TEXTS], "CSV"),
        (["sentence\tlabel", "good food\t1", "bad food\t0"], "table"),
        ([f"{number}\t{text}" for number, text in enumerate(TEXTS)], "`label: tab`"),
        ([f"{text}\t{number}" for number, text in enumerate(TEXTS)], "label"),
        ([f"__label__2 {text}" for text in TEXTS], "`label: space`"),
        ([f"{number} {text}" for number, text in enumerate(TEXTS)], "`label: space`"),
        ([f"{'POS' if n % 3 else 'NEG'} {TEXTS[n % 3]}" for n in range(20)], "`label: space`"),
        (["[", '{"text": "a b"}', "]"], "`format: json-lines`"),
        (['[{"text": "a b"},', ' {"text": "c"},', '{"text": "d"}]'], "`format: json-lines`"),
        (["_BOOK_TITLE_ : A.txt", "A sentence .", "Another one ."], "`format: cbt`"),
        (["One of them . <eos> Another . <eos>", "A third . <eos>"], "`format: wiki`"),
        (["= Title =", "A text"], "`format: wikitext`"),
        (["a role @-@ playing game", "Another text", "1 @,@ 000"], "`format: wikitext`"),
        (['<doc id="1">', "a text", "</doc>"], "XML"),
        (["1", "00:00:01,000 --> 00:00:04,000", "Hello there.", "2"], "subtitles"),
        (["# sent_id = 1", "1\tA\ta\tDET\t_\t_\t2\tdet\t_\t_"], "CoNLL-U"),
        ([f"{text}<br /><br />{text}" for text in TEXTS], "<br />"),
        ([f"{text} ||| {text}" for text in TEXTS], "|||"),
        (["(S (NP (DT The) (NN dog)) (VP (VBD ran)))"] * 3, "trees"),
        (["The_DT dog_NN ran_VBD ._.", "A_DT cat_NN sat_VBD"], "tags"),
        (["The/DT dog/NN ran/VBD ./.", "A/DT cat/NN sat/VBD"], "tags"),
        ([str(text.split()) for text in TEXTS], "list"),
        ([f'"{text}",pos' for text in TEXTS], "CSV"),
        ([f'"pos","{text}"' for text in TEXTS], "CSV"),
        ([f"{number}. {text}" for number, text in enumerate(TEXTS)], "numbered"),
        ([f'<seg id="{number}">{text}</seg>' for number, text in enumerate(TEXTS)], "XML"),
        (["un ##believ ##able", "a word"], "pieces"),
        ([f"{text}\tvery good" for text in TEXTS], "tabs"),
        ([f"neutral\t{text}\t{text}" for text in TEXTS], "tabs"),
        ([f"{n % 2}\t{TEXTS[0]}" if n % 6 else TEXTS[1] for n in range(18)], "tabs"),
        ([f"fr-en-{number} {text}" for number, text in enumerate(TEXTS)], "(`fr-en-0`)"),
        ([f"{number}: {text}" for number, text in enumerate(TEXTS)], "(`0:`)"),
        ([f"{number}:{text}" for number, text in enumerate(TEXTS)], "colon"),
        ([f"{1000 + n}.5 {TEXTS[n % 3]}" for n in range(5)], "number"),
        ([f"{text} (utt-{number})" for number, text in enumerate(TEXTS)], "key in brackets"),
        (["EU NNP B-NP B-ORG", "calls VBZ B-VP O", "", ". . O O"], "CoNLL"),
        (["The\tDT", "dog\tNN", "ran\tVBD", ".\t."], "CoNLL"),
        ([f"{text},pos" for text in TEXTS], "CSV"),
        ([f"neg,{text}" for text in TEXTS], "CSV"),
        ([f"{text};{number}" for number, text in enumerate(TEXTS)], "CSV"),
        (["the/at dog/nn-tl ran/vbd ./.", "a/at cat/nn sat/vbd"], "tags"),
        (["the|DT|the dog|NN|dog", "a|DT|a cat|NN|cat"], "tags"),
        ([json.dumps(f"{text} \u201cquoted\u201d") for text in TEXTS], "quotes"),
        ([str(text.encode()) for text in TEXTS], "bytes"),
        ([f"{TEXTS[n % 3]} {'POS' if n % 3 else 'NEG'}" for n in range(20)], "label"),
        (["12 44 3", "[5, 88]"], "ids"),
        (["<p>A text", "More <b>of</b> it.", "An end"], "HTML"),
        (["# Title", "A text of it.", "And more"], "Markdown"),
        ([r"\section{Title}", "A text of it.", r"\item And more"], "LaTeX"),
        ([f"{text} a caf\u00c3\u00a9" for text in TEXTS], "encoding"),
        ([f"{text} a c\0t" for text in TEXTS], "control"),
        ([f"{text} a hou\u00adse" for text in TEXTS], "soft hyphens"),
        (wrap("It was a cold day, and the dog of the man next door ran. " * 40, 70), "wrapped"),
        (["the 120", "dog 12"], "counts"),
    ],
)
def test_other_format_is_named(lines, key):
    assert key in other_format(lines, "plain")


@pytest.mark.parametrize(
    "lines",
    [
        TEXTS,
        ["1,000 people came , he said", "2,500 left"],
        ["text", "of one word", "and more"],
        ["{ a set }", "{ b }"],
        ["the cat sat", "the dog saw the cat"] * 10,
        ["what is the <unk> ?", "how do i <unk> it ?"] * 10,
        ["a = b =", "= c"],
        ["a\tb", "no tab at all", "c d"],
        ["(THE dog ran)", "(A cat)"],
        ['"Go", said she, "now"', '"Yes", he said'],
        ["and/or", "him/her", "a < b"],
        ["and/or so", "he, him/her"],
        ["1984 was cold", "1985 was not"],
        ["w3 w4 w17", "w5 w3"],
        ["w3 the cat", "w5 cat w7"],
        ["well , yes", "no , no , 1,000"],
        ["He said : go", "She said : no"],
        ["A dog ran .", "A cat sat ."] * 3,
        ["GO ON", "HE SAID"],
        ["\u00c2ge et caf\u00e9", "S\u00c3O"],
        ["it was a cold day and the dog ran", "a cat sat on the mat of the man"] * 12,
        ["a\tb c", "c d", "e f"],
        [],
    ],
)
def test_plain_text_is_not_taken_for_another_format(lines):
    assert other_format(lines, "plain") is None


@pytest.mark.parametrize("piece", ["w1 ", "1", "a/b/c/d ", "a,", "a_b|c/ d ", "好", "x 0.5 "])
def test_long_lines_are_examined_in_time(piece):
    """Patterns that took the square of a line's length, or more, would take minutes."""
    line = piece * (200_000 // len(piece))
    other_format([f"{line} end.", f"{line}x ."] * 2, "plain")


def test_keys_that_are_dropped_are_not_doubted(tmp_path):
    (tmp_path / "text").write_text("".join(f"fr-en-{n} {TEXTS[n % 3]}\n" for n in range(30)))
    warnings = []
    assert next(read(tmp_path / "text", "plain", warn=warnings.append, label="space")) == TEXTS[0]
    assert not warnings


def test_lines_of_other_formats_are_told_of_wikitext():
    """It splits any line into sentences, so that nothing refuses them."""
    documents = [json.dumps({"text": text}) for text in TEXTS]
    assert "JSON lines" in other_format(documents, "wikitext")
    assert "`label: tab`" in other_format([f"1\t{text}" for text in TEXTS], "wikitext")
    article = [" = Title = ", " A role @-@ playing game . It cost 1 @,@ 000 . ", " = = Plot = = "]
    assert other_format(article, "wikitext") is None


def test_requested_format_is_not_reported():
    assert other_format([json.dumps({"text": text}) for text in TEXTS], "json-lines") is None
    assert other_format([f"1\t{text}" for text in TEXTS], "yelp") is None


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("cbt/DERIVED_cbtlike_test.txt", "cbt"),
        ("wiki/SUBSTITUTE.linzen_subj_agr_filtered.text", "wiki"),
        ("yahoo/yahoo.val.txt", "plain"),
    ],
)
def test_real_text_is_not_taken_for_another_format(name, format):
    sentences = list(read(real_file(name), format))
    for start in range(0, len(sentences), 100):
        assert other_format(sentences[start : start + 100], format) is None
