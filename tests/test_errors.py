"""A message is one line that a terminal can show, whatever it quotes."""

from hypothesis import given
from hypothesis import strategies as st

from textvae import cli
from textvae.errors import InputError, one_line


def test_a_line_is_left_as_it_is():
    line = "results/ä.txt: 'β' ≥ 0, expected \"中文\""
    assert one_line(line) == line


def test_what_does_not_show_is_spelt():
    assert one_line("a\nb\x1b[2J\x00") == r"a\nb\x1b[2J\x00"
    assert one_line("\u202egnirts\u2028\udcff") == r"\u202egnirts\u2028\udcff"


def test_of_a_very_long_message_both_ends_are_left():
    line = one_line(f"file.json: '{'[' * 100_000}' is wrong, expected a number")
    assert len(line) < 1100
    assert line.startswith("file.json: '[")
    assert line.endswith("[' is wrong, expected a number")


@given(st.text(st.characters(), max_size=3000))
def test_any_message_is_one_line_of_text(text):
    line = one_line(text)
    assert line.isprintable()
    line.encode()


def test_what_was_tried_follows_in_lines_of_their_own(monkeypatch, capsys):
    def run(args):
        raise InputError("words could not be had", "  here: \x1b[2Jno\nsuch file", "  there: 404")

    monkeypatch.setattr("textvae.commands.corpus.run_fetch", run)
    assert cli.main(["fetch", "--sources", "config/sources.yaml", "words", "--output", "x"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "textvae fetch: words could not be had",
        r"  here: \x1b[2Jno\nsuch file",
        "  there: 404",
    ]
