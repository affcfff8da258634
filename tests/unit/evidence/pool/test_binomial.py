import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom, norm

from stromal.evidence.pool.binomial import ALL_OR_NONE, NO_STUDY, log_likelihood, pool_binomial


@pytest.mark.parametrize("spread", [0.05, 0.7, 3.0])
def test_the_likelihood_is_that_of_quadrature(spread):
    x, n, centre = np.array([0.0, 3.0, 40.0]), np.array([12.0, 9.0, 41.0]), 0.4

    def chance(events, patients):
        def inner(b):
            p = 1 / (1 + np.exp(-(centre + spread * b)))
            return binom.pmf(events, patients, p) * norm.pdf(b)

        return quad(inner, -12, 12, epsabs=1e-14, limit=400)[0]

    expected = sum(np.log(chance(*one)) for one in zip(x, n, strict=True))
    assert log_likelihood(x, n, centre, spread) == pytest.approx(expected, rel=1e-7)


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
