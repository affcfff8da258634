"""Manners of every curve estimator."""

from __future__ import annotations

import itertools

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from stromal.estimates.cumulative_incidence import estimate_cumulative_incidence, incidence_at
from stromal.estimates.kaplan_meier import estimate_survival, survival_at

COLUMNS = ["day", "probability", "low", "high", "at_risk", "events", "censored", "entered"]
ESTIMATORS = {
    "survival": (estimate_survival, survival_at, 1.0),
    "cumulative incidence": (
        lambda outcomes, level=0.95: estimate_cumulative_incidence(
            outcomes, 1, level, causes=(1, 2)
        ),
        incidence_at,
        0.0,
    ),
}
ENTRIES = st.one_of(st.none(), st.integers(0, 30))
PATIENTS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 2), ENTRIES), min_size=1, max_size=40
)

every_estimator = pytest.mark.parametrize("family", ESTIMATORS.values(), ids=ESTIMATORS)


def outcomes_of(*patients):
    """Outcomes of patients, each a day, a status and, where somebody entered late, that day."""
    schema = {"day": pl.Float64, "status": pl.Int64, "entry_day": pl.Float64}
    late = any(len(patient) > 2 for patient in patients)
    rows = [(*patient, None)[: 3 if late else 2] for patient in patients]
    return pl.DataFrame(rows, schema=list(schema.items())[: 3 if late else 2], orient="row")


@every_estimator
def test_nobody_gives_no_rows(family):
    estimate, at, _ = family
    curve = estimate(outcomes_of())
    assert (curve.n, curve.table.height, curve.table.columns) == (0, 0, COLUMNS)
    assert at(curve, 10).value is None


@every_estimator
def test_one_patient_with_an_event(family):
    estimate, at, start = family
    curve = estimate(outcomes_of((5, 1)))
    assert curve.table["probability"].to_list() == [start, 1 - start]
    assert curve.table["at_risk"].to_list() == [1, 1]
    assert at(curve, 4).value == start
    assert at(curve, 1000).value == 1 - start


@every_estimator
def test_a_curve_without_events_stays_and_ends_with_follow_up(family):
    estimate, at, start = family
    curve = estimate(outcomes_of((5, 0), (9, 0)))
    assert curve.table["probability"].unique().to_list() == [start]
    assert curve.table["low"].null_count() == curve.table.height
    assert (at(curve, 9).value, at(curve, 9.5).value) == (start, None)


@every_estimator
def test_all_events_on_one_day(family):
    estimate, _, start = family
    curve = estimate(outcomes_of(*[(7, 1)] * 4))
    assert curve.table["probability"].to_list() == [start, 1 - start]
    assert curve.table["events"].to_list() == [0, 4]


@every_estimator
def test_an_event_on_day_0_is_in_the_first_row(family):
    estimate, _, _ = family
    curve = estimate(outcomes_of((0, 1), (8, 0)))
    assert curve.table["day"].to_list() == [0, 8]
    assert curve.table["probability"].to_list() == [0.5, 0.5]


@every_estimator
def test_patients_without_a_time_or_a_status_are_left_out(family):
    estimate, _, _ = family
    known = [(5, 1), (9, 0), (12, 1)]
    unknown = [(None, 1), (3, None), (float("nan"), 1), (float("inf"), 0), (None, None)]
    curve = estimate(outcomes_of(*unknown, *known))
    assert curve.n == 3
    assert_frame_equal(curve.table, estimate(outcomes_of(*known)).table, check_exact=True)


@every_estimator
def test_days_that_differ_by_rounding_only_are_one_day(family):
    estimate, _, _ = family
    curve = estimate(outcomes_of((0.1 + 0.2, 1), (0.3, 1), (1, 0)))
    assert curve.table["day"].to_list() == [0, 0.3, 1]


