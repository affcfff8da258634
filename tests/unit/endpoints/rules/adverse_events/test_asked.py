"""Which adverse events count: window, term, seriousness, relation, and what came before."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.unit.endpoints.rules.adverse_events.told import event, told

from stromal.endpoints.rules.adverse_events.asked import (
    AskedParameters,
    LeastGradeParameters,
    find_asked,
)

COUNTS, MAY, NOT = True, False, None


def counts(*events, **parameters):
    """Whether the first of the events counts, may count, or does not."""
    first = events[0]
    found = find_asked(told(*events), AskedParameters(**parameters))
    own = [
        row["surely"]
        for row in found.iter_rows(named=True)
        if (row["day"], row["term"]) == (first["day"], first["term"])
    ]
    return own[0] if own else None


@pytest.mark.parametrize(
    ("day", "found"), [(0.0, COUNTS), (28.0, COUNTS), (-1.0, NOT), (29.0, NOT), (None, MAY)]
)
def test_both_ends_of_the_window_count(day, found):
    assert counts(event(day), to_day=28) is found


@pytest.mark.parametrize(
    ("told_of", "found"),
    [
        ({"event": "serious_adverse_event"}, COUNTS),
        ({"serious": "yes"}, COUNTS),
        ({"serious": "no"}, NOT),
        ({}, MAY),
    ],
)
def test_serious_is_what_says_so(told_of, found):
    assert counts(event(**told_of), serious=True) is found


@pytest.mark.parametrize(
    ("relation", "found"),
    [
        ("possible", COUNTS),
        ("probable", COUNTS),
        ("definite", COUNTS),
        ("unlikely", NOT),
        ("unrelated", NOT),
        (None, MAY),
    ],
)
def test_related_is_possible_or_more(relation, found):
    assert counts(event(relation=relation), related=True) is found


def test_what_nobody_recorded_is_absent_where_that_is_chosen():
    assert counts(event(), related=True, unrecorded="absent") is NOT
    assert counts(event(), serious=True, unrecorded="absent") is NOT


def test_terms_are_compared_without_capitals():
    assert counts(event(term=" Fever"), terms=["FEVER"]) is COUNTS
    assert counts(event(term="rash"), terms=["fever"]) is NOT
    assert counts(event(term=None), terms=["fever"]) is MAY


@pytest.mark.parametrize(
    ("grade", "before", "found"),
    [(3, 2, COUNTS), (2, 2, NOT), (1, 2, NOT), (None, 2, MAY), (5, None, MAY), (3, None, MAY)],
)
def test_emergent_is_above_the_grade_before(grade, before, found):
    assert counts(event(3.0, grade), event(-5.0, before)) is found
    assert counts(event(3.0, grade), event(-5.0, before), emergent=False) is COUNTS


def test_another_term_before_changes_nothing():
    assert counts(event(3.0, 1), event(-5.0, 4, term="rash")) is COUNTS


def test_a_parameter_that_cannot_hold_is_refused():
    with pytest.raises(ValidationError):
        AskedParameters(from_day=9, to_day=3)
    with pytest.raises(ValidationError):
        LeastGradeParameters(from_grade=6)


def test_events_that_count_are_named():
    named = LeastGradeParameters(serious=True, related=True, from_grade=3).what
    assert named == "serious treatment-related adverse event of grade 3 or more"


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({"term": "rash", "grade": 2.0}, MAY),
        ({"term": "rash", "grade": 1.0}, COUNTS),
        ({"term": "rash", "grade": None}, MAY),
        ({"term": "fever", "grade": 4.0}, COUNTS),
        ({"term": None, "grade": 4.0}, MAY),
    ],
)
def test_an_event_without_a_day_may_have_been_before_the_window(other, found):
    assert counts(event(5.0, term="rash", grade=2.0), event(None, **other)) is found


def test_an_event_without_a_term_may_be_of_the_same_term():
    assert counts(event(5.0, term="rash", grade=2.0), event(-5.0, term=None, grade=3.0)) is MAY
    assert counts(event(5.0, term=None, grade=2.0), event(-5.0, term="rash", grade=3.0)) is MAY
    assert counts(event(5.0, term="rash", grade=4.0), event(-5.0, term=None, grade=3.0)) is COUNTS
