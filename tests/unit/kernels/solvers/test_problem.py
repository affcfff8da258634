"""What every back end answers: one contract, asked of each of them."""

from __future__ import annotations

from functools import cache
from inspect import signature

import numpy as np
import pytest
import sympy
from scipy.integrate import solve_ivp
from tests.unit.kernels.solvers.programs import (
    decay,
    forced,
    functions_of,
    module_of,
    pose,
    refilled,
    robertson,
    run,
    square,
    van_der_pol,
)

from stromal.kernels.compile.program import compile_program
from stromal.kernels.status import Status
from stromal.kernels.timeline import Dose, Jump, Kind, ParameterChange, no_changes, plan_timeline
from stromal.models.odes import TIME, Change, Odes

BACK_ENDS = ("numpy", "scalar")


@pytest.fixture(params=BACK_ENDS)
def back_end(request):
    return request.param


def assert_same(one, other):
    for left, right in zip(one, other, strict=True):
        np.testing.assert_array_equal(left, right)


# a made-up model with everything that generated code can call for: saturation, a power, an
# exponential, time, and a change of its own
drug, cells, signal, k, hill, day = sympy.symbols("drug cells signal k hill day", real=True)
ODES = Odes(
    "made up",
    (drug, cells, signal),
    (
        -k * drug,
        cells * (0.3 - 0.8 * drug**hill / (0.5 + drug**hill)) * sympy.exp(-0.1 * cells),
        sympy.sin(TIME) + cells / (1 + cells) - 2 * signal,
    ),
    (sympy.Integer(1), sympy.Integer(2), sympy.Rational(1, 2)),
    (k, hill, day),
    (0.7, 1.5, 3.0),
    {"cells": cells, "signal": signal, "both": cells * signal + TIME},
    (Change(day <= TIME, ((0, drug + 1), (2, signal / 2))),),
)
MODEL = compile_program(ODES, outputs=["cells", "signal", "both"], vary=["k", "hill", "day"])
GRID = np.linspace(0, 10, 21)


def draw_parameters(n_patients):
    generator = np.random.default_rng(5)
    return np.exp(0.3 * generator.standard_normal((n_patients, 3))) * [0.7, 1.5, 3.0]


def draw_timeline(n_patients):
    generator = np.random.default_rng(6)
    return plan_timeline(
        MODEL,
        n_patients,
        doses=[
            Dose(
                generator.uniform(1, 8, (n_patients, 1)),
                "drug",
                generator.uniform(0, 2, n_patients),
            )
        ],
        jumps=[Jump(4.0, "cells", generator.uniform(0.1, 1, n_patients))],
        parameter_changes=[ParameterChange(5.0, "k", generator.uniform(0.5, 1, n_patients))],
    )


def test_back_ends_take_the_same_arguments():
    first, *others = (signature(module_of(name).integrate).parameters for name in BACK_ENDS)
    assert all(list(other) == list(first) for other in others)


def test_a_closed_form(back_end):
    times = np.linspace(0, 5, 11)
    rates = np.array([0.1, 1.0, 30.0, 1e4])
    answer = run(back_end, decay, [(rate, 2.0) for rate in rates], times)
    expected = 2 * np.exp(-rates[:, None] * times)
    assert np.abs(answer.values[..., 0] - expected).max() < 1e-8
    assert (answer.status == Status.DONE).all()
    np.testing.assert_array_equal(answer.final_states[:, 0], answer.values[:, -1, 0])


def test_time_is_known_exactly_and_forces(back_end):
    k, times = 50.0, np.linspace(0, 10, 33)
    answer = run(back_end, forced, [[k]], times, rtol=1e-10, atol=1e-12)
    expected = k / (k * k + 1) * (k * np.cos(times) + np.sin(times) - k * np.exp(-k * times))
    assert np.abs(answer.values[0, :, 0] - expected).max() < 2e-10
    np.testing.assert_array_equal(answer.values[0, :, 1], times)


@cache
def lsoda(rates, jacobian, start, times):
    """States at the times (S, T) by a solver of another kind, at tight tolerances."""
    solution = solve_ivp(
        rates,
        (0, times[-1]),
        start,
        method="LSODA",
        jac=jacobian,
        rtol=1e-11,
        atol=1e-15,
        t_eval=times,
    )
    return solution.y


def robertson_rates(_t, y):
    a, b, c = 0.04 * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] ** 2
    return [b - a, a - b - c, c]


def robertson_jacobian(_t, y):
    return [
        [-0.04, 1e4 * y[2], 1e4 * y[1]],
        [0.04, -1e4 * y[2] - 6e7 * y[1], -1e4 * y[1]],
        [0, 6e7 * y[1], 0],
    ]


