"""Stand-ins: our cells shown beside the paper's cells that are not run."""

from pathlib import Path

import pytest
import yaml

from textvae.errors import InputError
from textvae.paper.stand_ins import UnseededCell, parse_stand_ins, printed_cells, split_pairs


def test_demo_has_a_stand_in_for_every_cell_of_the_paper():
    names = [str(cell) for cell in printed_cells()]
    assert len(names) == len(set(names)) == 15
    assert names[0] == "cbt/lstm/C3"
    assert {"wiki50/lstm/C100", "yelp/gru/C5"} < set(names)
    demo = yaml.safe_load((Path(__file__).parents[2] / "config/demo.yaml").read_text())
    assert set(parse_stand_ins(demo["stand_ins"].items())) == set(printed_cells())


def test_C_of_a_pair_has_any_spelling():
    pairs = parse_stand_ins(split_pairs(["cbt/lstm/C3.0=mine/small/C2.50"]))
    assert pairs == {UnseededCell("cbt", "lstm", 3): UnseededCell("mine", "small", 2.5)}
    assert str(pairs[UnseededCell("cbt", "lstm", 3)]) == "mine/small/C2.5"


@pytest.mark.parametrize(
    ("texts", "wrong"),
    [
        *((["cbt/lstm/C3"], "cbt/lstm/C3"), (["cbt/lstm=mine/lstm/C3"], "cbt/lstm")),
        (["cbt/lstm/C3=mine/lstm/C3/seed1"], "mine/lstm/C3/seed1"),
        *((["cbt/lstm/C3=a=b"], "a=b"), (["cbt/lstm/C5=mine/lstm/C3"], "cbt/lstm/C5")),
        (["cbt/lstm/C3=a/b/C1", "cbt/lstm/C3.0=a/b/C2"], "cbt/lstm/C3.0"),
    ],
)
def test_invalid_pair_is_refused(texts, wrong):
    with pytest.raises(InputError, match=f"^'{wrong}': .*$"):
        parse_stand_ins(split_pairs(texts))
