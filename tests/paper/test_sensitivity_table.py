"""The share of neighbouring codes that decode to different sentences, as data."""

from textvae.cells import Cell
from textvae.paper.exhibits.sensitivity import Sensitivity, sensitivities, sensitivity_csv
from textvae.paper.measurements import Measured

VALUES = {
    "lines": 200,
    "codes": 7,
    "distinct_interpolation": 0.25,
    "distinct_interpolation_standard_error": 0.01,
    "distinct_gradient_up": 0.125,
    "distinct_gradient_up_standard_error": None,
    "distinct_gradient_down": None,
}


def measured(values: dict, C=3.0, **cell) -> list[Measured]:
    of = Cell(**{"corpus": "cbt", "model": "lstm", "C": C, "seed": 1} | cell)
    return [
        Measured(of, "sensitivity", "prior", 200, metric, value) for metric, value in values.items()
    ]


def test_a_line_for_each_cell_and_direction():
    """A share or its error that is null stays unknown."""
    assert sensitivity_csv(sensitivities(measured(VALUES))).splitlines() == [
        "corpus,model,C,seed,direction,lines,codes,distinct_share,standard_error",
        "cbt,lstm,3,1,interpolation,200,7,0.25,0.01",
        "cbt,lstm,3,1,gradient_up,200,7,0.125,",
        "cbt,lstm,3,1,gradient_down,200,7,,",
    ]


def test_cells_come_in_the_order_of_a_table():
    one = {"distinct_interpolation": 0.5}
    cells = [{"corpus": "abc"}, {"C": 100}, {"seed": 2}, {}]
    found = sensitivities([row for cell in cells for row in measured(one, **cell)])
    assert [str(one.cell) for one in found] == [
        "cbt/lstm/C3/seed1",
        "cbt/lstm/C100/seed1",
        "cbt/lstm/C3/seed2",
        "abc/lstm/C3/seed1",
    ]


def test_what_was_not_measured_has_no_line():
    """Neither a direction nor a cell; and generated text is no matter of the cell's."""
    cell = Cell("cbt", "lstm", 15, 1)
    other = Measured(cell, "diversity", "synthetic", 9, "lines", 5, decoding="greedy", copy=1)
    found = sensitivities([*measured({"distinct_gradient_up": 0.5}), other])
    assert found == [Sensitivity(Cell("cbt", "lstm", 3, 1), "gradient_up", None, None, 0.5, None)]
