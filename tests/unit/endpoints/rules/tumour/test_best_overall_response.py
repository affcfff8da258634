"""Best overall response: up to progression or the next treatment, confirmed where asked."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.rules.tumour.assessed import assessed

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.rules.tumour.best_overall_response import (
    BestOverallResponseParameters,
    derive_best_overall_response,
)
from stromal.protocol.protocol import EndpointUse


def best(responses, events=(), **parameters):
    given = BestOverallResponseParameters(**parameters)
    return derive_best_overall_response(assessed(responses, events), given).row(0, named=True)


def result(row):
    return row["label"], row["day"], row["lowest"], row["highest"]


@pytest.mark.parametrize(
    ("responses", "events", "found"),
    [
        ({28: "PR", 90: "CR", 180: "PR"}, (), ("CR", 90, 3, 3)),
        ({28: "PR", 90: "PD", 180: "CR"}, (), ("PR", 28, 2, 2)),
        ({28: "PD", 90: "CR"}, (), ("PD", 28, 0, 0)),
        ({28: "PR", 90: "CR"}, [(60, "relapse")], ("PR", 28, 2, 2)),
        ({28: "PR", 90: "CR"}, [(60, "next_therapy")], ("PR", 28, 2, 2)),
        ({28: "SD", 90: "NE"}, (), ("SD", 28, 1, 1)),
        ({28: "NE", 90: "NE"}, (), ("NE", None, 0, 3)),
        ({28: "CR", 90: None}, (), ("CR", 28, 3, 3)),
        ({28: "PR", 90: None}, (), (None, None, 2, 3)),
        ({28: None}, (), (None, None, 0, 3)),
        ({}, (), (None, None, None, None)),
        ({0: "CR", 28: "SD"}, (), ("SD", 28, 1, 1)),
        ({28: "PR"}, [(None, "progression")], (None, None, 0, 2)),
    ],
)
def test_the_best_before_the_end_counts(responses, events, found):
    row = best(responses, events)
    day = row["day"] if row["label"] != "NE" else None
    assert (row["label"], day, row["lowest"], row["highest"]) == found


@pytest.mark.parametrize(
    ("responses", "label", "ends"),
    [
        ({28: "CR", 60: "CR"}, "CR", (3, 3)),
        ({28: "CR", 60: "PR", 90: "PR"}, "PR", (2, 2)),
        ({28: "CR", 40: "CR"}, None, (1, 3)),
        ({28: "PR", 40: "PD"}, "SD", (1, 1)),
        ({28: "PR", 40: "SD", 60: "PR"}, None, (1, 2)),
        ({28: "SD"}, "SD", (1, 1)),
    ],
)
def test_a_response_must_hold_where_confirmation_is_asked_for(responses, label, ends):
    row = best(responses, confirmation_days=28)
    assert (row["label"], (row["lowest"], row["highest"])) == (label, ends)


def test_reasons_name_what_was_looked_at():
    row = best({28: "PR", 90: "PD", 180: "CR"})
    assert row["reason"] == "PR on day 28, the best of 2 assessments, until progression on day 90"
    assert best({}, to_day=90)["reason"] == (
        "no response of the malignancy assessed from day 1 to day 90"
    )
    assert best({28: "PR"}, [(None, "progression")])["reason"].endswith(
        "progression recorded without a day may have come before it"
    )


def test_a_protocol_uses_it_for_a_response_rate():
    use = EndpointUse(name="best", rule="best_overall_response", parameters={"to_day": 100})
    rows = derive_outcomes(assessed({28: "PR", 120: "CR"}), [bind_endpoint(use)])
    assert rows.select("label", "value").row(0) == ("PR", 2)
