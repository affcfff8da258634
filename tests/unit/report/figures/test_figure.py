import dataclasses

import polars as pl
import pytest

from stromal.report.figures.figure import Figure


def test_a_figure_is_frozen():
    figure = Figure("figure-x", "<svg/>", "X", "What it shows.", pl.DataFrame({"day": [1.0]}))
    with pytest.raises(dataclasses.FrozenInstanceError):
        figure.svg = ""
    assert figure.frame.columns == ["day"]
    assert "frame" not in repr(figure)