def test_robertson_over_many_decades(back_end):
    times = (0.0, *np.logspace(-6, 8, 29))
    answer = run(back_end, robertson, [[0.04, 1e4, 3e7]], times, rtol=1e-9, atol=1e-14)
    expected = lsoda(robertson_rates, robertson_jacobian, (1, 0, 0), times)
    np.testing.assert_allclose(answer.values[0], expected.T, rtol=5e-7, atol=1e-12)


@pytest.mark.parametrize("mu", [1.0, 1000.0])
def test_van_der_pol_mild_and_stiff(back_end, mu):
    times = tuple(np.linspace(0, max(10, 1.8 * mu), 40))
    answer = run(back_end, van_der_pol, [[mu]], times, rtol=1e-9, atol=1e-11)
    expected = lsoda(*VAN_DER_POL[mu], (2, 0), times)
    np.testing.assert_allclose(answer.values[0, :, 0], expected[0], atol=2e-6)


VAN_DER_POL = {
    mu: (
        lambda _t, y, mu=mu: [y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]],
        lambda _t, y, mu=mu: [[0, 1], [-2 * mu * y[0] * y[1] - 1, mu * (1 - y[0] ** 2)]],
    )
    for mu in (1.0, 1000.0)
}


@pytest.mark.parametrize("factor", [1, 100, 10_000])
def test_a_fast_wash_out_costs_few_steps(back_end, factor):
    timeline = plan_timeline(decay, 1, doses=[Dose(day, "x", 10.0) for day in (1, 2, 3)])
    times = np.linspace(0, 5, 6)
    answer = run(back_end, decay, [[factor, 0.0]], times, timeline=timeline, rtol=1e-6, atol=1e-8)
    expected = sum(
        np.where(times >= day, 10 * np.exp(-factor * np.maximum(times - day, 0)), 0.0)
        for day in (1, 2, 3)
    )
    assert np.abs(answer.values[0, :, 0] - expected).max() < 2e-5
    assert answer.steps[0] < 250


def test_an_output_at_the_instant_of_a_change_shows_the_value_after(back_end):
    timeline = plan_timeline(
        decay,
        1,
        doses=[Dose(0, "x", 1.0), Dose(1, "x", 3.0)],
        jumps=[Jump(1, "x", 0.5), Jump(2, "x", 0.0, 7.0)],
        parameter_changes=[ParameterChange(1, "k", 2.0)],
    )
    answer = run(back_end, decay, [[1.0, 1.0]], [0, 0, 1, 1, 2], timeline=timeline)
    after = 2 * np.exp(-1) * 0.5 + 3
    assert answer.values[0, :, 0] == pytest.approx([2, 2, after, after, 7], rel=1e-7)
    half = run(back_end, decay, [[1.0, 1.0]], [1.5], timeline=timeline).values[0, 0, 0]
    assert half == pytest.approx(after * np.exp(-1), rel=1e-7)


def test_changes_of_the_model_come_first_and_are_patients_own(back_end):
    parameters = [(1.0, 0.5), (1.0, 2.0), (1.0, -3.0)]
    timeline = plan_timeline(refilled, 3, jumps=[Jump(2.0, "x", 10.0)])
    answer = run(back_end, refilled, parameters, [0, 2, 3], timeline=timeline)

    def decayed(x, by):
        return x * np.exp(-by)

    first = np.sqrt(decayed(2 * decayed(1, 0.5) + 0.5, 1.0))
    second = 2 * decayed(1, 2.0) + 2.0
    expected = [
        [1, 10 * decayed(first, 0.5), 10 * decayed(first, 1.5)],
        [1, 10 * second, np.sqrt(10 * decayed(second, 1.0))],
        [1, 10 * decayed(1, 2.0), 10 * decayed(1, 3.0)],
    ]
    np.testing.assert_allclose(answer.values[..., 0], expected, rtol=1e-7)


def test_doses_of_zero_are_the_untreated_run_to_the_bit(back_end):
    parameters = draw_parameters(3)
    doses = [Dose([2.0, 3.0, 4.0], "drug", np.zeros(3), patients=range(3)), Dose(1.0, "cells", 0.0)]
    zero = run(back_end, MODEL, parameters, GRID, timeline=plan_timeline(MODEL, 3, doses=doses))
    assert_same(zero, run(back_end, MODEL, parameters, GRID))


