"""Neutrophil engraftment from counts and as reported."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.followed import followed, times

from stromal.endpoints.rules.engraftment.neutrophil_engraftment import (
    NEUTROPHIL_ENGRAFTMENT,
    NeutrophilEngraftmentParameters,
    derive_neutrophil_engraftment,
)

DEFAULT = NeutrophilEngraftmentParameters()
RISE = [(9, 0.3), (10, 0.5), (11, 0.6), (12, 0.7)]
PATIENTS = followed(
    {"rise": 100, "died": 20, "low": 60, "high": 100, "none": 100, "late": 100, "unknown": 100},
    [
        ("died", 20, "death"),
        ("late", 8, "second_transplant"),
        ("rise", None, "death"),
        ("unknown", None, "death"),
        ("low", 15, "neutrophil_recovery"),
    ],
    [
        *(("rise", *count) for count in RISE),
        ("died", 9, 0.1),
        ("low", 9, 0.1),
        *(("high", day, 1.5) for day in (1, 2, 3)),
        *(("late", *count) for count in RISE),
        ("unknown", 9, 0.1),
    ],
)


def test_times_from_counts():
    rows = derive_neutrophil_engraftment(PATIENTS, DEFAULT)
    assert times(rows) == [
        (10, 1),
        (20, 2),
        (9, 0),
        (None, None),
        (None, None),
        (8, 2),
        (None, None),
    ]
    assert rows["reason"].to_list()[3:] == [
        "not applicable: neutrophils never below 0.5 x 10^9/L",
        "no count of neutrophils from day 0 on",
        "second transplant on day 8",
        "death recorded without a day",
    ]


def test_times_as_reported():
    rows = derive_neutrophil_engraftment(
        PATIENTS, NeutrophilEngraftmentParameters(source="reported")
    )
    assert times(rows)[2] == (15, 1)
    assert times(rows)[3] == (100, 0)


def test_cut_and_number_of_values_are_parameters():
    higher = NeutrophilEngraftmentParameters(cut=0.6, values=2)
    assert times(derive_neutrophil_engraftment(PATIENTS, higher))[0] == (11, 1)


def test_observation_can_be_closed():
    closed = NeutrophilEngraftmentParameters(until_day=9.5)
    assert times(derive_neutrophil_engraftment(PATIENTS, closed))[0] == (9.5, 0)


def test_counting_from_the_first_value_below_is_an_option():
    early = [(1, 0.45), (2, 0.9), (3, 0.8), (4, 0.6), (8, 0.0), (9, 0.6), (10, 0.7), (11, 0.8)]
    patients = followed({"1": 30}, counts=[("1", *count) for count in early])
    for counted_from, day in (("nadir", 9), ("first_below", 2)):
        given = NeutrophilEngraftmentParameters(counted_from=counted_from)
        assert times(derive_neutrophil_engraftment(patients, given)) == [(day, 1)]
    assert DEFAULT.counted_from == "nadir"


def test_bounds_count_where_they_decide():
    counts = [(9, "<0.1"), (10, ">0.5"), (11, ">0.5"), (12, 0.5)]
    patients = followed({"1": 30}, counts=[("1", *count) for count in counts])
    assert times(derive_neutrophil_engraftment(patients, DEFAULT)) == [(10, 1)]


def test_needs_are_neutrophils():
    (need,) = NEUTROPHIL_ENGRAFTMENT.needs(DEFAULT)
    assert (need.table, need.names) == ("labs", ("neutrophils",))


def test_a_first_fall_after_the_days_of_the_nadir_is_no_engraftment():
    high = [("late", day, 0.6) for day in range(1, 31, 3)]
    again = [("late", 40, 0.4), ("late", 41, 0.7), ("late", 42, 0.7), ("late", 43, 0.7)]
    patients = followed({"late": 90}, counts=[*high, *again])
    rows = derive_neutrophil_engraftment(patients, DEFAULT)
    assert times(rows) == [(None, None)]
    assert rows["reason"].item() == (
        "cannot judge: no count of neutrophils below 0.5 x 10^9/L by day 28, the first is of day 40"
    )
    older = NeutrophilEngraftmentParameters(counted_from="first_below")
    assert times(derive_neutrophil_engraftment(patients, older)) == [(41, 1)]


def span(*counts):
    """Value, status, lowest, highest and reason of one patient."""
    patients = followed({"1": 60}, counts=[("1", *count) for count in counts])
    row = derive_neutrophil_engraftment(patients, DEFAULT).row(0, named=True)
    return [row[name] for name in ("value", "status", "lowest", "highest", "reason")]


def test_bounds_that_leave_open_which_count_was_lowest_leave_the_day_open():
    first = [(1, "<0.1"), (2, 0.6), (3, 0.6), (8, 1.5)]
    again = [(20, 0.9), (34, 0.6), (36, 0.9)]
    *found, reason = span(*first, (14, "<0.3"), *again)
    assert found == [None, None, 2, 20]
    assert reason.startswith("cannot judge their recovery: bounds do not tell which count")
    assert span(*first, (14, 0.3), *again)[:2] == [2, 1]


def test_a_bound_below_a_count_is_lower_than_it():
    counts = [(1, 0.1), (2, 0.6), (3, 0.6), (8, 1.5), (14, "<0.1"), (20, 0.9), (34, 0.6), (36, 0.9)]
    assert span(*counts)[:2] == [20, 1]


@pytest.mark.parametrize("unclear", [None, "<0.8"])
def test_a_sure_fall_after_the_days_of_the_nadir_gives_no_day(unclear):
    rise = [(11, 0.9), (12, 0.9), (13, 0.9)]
    late = [(40, 0.3), (41, 0.6), (42, 0.6), (43, 0.6)]
    assert span((10, unclear), *rise, *late)[:4] == [None, None, 11, 11]
    assert span((10, 0.3), *rise, *late)[:2] == [11, 1]
