import random
from math import log

import pytest
from tests.unit.report.figures.drawn import find_outside, find_overlaps, read_shapes, read_texts

from stromal.report.figures.forest import Forest, ForestColumn, ForestPool, ForestRow
from stromal.report.figures.forest_plot import describe_forest, plot_forest, size_square
from stromal.report.figures.palette import ACCENT

SQUARE = "#5d97a1"
COLUMNS = (ForestColumn("Source"), ForestColumn("n", numeric=True), ForestColumn("Events"))


def make_forest(studies, scale="share", **more):
    drawn = random.Random(studies)
    rows = []
    for k in range(studies):
        value = drawn.uniform(0.1, 0.9) if scale == "share" else drawn.lognormvariate(0, 0.5)
        rows.append(
            ForestRow(
                f"Hernández-Villanueva de la Torre {1990 + k % 30}",
                ("tissue of the umbilical cord", str(k), "12"),
                value, value * 0.7, min(value * 1.4, 1.0) if scale == "share" else value * 1.6,
                drawn.uniform(0.1, 9.0),
            )
        )  # fmt: skip
    pools = (
        ForestPool("Common effect", 0.6, 0.5, 0.7, kind="common"),
        ForestPool("Random effects", 0.6, 0.4, 0.8, prediction=(0.2, 0.95), note="I² = 50 %"),
    )
    return Forest("Overall response", tuple(rows), pools, COLUMNS, scale=scale, **more)


@pytest.mark.parametrize("studies", [1, 2, 12, 60])
@pytest.mark.parametrize("scale", ["share", "ratio", "difference"])
def test_no_text_overlaps_another_or_leaves_the_picture(studies, scale):
    favours = None if scale == "share" else ("favours MSC", "favours no MSC")
    svg = plot_forest(make_forest(studies, scale, favours=favours), name="x", title="x")
    assert find_overlaps(svg) == []
    assert find_outside(svg) == []


def test_areas_of_squares_go_with_weights():
    weights = (1.0, 4.0, 2.0)
    rows = tuple(ForestRow(f"S {w:g}", ("", "", ""), 0.5, 0.4, 0.6, weight=w) for w in weights)
    svg = plot_forest(Forest("Share", rows, columns=COLUMNS), name="x", title="x")
    squares = sorted(read_shapes(svg, SQUARE), key=lambda shape: shape.top)
    areas = [shape.width**2 for shape in squares]
    assert areas[1] / areas[0] == pytest.approx(4, rel=1e-3)
    assert areas[2] / areas[0] == pytest.approx(2, rel=1e-3)
    assert size_square(0.0, 9.0) > 0


def ticks(svg, labels):
    """Middles of the tick labels, which are the lowest texts with those words."""
    texts = read_texts(svg)
    return [
        max((t for t in texts if t.what == label), key=lambda t: t.top).middle for label in labels
    ]


def test_a_diamond_spans_its_interval_on_a_straight_axis():
    svg = plot_forest(make_forest(3), name="x", title="x")
    (diamond,) = read_shapes(svg, ACCENT)
    zero, hundred = ticks(svg, ["0", "100"])
    at = [zero + share * (hundred - zero) for share in (0.4, 0.8)]
    assert [diamond.left, diamond.right] == pytest.approx(at, abs=0.1)


def test_a_diamond_spans_its_interval_on_a_logarithmic_axis():
    rows = (ForestRow("A", (), 0.7, 0.3, 2.5, 1.0),)
    pools = (ForestPool("Random effects", 0.7, 0.5, 2.0),)
    svg = plot_forest(Forest("Risk ratio", rows, pools, scale="ratio"), name="x", title="x")
    (diamond,) = read_shapes(svg, ACCENT)
    one, two = ticks(svg, ["1", "2"])
    assert diamond.right == pytest.approx(two, abs=0.1)
    assert diamond.left == pytest.approx(one + log(0.5) / log(2) * (two - one), abs=0.1)


def test_intervals_that_leave_the_axis_end_in_arrows():
    rows = [ForestRow(f"S{k}", (), 0.8, 0.6, 1.1, 1.0) for k in range(9)]
    rows.append(ForestRow("wide", (), 1.0, 1e-7, 1e7, 0.1))
    svg = plot_forest(Forest("Risk ratio", tuple(rows), scale="ratio"), name="x", title="x")
    assert len(read_shapes(svg, "#1c2326")) == 2


def test_a_study_that_cannot_be_estimated_keeps_its_line_with_the_reason():
    rows = (ForestRow("A", reason="nobody had the event"), ForestRow("B"))
    pools = (ForestPool("Random effects", reason="one study"), ForestPool("Common effect"))
    svg = plot_forest(Forest("Share", rows, pools), name="x", title="x")
    said = [text.what for text in read_texts(svg)]
    assert "not estimable: nobody had the event" in said
    assert "one study" in said
    assert said.count("not estimable") == 3
    assert not read_shapes(svg, SQUARE)
    assert "2 not estimable" in describe_forest(Forest("Share", rows, pools))


def test_hostile_words_stay_words():
    bad = "<script>alert('1')</script> & \"x\" $y$ 2001"
    rows = (ForestRow(bad, (bad,), 0.5, 0.4, 0.6, 1.0, group=bad),)
    forest = Forest(bad, rows, (ForestPool(bad, 0.5, 0.4, 0.6, note=bad),), (ForestColumn(bad),))
    svg = plot_forest(forest, name="x", title=bad)
    assert "<script" not in svg
    assert read_texts(svg)
    assert find_overlaps(svg) == []


def test_without_a_study_there_is_an_empty_plot():
    assert "Overall response" in plot_forest(Forest("Overall response", ()), name="x", title="x")


def test_the_same_plot_gives_the_same_text():
    first, second = (plot_forest(make_forest(12), name="x", title="x") for _ in range(2))
    assert first == second
    assert 'class="wide"' in first


def test_groups_have_their_own_diamonds():
    rows = tuple(ForestRow(f"S{k}", (), 0.5, 0.4, 0.6, 1.0, group=g) for k, g in enumerate("abb"))
    pools = (*(ForestPool("Random effects", 0.5, 0.4, 0.6, group=g) for g in "ab"),
             ForestPool("Random effects", 0.5, 0.45, 0.55))  # fmt: skip
    svg = plot_forest(Forest("Share", rows, pools), name="x", title="x")
    assert len(read_shapes(svg, ACCENT)) == 3
    assert "a, Random effects: 50 (40–60)" in describe_forest(Forest("Share", rows, pools))


def test_what_is_shown_and_not_pooled_is_hollow_and_says_so():
    rows = (ForestRow("A", (), 0.5, reason="no interval"), ForestRow("B", (), 0.6, 0.4, 0.8, 1.0))
    svg = plot_forest(Forest("Share", rows), name="x", title="x")
    assert len(read_shapes(svg, SQUARE)) == 1
    assert "(not pooled)" in [text.what for text in read_texts(svg)]


def test_amounts_have_no_line_of_no_effect():
    rows = (ForestRow("A", (), 14.0, 9.0, 20.0, 1.0),)
    forest = Forest("Median", rows, scale="amount", unit="day", digits=0, first="Question")
    assert forest.null is None
    said = [text.what for text in read_texts(plot_forest(forest, name="x", title="x"))]
    assert {"14", "(9–20)", "Question", "Median, days"} <= set(said)
