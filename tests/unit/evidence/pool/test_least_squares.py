import numpy as np
import pytest

from stromal.evidence.pool.least_squares import fit_weighted


def test_years_beside_ones_keep_their_digits():
    years = np.arange(1948.0, 1978.0)
    design = np.column_stack([np.ones(30), years])
    fit = fit_weighted(3.0 - 0.001 * years, np.full(30, 0.01), design)
    assert fit.coefficients == pytest.approx([3.0, -0.001], rel=1e-9)
    assert fit.q == pytest.approx(0.0, abs=1e-18)
    assert fit.hat.sum() == pytest.approx(2.0)


@pytest.mark.parametrize("design", [np.ones((4, 2)), np.ones((1, 2))])
def test_moderators_that_follow_from_each_other_are_refused(design):
    with pytest.raises(ValueError, match="follow from each other"):
        fit_weighted(np.arange(float(len(design))), np.ones(len(design)), design)
