"""A recorded category: best and worst, gaps, categories that nobody listed."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.unit.endpoints.rules.assessments.noted import noted

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.rules.assessments.assessment_label import (
    AssessmentLabelParameters,
    derive_assessment_label,
    name_labels,
)
from stromal.protocol.protocol import EndpointUse

ITEM = {"scale": "wounds", "item": "state"}
LABELS = ("healed", "better", "same", "worse")


def label(values, statistic="best", **parameters):
    given = AssessmentLabelParameters(
        **(ITEM | {"labels": LABELS, "statistic": statistic} | parameters)
    )
    return derive_assessment_label(noted(values, **ITEM), given).row(0, named=True)


def result(row):
    return row["label"], row["value"], row["lowest"], row["highest"]


@pytest.mark.parametrize(
    ("statistic", "found"),
    [
        ("best", ("better", 2, 2, 2)),
        ("worst", ("worse", 0, 0, 0)),
        ("first", ("same", 1, 1, 1)),
        ("last", ("worse", 0, 0, 0)),
    ],
)
def test_the_category_that_is_asked_for_is_taken(statistic, found):
    assert result(label({3: "same", 9: "better", 40: "worse"}, statistic)) == found


def test_a_day_without_a_category_leaves_open_what_may_lie_beyond():
    assert result(label({3: "same", 9: None})) == (None, None, 1, 3)
    assert result(label({3: "same", 9: None}, "worst")) == (None, None, 0, 1)
    assert result(label({3: "healed", 9: None})) == ("healed", 3, 3, 3)
    assert result(label({3: "same", 9: None}, "last")) == ("same", 1, 1, 1)


def test_a_category_that_is_not_listed_is_not_judged():
    row = label({3: "gone"}, "last")
    assert result(row) == (None, None, None, None)
    assert row["reason"] == "wounds state `gone` on day 3 is none of the labels"


def test_categories_of_the_vocabulary_need_not_be_given():
    given = AssessmentLabelParameters(scale="tumour", item="response", statistic="last")
    assert [each.name for each in name_labels(given)] == ["CR", "PR", "SD", "PD", "NE"]
    with pytest.raises(ValidationError, match="give them as `labels`"):
        AssessmentLabelParameters(**ITEM, statistic="last")
    with pytest.raises(ValidationError, match="twice"):
        AssessmentLabelParameters(**ITEM, labels=["a", "a"], statistic="last")


def test_a_protocol_declares_labels():
    parameters = ITEM | {"labels": ["healed", "better", "same"], "statistic": "last"}
    use = EndpointUse(name="wound", rule="assessment_label", parameters=parameters)
    bound = bind_endpoint(use)
    assert bound.label_names == ("healed", "better", "same")
    assert derive_outcomes(noted({9: "better"}, **ITEM), [bound])["label"].item() == "better"
