"""Days with events: once a day, in the window, as far as a patient was followed."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.unit.endpoints.followed import followed

from stromal.endpoints.rules.events.event_days import EventDaysParameters, derive_event_days


def days(happened=(), last=90.0, **parameters):
    patients = followed({"1": last}, [("1", day, name) for day, name in happened])
    given = EventDaysParameters(**({"events": ["g_csf"], "to_day": 30} | parameters))
    return derive_event_days(patients, given).row(0, named=True)


def result(row):
    return row["value"], row["lowest"], row["highest"]


GIVEN = [
    (-1.0, "g_csf"),
    (0.0, "g_csf"),
    (3.2, "g_csf"),
    (3.7, "g_csf"),
    (30.0, "g_csf"),
    (31.0, "g_csf"),
]


def test_a_day_counts_once_and_both_ends_of_the_window_count():
    row = days(GIVEN)
    assert result(row) == (3, 3, 3)
    assert row["unit"] == "day"
    assert row["reason"] == (
        "granulocyte colony-stimulating factor on 3 days from day 0 to day 30, "
        "followed until day 90"
    )
    assert result(days(GIVEN, to_day=None)) == (4, 4, 4)
    assert result(days(GIVEN, from_day=-7)) == (4, 4, 4)


def test_any_of_several_events_makes_a_day():
    mixed = [(1.0, "transfusion_platelets"), (1.0, "transfusion_red_cells"), (2.0, "g_csf")]
    both = ["transfusion_platelets", "transfusion_red_cells"]
    assert result(days(mixed, events=both)) == (1, 1, 1)


def test_nothing_recorded_is_none_as_far_as_follow_up_goes():
    assert result(days()) == (0, 0, 0)
    row = days(GIVEN[:2], last=20.0)
    assert result(row) == (None, 1, 11)
    assert row["reason"].endswith("on 1 day from day 0 to day 30, followed until day 20 only")
    assert result(days(last=None)) == (None, None, None)


def test_after_death_nothing_is_given():
    row = days([*GIVEN[:4], (9.0, "death")], last=None)
    assert result(row) == (2, 2, 2)
    assert row["reason"].endswith("on 2 days from day 0 to day 30, died before day 30")


def test_an_event_without_a_day_leaves_the_number_open():
    row = days([*GIVEN[:2], (None, "g_csf")])
    assert result(row) == (None, 1, 2)
    assert row["reason"].endswith("on 1 day from day 0 to day 30, and 1 recorded without a day")


@pytest.mark.parametrize("wrong", [{"events": []}, {"from_day": 9, "to_day": 3}])
def test_a_window_that_ends_before_it_begins_is_refused(wrong):
    with pytest.raises(ValidationError):
        EventDaysParameters(**({"events": ["g_csf"]} | wrong))
