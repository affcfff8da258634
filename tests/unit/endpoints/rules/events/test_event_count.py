"""Number of events: open where some may have followed."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.followed import followed

from stromal.endpoints.rules.events.counted import NamedEventParameters
from stromal.endpoints.rules.events.event_count import derive_event_count


def count(days=(), last=60.0):
    patients = followed({"1": last}, [("1", day, "transfusion_platelets") for day in days])
    given = NamedEventParameters(events=["transfusion_platelets"], to_day=28)
    return derive_event_count(patients, given).row(0, named=True)


@pytest.mark.parametrize(
    ("days", "last", "found"),
    [
        ([2.0, 2.5, 9.0, 40.0], 60.0, (3, 3, 3)),
        ([], 60.0, (0, 0, 0)),
        ([2.0, None], 60.0, (None, 1, 2)),
        ([2.0], 20.0, (None, None, None)),
        ([], None, (None, None, None)),
    ],
)
def test_events_are_counted_one_by_one(days, last, found):
    row = count(days, last)
    assert (row["value"], row["lowest"], row["highest"]) == found


def test_reasons_say_how_far():
    assert count([2.0], 20.0)["reason"] == (
        "1 event (platelet transfusion) from day 0 to day 28, followed until day 20 only"
    )
    assert count([2.0, None])["reason"].endswith("and 1 recorded without a day")
