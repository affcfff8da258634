"""Events of a window: counted once each, with those that have no day beside them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.unit.endpoints.followed import followed

from stromal.endpoints.rules.events.counted import (
    NamedEventParameters,
    count_events,
    label_event,
    list_needs,
)


def test_events_of_the_window_are_counted():
    days = [-1.0, 0.0, 9.0, 28.0, 29.0, None]
    patients = followed({"1": 60.0}, [("1", day, "infection") for day in days])
    given = NamedEventParameters(events=["infection"], to_day=28)
    row = count_events(patients, given).row(0, named=True)
    assert (row["number"], row["first"], row["undated"]) == (3, 0, 1)


def test_names_are_said_in_words_and_needed():
    given = NamedEventParameters(events=["infection", "skin_rash"])
    assert given.what == "infection or skin rash"
    assert label_event("pure_red_cell_aplasia") == "pure red cell aplasia"
    assert list_needs(given)[0].names == ("infection", "skin_rash", "last_follow_up")


@pytest.mark.parametrize("wrong", [{"events": []}, {"from_day": 9, "to_day": 3}])
def test_a_window_that_ends_before_it_begins_is_refused(wrong):
    with pytest.raises(ValidationError):
        NamedEventParameters(**({"events": ["infection"]} | wrong))
