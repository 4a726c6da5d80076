"""What figures share: distinguishable styles, the legend, and reproducible files."""

import io
from itertools import pairwise

import matplotlib
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image
from reading import legend_is_free

from textvae.paper.render.figure import add_legend, label, look, save, styles

FORMS = ("pdf", "png", "svg")
TITLE = "R < D\nfor C"


def figure() -> Figure:
    with look():
        figure = Figure(figsize=(3, 2), layout="constrained")
        for panel in figure.subplots(2, 2).flat:
            panel.plot([1, 2], [300, 400], label="$D$")
            panel.set_xlabel("rate")
        add_legend(figure, panel.get_lines())
    return figure


def saved(folder, title="A title", drawn=None) -> dict[str, bytes]:
    """Return the content of a figure's files by form."""
    paths = {form: folder / f"figure.{form}" for form in FORMS}
    save(drawn or figure(), title, paths)
    return {form: path.read_bytes() for form, path in paths.items()}


def lightness(colour: str) -> float:
    """Return the grey of a colour, 0 to 1 (ITU-R BT.601)."""
    red, green, blue = to_rgb(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_styles_of_models_differ():
    """Neighbours in lightness, marker and dashes; the first three, as in the paper, most."""
    assert len({str(style) for style in styles([f"model{i}" for i in range(280)]).values()}) == 280
    drawn = list(styles(["a", "b", "c", "d", "e", "f"]).values())
    for one, following in pairwise(drawn):
        assert abs(lightness(one.colour) - lightness(following.colour)) > 0.1
        assert one.marker != following.marker
        assert one.dashes != following.dashes
    greys = sorted(lightness(style.colour) for style in drawn[:3])
    assert min(light - dark for dark, light in pairwise(greys)) > 0.2
    # Visible on white.
    assert max(lightness(style.colour) for style in drawn) < 0.7


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("figure")


@pytest.fixture(scope="module")
def files(folder):
    return saved(folder, TITLE)


def test_bytes_depend_neither_on_matplotlib_settings_nor_on_saving_twice(files, tmp_path):
    theirs = {"font.size": 30, "svg.hashsalt": "x", "axes.facecolor": "red", "savefig.dpi": 10}
    with matplotlib.rc_context(theirs):
        drawn = figure()
        assert saved(tmp_path, TITLE, drawn) == saved(tmp_path, TITLE, drawn) == files
        assert {name: matplotlib.rcParams[name] for name in theirs} == theirs


def test_files_contain_title_and_fonts_but_no_date(folder, files, tmp_path):
    """The title is only in the metadata. The SVG has outlines instead of fonts."""
    assert sorted(path.name for path in folder.iterdir()) == [f"figure.{form}" for form in FORMS]
    assert b"(R < D for C)" in files["pdf"]
    assert b"CreationDate" not in files["pdf"]
    assert b"/FontFile2" in files["pdf"]
    assert b"/Type3" not in files["pdf"]
    assert b"<title>R &lt; D for C</title>" in files["svg"]
    assert b"dc:date" not in files["svg"]
    assert b"<text" not in files["svg"]
    assert saved(tmp_path, "Another")["png"] != files["png"]
    png, another = folder / "figure.png", tmp_path / "figure.png"
    with Image.open(png) as picture, Image.open(another) as other:
        assert picture.size == (600, 400)
        assert (picture.info["Title"], other.info["Title"]) == ("R < D for C", "Another")
        assert picture.tobytes() == other.tobytes()


@pytest.mark.parametrize(("count", "rows"), [(1, 1), (4, 2), (9, 3)])
def test_legend_fits_the_figure_below_its_panels(count, rows):
    """In as few lines as its width allows."""
    with look():
        figure = Figure(figsize=(3, 4), layout="constrained")
        panel = figure.subplots()
        panel.set_xlabel("rate")
        add_legend(figure, [Line2D([], [], label=f"model {i}") for i in range(count)])
        assert legend_is_free(figure)
        texts = figure.legends[0].get_texts()
        assert len(texts) == count
        assert len({round(text.get_window_extent().y0) for text in texts}) == rows


def test_label_is_text_and_no_formula():
    """The name of a user's text may have dollars."""
    figure = Figure(figsize=(3, 2))
    label(figure, "NOT MEASURED ON THE TEST SPLIT but on “costs_$5_to_$9.txt”.")
    figure.savefig(io.BytesIO())
    assert "$5_to_$9" in figure.get_suptitle()
