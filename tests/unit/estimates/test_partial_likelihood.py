import numpy as np
import polars as pl
import pytest

from stromal.estimates.partial_likelihood import PartialLikelihood
from stromal.estimates.risk_sets import AtRisk, count_cells
from stromal.estimates.times import read_times

RNG = np.random.default_rng(3)


def posed(ties="efron"):
    days, status = RNG.integers(1, 8, 30).astype(float), RNG.integers(0, 2, 30)
    times = read_times(pl.DataFrame({"day": days, "status": status}))
    values = RNG.normal(size=(30, 2))
    cells = count_cells(times, values)
    return PartialLikelihood.of(AtRisk(cells), (times.status > 0)[cells.row].astype(int), ties)


def test_two_tied_events_are_efrons_product():
    times = read_times(pl.DataFrame({"day": [1.0, 1.0, 2.0], "status": [1, 1, 0]}))
    cells = count_cells(times, np.array([[0.0], [1.0], [2.0]]))
    likelihood = PartialLikelihood.of(
        AtRisk(cells), (times.status > 0)[cells.row].astype(int), "efron"
    )
    r = np.exp(0.3 * np.arange(3))
    expected = np.log(r[0] * r[1] / (r.sum() * (r.sum() - (r[0] + r[1]) / 2)))
    assert likelihood(np.array([0.3]))[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_derivatives_are_those_of_differences(ties):
    likelihood, beta, step = posed(ties), np.array([0.4, -0.7]), 1e-5
    _, gradient, information = likelihood(beta)
    for index in range(2):
        shift = step * np.eye(2)[index]
        up, down = likelihood(beta + shift), likelihood(beta - shift)
        assert gradient[index] == pytest.approx((up[0] - down[0]) / (2 * step), rel=1e-6)
        slope = (up[1] - down[1]) / (2 * step)
        assert -information[index] == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_score_residuals_add_up_to_the_gradient(ties):
    likelihood, beta = posed(ties), np.array([0.4, -0.7])
    weight, _ = likelihood.weigh(beta)
    slots, _ = likelihood.sum_slots(weight)
    free, died = likelihood.score_residuals(weight, slots)
    cells = likelihood.risk.cells
    each = np.where((likelihood.died > 0)[:, None], died, free)
    assert cells.count @ each == pytest.approx(likelihood(beta)[1], abs=1e-10)
