import numpy as np
import pytest

from stromal.estimates.newton import maximise


def logit(events, n, x):
    """Log-likelihood of a logistic regression on groups."""
    events, n, x = np.array(events, float), np.array(n, float), np.array(x, float)

    def evaluate(beta):
        score = x @ beta
        share = 1 / (1 + np.exp(-score))
        value = float(events @ score - n @ np.logaddexp(0, score))
        return value, x.T @ (events - n * share), x.T @ (x * (n * share * (1 - share))[:, None])

    return evaluate


def test_a_logit_of_counts_is_its_closed_form():
    found = maximise(logit([3, 8], [10, 10], [[1, 0], [1, 1]]), np.zeros(2))
    low, high = np.log(3 / 7), np.log(8 / 2)
    assert found.coefficients == pytest.approx([low, high - low], rel=1e-12)
    assert found.covariance[1, 1] == pytest.approx(1 / 3 + 1 / 7 + 1 / 8 + 1 / 2, rel=1e-10)
    assert not any(found.infinite)


@pytest.mark.parametrize("size", [1.0, 0.03, 20.0])
def test_a_separated_term_runs_to_infinity_and_the_others_have_their_limit(size):
    found = maximise(logit([3, 10], [10, 10], [[1, 0], [1, size]]), np.zeros(2))
    assert found.infinite == (False, True)
    assert found.coefficients[0] == pytest.approx(np.log(3 / 7), abs=1e-4)
    assert np.isnan(found.covariance[1, 1])


def test_a_far_start_of_a_steep_function_comes_home():
    def steep(beta):
        return (
            -float(np.cosh(beta[0]) - 1),
            -np.sinh(beta),
            np.cosh(beta)[:, None],
        )

    assert maximise(steep, np.array([30.0])).coefficients == pytest.approx([0.0], abs=1e-9)


def test_no_information_says_so():
    found = maximise(lambda _: (0.0, np.ones(1), np.zeros((1, 1))), np.zeros(1))
    assert found.reason == "its information is singular"


def test_a_curvature_that_is_rounding_means_that_the_term_runs_away():
    def rise(beta):
        return float(-np.exp(-beta[0])), np.exp(-beta), np.array([[-1e-3 if beta[0] else 1.0]])

    found = maximise(rise, np.zeros(1))
    assert found.infinite == (True,)
    assert np.isnan(found.covariance).all()


def test_a_step_downhill_is_a_singular_information():
    def saddle(beta):
        return float(beta @ beta), np.array([1.0, 1.0]), np.array([[1.0, 2.0], [2.0, 1.0]])

    def down(beta):
        value, _, information = saddle(beta)
        return value, np.array([1.0, -1.0]), information

    assert maximise(down, np.zeros(2)).reason == "its information is singular"
