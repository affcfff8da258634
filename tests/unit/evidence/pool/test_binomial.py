import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom, norm

from stromal.evidence.pool.binomial import (
    ALL_OR_NONE,
    NO_STUDY,
    UNBOUND,
    log_likelihood,
    pool_binomial,
)


@pytest.mark.parametrize("spread", [0.05, 0.7, 3.0, 6.0])
def test_the_likelihood_is_that_of_quadrature(spread):
    x, n, centre = np.array([0.0, 3.0, 40.0, 0.0]), np.array([12.0, 9.0, 41.0, 200.0]), 0.4

    def chance(events, patients):
        def inner(b):
            p = 1 / (1 + np.exp(-(centre + spread * b)))
            return binom.pmf(events, patients, p) * norm.pdf(b)

        return quad(inner, -12, 12, epsabs=1e-14, limit=400)[0]

    expected = sum(np.log(chance(*one)) for one in zip(x, n, strict=True))
    assert log_likelihood(x, n, centre, spread) == pytest.approx(expected, rel=1e-9)


def test_studies_alike_pool_to_their_sum():
    found = pool_binomial([5, 10, 20], [10, 20, 40])
    assert found.tau2 == 0.0
    assert found.value == pytest.approx(0.5)
    assert found.error == pytest.approx(1 / np.sqrt(70 / 4))


def test_one_study_is_its_own_share():
    assert pool_binomial([3], [12]).value == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [(([0, 0], [5, 9]), ALL_OR_NONE), (([5, 9], [5, 9]), ALL_OR_NONE), (([], []), NO_STUDY)],
)
def test_what_is_not_estimable_says_why(counts, reason):
    found = pool_binomial(*counts)
    assert (found.value, found.reason) == (None, reason)


def test_zero_and_full_counts_stay_in():
    found = pool_binomial([0, 5, 9], [8, 10, 9])
    assert (found.studies, found.events, found.n) == (3, 14, 27)
    assert 0 < found.low < found.value < found.high < 1


def test_counts_that_are_none_are_refused():
    with pytest.raises(ValueError, match="events"):
        pool_binomial([6], [5])


@pytest.mark.parametrize("counts", [([18, 21, 8, 30], [33, 28, 19, 34]), ([0, 5, 1], [8, 10, 9])])
def test_no_point_beside_the_maximum_is_likelier(counts):
    found = pool_binomial(*counts)
    x, n = (np.array(one, float) for one in counts)
    spread = np.sqrt(found.tau2)
    assert log_likelihood(x, n, found.log_odds, spread) == pytest.approx(found.log_likelihood)
    for far in (1e-2, 1e-4):
        for way in ((far, 0), (-far, 0), (0, far), (0, -far), (far, far), (-far, far)):
            beside = log_likelihood(x, n, found.log_odds + way[0], spread + way[1])
            assert beside < found.log_likelihood


def test_the_error_is_of_the_bends_of_the_likelihood():
    x, n = np.array([18.0, 21.0, 8.0, 30.0]), np.array([33.0, 28.0, 19.0, 34.0])
    found, h = pool_binomial(x, n), 1e-3
    at = [found.log_odds, np.sqrt(found.tau2)]
    bend = np.empty((2, 2))
    for i, j in np.ndindex(2, 2):
        ways = [(a, b) for a in (h, -h) for b in (h, -h)]
        bend[i, j] = sum(
            np.sign(a * b)
            * log_likelihood(
                x, n, at[0] + a * (i == 0) + b * (j == 0), at[1] + a * (i == 1) + b * (j == 1)
            )
            for a, b in ways
        ) / (4 * h * h)
    assert found.error == pytest.approx(np.sqrt(np.linalg.inv(-bend)[0, 0]), rel=1e-5)


def test_studies_of_all_or_nothing_have_no_spread_that_can_be_told():
    found = pool_binomial([0, 5, 9, 0, 0], [5, 5, 9, 3, 4])
    assert (found.value, found.low, found.tau2, found.reason) == (None, None, None, UNBOUND)


def test_many_studies_are_pooled_at_their_centre():
    rng = np.random.default_rng(4)
    n = rng.integers(5, 60, 20_000)
    found = pool_binomial(rng.binomial(n, 1 / (1 + np.exp(0.5 - rng.normal(0, 0.8, n.size)))), n)
    assert found.log_odds == pytest.approx(-0.5, abs=4 * found.error)
    assert found.tau2 == pytest.approx(0.64, abs=0.05)
