"""Times to events that a protocol names: ties, unknown days, history, censoring, the end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.unit.endpoints.followed import followed, times

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.registry import ENDPOINTS
from stromal.endpoints.rules.survival.time_to_event import (
    TIME_TO_EVENT,
    TimeToEventParameters,
    derive_time_to_event,
    name_statuses,
)
from stromal.sources import find_source

BLEEDING = TimeToEventParameters(events=("bleeding",), competing=("second_transplant", "death"))


def outcome(last_day, *events, parameters=BLEEDING):
    patients = followed({"1": last_day}, [("1", day, event) for event, day in events])
    return derive_time_to_event(patients, parameters).row(0, named=True)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([("bleeding", 30)], (30, 1, "bleeding")),
        ([("death", 30)], (30, 2, "second transplant or death")),
        ([], (90, 0, "censored")),
        ([("bleeding", 40), ("bleeding", 20), ("death", 60)], (20, 1, "bleeding")),
        ([("death", 30), ("bleeding", 30)], (30, 1, "bleeding")),
        ([("relapse", 10), ("bleeding", 30)], (30, 1, "bleeding")),
    ],
)
def test_first_event_gives_time_status_and_label(events, expected):
    row = outcome(90, *events)
    assert (row["value"], row["status"], row["label"]) == expected
    assert row["day"] == row["value"]
    assert row["unit"] == "day"
    assert row["criteria"] == read_criteria("time_to_event").title


def test_death_comes_last_on_a_day_even_as_the_event():
    parameters = TimeToEventParameters(events=("death",), competing=("relapse",))
    row = outcome(90, ("death", 30), ("relapse", 30), parameters=parameters)
    assert (row["value"], row["status"]) == (30, 2)


def test_event_goes_before_competing_event_on_a_day():
    row = outcome(90, ("second_transplant", 30), ("bleeding", 30))
    assert row["status"] == 1


def test_history_before_day_zero_is_not_counted():
    assert times_of(outcome(90, ("bleeding", -20))) == (90, 0)


def test_death_before_day_zero_is_no_outcome():
    row = outcome(90, ("death", -2))
    assert times_of(row) == (None, None)
    assert row["reason"] == "death on day -2, before day 0"


@pytest.mark.parametrize("event", ["bleeding", "death", "second_transplant"])
def test_event_without_a_day_is_never_censored(event):
    row = outcome(90, (event, None))
    assert (row["value"], row["label"], row["day"], row["status"]) == (None,) * 4
    assert row["reason"] == f"{event.replace('_', ' ')} recorded without a day"


def test_death_without_a_day_does_not_hide_an_earlier_event():
    assert times_of(outcome(90, ("bleeding", 12), ("death", None))) == (12, 1)


def test_another_event_without_a_day_may_have_come_first():
    row = outcome(90, ("bleeding", 12), ("second_transplant", None))
    assert times_of(row) == (None, None)
    assert row["reason"] == "second transplant recorded without a day"


@pytest.mark.parametrize(
    ("last_day", "events", "expected", "reason"),
    [
        (90, [("bleeding", 40)], (40, 1), "bleeding on day 40"),
        (90, [("bleeding", 60)], (60, 1), "bleeding on day 60"),
        (
            90,
            [("bleeding", 61)],
            (60, 0),
            "no bleeding or second transplant or death until day 60",
        ),
        (60, [], (60, 0), "no bleeding or second transplant or death until day 60"),
        (
            59.5,
            [],
            (59.5, 0),
            "no bleeding or second transplant or death by the last day under observation, day 59.5",
        ),
    ],
)
def test_observation_is_closed_on_a_day(last_day, events, expected, reason):
    closed = BLEEDING.model_copy(update={"until_day": 60.0})
    row = outcome(last_day, *events, parameters=closed)
    assert times_of(row) == expected
    assert row["reason"] == reason


def test_the_reason_says_which_record_ends_follow_up():
    row = outcome(None, ("last_follow_up", 44))
    assert times_of(row) == (44, 0)
    assert row["reason"].endswith("by the last follow-up, day 44")
    row = outcome(None, ("relapse", 21))
    assert row["reason"].endswith("by the last record, day 21")


def test_no_follow_up_is_null_with_a_reason():
    row = outcome(None)
    assert times_of(row) == (None, None)
    assert row["reason"] == "no follow-up is recorded"
    assert outcome(-3)["reason"] == "follow-up ends on day -3, before day 0"


def test_closing_observation_does_not_invent_follow_up():
    closed = BLEEDING.model_copy(update={"until_day": 60.0})
    row = outcome(None, parameters=closed)
    assert times_of(row) == (None, None)
    assert row["reason"] == "no follow-up is recorded"
    assert times_of(outcome(None, ("bleeding", 80), parameters=closed)) == (60, 0)


def test_labels_can_be_named():
    parameters = TimeToEventParameters(
        events=("bleeding",),
        competing=("death",),
        event_label="bled",
        competing_label="died first",
        censored_label="no bleeding",
    )
    assert outcome(9, ("bleeding", 1), parameters=parameters)["label"] == "bled"
    assert outcome(9, ("death", 1), parameters=parameters)["label"] == "died first"
    assert outcome(9, parameters=parameters)["label"] == "no bleeding"


def test_labels_are_the_names_of_the_events_unless_they_are_given():
    assert name_statuses(BLEEDING).competing == "second transplant or death"
    alone = TimeToEventParameters(events=("relapse", "death"))
    assert (name_statuses(alone).event, name_statuses(alone).competing) == ("relapse or death", "")


@pytest.mark.parametrize(
    "given_",
    [
        {},
        {"events": []},
        {"events": ["death"], "competing": ["death"]},
        {"events": ["death"], "until_day": 0},
        {"events": ["death"], "until_day": float("nan")},
        {"events": ["death"], "window": 3},
    ],
)
def test_parameters_that_do_not_fit_are_refused(given_):
    with pytest.raises(ValidationError):
        TIME_TO_EVENT.read_parameters(given_)


@pytest.mark.parametrize("name", ["time_to_event", "grfs_holtan_2015", "engraftment_cibmtr"])
def test_criteria_name_sources_that_exist(name):
    assert all(find_source(key).title for key in read_criteria(name).sources)


NAMES = ("relapse", "progression", "death", "acute_gvhd_grade_3_4")
EVENTS = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 400)), max_size=6)


def consistent(events):
    """One death at most, nothing after it, and follow-up that ends with the last record."""
    deaths = [day for event, day in events if event == "death"]
    end = min(deaths) if deaths else 400
    kept = [(event, day) for event, day in events if event != "death" and day <= end]
    happened = kept + ([("death", end)] if deaths else [])
    last = end if deaths else max([day for _, day in kept], default=0) + 1
    return followed({"1": last}, [("1", day, event) for event, day in happened])


def derived(rule, patients, **parameters):
    endpoint = ENDPOINTS[rule]
    return times(endpoint.derive(patients, endpoint.read_parameters(parameters)))[0]


@settings(deadline=None, max_examples=40)
@given(EVENTS, st.sampled_from([None, 30.0, 365.0]))
def test_nobody_dies_before_progressing(events, until_day):
    patients = consistent(events)
    survival, _ = derived("overall_survival", patients, until_day=until_day)
    progression, _ = derived("progression_free_survival", patients, until_day=until_day)
    free, _ = derived("gvhd_free_relapse_free_survival", patients, until_day=until_day)
    assert survival >= progression >= free


@settings(deadline=None, max_examples=40)
@given(EVENTS)
def test_relapse_and_death_without_it_mirror_each_other(events):
    patients = consistent(events)
    relapse_day, relapse = derived("relapse", patients)
    mortality_day, mortality = derived("non_relapse_mortality", patients)
    assert relapse_day == mortality_day
    assert {0: 0, 1: 2, 2: 1}[relapse] == mortality
    _, progression = derived("progression_free_survival", patients)
    assert (progression == 1) == (relapse != 0)


@settings(deadline=None, max_examples=40)
@given(EVENTS, st.floats(1, 500))
def test_closing_observation_never_makes_a_time_longer(events, until_day):
    patients = consistent(events)
    day, status = derived("overall_survival", patients)
    closed_day, closed_status = derived("overall_survival", patients, until_day=until_day)
    assert closed_day == min(day, until_day)
    assert closed_status == (status if day <= until_day else 0)


def times_of(row):
    return row["value"], row["status"]
