"""The back end of lanes: the contract of every back end, and what lanes must not change."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import sympy
from tests.unit.kernels.solvers import programs

from stromal.errors import InvalidInput
from stromal.kernels.compile.program import compile_program
from stromal.kernels.solvers.lanes import solver
from stromal.kernels.solvers.lanes.width import Width, choose_width
from stromal.kernels.status import Status
from stromal.kernels.timeline import Dose, Jump, ParameterChange, plan_timeline
from stromal.models.odes import TIME, Change, Odes

if choose_width() is None:
    pytest.skip(solver.TOO_NARROW, allow_module_level=True)

WIDE = choose_width() or Width(64, 4)
WIDTHS = [each for each in (Width(64, 8), Width(64, 4)) if each.lanes <= WIDE.lanes]
SINGLE = choose_width("f32") or Width(32, 8)

drug, cells, k, hill, day = sympy.symbols("drug cells k hill day", real=True)
MODEL = compile_program(
    Odes(
        "made up",
        (drug, cells),
        (-k * drug + sympy.sin(TIME), cells * (0.3 - 0.8 * drug**hill / (0.5 + drug**hill))),
        (sympy.Integer(1), sympy.Integer(2)),
        (k, hill, day),
        (0.7, 2.0, 3.0),
        {"cells": cells, "both": cells * sympy.exp(-drug) + TIME},
        (Change(day <= TIME, ((0, drug + 1), (1, cells / 2))),),
    ),
    outputs=["cells", "both"],
    vary=["k", "day"],
)
TIMES = np.linspace(0.0, 10.0, 21)


def in_lanes(program: Any) -> Any:
    """A program written by hand, with its text read and stored by row."""
    text = re.sub(
        r"^(\s+)(\w+)\[(\d+)\] = (.*)$", r"\1store(\2, \3, \4)", program.source, flags=re.M
    )
    return replace(program, lanes_source=re.sub(r"\b(\w+)\[(\d+)\]", r"load(\1, \2)", text))


@cache
def functions_of(program: Any, width: Width) -> Any:
    return solver.load_functions(program, width=width)


def run(program: Any, parameters: Any, times: Any, width: Width = WIDE, **options: Any) -> Any:
    problem = programs.pose(program, parameters, times, **options)
    return solver.integrate(functions_of(program, width), problem)


def draw(n_patients: int, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    parameters = np.column_stack(
        [np.exp(rng.normal(size=n_patients)), rng.uniform(0.0, 12.0, n_patients)]
    )
    timeline = plan_timeline(
        MODEL,
        n_patients,
        doses=[Dose(2.0, "drug", rng.integers(0, 2, n_patients) * 3.0)],
        jumps=[Jump(rng.uniform(0, 9, n_patients), "cells", 0.1)],
        parameter_changes=[ParameterChange(5.0, "k", rng.uniform(0.1, 2.0, n_patients))],
        end=10.0,
    )
    return parameters, timeline


@pytest.mark.parametrize("width", WIDTHS, ids=lambda width: width.name)
def test_agrees_with_one_by_one(width):
    parameters, timeline = draw(29)
    mine = run(MODEL, parameters, TIMES, width, timeline=timeline)
    other = programs.run("scalar", MODEL, parameters, TIMES, timeline=timeline)
    np.testing.assert_allclose(mine.values, other.values, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(mine.final_states, other.final_states, rtol=1e-9, atol=1e-11)
    np.testing.assert_array_equal(mine.steps, other.steps)


def test_a_patient_depends_on_neither_lane_nor_neighbours_nor_block(monkeypatch):
    parameters, timeline = draw(53)
    whole = run(MODEL, parameters, TIMES, timeline=timeline)
    order = np.random.default_rng(1).permutation(53)
    mixed = run(MODEL, parameters[order], TIMES, timeline=timeline.select(order))
    np.testing.assert_array_equal(mixed.values, whole.values[order])
    monkeypatch.setattr(solver, "BLOCK", 7)
    pieces = run(MODEL, parameters, TIMES, timeline=timeline)
    for one, other in zip(whole, pieces, strict=True):
        np.testing.assert_array_equal(one, other)
    alone = run(MODEL, parameters[17:18], TIMES, timeline=timeline.select(slice(17, 18)))
    np.testing.assert_array_equal(alone.values[0], whole.values[17])


def test_doses_of_zero_are_the_untreated_run_to_the_bit():
    parameters, _ = draw(11)
    nothing = plan_timeline(MODEL, 11, doses=[Dose(3.3, "drug", np.zeros(11))])
    dosed = run(MODEL, parameters, TIMES, timeline=nothing)
    np.testing.assert_array_equal(dosed.values, run(MODEL, parameters, TIMES).values)


def test_going_on_from_saved_states():
    parameters, _ = draw(9)
    parameters[:, 1] = 3.0
    whole = run(MODEL, parameters, [0.0, 3.0, 7.0])
    first = run(MODEL, parameters, [0.0, 3.0])
    rest = run(MODEL, parameters, [7.0], initial_states=first.final_states, start=3.0, past=True)
    np.testing.assert_allclose(rest.values[:, 0], whole.values[:, 2], rtol=1e-7)


def test_robertson_over_many_decades():
    program = in_lanes(programs.robertson)
    answer = run(program, [[0.04, 1e4, 3e7]] * 3, [0.0, 0.4, 40.0, 4000.0])
    # Hairer and Wanner, test set: the fast species at t = 40
    assert answer.values[0, 2, 0] == pytest.approx(0.7158270688, rel=1e-7)
    assert answer.values[0, 2, 1] == pytest.approx(0.9185534765e-5, rel=1e-7)
    np.testing.assert_allclose(answer.values.sum(axis=2), 1.0)
    assert answer.steps.max() < 500


def test_a_patient_that_fails_keeps_what_was_and_the_others_go_on():
    program = in_lanes(programs.square)
    answer = run(program, [[0.1], [1.0], [np.nan], [np.inf], [0.2]], [0.0, 0.5, 2.0], rtol=1e-6)
    wanted = [Status.DONE, Status.STEP_TOO_SMALL, *[Status.BAD_PARAMETERS] * 2, Status.DONE]
    assert answer.status.tolist() == wanted
    assert answer.values[1, 1, 0] == pytest.approx(2.0, rel=1e-5)
    assert np.isnan(answer.values[1, 2]).all()
    assert answer.values[4, 2, 0] == pytest.approx(1 / 3, rel=1e-5)


def test_a_bad_lane_cannot_hold_up_the_others():
    program = in_lanes(programs.van_der_pol)
    answer = run(program, [[1.0], [1000.0], [2.0]], [0.0, 3000.0], max_steps=300)
    assert Status(int(answer.status[0])) is Status.STEP_LIMIT
    assert answer.steps.max() == 300


def test_a_jump_to_infinity_ends_the_patient():
    parameters, _ = draw(2)
    timeline = plan_timeline(MODEL, 2, jumps=[Jump(1.0, "cells", [1e308, 1.0], [0.0, 1.0])])
    twice = plan_timeline(MODEL, 2, jumps=[Jump(1.0, "cells", 1e308), Jump(1.0, "cells", 1e308)])
    assert run(MODEL, parameters, TIMES, timeline=timeline).status[1] == Status.DONE
    assert (run(MODEL, parameters, TIMES, timeline=twice).status == Status.NOT_FINITE).all()


@pytest.mark.parametrize(("n_patients", "n_times"), [(0, 3), (2, 0), (0, 0), (1, 1)])
def test_nobody_and_nothing_asked(n_patients, n_times):
    parameters, _ = draw(n_patients)
    answer = run(MODEL, parameters.reshape(n_patients, 2), np.arange(float(n_times)))
    assert answer.values.shape == (n_patients, n_times, 2)
    assert not answer.status.any()


def test_states_of_seven_digits():
    parameters, timeline = draw(21)
    fine = run(MODEL, parameters, TIMES, timeline=timeline)
    options = {"timeline": timeline, "rtol": 1e-4, "atol": 1e-6}
    rough = run(MODEL, parameters, TIMES, SINGLE, **options)
    assert not rough.status.any()
    np.testing.assert_allclose(rough.values, fine.values, rtol=2e-3, atol=1e-4)


SLOW = compile_program(
    Odes(
        "slow beside fast",
        (drug, cells),
        (k, sympy.cos(50 * TIME)),
        (sympy.Integer(1), sympy.Integer(0)),
        (k,),
        (1e-5,),
        {"drug": drug},
    ),
    outputs=["drug"],
    vary=["k"],
    prune=False,
)
GROWTH = compile_program(
    Odes("growth", (drug,), (k * drug,), (sympy.Integer(1),), (k,), (1.0,), {"drug": drug}),
    outputs=["drug"],
    vary=["k"],
)


def test_what_a_step_adds_is_not_lost_however_small_it_is():
    rates = np.array([1e-5, 3e-6, -2e-5])
    answer = run(SLOW, rates[:, None], [0.0, 100.0], SINGLE, rtol=1e-5, atol=1e-7)
    assert answer.steps.min() > 5000
    added = 100.0 * rates
    np.testing.assert_allclose(answer.final_states[:, 0] - 1.0, added, rtol=1e-5)
    np.testing.assert_allclose(answer.values[:, 1, 0], 1.0 + added, rtol=1.2e-7)


def test_rounded_coefficients_do_not_hasten_growth():
    rates = np.array([0.5, 1.0, -1.0, 1.9])
    fine, rough = (
        run(GROWTH, rates[:, None], [0.0, 30.0], width, rtol=1e-6, atol=1e-20).values[:, 1, 0]
        for width in (WIDE, SINGLE)
    )
    # each coefficient rounded to the nearest f32 alone would make this 2.4e-6
    assert np.abs((rough / fine - 1.0) / (30.0 * rates)).max() < 8e-7


def test_a_jump_of_one_state_leaves_the_last_digits_of_the_others():
    saved = np.array([[1.0 + 1e-10, 1.0 / 3.0, 0.0]])
    jumps = plan_timeline(SLOW, 1, jumps=[Jump(0.0, "cells", 3.0)], end=0.0)
    answer = run(SLOW, [[0.0]], [0.0], SINGLE, initial_states=saved, timeline=jumps)
    np.testing.assert_array_equal(answer.final_states, [[1.0 + 1e-10, 1.0, 0.0]])


def test_functions_are_kept_by_program_and_width(monkeypatch, tmp_path):
    monkeypatch.setenv("STROMAL_CACHE", str(tmp_path))
    program = in_lanes(programs.decay)
    for _ in range(2):
        for width in (WIDE, SINGLE):
            solver.load_functions(program, width=width)
    kept = sorted(path.name for path in tmp_path.rglob("*.o"))
    assert len(kept) == 2
    assert all(name.startswith(program.text_digest[:24]) for name in kept)


def test_programs_of_equal_functions_are_compiled_once(monkeypatch, tmp_path):
    monkeypatch.setenv("STROMAL_CACHE", str(tmp_path))
    program = in_lanes(programs.decay)
    source = f"# Another name.\n{program.lanes_source}"
    other = replace(program, name="other", lanes_source=source, digest="0" * 64)
    for each in (program, other):
        solver.load_functions(each, width=WIDE)
    assert len(list(tmp_path.rglob("*.o"))) == 1


def test_machines_without_wide_registers_are_told_to_go_one_by_one(monkeypatch):
    monkeypatch.setattr(solver, "choose_width", lambda _precision="f64": None)
    assert solver.why_not() == solver.TOO_NARROW
    with pytest.raises(InvalidInput, match="scalar back end"):
        solver.load_functions(MODEL)