def test_the_numbers_of_a_patient_depend_on_that_patient_alone(back_end, monkeypatch):
    parameters, timeline = draw_parameters(13), draw_timeline(13)
    whole = run(back_end, MODEL, parameters, GRID, timeline=timeline)
    order = np.random.default_rng(1).permutation(13)
    shuffled = run(back_end, MODEL, parameters[order], GRID, timeline=timeline.select(order))
    assert_same([part[order] for part in whole], shuffled)
    for patient in (0, 12):
        alone = run(
            back_end,
            MODEL,
            parameters[patient : patient + 1],
            GRID,
            timeline=timeline.select(slice(patient, patient + 1)),
        )
        assert_same([part[patient : patient + 1] for part in whole], alone)
    monkeypatch.setattr(module_of(back_end), "BLOCK", 5)
    assert_same(whole, run(back_end, MODEL, parameters, GRID, timeline=timeline))


def test_a_part_of_a_run_is_the_run_of_its_patients(back_end):
    parameters, timeline = draw_parameters(7), draw_timeline(7)
    first = run(back_end, MODEL, parameters, [0.0, 4.0], timeline=timeline)
    options = {"timeline": timeline, "start": 4.0, "initial_states": first.final_states}
    whole = run(back_end, MODEL, parameters, GRID[GRID >= 4.0], **options)
    problem = pose(MODEL, parameters, GRID[GRID >= 4.0], **options)
    functions = functions_of(back_end, MODEL)
    for rows in (slice(0, 3), slice(3, 7), slice(7, 9)):
        answer = module_of(back_end).integrate(functions, problem.part(rows))
        assert_same([array[rows] for array in whole], answer)


def test_a_run_read_at_other_times_takes_the_same_steps(back_end):
    problem = pose(MODEL, draw_parameters(2), GRID)
    functions, integrate = functions_of(back_end, MODEL), module_of(back_end).integrate
    few, many = (integrate(functions, each) for each in (problem.seen_at(GRID[::5]), problem))
    np.testing.assert_array_equal(few.values, many.values[:, ::5])
    np.testing.assert_array_equal(few.steps, many.steps)


