"""Response of an event: of those who had it, as reported."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.rules.events.event_response import (
    EventResponseParameters,
    derive_event_response,
)
from stromal.protocol.protocol import EndpointUse, Visit
from stromal.tables.patients import Patients

EVENT = "pure_red_cell_aplasia"


def patient(began, responses, death=None):
    events = [(day, EVENT) for day in began] + ([] if death is None else [(death, "death")])
    told = pl.DataFrame(
        list(responses.items()), {"day": pl.Float64, "value": pl.String}, orient="row"
    )
    return Patients.of(
        subjects=pl.DataFrame({"subject": ["1"]}),
        events=pl.DataFrame(
            events, {"day": pl.Float64, "event": pl.String}, orient="row"
        ).with_columns(subject=pl.lit("1")),
        assessments=told.with_columns(
            subject=pl.lit("1"), scale=pl.lit("condition_response"), item=pl.lit(EVENT)
        ),
    )


def response(began, responses, death=None):
    given = EventResponseParameters(event=EVENT)
    row = derive_event_response(patient(began, responses, death), given).row(0, named=True)
    return row["label"], row["lowest"], row["highest"], row["reason"]


@pytest.mark.parametrize(
    ("began", "responses", "death", "found"),
    [
        ([-30.0], {28: "PR"}, None, ("PR", 1, 1)),
        ([-30.0], {20: "NR", 30: "CR"}, None, ("CR", 2, 2)),
        ([None], {28: "CR"}, None, ("CR", 2, 2)),
        ([-30.0], {}, None, (None, 0, 2)),
        ([-30.0], {}, 20.0, ("NR", 0, 0)),
        ([60.0], {28: "CR"}, None, (None, None, None)),
        ([], {28: "CR"}, None, (None, None, None)),
        ([-30.0], {28: "better"}, None, (None, None, None)),
    ],
)
def test_only_patients_with_the_event_respond(began, responses, death, found):
    assert response(began, responses, death)[:3] == found


def test_reasons_say_what_was_recorded():
    assert response([-30.0], {})[3] == (
        "pure red cell aplasia on day -30, no response recorded from day 21 to day 35"
    )
    assert response([], {})[3] == "no pure red cell aplasia recorded: nothing to respond"


def test_a_protocol_gives_event_and_visit():
    use = EndpointUse(name="prca", rule="event_response", visit="end", parameters={"event": EVENT})
    bound = bind_endpoint(use, [Visit(name="end", day=90)])
    assert derive_outcomes(patient([-30.0], {90: "CR"}), [bound])["label"].item() == "CR"
