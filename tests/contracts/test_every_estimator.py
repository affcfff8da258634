"""Manners of every estimator, whatever record it returns."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import stromal.estimates
from stromal.estimates.course_comparison import compare_courses
from stromal.estimates.cox import fit_cox
from stromal.estimates.cumulative_hazard import estimate_cumulative_hazard
from stromal.estimates.cumulative_incidence import estimate_cumulative_incidence, incidence_at
from stromal.estimates.equal_proportions import compare_proportions
from stromal.estimates.fine_gray import fit_fine_gray
from stromal.estimates.gray import compare_cumulative_incidence
from stromal.estimates.kaplan_meier import (
    estimate_survival,
    median_follow_up,
    median_time,
    survival_at,
)
from stromal.estimates.log_rank import compare_survival
from stromal.estimates.logistic import fit_logistic
from stromal.estimates.means import compare_means
from stromal.estimates.median import estimate_median
from stromal.estimates.mixed_model import fit_mixed_model
from stromal.estimates.multiplicity import correct_p_values
from stromal.estimates.normality import check_normality
from stromal.estimates.numbers import compare_numbers
from stromal.estimates.proportion import estimate_proportion
from stromal.estimates.proportion_trend import compare_trend_of_proportions
from stromal.estimates.proportional_hazards import check_proportional_hazards
from stromal.estimates.rank_trend import compare_trend_of_numbers
from stromal.estimates.ranks import compare_ranks
from stromal.estimates.replicates import estimate_replicates
from stromal.estimates.restricted_mean import (
    compare_restricted_means,
    estimate_restricted_mean,
)
from stromal.estimates.state_occupation import estimate_state_occupation
from stromal.estimates.time_in_states import (
    compare_time_in_state,
    compare_times_in_state,
    estimate_time_in_states,
)
from stromal.estimates.two_proportions import (
    compare_two_proportions,
    estimate_difference,
    estimate_odds_ratio,
    estimate_risk_ratio,
)
from stromal.sources import read_sources

SCHEMA = {"day": pl.Float64, "status": pl.Int64, "entry_day": pl.Float64, "group": pl.String}


def incidence(outcomes):
    return estimate_cumulative_incidence(outcomes, causes=(1, 2))


def had_event(outcomes):
    """Whether patients had the event; unknown for those without a day."""
    known = pl.when(pl.col("day").is_not_null())
    return outcomes.select(known.then(pl.col("status") == 1)).to_series()


def middle(outcomes):
    """Half of the longest time."""
    return 0.5 * (outcomes["day"].max() or 1.0)


def counts(outcomes):
    """Patients with the event and patients in all, of group a and of group b."""
    known = outcomes.drop_nulls(["day", "status"])
    for group in ("a", "b"):
        rows = known.filter(group=group)
        yield rows.filter(status=1).height, rows.height


def numbers(outcomes):
    """Numbers without a unit, with ties, in two groups: the order of the days."""
    return outcomes["day"].rank("dense").cast(pl.Float64), outcomes["group"]


def courses(outcomes):
    """Each patient in a state from entry on, and in another after an event."""
    usable = outcomes.drop_nulls(["day", "status"])
    if "entry_day" not in usable.columns:
        usable = usable.with_columns(entry_day=pl.lit(None, pl.Float64))
    entered = pl.max_horizontal(pl.col("entry_day").fill_null(0.0), pl.lit(0.0))
    return usable.with_row_index("subject").select(
        "subject",
        "day",
        entry_day=entered,
        state="group",
        into=pl.when(pl.col("status") > 0).then(pl.col("status").cast(pl.String)),
    )


def spent(outcomes):
    """Mean times in states up to half of the longest time, of patients of each group."""
    rows = courses(outcomes.with_columns(entry_day=pl.lit(None, pl.Float64)))
    return [
        estimate_time_in_states(rows.filter(pl.col("state") == group), middle(outcomes))
        for group in ("a", "b")
    ]


def stayed(outcomes):
    """The mean time of group a in the state where it begins, or why there is none."""
    found = spent(outcomes)[0]
    return found.times["a"] if found.times else dataclasses.replace(found, until=0.0)


def mixed(outcomes):
    """Numbers of patients who are named by group and status."""
    values, groups = numbers(outcomes)
    names = groups + outcomes["status"].cast(pl.String)
    return fit_mixed_model(values, groups.to_frame(), names)


def repeated(outcomes):
    """Courses of patients who are named by group and status, in two groups."""
    values, groups = numbers(outcomes)
    rows = outcomes.with_columns(
        value=values, day=values * 7 % 5, subject=pl.col("group") + pl.col("status").cast(pl.String)
    )
    return compare_courses(rows.with_columns(groups), reference="a")


def trials(outcomes):
    """Days as numbers of trials, nested in groups by status."""
    known = outcomes.drop_nulls(["day", "status"])
    return known["day"], known["group"] + known["status"].cast(pl.String), known["group"]


ESTIMATORS = {
    estimate_survival: estimate_survival,
    survival_at: lambda outcomes: survival_at(estimate_survival(outcomes), float("inf")),
    median_time: lambda outcomes: median_time(estimate_survival(outcomes)),
    median_follow_up: median_follow_up,
    estimate_cumulative_incidence: incidence,
    incidence_at: lambda outcomes: incidence_at(incidence(outcomes), 0),
    compare_survival: lambda outcomes: compare_survival(outcomes, outcomes["group"]),
    estimate_median: lambda outcomes: estimate_median(outcomes["day"]),
    estimate_proportion: lambda outcomes: estimate_proportion(*next(counts(outcomes))),
    estimate_replicates: lambda outcomes: estimate_replicates(*trials(outcomes)),
    compare_two_proportions: lambda outcomes: compare_two_proportions(*counts(outcomes)),
    estimate_difference: lambda outcomes: estimate_difference(*counts(outcomes)),
    estimate_risk_ratio: lambda outcomes: estimate_risk_ratio(*counts(outcomes)),
    estimate_odds_ratio: lambda outcomes: estimate_odds_ratio(*counts(outcomes), interval="exact"),
    compare_proportions: lambda outcomes: compare_proportions(list(counts(outcomes))),
    fit_cox: lambda outcomes: fit_cox(outcomes, outcomes.select("group")),
    check_proportional_hazards: lambda outcomes: check_proportional_hazards(
        outcomes, outcomes.select("group")
    ),
    fit_logistic: lambda outcomes: fit_logistic(
        outcomes.select(
            pl.when(pl.col("day").is_not_null()).then(pl.col("status") == 1)
        ).to_series(),
        outcomes.select("group"),
    ),
    fit_fine_gray: lambda outcomes: fit_fine_gray(outcomes, outcomes.select("group")),
    compare_cumulative_incidence: lambda outcomes: compare_cumulative_incidence(
        outcomes, outcomes["group"]
    ),
    estimate_restricted_mean: lambda outcomes: estimate_restricted_mean(outcomes, middle(outcomes)),
    compare_restricted_means: lambda outcomes: compare_restricted_means(
        outcomes.filter(group="a"), outcomes.filter(group="b"), middle(outcomes)
    )[0],
    compare_numbers: lambda outcomes: compare_numbers(*numbers(outcomes)),
    compare_means: lambda outcomes: compare_means(*numbers(outcomes)),
    compare_ranks: lambda outcomes: compare_ranks(*numbers(outcomes)),
    compare_trend_of_numbers: lambda outcomes: compare_trend_of_numbers(*numbers(outcomes)),
    compare_trend_of_proportions: lambda outcomes: compare_trend_of_proportions(
        list(counts(outcomes))
    ),
    estimate_cumulative_hazard: lambda outcomes: estimate_cumulative_hazard(outcomes, 1),
    estimate_state_occupation: lambda outcomes: estimate_state_occupation(courses(outcomes)),
    estimate_time_in_states: stayed,
    compare_time_in_state: lambda outcomes: compare_time_in_state(*spent(outcomes), "a")[0],
    compare_times_in_state: lambda outcomes: compare_times_in_state(spent(outcomes), "a"),
    fit_mixed_model: mixed,
    compare_courses: repeated,
    check_normality: lambda outcomes: check_normality(*numbers(outcomes)),
    correct_p_values: lambda outcomes: correct_p_values(
        [
            compare_survival(outcomes, outcomes["group"]).p_value,
            compare_cumulative_incidence(outcomes, outcomes["group"]).p_value,
        ]
    ),
}
"""Every estimator, asked about outcomes in two groups."""

IN_DAYS = {
    median_time,
    median_follow_up,
    estimate_median,
    estimate_replicates,
    estimate_restricted_mean,
    compare_restricted_means,
    estimate_time_in_states,
    compare_time_in_state,
}
"""Estimators whose numbers are days."""

FROM_DAYS = {compare_times_in_state}
"""Tests whose numbers come from days, so that another unit changes their last digits."""

NOT_ESTIMATORS = {
    "add_up",
    "ask_hazards",
    "begin_regression",
    "build_design",
    "code_groups",
    "conclude",
    "count_cells",
    "count_patterns",
    "count_sums",
    "end_regression",
    "find_ties",
    "from_here_on",
    "is_known",
    "judge_terms",
    "mark_idle",
    "maximise",
    "maximise_restricted",
    "no_effects",
    "pose",
    "read_courses",
    "follow_states",
    "report_effects",
    "sandwich",
    "split_times",
    "standardise",
    "standardise_cells",
    "up_to_here",
    "weigh",
    "compare_published",
    "count_decimals",
    "compare_reported",
    "curve_table",
    "estimate_curve_interval",
    "name_entry",
    "read_off",
    "read_times",
    "round_day",
    "share_at_risk",
    "split_numbers",
    "unconditional_p",
}
"""Parts of estimators, and the one comparison that returns patients."""

PATIENT = st.tuples(st.integers(1, 30), st.integers(0, 2), st.one_of(st.none(), st.integers(0, 30)))
PATIENTS = st.lists(
    st.tuples(PATIENT, st.sampled_from("ab")).map(lambda pair: (*pair[0], pair[1])), max_size=30
)

every_estimator = pytest.mark.parametrize(
    "estimator", ESTIMATORS, ids=[estimator.__name__ for estimator in ESTIMATORS]
)

# Fourteen estimators share each rule, and small studies show what breaks it.
few = settings(max_examples=25)


def outcomes_of(patients):
    return pl.DataFrame(patients, schema=SCHEMA, orient="row")


def plain(record):
    """The fields of a record, with tables as columns and records inside as theirs."""
    fields = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    return {
        name: plain(value)
        if dataclasses.is_dataclass(value)
        else value.to_dict(as_series=False)
        if isinstance(value, pl.DataFrame)
        else value
        for name, value in fields.items()
    }


def answer(estimator, outcomes):
    return plain(ESTIMATORS[estimator](outcomes))


def test_every_estimator_is_here():
    found = set()
    for module in pkgutil.iter_modules(stromal.estimates.__path__):
        held = importlib.import_module(f"stromal.estimates.{module.name}")
        found |= {
            name
            for name, value in inspect.getmembers(held, inspect.isfunction)
            if value.__module__ == held.__name__ and not name.startswith("_")
        }
    assert found - NOT_ESTIMATORS == {estimator.__name__ for estimator in ESTIMATORS}


@every_estimator
@few
@given(patients=PATIENTS, random=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(estimator, patients, random):
    shuffled = random.sample(patients, len(patients))
    one, other = answer(estimator, outcomes_of(patients)), answer(estimator, outcomes_of(shuffled))
    assert one == other


@every_estimator
@few
@given(patients=PATIENTS, scale=st.sampled_from([1 / 30.4375, 1 / 7, 24.0]))
def test_the_unit_of_time_changes_days_only(estimator, patients, scale):
    outcomes = outcomes_of(patients)
    one = answer(estimator, outcomes)
    other = answer(estimator, outcomes.with_columns(pl.col("day", "entry_day") * scale))
    in_days = {"value", "low", "high", "median", "minimum", "maximum"} | {
        "lower_quartile",
        "upper_quartile",
        "error",
        "sd_patients",
        "sd_studies",
        "sd_parameters",
    }
    if estimator in IN_DAYS:
        for name in in_days & set(one):
            assert (one[name] is None) == (other[name] is None)
            if one[name] is not None:
                assert other.pop(name) == pytest.approx(one.pop(name) * scale)
    if "table" in one:
        days = other["table"].pop("day")
        assert days == pytest.approx([day * scale for day in one["table"].pop("day")])
    if estimator in FROM_DAYS:
        for name in ("statistic", "p_value"):
            assert other.pop(name) == pytest.approx(one.pop(name), nan_ok=True)
    assert other == one


@every_estimator
@few
@given(patients=PATIENTS)
def test_patients_without_an_outcome_drop_out(estimator, patients):
    unknown = [(None, None, None, "a"), (None, None, 4, "b"), (None, 1, None, "a")]
    one = answer(estimator, outcomes_of(patients))
    assert answer(estimator, outcomes_of([unknown[0], *patients, *unknown[1:]])) == one


@every_estimator
@few
@given(patients=PATIENTS)
def test_entry_on_day_0_is_no_late_entry(estimator, patients):
    outcomes = outcomes_of(patients)
    one = answer(estimator, outcomes.drop("entry_day"))
    for day in (0.0, None, -5.0):
        entered = outcomes.with_columns(pl.lit(day, pl.Float64).alias("entry_day"))
        assert answer(estimator, entered) == one


@every_estimator
@few
@given(patients=PATIENTS)
def test_the_input_is_not_changed(estimator, patients):
    outcomes = outcomes_of(patients)
    before = outcomes.clone()
    answer(estimator, outcomes)
    assert_frame_equal(outcomes, before)


def records(record):
    """A record and those inside it."""
    yield record
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        for inner in value if isinstance(value, tuple) else (value,):
            if dataclasses.is_dataclass(inner):
                yield from records(inner)


@every_estimator
@pytest.mark.parametrize(
    "patients",
    [
        [],
        [(5, 1, None, "a")],
        [(5, 0, 7, "a"), (6, 1, 9, "b")],
        [(5, 1, None, "a"), (8, 0, 3, "b"), (9, 2, None, "a"), (9, 1, None, "b")],
    ],
    ids=["nobody", "one", "nobody at risk", "four"],
)
def test_a_record_is_frozen_and_says_how_it_was_made(estimator, patients):
    for record in records(ESTIMATORS[estimator](outcomes_of(patients))):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(record, dataclasses.fields(record)[0].name, None)
        if not hasattr(record, "method"):
            continue
        assert record.method
        assert record.sources
        assert set(record.sources) <= set(read_sources())
        if getattr(record, "interval", None):
            assert record.interval in record.method


@every_estimator
def test_every_number_has_its_n(estimator):
    patients = [(5, 1, None, "a"), (8, 0, 3, "b"), (9, 2, None, "a"), (9, 1, 9, "b")]
    for record in records(ESTIMATORS[estimator](outcomes_of(patients))):
        n = getattr(record, "n", 0)
        left_out = getattr(record, "never_at_risk", getattr(record, "left_out", 0))
        if n:
            assert (sum(n) if isinstance(n, tuple) else n) + left_out in (2, 4)
