"""Contracts of all registered formats and normalisation steps, and the reading of raw text."""

import json
import time
from collections import Counter
from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from input_errors import refusal
from realdata import real_file
from textvae.corpora import formats
from textvae.corpora.formats import read
from textvae.corpora.normalisation import (
    decode_escapes,
    normaliser,
    plain_punctuation,
    split_sentences,
    tokenise,
)
from textvae.registry import FORMATS, STEPS


def sentences(tmp_path, format, content):
    path = tmp_path / "raw.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read(path, format))


# Format -> (text, its sentences), and texts that are not of the format, by the key of the message.
ACCEPTED = {
    "plain": ("a b .\nc  d\t.\r\nlast", ["a b .", "c d .", "last"]),
    "cbt": (
        "_BOOK_TITLE_ : Prigio.txt.out\nCHAPTER I. -LCB- p1 -RCB-\n-LRB- a -LSB- b -RSB- -RRB-\n",
        ["CHAPTER I. { p1 }", "( a [ b ] )"],
    ),
    "wiki": (
        "a b . <eos>\nc <unk> . <eos> d <eos>\ncut\n <eos> \n",
        ["a b .", "c <unk> .", "d", "cut"],
    ),
    "yelp": ("4\tgood _UNK .\n0\tbad\tfood\n", ["good <unk> .", "bad food"]),
    "wikitext": (
        " \n = Valkyria Chronicles III = \n = = Plot = = \n"
        " Dr. Smith of the U.S. Army met Mrs. Jones in the mid @-@ 1990s . They walked 3 @.@ 5 km ."
        ' " Why ? " he asked . It cost $ 1 @,@ 200 ! \n Media.Vision made it = 1 . <unk> left . ',
        [
            "",
            "Dr. Smith of the U.S. Army met Mrs. Jones in the mid-1990s .",
            "They walked 3.5 km .",
            '" Why ? " he asked .',
            "It cost $ 1,200 !",
            "Media.Vision made it = 1 .",
            "<unk> left .",
        ],
    ),
    "json-lines": (
        '{"text": "Hello, world. It\'s me.\\nNext\\n"}\n{"text": ""}\n{"text": "\\ud83d half"}',
        ["Hello, world.", "It's me.", "Next", "", "� half"],
    ),
    "webtext": (
        '{"id": 1, "text": "Hello, world. It\'s me.\\n\\nA title\\n"}\n{"text": ""}\n'
        '{"text": "“Why?” \\ud83d half"}',
        ["Hello , world .", "It 's me .", "A title", "", '" Why ? " � half'],
    ),
}
REFUSED = {
    "plain": [],
    "cbt": [],
    "wiki": [],
    "wikitext": [],
    "yelp": [(b"1\ta\n\nno tab\n", "line 3", "tab")],
    "json-lines": [(b'{"text": "a"}\n{"text": \n', "line 2", "JSON")],
    "webtext": [
        (b'{"text": "a"}\n{"text": \n', "line 2", "JSON"),
        (b"[" * 100_000, "line 1", "JSON"),
        (b'{"text": ' + b"1" * 5000 + b"}", "line 1", "JSON"),
        (b'["text"]', "line 1", "no text"),
        (b'{"text": 3}', "line 1", "no text"),
    ],
}
NOT_UTF_8 = [(b"good\nb\xffd\n", "line 2", "0xff at position 2")]


@pytest.mark.parametrize("format", FORMATS.names())
def test_format_reads_its_lines_and_refuses_others(tmp_path, format):
    text, expected = ACCEPTED[format]
    assert sentences(tmp_path, format, text) == expected
    assert sentences(tmp_path, format, "\ufeff" + text) == expected
    assert sentences(tmp_path, format, "\n \t\n\r\n") == ["", "", ""]
    assert sentences(tmp_path, format, "") == []
    bad_utf_8 = [] if format in ("yelp", "json-lines", "webtext") else NOT_UTF_8
    for content, line, reason in REFUSED[format] + bad_utf_8:
        message = refusal(sentences, tmp_path, format, content)
        assert message.startswith(f"{tmp_path / 'raw.txt'}, {line}: ")
        assert reason in message


@pytest.mark.parametrize("format", ["plain", "json-lines", "webtext", "wikitext", "yelp"])
def test_given_language_replaces_the_rule_of_the_format(tmp_path, format):
    german = "Er kam am 3. Oktober nach Berlin. Es war Dr. Müller."
    line = {"yelp": f"1\t{german}", "plain": german, "wikitext": german}.get(format)
    path = tmp_path / "raw.txt"
    path.write_text(line or json.dumps({"text": german.replace("Es", "\nEs")}))
    texts = [one.replace(" .", ".") for one in read(path, format, language="de")]
    assert texts == ["Er kam am 3. Oktober nach Berlin.", "Es war Dr. Müller."]


