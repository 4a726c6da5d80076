"""All tables and figures as one LaTeX document."""

from textvae.paper.render.pdf import FigureFile, Section, TableFile, document

SECTIONS = [
    Section("What held", (TableFile("exhibit1.tex"),)),
    Section("Nothing", ()),
    Section("Figures", (FigureFile("exhibit2.pdf", "D & R"), FigureFile("exhibit3.pdf", "More"))),
]


def places(text, *parts):
    """Where each part stands; each must be there once."""
    assert [text.count(part) for part in parts] == [1] * len(parts)
    return [text.index(part) for part in parts]


def test_everything_comes_in_the_order_given():
    text = document("A title", SECTIONS)
    found = places(
        text,
        r"\begin{document}",
        "A title",
        r"\section*{What held}",
        r"\input{exhibit1.tex}",
        r"\section*{Figures}",
        "{exhibit2.pdf}",
        r"\caption{D \& R}",
        "{exhibit3.pdf}",
        r"\end{document}",
    )
    assert found == sorted(found)


def test_a_section_without_content_is_left_out_and_each_other_begins_a_page():
    text = document("A title", SECTIONS)
    assert "Nothing" not in text
    assert text.count(r"\clearpage") == 1


def test_titles_and_captions_are_plain_text():
    figure = FigureFile("exhibit1.pdf", r"\input{/etc/passwd} 100%")
    text = document("50% _less_", [Section("A & B", (figure,))])
    assert r"\input" not in text
    assert r"50\% \_less\_" in text
    assert r"\section*{A \& B}" in text
    assert r"100\%" in text
