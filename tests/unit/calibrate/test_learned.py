"""What was learned is told parameter by parameter."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.calibrate.fit import Fit
from stromal.calibrate.learned import report_learned, sum_learned
from stromal.simulate.uncertain import Members

GENERATOR = np.random.default_rng(2)
PRIOR = GENERATOR.normal(size=(2000, 3)) * [0.3, 0.3, 0.1]
POSTERIOR = PRIOR * [0.2, 1.0, 1.0] + [np.log(2.0), 0.0, 0.0]


def fit_of(shifts: np.ndarray) -> Fit:
    members = Members(("a", "b", "c"), shifts, np.ones(len(shifts)))
    return Fit(members, members, {"a": 0.3, "b": 0.3, "c": 0.1}, ("B5.1c",), (1.0,))


def test_what_was_learned_comes_first():
    found = report_learned(fit_of(POSTERIOR))
    assert found["name"][0] == "a"
    assert found["learned"].to_list() == [True, False, False]
    assert found["middle"][0] == pytest.approx(2.0, rel=0.05)
    assert found["ratio"][0] == pytest.approx(0.2, rel=0.1)


def test_what_was_learned_is_summed():
    assert sum_learned(fit_of(POSTERIOR)) == pytest.approx(0.96, abs=0.15)
    assert sum_learned(fit_of(PRIOR)) < 0.15