# Step -> (sentence, the words of its result).
STEP_CASES = {
    "lowercase": ("The King <unk> ÉTÉ", "the king <unk> été"),
    "drop-quotes": (
        "« o'clock » “x” ‘y’ \" `` z '' ‹a› 「b」『c』｢d｣ ＂e＇s＂ пʼять „f‟",
        "o clock x y z a b c d e s п ять f",
    ),
    "single-dash": (
        "a -- b --- c – d—e well-known - f ‒ 五－六——七 well‐known תל־אביב",
        "a - b - c - d - e well-known - f - 五 - 六 - 七 well‐known תל־אביב",
    ),
    "drop-brackets": (
        "( a ) [b] {c} <unk> （d）【e】［f］〔g〕《h》｛i｝ 「j」",
        "a b c <unk> d e f g h i 「j」",
    ),
    "plain-punctuation": ("“a” – ‘b’…", "\"a\" -- 'b'..."),
    "tokenise": ("It's <unk>.", "It 's <unk> ."),
}
LINES = [
    *(case for cases in STEP_CASES.values() for case in cases),
    *(
        "",
        "  ",
        "naïve 東京",
        "it 's 5:28",
        "can't ``stop'' -- now",
        "they'd've",
        "<unk> ( -LRB- )",
        "a-b's --",
    ),
]


def words(sentence, *steps):
    return " ".join(normaliser(steps)(sentence).split())


@pytest.mark.parametrize("step", STEPS.names())
def test_step_changes_its_case_and_is_idempotent(step):
    before, after = STEP_CASES[step]
    assert words(before, step) == after
    assert STEPS.declared()[step].summary != step
    for line in LINES:
        once = words(line, step)
        assert words(line, step) == once
        assert words(once, step) == once


