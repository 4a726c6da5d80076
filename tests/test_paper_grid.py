"""The cells of the paper's experiments in config/config.yaml."""

from pathlib import Path

import yaml

from textvae.config import queries

CONFIG = yaml.safe_load((Path(__file__).parents[1] / "config/config.yaml").read_text())


def test_tables_and_figure_1_have_the_cells_of_the_paper():
    names = ("table1", "figure1", "section3_2")
    table1, figure1, section3_2 = ([*map(str, queries.cells(CONFIG, name))] for name in names)
    assert table1 == [
        f"{corpus}/lstm/C{C}/seed1" for corpus in ("cbt", "wiki", "webtext") for C in (3, 15, 100)
    ]
    assert len(set(figure1)) == 60
    assert {name.split("/")[2] for name in figure1} == {f"C{C}" for C in range(10, 101, 10)}
    assert set(section3_2) - set(figure1) == {"yelp/gru/C5/seed1", "yahoo/gru/C5/seed1"}


def test_controls_differ_only_in_objective_beta_and_C():
    controls, common = {}, {}
    for cell in queries.cells(CONFIG, "collapse"):
        settings = queries.training_settings(CONFIG, cell)
        objective, beta = settings.pop("objective"), settings.pop("beta")
        # The ELBO has no ramp of C.
        assert settings.pop("ramp_epochs", None) == (None if objective == "elbo" else 2)
        architecture = cell.model.split("-")[0]
        controls.setdefault(architecture, []).append((objective, beta, cell.C))
        assert common.setdefault(architecture, settings) == settings
    assert set(controls) == {"lstm", "gru", "cnn"}
    for of_architecture in controls.values():
        assert sorted(of_architecture) == [
            *(("elbo", 1, 0), ("rate-target", 0.5, 20), ("rate-target", 1, 0)),
            *(("rate-target", beta, 20) for beta in (1, 2, 10)),
        ]