def test_back_ends_agree_to_rounding():
    parameters, timeline = draw_parameters(20), draw_timeline(20)
    one, other = (
        run(name, MODEL, parameters, GRID, timeline=timeline) for name in ("numpy", "scalar")
    )
    np.testing.assert_array_equal(one.steps, other.steps)
    np.testing.assert_allclose(one.values, other.values, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(one.final_states, other.final_states, rtol=1e-12)


def test_a_made_up_model_against_another_solver(back_end):
    (k, hill, day), *_ = draw_parameters(1)
    answer = run(back_end, MODEL, [[k, hill, day]], GRID, rtol=1e-10, atol=1e-12)

    def rates(t, y):
        loss = 0.8 * y[0] ** hill / (0.5 + y[0] ** hill)
        return [
            -k * y[0],
            y[1] * (0.3 - loss) * np.exp(-0.1 * y[1]),
            np.sin(t) + y[1] / (1 + y[1]) - 2 * y[2],
        ]

    options = {"method": "LSODA", "rtol": 1e-12, "atol": 1e-13, "dense_output": True}
    before = solve_ivp(rates, (0, day), [1, 2, 0.5], **options)
    start = before.y[:, -1] * [1, 1, 0.5] + [1, 0, 0]
    after = solve_ivp(rates, (day, 10), start, **options)
    states = np.where(
        day > GRID, before.sol(np.minimum(GRID, day)), after.sol(np.maximum(GRID, day))
    )
    expected = np.stack([states[1], states[2], states[1] * states[2] + GRID], axis=1)
    np.testing.assert_allclose(answer.values[0], expected, rtol=3e-9)


def test_going_on_from_saved_states(back_end):
    parameters, timeline = draw_parameters(4), draw_timeline(4)
    whole = run(back_end, MODEL, parameters, GRID, timeline=timeline)
    visit = 8.5
    first = run(back_end, MODEL, parameters, GRID[visit >= GRID], timeline=timeline, start=0.0)
    changes = [ParameterChange(5.0, "k", timeline.amounts[timeline.kinds == Kind.PARAMETER])]
    rest = plan_timeline(MODEL, 4, parameter_changes=changes, start=visit)
    second = run(
        back_end,
        MODEL,
        parameters,
        GRID[visit <= GRID],
        timeline=rest,
        start=visit,
        initial_states=first.final_states,
    )
    np.testing.assert_array_equal(second.values[:, 0], first.values[:, -1])
    np.testing.assert_allclose(second.values, whole.values[:, visit <= GRID], rtol=1e-6)


def test_a_dose_at_the_start_of_going_on_is_given_and_the_models_own_change_is_not(back_end):
    timeline = plan_timeline(refilled, 1, doses=[Dose(2.0, "x", 1.0)], start=2.0)
    saved = [[5.0, 2.0]]
    answer = run(
        back_end, refilled, [[1.0, 2.0]], [2.0],
        start=2.0, initial_states=saved, timeline=timeline, past=True,
    )  # fmt: skip
    assert answer.values[0, 0, 0] == 6.0


def test_a_patient_that_fails_keeps_what_was_and_the_others_go_on(back_end):
    parameters = [[1.0], [0.1], [np.nan], [-1.0], [np.inf]]
    times = [0, 0.5, 0.9, 2.0, 5.0]
    answer = run(back_end, square, parameters, times)
    assert answer.status[[1, 2, 3, 4]].tolist() == [
        Status.DONE,
        Status.BAD_PARAMETERS,
        Status.DONE,
        Status.BAD_PARAMETERS,
    ]
    assert answer.status[0] in {Status.STEP_TOO_SMALL, Status.NOT_FINITE}
    assert answer.values[0, :3, 0] == pytest.approx([1.0, 2.0, 10.0], rel=1e-5)
    assert np.isnan(answer.values[0, 3:]).all()
    assert np.isnan(answer.final_states[0]).all()
    assert np.isnan(answer.values[[2, 4]]).all()
    assert answer.values[1, :, 0] == pytest.approx(1 / (10 - np.array(times)), rel=1e-6)


def test_an_output_may_be_no_number_while_the_states_go_on(back_end):
    answer = run(back_end, square, [[-1.0]], [0, 1])
    assert np.isnan(answer.values[0, :, 1]).all()
    assert answer.status[0] == Status.DONE


def test_saved_states_that_are_no_numbers(back_end):
    answer = run(back_end, decay, [[1, 1], [1, 1]], [0, 1], initial_states=[[np.nan], [1.0]])
    assert answer.status.tolist() == [Status.BAD_INITIAL_STATE, Status.DONE]


def test_a_jump_to_infinity_ends_the_patient(back_end):
    timeline = plan_timeline(decay, 1, jumps=[Jump(1, "x", 1e200), Jump(1, "x", 1e200)])
    answer = run(back_end, decay, [[1, 1]], [0, 0.5, 1, 2], timeline=timeline)
    assert answer.status[0] == Status.NOT_FINITE
    assert np.isnan(answer.values[0, :, 0]).tolist() == [False, False, True, True]


def test_steps_are_limited(back_end):
    answer = run(back_end, van_der_pol, [[1.0], [1.0]], [0, 0.001, 50], max_steps=20)
    assert answer.status.tolist() == [Status.STEP_LIMIT] * 2
    assert answer.steps.tolist() == [20] * 2
    assert np.isfinite(answer.values[:, :2]).all()
    assert np.isnan(answer.values[:, 2]).all()


@pytest.mark.parametrize(("n_patients", "n_times"), [(0, 3), (1, 0), (0, 0), (1, 1)])
def test_nobody_and_nothing_asked(back_end, n_patients, n_times):
    answer = run(
        back_end,
        decay,
        np.ones((n_patients, 2)),
        np.zeros(n_times),
        timeline=no_changes(n_patients),
    )
    assert answer.values.shape == (n_patients, n_times, 1)
    assert answer.final_states.tolist() == [[1.0]] * n_patients
    assert answer.status.tolist() == [Status.DONE] * n_patients


def test_a_state_below_the_smallest_normal_number_becomes_zero(back_end):
    saved = [[1e-289], [-1e-200]]
    answer = run(back_end, decay, [[100.0, 1.0]] * 2, [0, 1], initial_states=saved)
    assert answer.final_states[0, 0] == 0.0
    assert 0.0 < abs(answer.final_states[1, 0]) < 1e-200


def test_what_is_read_does_not_change_the_steps(back_end):
    parameters = draw_parameters(2)
    few = run(back_end, MODEL, parameters, [0.0, 10.0])
    many = run(back_end, MODEL, parameters, np.linspace(0, 10, 501))
    np.testing.assert_array_equal(few.steps, many.steps)
    np.testing.assert_array_equal(few.final_states, many.final_states)


def test_arrays_that_do_not_fit_reach_no_compiled_loop():
    for wrong in (
        {"times": [0, 2, 1]},
        {"times": [0, np.nan]},
        {"times": [-1, 0]},
        {"timeline": no_changes(3)},
        {"initial_states": np.ones((2, 5))},
        {"parameters": np.ones((2, 3))},
    ):
        with pytest.raises(AssertionError):
            pose(decay, **{"parameters": np.ones((2, 2)), "times": [0, 1], **wrong})


def test_states_that_outputs_are_read_off():
    assert MODEL.reads == (1, 2, 3)
    assert refilled.reads == (0,)
