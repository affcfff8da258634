import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import halfcauchy, halfnorm, norm

from stromal.evidence.pool.bayes import pool_bayesian
from stromal.evidence.pool.effects import Effects

Y, V = np.array([-0.9, -0.2, -0.5, 0.4]), np.array([0.1, 0.2, 0.1, 0.3])
STUDIES = Effects(Y, V, "log odds ratio", "log")


def second(prior, centre, spread):
    """Posterior mean of the effect and of tau, and the chance of an effect below zero, by
    quadrature of the joint density over both."""

    def over(tau):
        # the mean is integrated out by numbers, not by the closed form
        def joint(mu):
            likely = np.prod(norm.pdf(Y, mu, np.sqrt(V + tau**2)))
            return likely * (norm.pdf(mu, centre, spread) if np.isfinite(spread) else 1.0)

        def moment(power, top):
            return quad(lambda mu: mu**power * joint(mu), -8, top, epsabs=1e-13, limit=200)[0]

        return [moment(0, 8), moment(1, 8), moment(0, 0)]

    points, weights = np.polynomial.legendre.leggauss(80)
    taus = 4.0 * (points + 1)
    rows = np.array([over(tau) for tau in taus]) * (weights * prior.pdf(taus))[:, None]
    whole = rows[:, 0].sum()
    return rows[:, 1].sum() / whole, rows[:, 2].sum() / whole, (rows[:, 0] * taus).sum() / whole


@pytest.mark.parametrize(("centre", "spread"), [(0.0, np.inf), (0.2, 0.5)])
def test_half_normal_posterior_is_that_of_quadrature(centre, spread):
    found = pool_bayesian(STUDIES, scale=0.5, centre=centre, spread=spread)
    mean, below, tau = second(halfnorm(scale=0.5), centre, spread)
    assert found.mean.mean == pytest.approx(mean, abs=1e-7)
    assert found.mean.below(0.0) == pytest.approx(below, abs=1e-7)
    assert found.tau_mean == pytest.approx(tau, abs=1e-6)


def test_half_cauchy_posterior_is_that_of_quadrature():
    found = pool_bayesian(STUDIES, scale=0.3, prior="half-cauchy")
    mean, below, _ = second(halfcauchy(scale=0.3), 0.0, np.inf)
    # the quadrature ends at tau 8, beyond which a Cauchy tail of some 1e-5 is left
    assert found.mean.mean == pytest.approx(mean, abs=1e-4)
    assert found.mean.below(0.0) == pytest.approx(below, abs=1e-4)


def test_without_spread_the_common_effect_comes_out():
    found = pool_bayesian(STUDIES, scale=1e-9)
    weights = 1 / V
    centre, error = np.sum(weights * Y) / weights.sum(), weights.sum() ** -0.5
    assert found.interval == pytest.approx(norm.interval(0.95, centre, error), abs=1e-6)
    assert found.prediction == pytest.approx(found.interval, abs=1e-6)


def test_a_new_study_is_less_certain_than_the_mean():
    found = pool_bayesian(STUDIES, scale=0.5)
    assert found.prediction[0] < found.interval[0] < found.interval[1] < found.prediction[1]
    assert found.new.error > found.mean.error


def test_one_study_and_a_normal_prior_have_a_closed_form():
    alone = Effects(np.array([1.0]), np.array([0.25]), "difference")
    found = pool_bayesian(alone, scale=1e-9, centre=0.0, spread=0.5)
    assert found.mean.mean == pytest.approx(0.5)
    assert found.mean.error == pytest.approx(np.sqrt(0.125))


@pytest.mark.parametrize("bad", [{"scale": 0.0}, {"scale": 1.0, "spread": 0.0}])
def test_priors_that_are_none_are_refused(bad):
    with pytest.raises(ValueError, match="positive"):
        pool_bayesian(STUDIES, **bad)


def test_no_study_is_refused():
    with pytest.raises(ValueError, match="no study"):
        pool_bayesian(Effects(np.array([np.nan]), np.array([np.nan]), "x"), scale=1.0)
