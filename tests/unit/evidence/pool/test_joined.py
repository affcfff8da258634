import numpy as np
import pytest

from stromal.evidence.pool.effects import Effects, logit_proportions
from stromal.evidence.pool.joined import TOO_FEW, join_studies

TREATED = logit_proportions([40, 30, 22, 35], [60, 50, 30, 50])
CONTROL = logit_proportions([30, 22, 15, 30], [60, 50, 30, 50])
SINGLE = logit_proportions([27, 18, 30], [30, 24, 40])


def joined(bias):
    return join_studies(TREATED, CONTROL, SINGLE, bias=bias)


def test_the_more_bias_is_allowed_the_less_single_arms_say():
    values = [joined(bias).value for bias in (0.0, 0.2, 1.0, np.inf)]
    assert values == sorted(values, reverse=True)
    assert joined(0.0).bias is None
    assert joined(1e-6).value == pytest.approx(joined(0.0).value, rel=1e-3)
    assert joined(1e4).value == pytest.approx(joined(np.inf).value, rel=1e-4)


def test_without_single_arms_the_bias_is_not_asked():
    nobody = Effects(np.array([]), np.array([]), "log odds")
    alone, none = joined(None), join_studies(TREATED, CONTROL, nobody, bias=0.5)
    assert (alone.value, alone.single) == (none.value, 0)


def test_too_few_controlled_studies_say_so():
    one = [logit_proportions([4], [9]), logit_proportions([3], [9])]
    found = join_studies(*one, SINGLE, bias=0.5)
    assert (found.value, found.reason) == (None, TOO_FEW)


def test_arguments_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="not negative"):
        joined(-1.0)
    with pytest.raises(ValueError, match="one control"):
        join_studies(TREATED, SINGLE, SINGLE, bias=0.0)
