import polars as pl
import pytest

from stromal.report.figures.bands import Courses, Look, plot_bands

COLUMNS = ("low", "lower", "median", "upper", "high")


def bands(panel, series, days, middle):
    values = {
        name: [each * (0.5 + 0.25 * step) for each in middle] for step, name in enumerate(COLUMNS)
    }
    return pl.DataFrame({"panel": panel, "series": series, "day": days, "n": 9, **values})


def draw(frame, *, marks=None, shares=None, **look):
    lines = pl.DataFrame(
        {"panel": ["a"], "series": ["a"], "subject": ["a-1"], "day": [0.0], "value": [40.0]}
    )
    courses = Courses(frame, lines, *(part for part in (marks, shares) if part is not None))
    given = {"titles": {"a": "control", "b": "MSC"}, "series": {"a": "control", "b": "MSC"}}
    return plot_bands(courses, Look(**(given | look)), name="x", title="Platelets")


BOTH = pl.concat(
    [bands("a", "a", [0.0, 90.0], [200.0, 10.0]), bands("b", "b", [0.0, 90.0], [200.0, 30.0])]
)


def test_each_arm_has_a_panel_and_the_description_says_where_medians_go():
    svg = draw(BOTH, units={"a": "Platelets", "b": "Platelets"})
    assert "control: median 200 on day 0 and 10 on day 90" in svg
    assert "MSC: median 200 on day 0 and 30 on day 90" in svg


def test_a_wide_range_has_a_logarithmic_axis_unless_the_protocol_says_otherwise():
    units = {"a": "Platelets", "b": "Platelets"}
    assert ">10<" in draw(BOTH, units=units)
    assert ">10<" not in draw(BOTH, units=units, axis="linear")


def test_thresholds_stand_beside_the_panel():
    assert ">37<" in draw(BOTH, units={"a": "P", "b": "P"}, thresholds=(37.0,))


def test_up_to_four_days_are_read_in_hours_from_the_first():
    early = bands("a", "a", [1.0, 3.0], [1.0, 0.5])
    svg = draw(early, titles={"a": "control"}, series={"a": "control"}, units={"a": "dose"})
    assert "Hours from day 1" in svg
    assert ">48<" in svg


def test_events_have_marks_and_a_strip_with_the_largest_share():
    marks = pl.DataFrame(
        {"panel": ["a"], "series": ["a"], "event": ["g_csf"], "day": [0.0], "value": [40.0]}
    )
    shares = pl.DataFrame(
        {
            "panel": ["a", "b"],
            "event": ["g_csf"] * 2,
            "day": [0.0] * 2,
            "until": [7.0] * 2,
            "share": [0.4, 0.25],
        }
    )
    svg = draw(
        BOTH, marks=marks, shares=shares, units={"a": "P", "b": "P"}, events={"g_csf": "G-CSF"}
    )
    assert "G-CSF, \u2264 40 %" in svg
    assert "G-CSF, \u2264 25 %" in svg


def test_several_quantities_name_the_arms_in_the_legend():
    two = pl.concat(
        [bands("blood", "a", [0.0, 9.0], [4.0, 2.0]), bands("blood", "b", [0.0, 9.0], [4.0, 3.0])]
    )
    svg = draw(two, titles={"blood": "MSC in blood"}, units={"blood": "doses"})
    assert "MSC in blood, control: median 4 on day 0 and 2 on day 9" in svg
    assert ">control<" in svg


@pytest.mark.parametrize("axis", [None, "log"])
def test_nothing_above_zero_is_drawn_and_said(axis):
    none = bands("a", "a", [0.0, 9.0], [0.0, 0.0])
    svg = draw(none, titles={"a": "control"}, series={"a": "control"}, units={"a": "x"}, axis=axis)
    assert "median 0 on day 0" in svg
