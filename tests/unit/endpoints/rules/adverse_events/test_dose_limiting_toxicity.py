"""Dose-limiting toxicity: reported in the window, or watched through it without one."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.unit.endpoints.followed import followed
from tests.unit.endpoints.rules.adverse_events.told import result

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.rules.adverse_events.dose_limiting_toxicity import (
    DoseLimitingToxicityParameters,
    derive_dose_limiting_toxicity,
)
from stromal.protocol.protocol import EndpointUse

DLT = "dose_limiting_toxicity"


def toxicity(happened=(), last=90.0):
    patients = followed({"1": last}, [("1", day, name) for day, name in happened])
    given = DoseLimitingToxicityParameters(to_day=28)
    return derive_dose_limiting_toxicity(patients, given).row(0, named=True)


@pytest.mark.parametrize(
    ("happened", "last", "found"),
    [
        ([(0.0, DLT)], 90.0, ("yes", 1, 1)),
        ([(28.0, DLT)], 28.0, ("yes", 1, 1)),
        ([(29.0, DLT)], 90.0, ("no", 0, 0)),
        ([(-1.0, DLT)], 90.0, ("no", 0, 0)),
        ([], 28.0, ("no", 0, 0)),
        ([], 27.0, (None, 0, 1)),
        ([(None, DLT)], 90.0, (None, 0, 1)),
        ([(9.0, "death")], None, (None, None, None)),
        ([(40.0, "death")], None, ("no", 0, 0)),
        ([], None, (None, None, None)),
    ],
)
def test_only_those_who_were_watched_through_the_window_have_none(happened, last, found):
    assert result(toxicity(happened, last)) == found


def test_reasons_say_why_a_patient_is_not_counted():
    assert toxicity([(9.0, "death")], None)["reason"].endswith("died before the window ended")
    assert toxicity([], 20.0)["reason"].endswith("from day 0 to day 28, followed until day 20 only")


def test_the_window_must_be_given():
    with pytest.raises(ValidationError):
        DoseLimitingToxicityParameters()
    use = EndpointUse(name="dlt", rule=DLT, parameters={"to_day": 21})
    rows = derive_outcomes(followed({"1": 30.0}, [("1", 5.0, DLT)]), [bind_endpoint(use)])
    assert rows.select("label", "day").row(0) == ("yes", 5)