@pytest.mark.parametrize(
    ("sentence", "steps", "expected"),
    [  # as CBT reads in Table 2; then the order of steps
        ("`` That 's ? ''", "lowercase drop-quotes single-dash", "that s ?"),
        ("I do n't -- Mrs. M", "lowercase drop-quotes single-dash", "i do n t - mrs. m"),
        ("a ― b", "single-dash plain-punctuation", "a - b"),
        ("DON'T", "tokenise drop-quotes", "DO N T"),
        ("DON'T", "drop-quotes tokenise", "DON T"),
        ("A `b' -- c", "", "A `b' -- c"),
    ],
)
def test_steps_apply_in_their_order(sentence, steps, expected):
    assert words(sentence, *steps.split()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He left. She stayed.", ["He left.", "She stayed."]),
        ("Really?! 40 came.", ["Really?!", "40 came."]),
        ('"Go." (He went.) "And?"', ['"Go."', "(He went.)", '"And?"']),
        ("Wait... what is it", ["Wait... what is it"]),
        ("Wait... What is it", ["Wait...", "What is it"]),
        ("(Mr. Smith met J. R. Jones of the U.S. Army.", None),
        ("at 5.1 or v. 2 of it", None),
        ("no period\nnext line\n\n  \nlast", ["no period", "next line", "last"]),
        (" \n ", []),
        (" two   spaces. Here\tone.", ["two spaces.", "Here one."]),
        ("Été. Être.", ["Été.", "Être."]),
        ("यह है। वह है।", ["यह है।", "वह है।"]),
        ("今天读书。明天「不。」去。", ["今天读书。", "明天「不。」去。"]),
        ("【今天。】（明天。）“不。”去。", ["【今天。】（明天。）“不。”去。"]),
        ("今天读书。“不去。”", ["今天读书。", "“不去。”"]),
        ("هل أنت هنا؟ نعم.", ["هل أنت هنا؟", "نعم."]),
        ("Πού πας; Πάω σπίτι.", ["Πού πας;", "Πάω σπίτι."]),
        ("«Πού πας;» Πάω\u037e Ναι.", ["«Πού πας;»", "Πάω\u037e", "Ναι."]),
        ("Πού; και πώς; ספר", None),
        (
            "Marie came; Anna left. Он ушёл; Анна нет; и",
            ["Marie came; Anna left.", "Он ушёл; Анна нет; и"],
        ),
        ("ስምህ ማን ነው፧ አበበ ነው።", ["ስምህ ማን ነው፧", "አበበ ነው።"]),
        ("བཀྲ་ཤིས༎ བདེ་ལེགས།", ["བཀྲ་ཤིས༎", "བདེ་ལེགས།"]),
        ("Hola. ¿Qué tal?", ["Hola.", "¿Qué tal?"]),
        ("He said. “Go.” ‘She’ went.", ["He said.", "“Go.”", "‘She’ went."]),
        ("Er kam. „Ja.“ Sie ging.", ["Er kam.", "„Ja.“", "Sie ging."]),
        ("Er kam. »Ja.« Sie ging.", ["Er kam.", "»Ja.«", "Sie ging."]),
        ("Han kom. ”Ja.” Hon gick.", ["Han kom.", "”Ja.”", "Hon gick."]),
        ("the Heb. שת and Arabic? (يلا) feast", None),
    ],
)
def test_split_sentences_by_rule_2(text, expected):
    assert list(split_sentences(text)) == ([text] if expected is None else expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, world!", "Hello , world !"),
        ("I don't; she's, they'll, CAN'T", "I do n't ; she 's , they 'll , CA N'T"),
        ("the dogs' rock'n'roll o'clock", "the dogs ' rock'n'roll o'clock"),
        ("a 54-year-old at 5:28 for $1,000.50", "a 54-year-old at 5:28 for $ 1,000.50"),
        ("Mr. Smith of the U.S. etc.", "Mr. Smith of the U.S. etc."),
        ("the end.", "the end ."),
        ("see https://a.org/b?c=d, or www.e.org.", "see https://a.org/b?c=d , or www.e.org ."),
        ("what...?? -- yes", "what ... ?? -- yes"),
        ("“Curly” ‘quotes’ – and…", "\" Curly \" ' quotes ' -- and ..."),
        ("soft\u00adhyphen \u200bno \u200ewidth\ufeff", "softhyphen no width"),
        ("non\u2010breaking and non\u2011breaking", "non-breaking and non-breaking"),
        ("an <unk> word < b >", "an <unk> word < b >"),
        ("naïve 東京", "naïve 東京"),
        ("don＇t ＂a＂ 5 ‒ 6", 'do n\'t " a " 5 -- 6'),
        ("１２，０００．５ 2018，2019 １，二", "１２，０００．５ 2018 ， 2019 １ ， 二"),
        ("【https://a.org/b】今天", "【 https://a.org/b 】 今天"),
        ("dog's shouldn't've 'd'", "dog 's should n't 've ' d '"),
        ("we 're -LRB- it 'S , 'll -RRB- ca n't", "we 're -LRB- it 'S , 'll -RRB- ca n't"),
        ("www.'s", "www.'s"),
        ("אל-צה\"ל גב' כהן, עמ' 5", "אל-צה\"ל גב' כהן , עמ' 5"),
        ('ה"שלום" \'עולם\' "בית"', 'ה " שלום " \' עולם \' " בית "'),
    ],
)
def test_tokenise_by_rules_1_3_4_and_5(text, expected):
    assert tokenise(text) == expected


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("हिन्दी एक प्रमुख भाषा है", 5),
        ("தமிழ் மொழி", 2),
        ("كَتَبَ الوَلَدُ", 2),
        ("שָׁלוֹם צה״ל", 2),
        ("un cafe\u0301 tre\u0300s a\u0302ge\u0301", 4),
        ("I\u0307stanbul".lower() + " güzel", 2),
        ("می\u200cروم خانه\u200cها", 2),  # Persian, with zero-width non-joiners
        ("র\u200d্যাব ত্\u200d", 2),  # Bengali, with zero-width joiners
        ("\U0001f469\u200d\u2764\ufe0f\u200d\U0001f468 \U0001f44d\U0001f3fd", 2),
        ("col·lecció ١٬٠٠٠٫٥", 2),
        ("བཀྲ་ཤིས་ བདེ༌ལེགས །", 3),
    ],
)
def test_tokenise_keeps_words_of_other_scripts_whole(text, count):
    assert tokenise(text) == text
    assert len(text.split()) == count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ខ្ញុំ\u200bស្រលាញ់\u200bកម្ពុជា", "ខ្ញុំ ស្រលាញ់ កម្ពុជា"),
        ("خانه\u200c و\u200d, a\u200cb", "خانه و , a\u200cb"),
        ("AT&amp;T it&#39;s&nbsp;&amp;quot;x&amp;quot;", 'AT & T it \'s " x "'),
        ("R&D &copy=2 &none;", "R & D & copy = 2 & none ;"),
        (r"good.\nThe food\n\n", "good . The food"),
        (r"C:\new $\nabla$", r"C : \ new $ \ nabla $"),
    ],
)
def test_tokenise_decodes_escapes_and_invisible_characters(text, expected):
    assert tokenise(text) == expected


