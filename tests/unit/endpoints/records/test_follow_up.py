"""Which record ends follow-up."""

from __future__ import annotations

import polars as pl
from tests.unit.endpoints.followed import followed

from stromal.endpoints.records.follow_up import FOLLOWED_BY, derive_follow_up, keep_follow_up
from stromal.tables.patients import Patients


def test_the_latest_of_last_day_contact_and_records_ends_follow_up():
    patients = followed(
        {"a": 100, "b": None, "c": None, "d": 95, "e": 60},
        [("a", 90, "last_follow_up"), ("b", 80, "last_follow_up"), ("c", 12, "relapse")],
        [("b", 75, 1.0), ("c", 30, 1.0), ("d", 95, 1.0), ("e", 61, 1.0)],
    )
    assert derive_follow_up(patients).rows() == [
        ("a", 100, FOLLOWED_BY[0]),
        ("b", 80, FOLLOWED_BY[1]),
        ("c", 30, FOLLOWED_BY[2]),
        ("d", 95, FOLLOWED_BY[0]),
        ("e", 61, FOLLOWED_BY[2]),
    ]


def test_a_record_after_the_last_contact_proves_contact():
    patients = followed({"a": None}, [("a", 40, "last_follow_up")], [("a", 95, 1.0)])
    assert derive_follow_up(patients).row(0) == ("a", 95, FOLLOWED_BY[2])


def test_every_table_counts_as_a_record():
    subjects = pl.DataFrame({"subject": ["d", "l", "a", "e"]})
    days = {
        name: pl.DataFrame({"subject": [name[0]], "day": [7.0]})
        for name in ("doses", "labs", "assessments", "events")
    }
    found = derive_follow_up(Patients.of(subjects=subjects, **days))
    assert found["last_day"].to_list() == [7, 7, 7, 7]


def test_latest_of_several_contacts():
    patients = followed({"a": None}, [("a", 30, "last_follow_up"), ("a", 60, "last_follow_up")])
    assert derive_follow_up(patients)["last_day"].to_list() == [60]


def test_contact_without_a_day_is_no_contact():
    patients = followed({"a": None}, [("a", None, "last_follow_up"), ("a", 9, "bleeding")])
    assert derive_follow_up(patients).row(0) == ("a", 9, FOLLOWED_BY[2])


def test_nothing_on_record_is_null():
    assert derive_follow_up(followed({"a": None})).row(0) == ("a", None, None)


def test_order_of_subjects_is_kept():
    order = [str(number) for number in (5, 3, 9, 1, 7)]
    patients = followed(dict.fromkeys(order), [("9", 4, "bleeding"), ("5", 2, "bleeding")])
    assert derive_follow_up(patients)["subject"].to_list() == order


def test_follow_up_that_was_kept_is_not_read_again():
    patients = followed({"a": None, "b": 90}, [("a", 30, "last_follow_up")], [("a", 95, 1.0)])
    kept = keep_follow_up(patients)
    assert derive_follow_up(kept).equals(derive_follow_up(patients))
    assert kept.labs.equals(patients.labs)
