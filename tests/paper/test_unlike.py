"""A note tells the settings in which models of one exhibit differ beside their methods."""

import json
from dataclasses import replace

from textvae.cells import Cell
from textvae.paper.descriptions import ModelConfig, TrainedCell, read_config
from textvae.paper.unlike import overridden, unlike

SETTINGS = {"encoder": "lstm", "decoder": "lstm", "objective": "rate-target", "beta": 1.0}
SETTINGS |= {"posterior": "diagonal-gaussian", "prior": "standard-normal", "strategy": "standard"}
SETTINGS |= {"hidden": 8, "epochs": 2}


def trained(model, C=3.0, **changes):
    settings = SETTINGS | changes
    config = ModelConfig(settings["encoder"], settings["decoder"], settings["objective"], 1.0)
    return TrainedCell(Cell("cbt", model, C, 1), config, 8, 4, 2, settings=settings)


def test_methods_and_their_own_settings_are_no_difference():
    models = [trained("a"), trained("a", C=15.0), trained("b", beta=0.5)]
    models += [trained("c", objective="mdr", mdr_gain=2.0), trained("d", decoder="dilated-cnn")]
    models += [trained("e", prior="vamp", vamp_components=20)]
    assert unlike(models) == []


def test_other_sizes_epochs_and_architectures_are_told():
    models = [trained("a"), trained("b"), trained("c", hidden=24, epochs=4)]
    models += [trained(f"m{index}", encoder="gru") for index in range(1, 6)]
    models += [trained("z"), trained("y"), trained("x")]
    (note,) = unlike(models)
    assert "hidden 8 (24 of c); epochs 2 (4 of c); " in note
    assert note.endswith("encoder lstm (gru of m1, gru of m2, gru of m3 and 2 more).")


def test_settings_of_one_C_are_told():
    models = [trained("a", C=C) for C in (3.0, 15.0, 100.0)] + [trained("b"), trained("c")]
    models += [trained("a", C=C, epochs=1) for C in (40.0, 50.0)]
    (note,) = unlike(models)
    assert note.endswith("epochs 2 (1 of a at C = 40, 50).")
    assert unlike(models[:5]) == []


def test_cells_that_an_override_makes_unlike_their_model_are_named():
    usual = [trained("a", C=C) for C in (3.0, 15.0, 50.0)]
    wide = trained("a", C=100.0, hidden=24)
    short = [replace(trained("b", C=C), settings=SETTINGS | {"epochs": C}) for C in (1, 3)]
    assert overridden(usual, set()) == []
    left_out, kept = overridden([*short, wide, *usual], {wide.cell})
    assert left_out.startswith("Left out of the claims, because ")
    assert left_out.endswith(": cbt/a at C = 100, seed 1 (hidden 24 instead of 8).")
    assert kept == (
        "Claims compare C of trainings with different settings, and leave these models out where"
        " models are compared: cbt/b at C = 3, seed 1 (epochs 3 instead of 1)."
    )
    many = [trained("a", C=float(C), beta=float(C)) for C in range(20)]
    assert overridden([*usual, *many], set())[0].endswith(" and 7 more.")


def test_settings_may_be_lists(tmp_path):
    """As those of an extension may be; config.json has them as lists."""
    content = {
        "cell": {"corpus": "cbt", "model": "a", "C": 3.0, "seed": 1},
        "architecture": {"encoder": "lstm", "decoder": "lstm", "hidden": 8, "latent": 4},
        "training": {"recipe": {"objective": "rate-target", "beta": 1, "epochs": 1}},
    }
    several = []
    for C, words in ((3, ["a", "b"]), (5, ["a", ["c"]]), (15, ["a", "b"])):
        content["cell"]["C"] = C
        content["training"]["recipe"]["words"] = words
        path = tmp_path / f"{C}.json"
        path.write_text(json.dumps(content))
        several.append(read_config(path))
    [note] = overridden(several, ())
    assert "a at C = 5, seed 1 (words ('a', ('c',)) instead of ('a', 'b'))" in note
    assert len(unlike(several)) == 1
