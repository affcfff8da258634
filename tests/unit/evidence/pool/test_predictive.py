import numpy as np
import pytest
from scipy.stats import norm

from stromal.evidence.pool.bayes import pool_bayesian
from stromal.evidence.pool.effects import Effects, logit_proportions
from stromal.evidence.pool.predictive import predict_study

SHARES = pool_bayesian(logit_proportions([18, 21, 8, 30], [33, 28, 19, 34]), scale=1.0)


def test_known_law_is_predicted_in_closed_form():
    alone = Effects(np.array([1.0]), np.array([0.25]), "difference")
    found = predict_study(pool_bayesian(alone, scale=1e-9))
    assert (found.low, found.high) == pytest.approx(norm.interval(0.95, 1.0, 0.5), abs=1e-6)
    assert found.mean == pytest.approx(1.0, abs=1e-3)
    assert found.deviation == pytest.approx(0.5, rel=5e-3)
    assert found.size is None


def test_quantiles_rise_and_stay_shares():
    found = predict_study(SHARES)
    values = [value for _, value in found.quantiles]
    assert values == sorted(values)
    assert 0 < values[0] < values[-1] < 1
    assert found.value == dict(found.quantiles)[0.5]


def test_few_patients_make_it_wider_and_many_do_not():
    wide, few, many = (predict_study(SHARES, n) for n in (None, 10, 10**7))
    assert few.high - few.low > wide.high - wide.low
    assert many.low == pytest.approx(wide.low, rel=1e-4)
    assert few.size < wide.size


def test_patients_are_asked_of_shares_alone():
    alone = Effects(np.array([1.0]), np.array([0.25]), "difference")
    with pytest.raises(ValueError, match="shares"):
        predict_study(pool_bayesian(alone, scale=1.0), 10)
