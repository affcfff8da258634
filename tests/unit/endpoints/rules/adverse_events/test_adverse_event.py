"""Adverse events as a flag: of a kind, of a grade, and never no where it may be yes."""

from __future__ import annotations

from tests.unit.endpoints.rules.adverse_events.told import event, result, told

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.rules.adverse_events.adverse_event import derive_adverse_event
from stromal.endpoints.rules.adverse_events.asked import LeastGradeParameters
from stromal.protocol.protocol import EndpointUse


def had(*events, last=90.0, **parameters):
    rows = derive_adverse_event(told(*events, last=last), LeastGradeParameters(**parameters))
    return rows.row(0, named=True)


def test_an_event_of_the_grade_is_yes_and_of_a_lower_grade_no():
    assert result(had(event(3.0, 3), from_grade=3)) == ("yes", 1, 1)
    row = had(event(3.0, 2), from_grade=3, to_day=28)
    assert result(row) == ("no", 0, 0)
    assert row["reason"] == (
        "no adverse event of grade 3 or more from day 0 to day 28, followed until day 90"
    )


def test_reasons_count_the_events():
    row = had(event(3.0, 2), event(5.0, 4, term="rash"), event(6.0, None, term="pain"))
    assert row["reason"] == "3 adverse events, the worst of grade 4 to 5: rash on day 5"


def test_what_was_not_recorded_leaves_it_open():
    assert result(had(event(3.0, None), from_grade=3)) == (None, 0, 1)
    assert result(had(event(None, 3), to_day=28)) == (None, 0, 1)
    assert result(had(event(3.0, 3), serious=True)) == (None, 0, 1)
    assert result(had(event(3.0, 3), serious=True, unrecorded="absent")) == ("no", 0, 0)


def test_follow_up_that_is_short_leaves_no_open_and_yes_as_it_is():
    assert result(had(last=20.0, to_day=28)) == (None, 0, 1)
    assert result(had(event(3.0, 3), last=20.0, to_day=28)) == ("yes", 1, 1)
    assert result(had(last=None)) == (None, None, None)


def test_a_protocol_asks_for_serious_events():
    uses = [
        EndpointUse(name="any", rule="adverse_event"),
        EndpointUse(name="serious", rule="adverse_event", parameters={"serious": True}),
    ]
    patients = told(event(3.0, 3, serious="no"))
    rows = derive_outcomes(patients, map(bind_endpoint, uses))
    assert rows["label"].to_list() == ["yes", "no"]
