from tests.unit.report.conftest import curve

from stromal.report.figures.cumulative_incidence import plot_cumulative_incidence
from stromal.report.figures.curves import frame_curves


def test_panels_name_their_group_and_causes():
    curves = [
        curve(group, cause, falling=False) for group in "ab" for cause in ("relapse", "death")
    ]
    svg = plot_cumulative_incidence(
        frame_curves(curves), name="x", title="Relapse", days=(10, 30), labels={"a": "first group"}
    )
    for text in ("first group", "relapse", "death", "neither", "n = 3", "Days from day 0"):
        assert text in svg
    assert "first group, relapse: 30%" in svg


def test_one_cause_has_no_competitor():
    frame = frame_curves([curve(label="relapse", falling=False)])
    svg = plot_cumulative_incidence(frame, name="x", title="x")
    assert "not yet" in svg
    assert "neither" not in svg


def test_a_group_without_patients_has_an_empty_panel():
    curves = [curve("a", "relapse", falling=False), curve("b", "relapse", n=0, falling=False)]
    assert "n = 0" in plot_cumulative_incidence(frame_curves(curves), name="x", title="x")
