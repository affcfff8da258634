"""The limit of what an interval does to states: found where there is one, and never where not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stromal.kernels.fixed_point import Repeated, Tolerance, extrapolate, repeat_for_ever
from stromal.kernels.status import Status


def follow(function, first, rtol=1e-6):
    """Repeat a map of states; its numbers of patients are passed on."""

    def interval(patients, states):
        status = np.where(np.isfinite(states).all(axis=1), Status.DONE, Status.NOT_FINITE)
        ones = np.ones(len(patients), np.int64)
        return Repeated(function(patients, states), status.astype(np.int8), ones)

    first = np.asarray(first, np.float64)
    return repeat_for_ever(interval, first, Tolerance(rtol, np.full(1, 1e-9), 0.0 * first))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 6), st.integers(0, 2**31), st.floats(0.0, 0.99))
def test_linear_maps_have_the_limit_of_linear_algebra(size, seed, slowest):
    random = np.random.default_rng(seed)
    own = np.append(random.uniform(0.0, slowest, size - 1), slowest)
    turn = np.linalg.qr(random.normal(size=(size, size)))[0]
    matrix, given_each = turn @ np.diag(own) @ turn.T, random.normal(size=size)
    right = np.linalg.solve(np.eye(size) - matrix, given_each)
    found = follow(lambda _, states: states @ matrix.T + given_each, np.zeros((1, size)), 1e-8)
    assert found.status[0] == Status.DONE
    assert found.states[0] == pytest.approx(right, rel=1e-6, abs=1e-6 * np.abs(right).max())
    assert found.steps[0] < 300


def test_modes_that_turn_come_to_rest():
    angle = 0.7
    turn = 0.97 * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    found = follow(lambda _, states: states @ turn.T + [1.0, 0.0], np.zeros((1, 2)))
    right = np.linalg.solve(np.eye(2) - turn, [1.0, 0.0])
    assert found.states[0] == pytest.approx(right, rel=1e-6)


@pytest.mark.parametrize(
    "function",
    [
        lambda states: states + 3.0,  # accumulates for ever
        lambda states: states * 1.001,  # grows
        lambda states: states + 4.0 + 1.0 / (1.0 + states),  # more slowly at first
        lambda states: states + 1.0 / states,  # less and less, without an end
        lambda states: 3.7 * states * (1.0 - states),  # chaos
        lambda states: np.where(states > 1.5, 1.0, 2.0),  # two states in turn
    ],
)
@pytest.mark.parametrize("rtol", [1e-2, 1e-4, 1e-8])
def test_what_does_not_repeat_is_never_done(function, rtol):
    found = follow(lambda _, states: function(states), [[0.3]], rtol)
    assert found.status[0] == Status.NO_STEADY_STATE
    assert np.isnan(found.states).all()


def test_a_state_that_is_not_stable_is_left_as_a_patient_would_leave_it():
    """Logistic growth from a millionth: the limit is 1, and 0 repeats itself too."""
    found = follow(lambda _, x: x + 0.1 * x * (1.0 - x), [[1e-6], [0.0]])
    assert found.states[:, 0] == pytest.approx([1.0, 0.0], abs=1e-6)


def test_a_failure_is_the_patients_own():
    rates = np.array([0.5, np.nan, 0.9])
    found = follow(lambda who, x: rates[who][:, None] * x + 1.0, np.zeros((3, 1)))
    assert found.status.tolist() == [Status.DONE, Status.NOT_FINITE, Status.DONE]
    assert found.states[[0, 2], 0] == pytest.approx([2.0, 10.0], rel=1e-6)


def test_a_leap_to_where_nothing_can_be_computed_is_taken_back():
    """The root of a negative number, where the straight line through the first states leads."""

    def function(_, states):
        with np.errstate(invalid="ignore"):
            return np.where(states > 4.0, states - 0.9 + 0.01 * (10.0 - states), np.sqrt(states))

    found = follow(function, [[10.0]])
    assert found.status[0] == Status.DONE
    assert found.states[0, 0] == pytest.approx(1.0, abs=1e-6)


def test_the_limit_is_that_of_the_patient_alone():
    random = np.random.default_rng(3)
    matrix = random.uniform(0.0, 0.2, (50, 4, 4))

    def function(who, states):
        return np.stack([m @ s + 1.0 for m, s in zip(matrix[who], states, strict=True)])

    whole = follow(function, np.zeros((50, 4)))
    for patient in range(50):
        alone = follow(lambda _, s, p=patient: s @ matrix[p].T + 1.0, np.zeros((1, 4)))
        assert alone.states[0] == pytest.approx(whole.states[patient], rel=1e-12)


def test_states_that_rest_extrapolate_to_themselves():
    assert extrapolate(np.ones((2, 4, 3)), np.ones((2, 3))) == pytest.approx(np.ones((2, 3)))
