"""Which record ends follow-up."""

from __future__ import annotations

import numpy as np
import polars as pl
from tests.unit.endpoints.followed import followed

from stromal.endpoints.records.follow_up import FOLLOWED_BY, derive_follow_up, keep_follow_up
from stromal.endpoints.records.numbered import number_subjects
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


def test_patients_by_number_are_followed_as_long_as_by_name():
    rng = np.random.default_rng(3)
    names = [f"p{one}" for one in range(12)]

    def drawn(rows: int) -> pl.DataFrame:
        day = pl.Series(rng.choice([np.nan, 3.0, 9.5, 40.0, -2.0], rows)).fill_nan(None)
        return pl.DataFrame({"subject": rng.choice(names, rows), "day": day})

    patients = Patients.of(
        subjects=pl.DataFrame({"subject": names, "last_day": [5.0, None] * 6}),
        labs=drawn(30),
        doses=drawn(4),
        events=drawn(9).with_columns(event=pl.lit("last_follow_up")),
    )
    by_name = derive_follow_up(patients).drop("subject")
    assert derive_follow_up(number_subjects(patients)).drop("subject").equals(by_name)


def test_nobody_is_followed_by_number_either():
    assert derive_follow_up(number_subjects(Patients.of())).height == 0
