"""An event as a flag: never no beyond follow-up."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.followed import followed

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.rules.events.counted import NamedEventParameters
from stromal.endpoints.rules.events.recorded_event import derive_recorded_event
from stromal.protocol.protocol import EndpointUse


def had(days=(), last=60.0, death=None):
    happened = [("1", day, "infection") for day in days]
    happened += [] if death is None else [("1", death, "death")]
    given = NamedEventParameters(events=["infection"], to_day=28)
    row = derive_recorded_event(followed({"1": last}, happened), given).row(0, named=True)
    return row["label"], row["lowest"], row["highest"]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"days": [9.0]}, ("yes", 1, 1)),
        ({"days": [9.0, None], "last": 9.0}, ("yes", 1, 1)),
        ({}, ("no", 0, 0)),
        ({"last": 20.0}, (None, 0, 1)),
        ({"last": None, "death": 9.0}, ("no", 0, 0)),
        ({"days": [None]}, (None, 0, 1)),
        ({"days": [40.0]}, ("no", 0, 0)),
        ({"last": None}, (None, None, None)),
    ],
)
def test_an_event_is_yes_and_none_is_no_as_far_as_follow_up_goes(given, found):
    assert had(**given) == found


def test_a_protocol_uses_it():
    use = EndpointUse(
        name="lung", rule="recorded_event", parameters={"events": ["lung_injury"], "to_day": 100}
    )
    rows = derive_outcomes(
        followed({"1": 200.0}, [("1", 50.0, "lung_injury")]), [bind_endpoint(use)]
    )
    assert rows.select("label", "day", "reason").row(0) == ("yes", 50, "lung injury on day 50")
