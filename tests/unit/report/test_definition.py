from stromal.report.blocks import Cite, Items, Prose
from stromal.report.definition import (
    describe_definition,
    render_definitions,
    render_settings,
)


def test_criteria_conventions_and_parameters_are_said(content):
    criteria, heading, choices, parameters = describe_definition(content.endpoints[0])
    assert isinstance(criteria, Prose)
    assert criteria.spans[0].text == "MAGIC (Harris 2016)"
    assert Cite(("harris2016",)) in criteria.spans
    assert heading.spans == ("Conventions where the sources are silent:",)
    assert choices == Items(("Day 0 counts.",))
    (said,) = parameters.spans
    assert said.startswith("Parameters: ")
    assert said.endswith("system magic; when nearest; window on day 0.")


def test_every_endpoint_has_a_row(content):
    (row,) = render_definitions(content).rows
    assert row[0].text == "Grade (MAGIC)"
    assert row[2].sources == ("harris2016",)


def test_settings_that_are_not_set_are_left_out():
    given = {"a": True, "b": -1.5, "c": None, "d": {"low_dose": 2}, "e": ()}
    assert render_settings(given) == ["a yes", "b \u22121.5", "d low dose 2"]
    window = {"baseline": {"day": 0, "before": 7, "after": 0}}
    assert render_settings(window) == ["baseline from day \u22127 to day 0"]