@settings(deadline=None, max_examples=100)
@given(st.text(st.characters(max_codepoint=126)))
def test_ascii_text_is_tokenised_alike_beside_other_letters(text):
    assert tokenise(f"{text} é").split() == [*tokenise(text).split(), "é"]


@settings(deadline=None, max_examples=100)
@given(st.lists(st.sampled_from([*"ax1 .,:-'\"(`א", "n't", "'s", "'d", "www.", "mr.", "-LRB-"])))
def test_tokenised_text_is_not_cut_again(parts):
    once = tokenise("".join(parts))
    assert tokenise(once) == once


@settings(deadline=None, max_examples=60)
@given(st.text())
def test_tokenising_and_splitting_change_only_spaces(text):
    plain = plain_punctuation(decode_escapes(text))
    assert tokenise(text).replace(" ", "") == "".join(plain.split())
    parts = list(split_sentences(text))
    assert " ".join(parts).split() == text.split()
    assert all(parts)


@pytest.mark.parametrize("unit", ["a", "1.", "'", "http://!", "a-", "-", "(", "?", "www.", ".a"])
def test_tokenising_a_hostile_line_takes_linear_time(unit):
    text = unit * 100_000
    began = time.process_time()
    assert len(tokenise(text)) >= len(text)
    assert len(list(split_sentences(text))) == 1
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "He is Mr. Li. It cost 3.5! Why?", ["He is Mr. Li.", "It cost 3.5!", "Why?"]),
        (
            "de",
            "Am 3. Mai kam z.B. Dr. Lang. Er ging.",
            ["Am 3. Mai kam z.B. Dr. Lang.", "Er ging."],
        ),
        ("zh", "今天读书。明天不去。", ["今天读书。", "明天不去。"]),
    ],
)
def test_lines_of_any_format_are_split_by_the_rules_of_a_language(
    tmp_path, language, text, expected
):
    path = tmp_path / "raw.txt"
    path.write_text(f"5\t{text}\n\n7\t  \n")
    assert list(read(path, "yelp", language=language)) == [*expected, ""]


@pytest.mark.parametrize(
    ("label", "lines", "expected"),
    [
        ("tab", "pos\tgood  food\n\nneg\tbad\tfood\n", ["good food", "", "bad food"]),
        ("space", "pos good food\nneg  bad\n2\tfood\n", ["good food", "bad", "food"]),
        ("space", "__label__a __label__b good food\n", ["good food"]),
    ],
)
def test_label_is_dropped_and_line_without_one_refused(tmp_path, label, lines, expected):
    path = tmp_path / "raw.txt"
    path.write_text(lines)
    assert list(read(path, "plain", label=label)) == expected
    path.write_text(f"{lines}lonely\n")
    message = refusal(lambda: list(read(path, "plain", label=label)))
    assert message.startswith(f"{path}, line {lines.count(chr(10)) + 1}: ")


def test_second_label_is_refused_where_the_format_drops_one(tmp_path):
    path = tmp_path / "raw.txt"
    path.write_text("7\tpos\tgood food\n")
    message = refusal(lambda: list(read(path, "yelp", label="tab")))
    assert message.startswith("label: got tab, but format yelp ")


@pytest.mark.parametrize("format", ["json-lines", "webtext"])
@pytest.mark.parametrize("language", [None, "en"])
def test_blank_text_of_json_counts_as_a_blank_line(tmp_path, format, language):
    path = tmp_path / "raw.jsonl"
    path.write_text('{"text": "a b"}\n{"text": ""}\n\n{"text": " \\n "}\n{"text": "c"}\n')
    assert list(read(path, format, language=language)) == ["a b", "", "", "", "c"]


def test_labels_that_all_differ_are_doubted(tmp_path):
    path, messages = tmp_path / "raw.txt", []
    for text in ("w{} and more\n", "{} some words\n", "w{}\tand more\n"):
        path.write_text("".join(text.format(chr(256 + number % 40)) for number in range(60)))
        label = "tab" if "\t" in text else "space"
        list(read(path, "plain", warn=messages.append, label=label))
    assert len(messages) == 2
    assert "40 different" in messages[0]


