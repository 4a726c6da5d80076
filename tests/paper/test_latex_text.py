"""Any text as LaTeX that prints it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textvae.paper.render.latex import escape


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("50% & more_or_less", r"50\% \& more\_or\_less"),
        (r"\input{x}", r"\textbackslash{}input\{x\}"),
        ("[3pt]*", "{[}3pt{]}{*}"),
        ("a -- b", "a -{}- b"),
        ("D + R ≥ H", r"D + R $\geq$ H"),
        ("−0.39 ± 0.1", r"$-$0.39 $\pm$ 0.1"),
        ("C = 3 → 15", r"C = 3 $\to$ 15"),
        ("façade", r"fa\c{c}ade"),
        ("中", "{[U+4E2D]}"),
        ("中文字", r"{[U+4E2D]}{[U+6587]}\hspace{0pt}{[U+5B57]}"),
        (f"{'w' * 30} w", rf"{'w' * 16}\hspace{{0pt}}{'w' * 14} w"),
        ("w" * 100, rf"{'w' * 16}\hspace{{0pt}}" * 3 + "w" * 11 + r"\dots{}"),
    ],
)
def test_escape(text, escaped):
    assert escape(text) == escaped


# What may come out of escaping: harmless characters, and the few forms that are ours.
SAFE = re.compile(
    r"""( [A-Za-z0-9 !'()+,./:;=?@-]
        | \\[{}$&%#_]                       # a character that is a command when bare
        | \{ [][*A-F0-9U+]* \}               # one that needs braces around it, or just a break
        | \\(text[a-z]+|char\d+|dots)\{\}    # one with a name or a number
        | \\(ss|ae|AE|o|O|oe|OE|l|L)\{\}
        | \\[`'^~=."urHvc]\{[A-Za-z]\}      # an accent over a letter
        | \$(\\[a-z]+|-)\$                   # a symbol
        | \\hspace\{0pt\}                  # a place to break a line at
        )*""",
    re.VERBOSE,
)


@settings(deadline=None)
@given(st.text() | st.text(alphabet="\\{}[]$&#%_^~-'`*é中β→"))
def test_nothing_of_a_text_stays_a_command(text):
    assert SAFE.fullmatch(escape(text))
