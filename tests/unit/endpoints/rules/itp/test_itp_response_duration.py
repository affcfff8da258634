"""Duration of response: from its first day to its loss, death or the last day it was seen."""

from __future__ import annotations

from tests.unit.endpoints.rules.itp.counted import COMPLETE, RESPONSE, counted

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.rules.itp.itp_response_duration import derive_itp_response_duration
from stromal.endpoints.rules.itp.loss import LossParameters
from stromal.protocol.protocol import EndpointUse


def duration(counts, events=(), **parameters):
    found = derive_itp_response_duration(counted(counts, events), LossParameters(**parameters))
    return found.row(0, named=True)


def result(row):
    return row["value"], row["status"], row["lowest"], row["highest"]


def test_a_loss_lies_between_the_last_count_that_held_and_the_first_that_failed():
    row = duration(RESPONSE | {28: 20, 35: 15})
    assert result(row) == (21, 1, 7, 21)
    assert row["reason"] == "R from day 7 on, lost on day 28: platelets 20 x 10^9/L"


def test_a_response_that_was_kept_is_censored_when_it_was_last_seen():
    row = duration(COMPLETE | {90: 150, 180: 120})
    assert result(row) == (173, 0, None, None)
    assert row["reason"] == "CR from day 7 on, last seen on day 180"


def test_a_last_count_that_fails_alone_is_no_loss_and_no_response():
    row = duration(RESPONSE | {28: 10})
    assert result(row)[:2] == (7, 0)
    assert row["reason"].endswith("the count of day 28 fails and was not repeated")


def test_death_in_response_competes():
    assert result(duration(RESPONSE, [(40, "death")]))[:2] == (33, 2)
    assert result(duration(RESPONSE | {28: 20, 35: 15}, [(40, "death")]))[:2] == (21, 1)


def test_patients_without_a_response_have_no_time():
    row = duration({0: 9, 7: 20, 14: 25})
    assert result(row) == (None, None, None, None)
    assert row["reason"].startswith("no response: platelets 25 x 10^9/L at most")
    assert duration({7: 60})["reason"].startswith("response not judged: no platelet count")


def test_limits_leave_it_open():
    row = duration(RESPONSE | {28: "<40", 35: "<40"})
    assert result(row) == (None, None, None, None)
    assert row["reason"].endswith("counts are empty or printed as limits and leave its loss open")


def test_a_protocol_uses_it_beside_the_response():
    uses = [EndpointUse(name=rule, rule=rule) for rule in ("itp_response", "itp_response_duration")]
    rows = derive_outcomes(counted(RESPONSE | {28: 20, 35: 15}), map(bind_endpoint, uses))
    assert rows.select("label", "day").rows() == [("R", 7), ("loss of response", 21)]


def test_an_empty_count_is_open_where_it_may_be_the_loss():
    kept = duration(RESPONSE | {28: 60, 35: None})
    assert result(kept)[:2] == result(duration(RESPONSE | {28: 60}))[:2]
    row = duration(RESPONSE | {28: None, 35: 20, 42: 60})
    assert (row["value"], row["status"]) == (None, None)
    assert row["reason"].endswith("counts are empty or printed as limits and leave its loss open")
