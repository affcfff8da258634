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


@pytest.mark.parametrize("size", [1e-6, 1e3])
@pytest.mark.parametrize("prior", ["half-normal", "half-cauchy"])
def test_effects_in_another_unit_are_pooled_alike(size, prior):
    plain = pool_bayesian(STUDIES, scale=0.5, prior=prior)
    other = Effects(size * Y, size**2 * V, "difference")
    found = pool_bayesian(other, scale=size * 0.5, prior=prior)
    assert found.interval == pytest.approx([size * end for end in plain.interval], rel=1e-7)
    assert found.prediction == pytest.approx([size * end for end in plain.prediction], rel=1e-7)


@pytest.mark.parametrize(("studies", "size"), [(20, 1e-4), (20000, 0.3)])
def test_a_law_of_tau_much_narrower_than_its_prior_is_resolved(studies, size):
    generator = np.random.default_rng(3)
    v = generator.uniform(0.5, 1.5, studies) * size**2
    y = generator.normal(0.3, size, studies) + generator.normal(0, np.sqrt(v))
    found = pool_bayesian(Effects(y, v, "difference"), scale=0.5)
    # an even rule of many points in tau, around where the law lies
    tau = np.linspace(max(0.0, found.tau_mean - 0.05 * size), found.tau_mean + 0.05 * size, 401)
    tau = np.linspace(0.0, 20 * size, 10001) if studies < 100 else tau
    log, mean, precision = np.empty(tau.size), np.empty(tau.size), np.empty(tau.size)
    for place, one in enumerate(tau):
        weight = 1 / (v + one**2)
        precision[place] = weight.sum()
        mean[place] = np.sum(weight * y) / precision[place]
        rest = np.sum(weight * (y - mean[place]) ** 2)
        log[place] = 0.5 * (np.log(weight).sum() - np.log(precision[place]) - rest)
    share = np.exp(log - log.max() - 0.5 * (tau / 0.5) ** 2)
    share[[0, -1]] /= 2
    share /= share.sum()
    for end, chance in zip(found.interval, (0.025, 0.975), strict=True):
        below = np.sum(share * norm.cdf((end - mean) * np.sqrt(precision)))
        assert below == pytest.approx(chance, abs=1e-6)
    for end, chance in zip(found.prediction, (0.025, 0.975), strict=True):
        below = np.sum(share * norm.cdf((end - mean) / np.sqrt(1 / precision + tau**2)))
        assert below == pytest.approx(chance, abs=1e-6)


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