@every_estimator
def test_the_input_is_not_changed(family):
    estimate, _, _ = family
    outcomes = outcomes_of((5, 1), (None, 0), (2, 2))
    before = outcomes.clone()
    estimate(outcomes)
    assert_frame_equal(outcomes, before)


@every_estimator
@given(patients=PATIENTS, random=st.randoms(use_true_random=False))
def test_row_order_changes_nothing_to_the_bit(family, patients, random):
    estimate, _, _ = family
    shuffled = random.sample(patients, len(patients))
    ours, other = estimate(outcomes_of(*patients)), estimate(outcomes_of(*shuffled))
    assert_frame_equal(ours.table, other.table, check_exact=True)


@every_estimator
@given(patients=PATIENTS, scale=st.sampled_from([1 / 30.4375, 1 / 7, 24.0, 365.25]))
def test_the_unit_of_time_changes_nothing_but_the_days(family, patients, scale):
    estimate, _, _ = family
    ours = estimate(outcomes_of(*patients)).table
    scaled = (
        (day * scale, status, None if entry is None else entry * scale)
        for day, status, entry in patients
    )
    other = estimate(outcomes_of(*scaled)).table
    assert_frame_equal(ours.drop("day"), other.drop("day"), check_exact=True)
    assert other["day"].to_list() == pytest.approx([day * scale for day in ours["day"]])


@every_estimator
@given(patients=PATIENTS, level=st.floats(0.5, 0.999))
def test_probabilities_are_ordered_and_between_0_and_1(family, patients, level):
    estimate, _, start = family
    table = estimate(outcomes_of(*patients), level).table
    steps = table["probability"].to_list()
    assert all((b - a) * (0.5 - start) >= 0 for a, b in itertools.pairwise(steps))
    known = table.drop_nulls("low")
    ordered = known.select(
        (pl.col("low") >= 0)
        & (pl.col("low") <= pl.col("probability"))
        & (pl.col("probability") <= pl.col("high"))
        & (pl.col("high") <= 1)
    )
    assert ordered.to_series().all()


@given(patients=PATIENTS)
def test_risk_sets_change_by_those_who_leave_and_those_who_enter(patients):
    table = estimate_survival(outcomes_of(*patients)).table
    left = table["at_risk"] - table["events"] - table["censored"] + table["entered"]
    assert table["at_risk"].to_list()[1:] == left.to_list()[:-1]
    assert left.to_list()[-1:] in ([], [0])


@every_estimator
def test_nobody_who_enters_late_is_at_risk_before(family):
    estimate, at, start = family
    curve = estimate(outcomes_of((5, 0, None), (9, 1, 6), (12, 0, 6), (14, 1, 14)))
    assert curve.table["at_risk"].to_list() == [1, 1, 0, 2, 1]
    assert (curve.n, curve.never_at_risk) == (3, 1)
    assert at(curve, 9).value == 0.5
    # Nobody was under observation on day 6, and the curve stays where it was.
    assert at(curve, 6).value == start


@given(patients=PATIENTS)
def test_without_competing_events_incidence_is_one_minus_survival(patients):
    outcomes = outcomes_of(*((day, min(status, 1), entry) for day, status, entry in patients))
    incidence = estimate_cumulative_incidence(outcomes, causes=(1,)).table["probability"]
    survival = estimate_survival(outcomes).table["probability"]
    assert (1 - incidence).to_list() == pytest.approx(survival.to_list(), abs=1e-12)


@given(patients=PATIENTS)
def test_incidences_and_event_free_survival_add_up_to_one(patients):
    outcomes = outcomes_of(*patients)
    incidences = [
        estimate_cumulative_incidence(outcomes, cause, causes=(1, 2)).table["probability"]
        for cause in (1, 2)
    ]
    survival = estimate_survival(outcomes).table["probability"]
    total = incidences[0] + incidences[1] + survival
    assert total.to_list() == pytest.approx([1.0] * total.len(), abs=1e-12)
