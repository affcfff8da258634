from itertools import pairwise

import pytest

from stromal.report.figures.forest import Forest, ForestColumn, ForestRow, list_lines
from stromal.report.figures.forest_layout import LEAST_PLOT, lay_out_forest, write_weight

WIDTH = 640.0


def lay_out(cells, label="A 2001"):
    columns = tuple(ForestColumn(f"Column {k}", numeric=k % 2 == 1) for k in range(len(cells)))
    forest = Forest("Response", (ForestRow(label, cells, 0.5, 0.2, 0.8, 1.0),), columns=columns)
    return lay_out_forest(forest, list_lines(forest), WIDTH)


@pytest.mark.parametrize("number", [0, 1, 3, 5, 7])
@pytest.mark.parametrize("text", ["1", "a word", "a very long text that nobody would write here"])
def test_columns_never_overlap_and_stay_in_the_picture(number, text):
    layout = lay_out((text,) * number, label=text)
    places = [*layout.texts, layout.plot, layout.value, layout.interval, layout.weight]
    for first, second in pairwise(places):
        assert first.left <= first.right <= second.left
    assert places[0].left >= 0
    assert places[-1].right <= WIDTH


def test_the_plot_keeps_its_room():
    assert lay_out(("a very long text that nobody would write",) * 5).plot.width >= LEAST_PLOT - 15


def test_without_weights_there_is_no_such_column():
    forest = Forest("Response", (ForestRow("A", (), 0.5, 0.2, 0.8),))
    assert lay_out_forest(forest, list_lines(forest), WIDTH).weight.heading == ()


def test_weights_are_written_to_a_tenth():
    assert [write_weight(w) for w in (100.0, 99.96, 99.9, 0.05)] == [
        "100 %", "100 %", "99.9 %", "0.1 %"
    ]  # fmt: skip
