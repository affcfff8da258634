"""A recorded number: which one, gaps, what is no number."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.unit.endpoints.rules.assessments.noted import noted

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.rules.assessments.assessment_value import (
    AssessmentValueParameters,
    derive_assessment_value,
)
from stromal.protocol.protocol import EndpointUse, Visit

ITEM = {"scale": "tumour", "item": "deauville"}


def value(values, **parameters):
    given = AssessmentValueParameters(**(ITEM | parameters))
    row = derive_assessment_value(noted(values, **ITEM), given).row(0, named=True)
    return row["value"], row["day"], row["reason"]


@pytest.mark.parametrize(
    ("statistic", "found"),
    [("minimum", (2, 9)), ("maximum", (4, 3)), ("first", (4, 3)), ("last", (3, 40))],
)
def test_the_number_that_is_asked_for_is_taken(statistic, found):
    values = {3: "4", 9: "2", 20: "2", 30: "4", 40: "3"}
    assert value(values, statistic=statistic)[:2] == found


def test_numbers_are_ordered_as_numbers():
    assert value({3: "10", 9: "9"}, statistic="maximum")[0] == 10


def test_a_day_without_a_value_leaves_an_extreme_open():
    found = value({3: "4", 9: None}, statistic="maximum")
    assert found[0] is None
    assert found[2] == "Deauville score 4 on day 3, but a day without a value may lie beyond it"
    assert value({3: "4", 9: None}, statistic="last")[0] == 4


def test_what_is_no_number_or_not_recorded_is_told():
    assert value({3: "high"}, statistic="last")[::2] == (
        None,
        "Deauville score `high` on day 3 is no number",
    )
    assert value({}, statistic="last")[2] == "no Deauville score recorded on any day"


def test_a_protocol_takes_it_at_a_visit():
    use = EndpointUse(name="score", rule="assessment_value", visit="end", parameters=ITEM)
    bound = bind_endpoint(use, [Visit(name="end", day=28)])
    assert derive_outcomes(noted({28: "4"}, **ITEM), [bound])["value"].item() == 4
    with pytest.raises(ValidationError):
        AssessmentValueParameters(**ITEM)
