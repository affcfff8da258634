import dataclasses

import pytest

from stromal.report.figures.figure import Figure


def test_a_figure_is_frozen():
    figure = Figure("figure-x", "<svg/>", "X", "What it shows.")
    with pytest.raises(dataclasses.FrozenInstanceError):
        figure.svg = ""
