"""WHO bleeding: worst grade of a window, signs, the event, through a protocol."""

from __future__ import annotations

import polars as pl
import pytest
from tests.unit.endpoints.rules.bleeding.graded import graded, result, row
from tests.unit.endpoints.signed import signed

from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.derive import derive_outcomes
from stromal.endpoints.records.graded_signs import SignParameters
from stromal.endpoints.rules.bleeding.who_bleeding import WHO_BLEEDING, derive_who_bleeding
from stromal.protocol.protocol import EndpointUse

NONE = dict.fromkeys(("minor", "clinically_significant", "red_cells_needed", "debilitating"), "no")


@pytest.mark.parametrize(
    ("sign", "grade"),
    [
        (None, "0"),
        ("minor", "1"),
        ("clinically_significant", "2"),
        ("red_cells_needed", "3"),
        ("debilitating", "4"),
    ],
)
def test_each_sign_has_its_grade(sign, grade):
    items = NONE | ({} if sign is None else {sign: "yes"})
    assert signed(derive_who_bleeding, (3, "bleeding", items))["label"] == grade


def test_the_worst_day_of_the_window_counts():
    patients = graded("bleeding", {-1: 4, 0: 1, 7: 2, 14: 0, 40: 3})
    found = row(derive_who_bleeding(patients, SignParameters(to_day=28)))
    assert (found["label"], found["value"], found["day"]) == ("2", 2, 7)


def test_a_sign_that_nobody_recorded_leaves_the_grade_open():
    found = signed(derive_who_bleeding, (3, "bleeding", {"minor": "yes"}))
    assert result(found) == (None, 1, 4)
    assert found["reason"].startswith("grade 1 to 4 possible: not recorded on day 3: mild blood")
    absent = signed(
        derive_who_bleeding, (3, "bleeding", {"minor": "yes"}), unrecorded_signs="absent"
    )
    assert result(absent) == ("1", 1, 1)


def test_no_record_is_not_no_bleeding():
    found = signed(derive_who_bleeding)
    assert result(found) == (None, None, None)
    assert found["reason"] == "no record of bleeding from day 0 on"


def test_a_protocol_uses_it_with_the_event():
    patients = graded("bleeding", {0: 1, 7: 0})
    events = pl.DataFrame({"subject": ["1"], "day": [9.0], "event": ["bleeding"]})
    bled = type(patients).of(
        subjects=patients.subjects, assessments=patients.assessments, events=events
    )
    use = EndpointUse(name="worst", rule="who_bleeding", parameters={"to_day": 28})
    rows = derive_outcomes(bled, [bind_endpoint(use)])
    assert rows.select("label", "lowest", "highest").row(0) == (None, 1, 4)
    assert [label.name for label in WHO_BLEEDING.labels] == ["0", "1", "2", "3", "4"]


def test_bleeding_without_a_day_may_be_in_the_window():
    patients = graded("bleeding", {0: 1, 7: 0})
    bled = type(patients).of(
        subjects=patients.subjects,
        assessments=patients.assessments,
        events=pl.DataFrame({"subject": ["1"], "event": ["bleeding"]}),
    )
    found = row(derive_who_bleeding(bled, SignParameters()))
    assert result(found) == (None, 1, 4)
    assert found["reason"] == "bleeding recorded without a day: grade 1 to 4 possible"
