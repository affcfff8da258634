"""Worst grade: none is 0 only as far as a patient was followed."""

from __future__ import annotations

from tests.unit.endpoints.rules.adverse_events.told import event, result, told

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.rules.adverse_events.adverse_event_grade import derive_adverse_event_grade
from stromal.endpoints.rules.adverse_events.asked import AskedParameters
from stromal.protocol.protocol import EndpointUse


def grade(*events, last=90.0, **parameters):
    rows = derive_adverse_event_grade(told(*events, last=last), AskedParameters(**parameters))
    return rows.row(0, named=True)


def test_the_worst_event_counts_and_its_first_day():
    row = grade(event(3.0, 1), event(9.0, 3, term="rash"), event(7.0, 3))
    assert (*result(row), row["day"]) == ("3", 3, 3, 7)
    assert row["reason"] == "grade 3, fever on day 7, followed until day 90"


def test_no_record_is_grade_0_as_far_as_follow_up_goes():
    assert result(grade(to_day=28)) == ("0", 0, 0)
    row = grade(to_day=28, last=20.0)
    assert result(row) == (None, 0, 5)
    assert row["reason"] == (
        "no adverse event from day 0 to day 28, followed until day 20 only: "
        "grade 0 to 5 is possible"
    )
    assert result(grade(last=None)) == (None, None, None)


def test_death_closes_the_window():
    died = event(9.0, 5)
    death = {"subject": "1", "day": 9.0, "event": "death"}
    assert result(grade(died, death, to_day=28, last=None)) == ("5", 5, 5)
    assert result(grade(event(3.0, 2), death, to_day=28, last=None)) == ("2", 2, 2)


def test_an_event_without_a_grade_or_a_day_is_open():
    assert result(grade(event(3.0, None))) == (None, 1, 5)
    assert result(grade(event(3.0, 2), event(None, 4, term="rash"))) == (None, 2, 4)
    assert result(grade(event(3.0, 2), event(None, 1, term="rash"))) == ("2", 2, 2)


def test_a_protocol_uses_it_for_related_events():
    use = EndpointUse(name="worst", rule="adverse_event_grade", parameters={"related": True})
    patients = told(event(3.0, 3, relation="unrelated"), event(5.0, 2, relation="probable"))
    assert derive_outcomes(patients, [bind_endpoint(use)])["label"].item() == "2"
