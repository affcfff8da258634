"""What happened, what happened first, and what hides it."""

from __future__ import annotations

import polars as pl
import pytest
from tests.unit.endpoints.followed import followed

from stromal.endpoints.records.occurrences import (
    derive_first,
    is_unknown,
    name_event,
    name_events,
    pick_occurrences,
    read_conventions,
    unknown_words,
)


def first(*events, names=("bleeding", "death")):
    patients = followed({"1": 90}, [("1", day, event) for event, day in events])
    rows = derive_first(patients.subjects, pick_occurrences(patients, names))
    return rows.with_columns(is_unknown().alias("hidden"), unknown_words().alias("why")).row(
        0, named=True
    )


def test_occurrences_are_ranked_with_death_last():
    patients = followed({"1": 9}, [("1", 3, "death"), ("1", 3, "relapse"), ("1", 3, "g_csf")])
    picked = pick_occurrences(patients, ("death",), ("relapse",)).sort("rank")
    assert picked["event"].to_list() == ["relapse", "death"]
    assert picked["status"].to_list() == [2, 1]


def test_what_another_table_shows_stands_in_place_of_the_recorded_event():
    patients = followed({"1": 9, "2": 9}, [("1", 7, "acute_gvhd"), ("2", 5, "acute_gvhd")])
    shown = pl.DataFrame(
        {"subject": ["1"], "day": [3.0], "event": ["acute_gvhd"], "note": [", by organ stages"]}
    )
    picked = pick_occurrences(patients, ("acute_gvhd",), (), shown).sort("subject")
    assert picked.select("subject", "day", "note").rows() == [
        ("1", 3.0, ", by organ stages"),
        ("2", 5.0, None),
    ]


def test_first_occurrence_of_each_subject_in_their_order():
    patients = followed({"b": 9, "a": 9, "c": 9}, [("a", 5, "death"), ("c", 2, "death")])
    rows = derive_first(patients.subjects, pick_occurrences(patients, ("death",)))
    assert rows.select("subject", "day").rows() == [("b", None), ("a", 5), ("c", 2)]


@pytest.mark.parametrize(
    ("events", "day", "why"),
    [
        ([("bleeding", 12), ("death", 40)], 12, None),
        ([("bleeding", -3), ("death", 40)], 40, None),
        ([("bleeding", 12), ("death", None)], 12, None),
        ([("death", None)], None, "death recorded without a day"),
        ([("bleeding", None), ("death", 40)], 40, "bleeding recorded without a day"),
        ([("death", -2)], None, "death on day -2, before day 0"),
    ],
)
def test_what_came_first_or_why_it_cannot_be_told(events, day, why):
    row = first(*events)
    assert (row["day"], row["why"], row["hidden"]) == (day, why, why is not None)


def test_events_are_named_in_words():
    assert name_events([]) == ""
    assert name_events(["death", "chronic_gvhd"]) == "death or chronic GVHD"
    named = pl.DataFrame({"event": ["acute_gvhd_grade_3_4", "g_csf"]}).select(name_event())
    assert named["event"].to_list() == ["grade III-IV acute GVHD", "g csf"]


def test_conventions_are_those_of_times():
    assert read_conventions()["last_on_a_day"] == "death"