def test_marks_are_spelt_one_way(tmp_path):
    text = "_UNK _unk <unk> UNK <Unk> <UNK> [UNK] ⟨unk⟩ <EOS> a </s> </S> <eos>\n"
    for format in ("plain", "cbt", "wiki"):
        assert sentences(tmp_path, format, text) == ["<unk> " * 8 + "a"]
    other_tools = "<|startoftext|> <s> [CLS] a </s> <pad> <pad> [PAD] <|endoftext|>\n"
    assert sentences(tmp_path, "plain", other_tools) == ["a"]
    unknown = "[unk] <oov> <OOV> <UNKNOWN> <unknown> __unk__ __UNK__ <|unk|>"
    assert sentences(tmp_path, "plain", unknown) == [" ".join(["<unk>"] * 8)]
    assert sentences(tmp_path, "webtext", '{"text": "<s> a </s> <pad>"}') == ["a"]
    unchanged = "UNKIND unk x_UNK s </s>x"
    assert sentences(tmp_path, "plain", unchanged) == [unchanged]
    assert sentences(tmp_path, "plain", "</s>\n<EOS> <eos>\n") == ["", ""]


def test_byte_order_marks_of_joined_files_are_dropped(tmp_path):
    joined = "\ufeffa b\n\ufeffc\nlast\ufefffirst\n"
    assert sentences(tmp_path, "plain", joined) == ["a b", "c", "last first"]


def test_lines_that_end_in_carriage_returns_alone_are_refused(tmp_path):
    for text in ("a b\rc d\r", "a b\rc d\re f\rg h\n"):
        assert "CR" in refusal(sentences, tmp_path, "plain", text)
    assert sentences(tmp_path, "plain", "a b\r\nc d\r\n") == ["a b", "c d"]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        *(("utf-16", "UTF-16"), ("utf-16-le", "UTF-16LE"), ("utf-16-be", "UTF-16BE")),
        *(("utf-32", "UTF-32"), ("utf-32-le", "UTF-32LE")),
    ],
)
@pytest.mark.parametrize("text", ["the cat sat\na dog\n", "это было давно\nон и она\n"])
def test_two_byte_text_is_refused_by_name(tmp_path, encoding, name, text):
    message = refusal(sentences, tmp_path, "plain", text.encode(encoding))
    assert f": {name}, " in message


@pytest.mark.parametrize(
    ("module", "name"), [("gzip", "gunzip"), ("bz2", "bunzip2"), ("lzma", "unxz")]
)
def test_compressed_text_is_refused_with_the_command_that_decompresses_it(tmp_path, module, name):
    compressed = import_module(module).compress(b"the cat sat\n" * 9)
    assert f"`{name}`" in refusal(sentences, tmp_path, "plain", compressed)


@pytest.mark.parametrize(
    ("name", "format", "key"),
    [("none.txt", "plain", "none.txt"), (".", "plain", "folder"), ("none.txt", "text", "'text'")],
)
def test_missing_file_or_unknown_format_is_refused(tmp_path, name, format, key):
    assert key in refusal(lambda: list(read(tmp_path / name, format)))


def test_line_of_more_than_max_line_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "MAX_LINE", 100)
    assert sentences(tmp_path, "plain", "a" * 100) == ["a" * 100]
    message = refusal(sentences, tmp_path, "plain", "a\n" + "a" * 101)
    assert "line 2" in message
    assert "100 bytes" in message


def test_read_reports_bytes_about_once_a_million(tmp_path):
    path = tmp_path / "raw.txt"
    path.write_text("some words .\n" * 200_000)
    reports = []
    assert sum(1 for _ in read(path, "plain", reports.append)) == 200_000
    assert sum(reports) == path.stat().st_size
    assert len(reports) == 3


@pytest.mark.parametrize(
    ("name", "format", "lines", "words"),
    [  # counted with grep and wc; WIKI's words less one <eos> a line
        ("cbt/DERIVED_cbtlike_test.txt", "cbt", 6_318, 162_131),
        ("wiki/SUBSTITUTE.linzen_subj_agr_filtered.text", "wiki", 7_489, 186_255 - 7_489),
        ("yahoo/yahoo.val.txt", "plain", 10_000, 790_680),
    ],
)
def test_real_files_are_read_completely(name, format, lines, words):
    counts = [len(sentence.split()) for sentence in read(real_file(name), format)]
    assert (len(counts), sum(counts)) == (lines, words)


def test_real_web_documents_lose_no_letter():
    path = real_file("webtext/webtext_first63bpe.valid.jsonl")
    letters = Counter(filter(str.isalnum, "".join(read(path, "webtext"))))
    with path.open(encoding="utf-8") as file:
        documents = [json.loads(line)["text"] for line in file]
    assert len(documents) == 4_724
    assert letters == Counter(filter(str.isalnum, "".join(documents)))
    assert sum(1 for _ in read(path, "webtext")) == 15_654
