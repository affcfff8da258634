import numpy as np
import polars as pl
import pytest

from stromal.estimates.cox import fit_cox
from stromal.estimates.fine_gray import StillCounted, fit_fine_gray
from stromal.estimates.risk_sets import count_cells
from stromal.estimates.times import read_times

RNG = np.random.default_rng(11)


def patients(n=80, causes=3):
    outcomes = pl.DataFrame(
        {"day": RNG.integers(1, 30, n) + 0.0, "status": RNG.integers(0, causes, n)}
    )
    return outcomes, pl.DataFrame({"x": RNG.normal(size=n), "arm": RNG.choice(["a", "b"], n)})


def test_without_competing_events_it_is_a_cox_regression():
    outcomes, covariates = patients(causes=2)
    one = fit_fine_gray(outcomes, covariates)
    other = fit_cox(outcomes, covariates, ties="breslow", robust=True)
    for mine, theirs in zip(one.effects, other.effects, strict=True):
        assert mine.coefficient == pytest.approx(theirs.coefficient, rel=1e-9)
        assert mine.error == pytest.approx(theirs.error, rel=1e-9)


def test_without_censoring_whoever_had_a_competing_event_stays_for_ever():
    outcomes, covariates = patients()
    outcomes = outcomes.with_columns(pl.col("status").replace(0, 2))
    forever = outcomes.with_columns(
        pl.when(pl.col("status") == 2).then(1000.0).otherwise("day").alias("day"),
        pl.col("status").replace(2, 0),
    )
    one, other = fit_fine_gray(outcomes, covariates), fit_cox(forever, covariates, ties="breslow")
    for mine, theirs in zip(one.effects, other.effects, strict=True):
        assert mine.coefficient == pytest.approx(theirs.coefficient, rel=1e-9)


def test_late_entries_are_refused_by_name():
    outcomes, covariates = patients()
    late = outcomes.with_columns((pl.col("day") / 2).alias("entry_day"))
    found = fit_fine_gray(late, covariates)
    assert found.reason == "patients who came under observation late are not provided for"
    assert all(effect.ratio.value is None for effect in found.effects)


def test_risk_sets_and_their_transpose_belong_together():
    outcomes, _ = patients(20)
    times = read_times(outcomes)
    cells = count_cells(times, np.zeros((20, 1)))
    uncensored = np.linspace(1, 0.3, cells.slots)
    risk = StillCounted(cells, uncensored, (cells.status == 2).astype(float))
    left, right = RNG.normal(size=(cells.count.size, 1)), RNG.normal(size=(cells.slots, 1))
    one, other = (risk.gather(left) * right).sum(), (left * risk.spread(right)).sum()
    assert one == pytest.approx(other)


def test_nobody_with_the_event():
    outcomes = pl.DataFrame({"day": [5.0, 6.0], "status": [2, 0]})
    assert fit_fine_gray(outcomes, pl.DataFrame({"x": [1.0, 2.0]})).reason == "nobody had the event"
