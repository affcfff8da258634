from math import pi

import pytest
from tests.unit.report.figures.drawn import find_outside, find_overlaps

from stromal.report.figures.bubbles import (
    CANNOT,
    Bubble,
    Bubbles,
    LinePoint,
    choose_doses,
    describe_bubbles,
    frame_bubbles,
    plot_bubbles,
    size_bubble,
)

POINTS = (
    Bubble("A", 1e6, 0.4, 9.0, "bone marrow"),
    Bubble("B", 4e6, 0.9, 4.0, "umbilical cord"),
    Bubble("C", 2e6, -0.2, 1.0),
)
LINE = (LinePoint(1e6, 0.1, -0.5, 0.7), LinePoint(4e6, 0.8, 0.1, 1.5))


def test_areas_of_bubbles_go_with_precision():
    areas = [pi * size_bubble(precision, 9.0) ** 2 for precision in (9.0, 4.5)]
    assert areas[0] == pytest.approx(2 * areas[1])
    assert size_bubble(0.0, 9.0) > 0


@pytest.mark.parametrize("line", [(), LINE])
@pytest.mark.parametrize("scale", ["log-odds", "ratio", "difference"])
def test_axes_have_names_and_no_text_overlaps(line, scale):
    svg = plot_bubbles(Bubbles("Response", POINTS, line, scale), name="x", title="x")
    assert "Dose, 10⁶ cells/kg, logarithmic axis" in svg
    assert "not known" in svg
    assert find_overlaps(svg) == []
    assert find_outside(svg) == []


def test_it_says_what_the_line_cannot_say():
    said = describe_bubbles(Bubbles("Response", POINTS, LINE, p=0.03, left_out=2))
    assert "rises with the dose, P = 0.030" in said
    assert CANNOT in said
    assert "2 studies without a usable dose are not in it" in said
    falling = Bubbles("Response", POINTS, LINE[::-1], p=0.5)
    assert "falls" in describe_bubbles(falling)


def test_one_study_and_many_decades_of_doses_have_an_axis():
    one = Bubbles("Response", (Bubble("A", 1e6, 0.4, 9.0),))
    assert find_overlaps(plot_bubbles(one, name="x", title="x")) == []
    assert [label for _, label in choose_doses(1e4, 1e9)] == [
        "0.01", "0.1", "1", "10", "100", "1000"
    ]  # fmt: skip


def test_the_frame_holds_studies_and_line():
    frame = frame_bubbles(Bubbles("Response", POINTS, LINE))
    assert frame["kind"].to_list() == ["study"] * 3 + ["line"] * 2
    assert frame["group"].to_list()[2] is None


def test_a_dose_of_nothing_has_no_logarithm():
    for points in ((), (Bubble("A", 0.0, 0.1, 1.0),)):
        with pytest.raises(ValueError, match="doses above zero"):
            plot_bubbles(Bubbles("Response", points), name="x", title="x")


def test_the_same_plot_gives_the_same_text():
    shown = Bubbles("Response", POINTS, LINE)
    assert len({plot_bubbles(shown, name="x", title="x") for _ in range(2)}) == 1
