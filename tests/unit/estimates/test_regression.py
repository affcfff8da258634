import numpy as np
import polars as pl
import pytest

from stromal.estimates.design_matrix import build_design
from stromal.estimates.estimate import Estimate
from stromal.estimates.newton import Maximum
from stromal.estimates.regression import (
    IDLE,
    INFINITE,
    judge_terms,
    mark_idle,
    no_effects,
    report_effects,
    standardise,
)

WHOLE = Estimate(None, level=0.9, n=7, method="m", interval="Wald")
DESIGN = build_design(pl.DataFrame({"x": [1.0, 2.0, 4.0], "y": ["b", "a", "a"], "c": [3, 3, 3]}))


def test_effects_are_in_the_units_of_the_covariates():
    _, _, spread = standardise(DESIGN, DESIGN.values)
    found = Maximum(np.array([0.5, 1.0]), np.diag([0.04, 0.09]), -3.0, (False, False))
    effects, covariance = report_effects(DESIGN, found, found.covariance, spread, WHOLE)
    assert effects[0].coefficient == pytest.approx(0.5 / spread[0])
    assert effects[0].error == pytest.approx(0.2 / spread[0])
    assert effects[0].ratio.low == pytest.approx(np.exp((0.5 - 1.6448536 * 0.2) / spread[0]))
    assert effects[2].reason == "it is the same in all patients"
    assert (effects[2].ratio.value, covariance[2][2]) == (None, None)


def test_a_term_without_a_finite_ratio_says_so_and_leaves_the_others():
    found = Maximum(np.array([0.5, 9.0]), np.diag([0.04, np.nan]), -3.0, (False, True))
    effects, covariance = report_effects(DESIGN, found, found.covariance, np.ones(2), WHOLE)
    assert effects[0].coefficient == 0.5
    assert (effects[1].reason, effects[1].coefficient) == (INFINITE, None)
    assert covariance[1][0] is None


def test_a_term_that_never_differs_is_marked():
    marked = mark_idle(DESIGN, np.diag([1e-16, 0.3]), 4)
    assert [term.reason for term in marked.terms[:2]] == [IDLE, ""]


def test_tests_of_a_parabola_agree():
    def parabola(beta):
        return -0.5 * float((beta - 2) @ (beta - 2)), 2 - beta, np.eye(1)

    found = Maximum(np.array([2.0]), np.eye(1), 0.0, (False,))
    tests, values = judge_terms(parabola, found, found.covariance)
    assert [test.statistic for test in tests] == pytest.approx([4.0, 4.0, 4.0])
    assert values == (-2.0, 0.0)


def test_without_effects_every_term_has_a_reason():
    effects = no_effects(DESIGN, WHOLE, "nobody had the event")
    assert [effect.reason for effect in effects[1:]] == [
        "nobody had the event",
        "it is the same in all patients",
    ]
