"""The loss of a response: what ends it, when, and what a single count does not."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.rules.itp.counted import COMPLETE, RESPONSE, counted

from stromal.endpoints.rules.itp.loss import LossParameters, derive_losses


def loss(counts, events=(), bleeding=None, **parameters):
    found = derive_losses(counted(counts, events, bleeding), LossParameters(**parameters))
    row = found.row(0, named=True)
    return row["start"], row["held"], row["lost"], row["cause"]


@pytest.mark.parametrize(
    ("counts", "ends"),
    [
        (RESPONSE | {28: 20, 35: 15}, (7, 14, 28, "platelets 20 x 10^9/L")),
        (RESPONSE | {28: 29.9, 29: 29}, (7, 14, 28, "platelets 29.9 x 10^9/L")),
        (RESPONSE | {28: 30, 35: 30}, (7, 35, None, None)),
        (RESPONSE | {28: 20, 35: 60}, (7, 35, None, None)),
        (RESPONSE | {28: 20}, (7, 14, None, None)),
        ({0: 20, 7: 50, 14: 50, 28: 39, 35: 39}, (7, 14, 28, "platelets 39 x 10^9/L")),
        (COMPLETE | {28: 99, 35: 60}, (7, 14, 28, "platelets 99 x 10^9/L")),
        (COMPLETE | {28: 100, 35: 100}, (7, 35, None, None)),
    ],
)
def test_counts_that_fail_twice_end_a_response(counts, ends):
    assert loss(counts) == ends


def test_one_count_is_enough_where_that_is_asked_for():
    assert loss(RESPONSE | {28: 20}, loss_confirmation_days=0)[2] == 28


def test_a_complete_response_may_be_kept_as_a_response():
    counts = COMPLETE | {28: 60, 35: 55, 60: 10, 70: 12}
    assert loss(counts)[:3] == (7, 14, 28)
    assert loss(counts, level="any")[:3] == (7, 35, 60)


def test_bleeding_ends_a_response_on_its_day():
    assert loss(RESPONSE | {28: 70}, bleeding={20: 1}) == (7, 14, 20, "bleeding")
    assert loss(RESPONSE | {28: 70}, events=[(20, "bleeding")])[2] == 20
    assert loss(RESPONSE | {28: 70}, bleeding={20: 0})[2] is None


def test_rescue_after_the_search_ends_a_response():
    found = loss(RESPONSE | {28: 70, 56: 80}, events=[(40, "rescue_therapy")], to_day=30)
    assert found == (7, 28, 40, "rescue therapy")


def test_counts_that_were_raised_neither_hold_nor_end_it():
    assert loss(RESPONSE | {28: 20, 29: 20}, events=[(28, "ivig")])[2] is None


def test_others_have_no_start():
    assert loss({0: 9, 7: 20, 14: 25})[0] is None
    assert loss({7: 50, 14: 60})[0] is None


def test_limits_that_leave_the_loss_open_are_told():
    patients = counted(RESPONSE | {28: "<40", 35: "<40"})
    row = derive_losses(patients, LossParameters()).row(0, named=True)
    assert row["open"]
    closed = counted(RESPONSE | {28: "<20", 35: "<20"})
    row = derive_losses(closed, LossParameters()).row(0, named=True)
    assert (row["open"], row["lost"]) == (False, 28)


def test_a_count_after_the_search_hides_none_of_its_last_day():
    counts = {0: 9, 14: 60, 21: 60, 28.0: 60, 28.5: 20, 35: 20}
    assert loss(counts, to_day=28) == (14, 21, 28.5, "platelets 20 x 10^9/L")
