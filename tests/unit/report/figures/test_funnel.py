import pytest
from tests.unit.report.figures.drawn import find_outside, find_overlaps

from stromal.report.figures.funnel import (
    Funnel,
    FunnelPoint,
    describe_funnel,
    frame_funnel,
    plot_funnel,
    pseudo_interval,
)


def make_funnel(studies, scale="ratio", **more):
    points = tuple(FunnelPoint(f"S{k}", 0.1 * k - 0.3, 0.1 + 0.05 * k) for k in range(studies))
    return Funnel("Risk ratio", points, -0.1, scale, **more)


@pytest.mark.parametrize("studies", [1, 9, 60])
@pytest.mark.parametrize("scale", ["ratio", "log-odds", "difference"])
def test_axes_have_names_and_no_text_overlaps(studies, scale):
    svg = plot_funnel(make_funnel(studies, scale), name="x", title="x")
    assert "Standard error" in svg
    assert "Risk ratio" in svg
    assert find_overlaps(svg) == []
    assert find_outside(svg) == []


def test_sides_of_the_funnel_are_those_of_the_normal_law():
    low, high = pseudo_interval(0.5, 0.2, 0.9)
    assert (high - low) / 2 == pytest.approx(1.6448536 * 0.2)
    assert (high + low) / 2 == pytest.approx(0.5)


def test_filled_in_studies_are_hollow_and_called_no_data():
    funnel = make_funnel(3)
    filled = Funnel("Risk ratio", (*funnel.points, FunnelPoint("f", -0.5, 0.2, filled=True)), -0.1)
    svg = plot_funnel(filled, name="x", title="x")
    assert "filled in, no data" in svg
    assert "filled in" not in plot_funnel(funnel, name="x", title="x")
    assert filled.studies == 3
    assert "adds 1 study (hollow)" in describe_funnel(filled)
    assert frame_funnel(filled)["filled"].to_list() == [False, False, False, True]


def test_few_studies_and_many_are_told_apart():
    assert "says little" in describe_funnel(make_funnel(9, p=0.01))
    assert "something else" in describe_funnel(make_funnel(10, p=0.01))
    assert "beyond chance" in describe_funnel(make_funnel(10, p=0.4))
    assert "not possible: all alike" in describe_funnel(make_funnel(10, reason="all alike"))


def test_a_funnel_has_a_study():
    with pytest.raises(ValueError, match="without a study"):
        plot_funnel(make_funnel(0), name="x", title="x")


def test_the_same_funnel_gives_the_same_text():
    assert len({plot_funnel(make_funnel(5), name="x", title="x") for _ in range(2)}) == 1
