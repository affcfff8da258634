import numpy as np
import polars as pl
import pytest

from stromal.estimates.partial_likelihood import PartialLikelihood
from stromal.estimates.risk_sets import AtRisk, count_cells, standardise_cells
from stromal.estimates.times import read_times
from stromal.estimates.weighed import EachPattern, count_patterns

N = 600


@pytest.fixture
def likelihood_of():
    """Makes the likelihood of patients with two whole covariates, in two strata."""
    rng = np.random.default_rng(11)
    values = np.column_stack([rng.integers(0, 2, N), rng.integers(40, 44, N)]).astype(float)
    table = pl.DataFrame(
        {"day": rng.integers(1, 30, N).astype(float), "status": rng.integers(0, 2, N)}
    )
    stratum = rng.integers(0, 2, N)

    def make(*, apart=None, entry=None):
        outcomes = table if entry is None else table.with_columns(entry_day=pl.Series(entry))
        times = read_times(outcomes)
        counted = count_cells(times, values, stratum, apart=apart)
        cells, _ = standardise_cells(counted)
        return PartialLikelihood.of(AtRisk(cells), (cells.status > 0).astype(int), "efron")

    return make


@pytest.mark.parametrize("beta", [[0.0, 0.0], [0.4, -1.3], [30.0, -40.0]])
def test_patterns_give_the_likelihood_of_cells(likelihood_of, beta):
    patterns, cells = likelihood_of(), likelihood_of(apart=np.arange(N))
    assert isinstance(patterns.quickest, EachPattern)
    assert cells.quickest is cells.each_cell
    for one, other in zip(patterns(np.array(beta)), cells(np.array(beta)), strict=True):
        assert one == pytest.approx(other, rel=1e-9, abs=1e-9)


def test_rows_count_the_same_patients(likelihood_of):
    made = likelihood_of()
    assert made.quickest.events == made.each_cell.events == made.deaths.sum()
    assert made.quickest.seen == pytest.approx(made.each_cell.seen)
    assert made.quickest.values.shape == (8, 2)


def test_who_enters_late_is_taken_cell_by_cell(likelihood_of):
    made = likelihood_of(entry=[0.5, *[None] * (N - 1)])
    assert made.quickest is made.each_cell


def test_many_patterns_are_taken_cell_by_cell():
    times = read_times(pl.DataFrame({"day": [3.0, 5.0, 8.0], "status": [1, 1, 0]}))
    cells = count_cells(times, np.array([[0.0], [1.0], [2.0]]))
    assert count_patterns(AtRisk(cells), np.array([1.0, 1.0, 0.0])) is None
