"""The cells of the paper's grid, as config/config.yaml lists them."""

from pathlib import Path

import pytest
import yaml

from textvae.config import queries as configuration


@pytest.fixture(scope="module")
def config():
    return yaml.safe_load((Path(__file__).parents[1] / "config/config.yaml").read_text())


def test_table_1_is_nine_cells(config):
    cells = configuration.cells(config, "table1")
    assert [str(cell) for cell in cells[:4]] == [
        "cbt/lstm/C3/seed1",
        "cbt/lstm/C15/seed1",
        "cbt/lstm/C100/seed1",
        "wiki/lstm/C3/seed1",
    ]
    assert len(cells) == 9


def test_figure_1_is_sixty_cells_and_none_of_table_1(config):
    cells = configuration.cells(config, "figure1")
    assert len(set(cells)) == 60
    assert {cell.C for cell in cells} == set(range(10, 101, 10))
    assert not set(cells) & set(configuration.cells(config, "table1"))


def test_section_3_2_adds_two_cells_to_figure_1(config):
    more = set(configuration.cells(config, "section3_2")) - set(
        configuration.cells(config, "figure1")
    )
    assert {str(cell) for cell in more} == {"yelp/gru/C5/seed1", "yahoo/gru/C5/seed1"}


@pytest.mark.parametrize("architecture", ["lstm", "gru", "cnn"])
def test_the_controls_of_an_architecture(config, architecture):
    def settings(cell):
        told = configuration.training_settings(config, cell)
        # The ELBO has no ramp of C.
        assert told.pop("ramp_epochs", None) == (None if told["objective"] == "elbo" else 2)
        return told.pop("objective"), told.pop("beta"), cell.C, told

    found = [
        settings(cell)
        for cell in configuration.cells(config, "collapse")
        if cell.model.startswith(architecture)
    ]
    assert sorted(control[:3] for control in found) == [
        ("elbo", 1, 0),
        ("rate-target", 0.5, 20),
        ("rate-target", 1, 0),
        ("rate-target", 1, 20),
        ("rate-target", 2, 20),
        ("rate-target", 10, 20),
    ]
    # They differ in nothing else.
    assert all(control[3] == found[0][3] for control in found)
