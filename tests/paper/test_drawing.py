"""What the figures share: styles that can be told apart, the key, and files with the same bytes."""

import subprocess
import sys
from itertools import pairwise

import matplotlib
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from textvae.paper.render.figure import add_legend, look, save, styles


def figure() -> Figure:
    with look():
        figure = Figure(figsize=(3, 2), layout="constrained")
        for panel in figure.subplots(2, 2).flat:
            panel.plot([1, 2], [300, 400], label="$D$")
            panel.set_xlabel("rate")
        add_legend(figure, panel.get_lines())
    return figure


def saved(folder, title="A title") -> dict[str, bytes]:
    """A figure's files, by kind."""
    paths = {kind: folder / f"figure.{kind}" for kind in ("pdf", "svg", "png")}
    save(figure(), title, paths)
    return {kind: path.read_bytes() for kind, path in paths.items()}


def lightness(colour: str) -> float:
    """In grey, 0 to 1 (ITU-R BT.601)."""
    red, green, blue = to_rgb(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_no_two_of_many_models_look_the_same():
    drawn = styles([f"model{place}" for place in range(280)])
    assert len({str(style) for style in drawn.values()}) == 280


def test_neighbours_differ_in_lightness_marker_and_dashes():
    """And the paper's three models by a fifth of all greys at least, each from each."""
    drawn = list(styles(["a", "b", "c", "d", "e", "f"]).values())
    for one, next_one in pairwise(drawn):
        assert abs(lightness(one.colour) - lightness(next_one.colour)) > 0.1
        assert one.marker != next_one.marker
        assert one.dashes != next_one.dashes
    greys = sorted(lightness(style.colour) for style in drawn[:3])
    assert min(light - dark for dark, light in pairwise(greys)) > 0.2
    # Nothing so light that it is lost on white.
    assert max(lightness(style.colour) for style in drawn) < 0.7


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    assert saved(tmp_path / "one") == saved(tmp_path / "two")


def test_a_figure_that_is_saved_again_has_not_moved(tmp_path):
    once = figure()
    for folder in ("one", "two"):
        files = {kind: tmp_path / folder / f"figure.{kind}" for kind in ("pdf", "svg", "png")}
        save(once, "T", files)
    for kind in ("pdf", "svg", "png"):
        one, two = (tmp_path / folder / f"figure.{kind}" for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_the_settings_of_a_machine_play_no_part(tmp_path):
    theirs = {"font.size": 30, "svg.hashsalt": "x", "axes.facecolor": "red", "savefig.dpi": 10}
    plain = saved(tmp_path)
    with matplotlib.rc_context(theirs):
        assert saved(tmp_path) == plain
        assert {name: matplotlib.rcParams[name] for name in theirs} == theirs


def test_files_hold_no_date_and_no_leftovers(tmp_path):
    files = saved(tmp_path)
    assert b"CreationDate" not in files["pdf"]
    assert b"dc:date" not in files["svg"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "figure.pdf",
        "figure.png",
        "figure.svg",
    ]


def test_the_title_is_in_the_metadata_and_not_on_the_picture(tmp_path):
    one, two = saved(tmp_path / "one", "R < D\nfor C"), saved(tmp_path / "two", "Another")
    assert b"(R < D for C)" in one["pdf"]
    assert b"<title>R &lt; D for C</title>" in one["svg"]
    with (
        Image.open(tmp_path / "one" / "figure.png") as picture,
        Image.open(tmp_path / "two" / "figure.png") as other,
    ):
        assert (picture.info["Title"], other.info["Title"]) == ("R < D for C", "Another")
        assert picture.tobytes() == other.tobytes()
    assert two["png"] != one["png"]


def test_fonts_are_inside(tmp_path):
    files = saved(tmp_path)
    assert b"/FontFile2" in files["pdf"]
    assert b"/Type3" not in files["pdf"]
    # Outlines, which need no font.
    assert b"<text" not in files["svg"]


def test_png_has_200_dots_an_inch(tmp_path):
    saved(tmp_path)
    with Image.open(tmp_path / "figure.png") as picture:
        assert picture.size == (600, 400)


@pytest.mark.parametrize("count", [1, 4, 9])
def test_the_key_fits_the_figure_and_lies_under_its_panels(count):
    with look():
        figure = Figure(figsize=(3, 4), layout="constrained")
        panel = figure.subplots()
        panel.set_xlabel("rate")
        add_legend(figure, [Line2D([], [], label=f"model {place}") for place in range(count)])
        figure.draw_without_rendering()
        [legend] = figure.legends
        box = legend.get_window_extent()
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.width
        assert box.y0 >= 0
        assert box.y1 <= panel.get_tightbbox().y0
        assert len(legend.get_texts()) == count


def test_the_figures_need_neither_torch_nor_a_window():
    program = (
        "import sys\n"
        "import textvae.paper.exhibits.figure1, textvae.paper.exhibits.curves\n"
        "sys.exit(bool({'torch', 'matplotlib.pyplot', 'tkinter'} & set(sys.modules)))\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
