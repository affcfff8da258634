from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError
from tests.unit.endpoints.good import GOOD, Change, changed, nothing

from stromal.endpoints.bind import bind_endpoint, bind_endpoints, try_bind
from stromal.errors import InvalidInput, UnknownEndpoint
from stromal.protocol.protocol import EndpointUse, Protocol, Visit
from stromal.tables.windows import Window

VISITS = (Visit(name="day_28", day=28, before=3, after=3), Visit(name="start", day=-1))


def use(**given: Any) -> EndpointUse:
    return EndpointUse(name="x", rule="acute_gvhd_response", **given)


def found(change: Change) -> list[tuple[str | None, str]]:
    _, issues = try_bind(changed(change))
    assert all(issue.table == "protocol.toml" and issue.hint for issue in issues)
    return [(issue.column, issue.message) for issue in issues]


def test_a_bound_endpoint_has_all_that_follows_from_its_rule_and_parameters():
    bound = bind_endpoint(use(visit="day_28", baseline="start"), VISITS)
    assert (bound.name, bound.kind, bound.rule.name) == ("x", "response", "acute_gvhd_response")
    assert bound.parameters.model_dump()["window"] == {"day": 28, "before": 3, "after": 3}
    assert bound.criteria.name == "acute_gvhd_response"
    assert bound.label_names[0] == "CR"
    assert bound.statuses is None


def test_a_window_can_be_written_out():
    bound = bind_endpoint(use(parameters={"window": {"day": 56, "after": 7}}))
    assert bound.parameters.window == Window(day=56, after=7)


def test_a_time_has_statuses():
    bound = bind_endpoint(EndpointUse(name="r", rule="relapse"))
    assert bound.statuses is not None
    assert bound.statuses.competing == "death without relapse"


def test_what_does_not_fit_one_endpoint_is_raised():
    with pytest.raises(UnknownEndpoint):
        bind_endpoint(EndpointUse(name="x", rule="height"))
    with pytest.raises(ValidationError):
        bind_endpoint(EndpointUse(name="x", rule="relapse", parameters={"until": 3}))
    with pytest.raises(KeyError):
        bind_endpoint(use(visit="day_29"), VISITS)


CASES: dict[str, tuple[Change, str, str]] = {
    "unknown rule": (
        lambda d: d["endpoints"][3].update(rule="relaps"),
        "endpoints[3].rule",
        "rule `relaps` is not in the library",
    ),
    "unknown parameter": (
        lambda d: d["endpoints"][1]["parameters"].update(statistc="minimum"),
        "endpoints[1].parameters.statistc",
        "key `statistc` is not known here",
    ),
    "missing parameter": (
        lambda d: d["endpoints"][1]["parameters"].clear(),
        "endpoints[1].parameters.analyte",
        "key `analyte` is missing",
    ),
    "value that is not allowed": (
        lambda d: d["endpoints"][1]["parameters"].update(statistic="mean"),
        "endpoints[1].parameters.statistic",
        "`mean` is not one of the values of this key",
    ),
    "window with an unknown key": (
        lambda d: d["endpoints"][3].update(
            rule="vital_status", parameters={"window": {"day": 28, "befor": 3}}
        ),
        "endpoints[3].parameters.window.befor",
        "key `befor` is not known here",
    ),
    "visit for a rule without days": (
        lambda d: d["endpoints"][2].update(visit="day_28"),
        "endpoints[2].visit",
        "rule `overall_survival` takes no visit",
    ),
    "baseline for a rule without one": (
        lambda d: d["endpoints"][1].update(baseline="start"),
        "endpoints[1].baseline",
        "rule `lab_value` takes no baseline",
    ),
    "days said twice": (
        lambda d: d["endpoints"][1]["parameters"].update(window={"day": 3}),
        "endpoints[1].parameters.window",
        "`visit` and the parameter `window` both say which days count",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_found_and_nothing_else(name: str) -> None:
    change, column, message = CASES[name]
    assert found(change) == [(column, message)]


def test_endpoints_without_fault_are_all_bound_in_order() -> None:
    bound = bind_endpoints(changed(nothing))
    assert [item.name for item in bound] == [item["name"] for item in GOOD["endpoints"]]


def test_every_issue_of_every_endpoint_comes_at_once_and_the_others_are_bound() -> None:
    data = deepcopy(GOOD)
    CASES["unknown rule"][0](data)
    CASES["unknown parameter"][0](data)
    protocol = Protocol.model_validate(data)
    bound, issues = try_bind(protocol)
    assert [item.name for item in bound] == ["response", "survival"]
    assert len(issues) == 2
    with pytest.raises(InvalidInput) as raised:
        bind_endpoints(protocol)
    assert raised.value.issues == issues


def test_the_nearest_rule_is_suggested() -> None:
    _, (issue,) = try_bind(changed(CASES["unknown rule"][0]))
    assert issue.hint == "did you mean `relapse`?"


def test_days_written_as_keys_of_their_own_are_told_how_to_be_written() -> None:
    def old(data: dict[str, Any]) -> None:
        data["endpoints"][0]["parameters"] = {"baseline_before": 3}

    _, (issue,) = try_bind(changed(old))
    assert issue.column == "endpoints[0].parameters.baseline_before"
    assert issue.hint == (
        "a day and the days around it are one value: "
        "`baseline = { day = 28, before = 3, after = 3 }`"
    )


def test_an_unknown_visit_is_left_to_the_checks_of_the_protocol() -> None:
    assert found(lambda data: data["endpoints"][0].update(visit="day_29")) == []


def test_an_endpoint_that_makes_groups_at_a_landmark_is_bound_once_more():
    protocol = Protocol.model_validate(
        {
            "format": 2,
            "study": {"name": "x", "title": "X", "day_zero": "graft"},
            "population": {"description": "adults"},
            "arms": {"msc": {"label": "MSC"}},
            "endpoints": [{"name": "status", "rule": "vital_status"}],
            "groupings": [
                {"name": "a", "of": "status", "landmark": 28},
                {"name": "b", "of": "status", "landmark": 28},
                {"name": "c", "of": "status"},
            ],
        }
    )
    bound = bind_endpoints(protocol)
    assert [item.name for item in bound] == ["status", "status_by_day_28"]
    assert [item.known_by for item in bound] == [None, 28.0]
