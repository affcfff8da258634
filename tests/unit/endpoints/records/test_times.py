"""The engine of times: late entry, censoring events, the start, what is never at risk."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from tests.unit.endpoints.followed import followed, times

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Statuses
from stromal.endpoints.records.occurrences import pick_occurrences
from stromal.endpoints.records.times import FollowedUntil, derive_times, time_needs
from stromal.tables.patients import Patients

DEATH = Statuses("death")


def derived(patients, excluded=None, *, reasons=True, **parameters):
    return derive_times(
        patients,
        pick_occurrences(patients, ("death",)),
        DEATH,
        read_criteria("time_to_event"),
        FollowedUntil(**parameters),
        excluded,
        reasons=reasons,
    )


def late(first_day, last_day, death=None, **parameters):
    patients = followed({"1": last_day}, [("1", death, "death")] if death is not None else [])
    subjects = patients.subjects.with_columns(pl.lit(float(first_day)).alias("first_day"))
    entered = Patients.of(subjects=subjects, events=patients.events)
    row = derived(entered, **parameters).row(0, named=True)
    return row["entry_day"], row["value"], row["status"], row["reason"]


def test_excluded_patients_have_a_reason_and_nothing_else():
    patients = followed({"1": 9, "2": 9}, [("1", 3, "death")])
    excluded = pl.DataFrame({"subject": ["1"], "excluded": ["not applicable"]})
    rows = derived(patients, excluded)
    assert times(rows) == [(None, None), (9, 0)]
    assert rows["reason"][0] == "not applicable"


@pytest.mark.parametrize(
    ("first_day", "last_day", "death", "expected"),
    [
        (0, 90, None, (None, 90, 0, "no death by the last day under observation, day 90")),
        (-7, 90, None, (None, 90, 0, "no death by the last day under observation, day 90")),
        (30, 90, None, (30, 90, 0, "no death by the last day under observation, day 90")),
        (30, 70, 70, (30, 70, 1, "death on day 70")),
        (30, 30, 30, (30, 30.5, 1, "death on day 30, counted at day 30.5")),
    ],
)
def test_late_entry_is_kept_beside_the_time(first_day, last_day, death, expected):
    assert late(first_day, last_day, death) == expected


def test_who_entered_after_the_event_or_after_the_end_was_never_at_risk():
    assert late(30, 40, 20) == (
        None,
        None,
        None,
        "death on day 20, before observation began on day 30: never at risk",
    )
    assert late(30, 90, until_day=20) == (
        None,
        None,
        None,
        "observation ended on day 20, before it began on day 30: never at risk",
    )


def test_events_and_ends_of_follow_up_on_day_zero_both_count_at_half_a_day():
    rows = derived(followed({"1": 0, "2": 0}, [("1", 0, "death")]))
    assert times(rows) == [(0.5, 1), (0.5, 0)]
    assert rows["reason"].to_list() == [
        "death on day 0, counted at day 0.5",
        "no death by the last day under observation, day 0, counted at day 0.5",
    ]


THERAPY = {"censor_events": ("next_therapy",)}


@pytest.mark.parametrize(
    ("events", "expected", "reason"),
    [
        ([("next_therapy", 20)], (20, 0), "no death until next therapy on day 20"),
        ([("next_therapy", 20), ("death", 45)], (20, 0), "no death until next therapy on day 20"),
        ([("next_therapy", 45), ("death", 45)], (45, 1), "death on day 45"),
        ([("next_therapy", 60), ("death", 45)], (45, 1), "death on day 45"),
        (
            [("next_therapy", 0), ("next_therapy", 9)],
            (0.5, 0),
            "no death until next therapy on day 0, counted at day 0.5",
        ),
        (
            [("next_therapy", -9)],
            (90, 0),
            "no death by the last day under observation, day 90",
        ),
        ([("next_therapy", None)], (None, None), "next therapy recorded without a day"),
    ],
)
def test_an_event_can_censor(events, expected, reason):
    rows = derived(followed({"1": 90}, [("1", day, event) for event, day in events]), **THERAPY)
    assert times(rows) == [expected]
    assert rows["reason"].to_list() == [reason]


def test_the_earlier_of_closing_and_censoring_ends_observation():
    patients = followed({"1": 90}, [("1", 50, "next_therapy")])
    assert times(derived(patients, until_day=40, **THERAPY)) == [(40, 0)]
    assert times(derived(patients, until_day=60, **THERAPY)) == [(50, 0)]


def test_a_record_after_the_last_contact_proves_follow_up():
    patients = followed({"1": None}, [("1", 40, "last_follow_up")], [("1", 95, 1.0)])
    rows = derived(patients)
    assert times(rows) == [(95, 0)]
    assert rows["reason"].to_list() == ["no death by the last record, day 95"]


def test_without_reasons_all_else_is_the_same():
    patients = followed({"1": 90, "2": None, "3": 9}, [("3", 9, "death")])
    silent = derived(patients, reasons=False)
    assert_frame_equal(silent.drop("reason"), derived(patients).drop("reason"))


def test_a_time_needs_one_of_its_events_or_a_contact():
    (need,) = time_needs("death")
    assert need.names == ("death", "last_follow_up")
