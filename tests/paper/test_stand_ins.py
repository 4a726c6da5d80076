"""Stand-ins: which cell of ours is shown beside one of the paper's."""

from pathlib import Path

import pytest
import yaml

from textvae.errors import InputError
from textvae.paper.stand_ins import Stand, parse_stand_ins, printed_stands, split_pairs


def test_the_paper_has_numbers_of_fifteen_cells():
    names = [str(stand) for stand in printed_stands()]
    assert len(names) == len(set(names)) == 15
    assert names[0] == "cbt/lstm/C3"
    assert {"wiki50/lstm/C100", "yelp/gru/C5"} < set(names)


def test_a_cell_of_the_paper_and_ours_in_any_spelling_of_C():
    found = parse_stand_ins(split_pairs(["cbt/lstm/C3.0=mine/small/C2.50"]))
    assert found == {Stand("cbt", "lstm", 3): Stand("mine", "small", 2.5)}
    assert str(found[Stand("cbt", "lstm", 3)]) == "mine/small/C2.5"


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["cbt/lstm/C3"], "'cbt/lstm/C3': expected PAPER=OURS"),
        (["cbt/lstm=mine/lstm/C3"], "'cbt/lstm': expected corpus/model/C15"),
        (["cbt/lstm/C3=mine/lstm/C3/seed1"], "'mine/lstm/C3/seed1': expected corpus/model/C15"),
        (["cbt/lstm/C3=a=b"], "'a=b': expected corpus/model/C15"),
        (["cbt/lstm/C5=mine/lstm/C3"], "'cbt/lstm/C5': not a cell of the paper, expected"),
        (["cbt/lstm/C3=a/b/C1", "cbt/lstm/C3.0=a/b/C2"], "'cbt/lstm/C3.0': already has a stand-in"),
    ],
)
def test_what_is_no_stand_in(texts, message):
    with pytest.raises(InputError) as error:
        parse_stand_ins(split_pairs(texts))
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_the_demo_has_one_for_every_cell_of_the_paper():
    demo = yaml.safe_load((Path(__file__).parents[2] / "config/demo.yaml").read_text())
    assert set(parse_stand_ins(demo["stand_ins"].items())) == set(printed_stands())
