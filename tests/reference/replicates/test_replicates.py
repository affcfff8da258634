import numpy as np
import pytest

from stromal.estimates.replicates import estimate_replicates
from tests.reference.recorded import read_data, read_recorded

RECORDED = read_recorded("replicates")
LEFT_OUT = [1, 2, 3, 20, 21, 38, 39, 40, 55, 70, 71, 90]


def trials():
    """The numbers of the script, with their studies and draws."""
    days = read_data("survival_veteran")["time"].to_numpy()[:96]
    shifts = np.repeat([0, 1.5, -1, 2, 0.5, -2], 16)
    more = np.tile(np.repeat([0.6, -0.8, 0.9, -0.4], 4), 6)
    return np.log(days) + shifts + more, np.repeat(np.arange(24), 4), np.repeat(np.arange(6), 16)


def recorded(case):
    return dict(RECORDED.filter(case=case).select("quantity", "value").iter_rows())


def test_components_of_balanced_trials_are_those_of_restricted_maximum_likelihood():
    ours = estimate_replicates(*trials())
    wanted = recorded("balanced")
    assert ours.error == pytest.approx(wanted.pop("error"), rel=1e-12)
    # lme4 stops its search where the likelihood is flat.
    assert ours.error == pytest.approx(wanted.pop("se_of_reml"), rel=1e-4)
    for quantity, value in wanted.items():
        assert getattr(ours, quantity) == pytest.approx(value, rel=1e-4), quantity


def test_components_of_unbalanced_trials_are_those_of_expected_mean_squares():
    values, studies, draws = trials()
    values[np.array(LEFT_OUT) - 1] = np.nan
    ours = estimate_replicates(values, studies, draws)
    for quantity, value in recorded("unbalanced").items():
        assert getattr(ours, quantity) == pytest.approx(value, rel=1e-12), quantity
