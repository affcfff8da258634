"""The public call, on every back end that this machine has."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import numpy as np
import polars as pl
import pytest
from scipy.integrate import solve_ivp
from tests.flat import grouped
from tests.unit.kernels.examples import DECAY, TWO_COMPARTMENTS, WAVE, derive

from stromal.errors import InvalidInput
from stromal.kernels.backends import why_not
from stromal.kernels.door import Accuracy, Read, Schedule, Work
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.reducers import (
    Area,
    FirstCrossing,
    Maximum,
    Minimum,
    TimeAbove,
    TimeBelow,
    ValueAt,
)
from stromal.kernels.run import pose_run
from stromal.kernels.solve import solve
from stromal.kernels.solvers import numpy_solver
from stromal.kernels.solvers.problem import pose_problem
from stromal.kernels.status import Status
from stromal.models.parse import read_model

run_module = import_module("stromal.kernels.run")

DOSES = pl.DataFrame({"day": [1.0, 4.0], "state": ["drug", "drug"], "amount": [6.0, 3.0]})
TIMES = np.linspace(0.0, 12.0, 25)
EXACT = Accuracy(rtol=1e-8, atol=1e-11)


@pytest.fixture(params=["numpy", "scalar", "lanes"])
def backend(request):
    reason = why_not(request.param)
    if reason is not None:
        pytest.skip(f"{request.param}: {reason}")
    return request.param


@pytest.fixture(scope="module")
def cells():
    return compile_kernel(
        read_model(TWO_COMPARTMENTS),
        outputs=["cells", "share", "drug"],
        vary=["ke", "kill", "plasma"],
        dosed=["drug"],
    )


@pytest.fixture(scope="module")
def decay():
    return compile_kernel(derive(DECAY), outputs=["drug"], vary=["k"], dosed=["drug"])


@pytest.fixture(scope="module")
def wave():
    return compile_kernel(derive(WAVE), outputs=["x"], vary=["w"])


def _population(count):
    draws = np.random.default_rng(3).normal(size=(2, count))
    return {"ke": 0.4 * np.exp(0.5 * draws[0]), "kill": 0.3 * np.exp(0.5 * draws[1])}


def _issues(kernel, parameters=None, **options):
    with pytest.raises(InvalidInput) as error:
        solve(kernel, parameters, **grouped(**options))
    return [f"{issue.message} | {issue.hint}" for issue in error.value.issues]


def test_against_scipy(cells, backend):
    """Doses at 1 and 4, the model's own change at 5, segment by segment."""
    found = solve(
        cells,
        None,
        Read(TIMES),
        schedule=Schedule(doses=DOSES),
        accuracy=EXACT,
        work=Work(backend=backend),
    ).output("cells")[0]

    def slope(_, y):
        drug, bound, cells = y
        enters, leaves = 0.2 * drug, 0.05 * bound
        return [
            -enters + leaves - 0.4 * drug,
            enters - leaves,
            0.1 * cells * (1 - cells / 4) - 0.3 * drug / 3 / (1 + drug / 3) * cells,
        ]

    state = np.array([0.0, 0.0, 1.0])
    expected = {}
    changes = [(1.0, 6.0, 1.0), (4.0, 3.0, 1.0), (5.0, 0.0, 0.5), (12.0, 0.0, 1.0)]
    for begin, (end, dose, factor) in zip([0.0, 1.0, 4.0, 5.0], changes, strict=True):
        inside = TIMES[(begin <= TIMES) & (end >= TIMES)]
        run = solve_ivp(slope, (begin, end), state, "DOP853", inside, rtol=1e-11, atol=1e-13)
        expected |= dict(zip(inside, run.y[2], strict=True))
        state = run.y[:, -1] + [dose, 0.0, 0.0]
        state[2] *= factor
        expected[end] = state[2]
    assert found == pytest.approx([expected[time] for time in TIMES], rel=1e-6)


def test_reducers_in_closed_form(wave, backend):
    """x = cos(w t)."""
    w = np.array([1.0, 2.0])
    end = 5.0
    found = solve(
        wave,
        {"w": w},
        Read(
            [0.0, end],
            reducers=[
                Minimum("x"),
                Maximum("x", window=(1.0, None)),
                Area("x"),
                TimeBelow("x", 0.5, window=(None, 3.0)),
                TimeAbove("x", 0.5, window=(None, 3.0)),
                FirstCrossing("x", 0.0, "up"),
                ValueAt("x", (0.5, 1.5)),
            ],
            keep=False,
        ),
        accuracy=Accuracy(rtol=1e-8, atol=1e-10),
        work=Work(backend=backend),
    ).reduced
    third = np.pi / 3
    assert found["minimum(x)"] == pytest.approx([-1.0, -1.0], abs=1e-6)
    assert found["maximum(x)"] == pytest.approx([np.cos(1.0), 1.0], abs=1e-6)
    assert found["area(x)"] == pytest.approx(np.sin(w * end) / w, abs=1e-6)
    below = np.array([3.0 - third, (5 * third - third) / 2])
    assert found["time_below_0.5(x)"] == pytest.approx(below, abs=1e-6)
    assert found["time_above_0.5(x)"] == pytest.approx(3.0 - below, abs=1e-6)
    assert found["first_crossing_up_0(x)"] == pytest.approx(1.5 * np.pi / w, abs=1e-6)
    assert found["value_at(x)"] == pytest.approx(np.cos(np.outer(w, [0.5, 1.5])), abs=1e-6)


def test_reducers_see_doses_of_each_patient(decay, backend):
    """Patients dosed on odd days of their own; the area of a dose is amount / k, less the tail."""
    days = np.array([0.3, 1.7, np.pi])
    doses = pl.DataFrame(
        {"patient": [0, 1, 2], "day": days, "state": ["drug"] * 3, "amount": [2.0, 4.0, 8.0]}
    )
    found = solve(
        decay,
        {"k": [0.5, 0.5, 0.5]},
        Read(
            [10.0],
            reducers=[Area("drug"), Maximum("drug"), FirstCrossing("drug", 1.0)],
            intervals=60,
        ),
        schedule=Schedule(doses=doses),
        accuracy=Accuracy(rtol=1e-8, atol=1e-10),
        work=Work(backend=backend),
    ).reduced
    amounts = np.array([2.0, 4.0, 8.0])
    expected = amounts / 0.5 * (1 - np.exp(-0.5 * (10.0 - days)))
    assert found["area(drug)"] == pytest.approx(expected, rel=1e-6)
    assert found["maximum(drug)"] == pytest.approx(amounts, rel=1e-12)
    assert found["first_crossing_up_1(drug)"].tolist() == days.tolist()


def test_same_to_the_bit_for_any_threads_chunks_and_order(cells, backend):
    count = 60
    given = _population(count)
    doses = pl.DataFrame(
        {
            "patient": np.arange(count),
            "day": np.random.default_rng(1).uniform(0, 9, count),
            "state": ["drug"] * count,
            "amount": np.random.default_rng(2).uniform(0, 9, count),
        }
    )
    options = {
        "times": TIMES,
        "reducers": [Minimum("cells"), Area("drug"), TimeBelow("share", 0.4)],
        "backend": backend,
    }
    whole = solve(cells, given, **grouped(doses=doses, threads=1, **options))
    assert not whole.failed.any()
    for threads, chunk in ((1, 17), (3, 8), (2, None)):
        part = solve(cells, given, **grouped(doses=doses, threads=threads, chunk=chunk, **options))
        _same(part, whole, np.arange(count))
    order = np.random.default_rng(4).permutation(count)
    mixed = {name: values[order] for name, values in given.items()}
    moved = doses[order].with_columns(patient=pl.int_range(pl.len()))
    _same(solve(cells, mixed, **grouped(doses=moved, threads=2, chunk=53, **options)), whole, order)
    few = order[:5]
    some = {name: values[few] for name, values in given.items()}
    alone = doses[few].with_columns(patient=pl.int_range(pl.len()))
    _same(solve(cells, some, **grouped(doses=alone, chunk=1, **options)), whole, few)


def _same(part, whole, rows):
    assert np.array_equal(part.values, whole.values[rows])
    assert np.array_equal(part.final_states, whole.final_states[rows])
    assert np.array_equal(part.status, whole.status[rows])
    assert np.array_equal(part.steps, whole.steps[rows])
    for name, values in whole.reduced.items():
        assert np.array_equal(part.reduced[name], values[rows]), name


def test_reducers_do_not_touch_values(cells, backend):
    given = _population(5)
    plain = solve(
        cells, given, Read(TIMES), schedule=Schedule(doses=DOSES), work=Work(backend=backend)
    )
    reduced = solve(
        cells,
        given,
        Read(TIMES, reducers=[Area("cells")]),
        schedule=Schedule(doses=DOSES),
        work=Work(backend=backend),
    )
    assert np.array_equal(plain.values, reduced.values)


def test_no_doses_and_zero_doses_are_the_same_to_the_bit(cells, backend):
    none = solve(cells, _population(4), Read(TIMES), work=Work(backend=backend))
    zero = DOSES.with_columns(amount=pl.lit(0.0))
    nothing = solve(
        cells,
        _population(4),
        Read(TIMES),
        schedule=Schedule(doses=zero),
        work=Work(backend=backend),
    )
    assert np.array_equal(none.values, nothing.values)


def test_a_regimen_that_looks_and_decides(cells, backend):
    """On day 4 those with many cells are dosed; day by day it is the same as in one run."""
    given = _population(6)
    options = {"backend": backend, "rtol": 1e-8, "atol": 1e-11}
    first = DOSES[:1]
    visit = solve(cells, given, **grouped(times=[0.0, 4.0], doses=first, **options))
    high = np.flatnonzero(visit.output("cells")[:, -1] > np.median(visit.output("cells")[:, -1]))
    second = pl.DataFrame(
        {"patient": high, "day": 4.0, "state": "drug", "amount": 3.0},
        schema_overrides={"patient": pl.Int64},
    )
    later = solve(
        cells,
        given,
        **grouped(
            times=[4.0, 8.0, 12.0],
            doses=second,
            initial_states=visit.final_states,
            start=4.0,
            **options,
        ),
    )
    both = pl.concat([first.with_columns(patient=pl.lit(None, pl.Int64)), second], how="diagonal")
    whole = solve(cells, given, **grouped(times=[4.0, 8.0, 12.0], doses=both, **options))
    assert later.values == pytest.approx(whole.values, rel=1e-6)
    assert len(high) == 3


def test_changes_of_the_model_are_made_once(cells, backend):
    """The model halves its cells on day 5; a run that goes on from day 5 does not again."""
    options = {"accuracy": EXACT, "work": Work(backend=backend)}
    whole = solve(cells, None, Read([5.0, 9.0]), **options)
    visit = solve(cells, None, Read([5.0]), **options)
    later = solve(
        cells,
        None,
        Read([5.0, 9.0]),
        schedule=Schedule(initial_states=visit.final_states, start=5.0),
        accuracy=EXACT,
        work=Work(backend=backend),
    )
    assert later.values == pytest.approx(whole.values, rel=1e-6)


def test_reducers_see_changes_of_the_model(cells, backend):
    options = {"backend": backend, "rtol": 1e-8, "atol": 1e-11}
    found = solve(
        cells,
        None,
        **grouped(
            times=[9.0], reducers=[Maximum("cells"), FirstCrossing("cells", 1.0, "down")], **options
        ),
    )
    top = 4 / (1 + 3 * np.exp(-0.5))
    assert found.reduced["maximum(cells)"] == pytest.approx([top], rel=1e-6)
    assert found.reduced["first_crossing_down_1(cells)"].tolist() == [5.0]


def test_parameters_that_change(decay, backend):
    changes = pl.DataFrame({"day": [3.0], "parameter": ["k"], "value": [0.0]})
    doses = pl.DataFrame({"day": [0.0], "state": ["drug"], "amount": [1.0]})
    found = solve(
        decay,
        {"k": [0.5, 1.0]},
        Read([3.0, 9.0]),
        schedule=Schedule(doses=doses, parameter_changes=changes),
        accuracy=EXACT,
        work=Work(backend=backend),
    ).output("drug")
    expected = np.exp(-3.0 * np.array([0.5, 1.0]))
    assert found == pytest.approx(np.stack([expected, expected], axis=1), rel=1e-6)


def test_patients_that_fail_leave_the_others_alone(cells, backend):
    given = _population(5)
    alone = solve(
        cells, given, Read(TIMES), schedule=Schedule(doses=DOSES), work=Work(backend=backend)
    )
    given = {**given, "plasma": np.array([3.0, np.nan, -3.0, np.inf, 3.0])}
    found = solve(
        cells,
        given,
        Read(TIMES, reducers=[Minimum("cells")]),
        schedule=Schedule(doses=DOSES),
        work=Work(backend=backend),
    )
    assert [Status(code).name for code in found.status] == [
        "DONE",
        "BAD_PARAMETERS",
        "BAD_VOLUME",
        "BAD_PARAMETERS",
        "DONE",
    ]
    assert np.isnan(found.values[1:4]).all()
    assert np.isnan(found.reduced["minimum(cells)"]).tolist() == [False, True, True, True, False]
    assert np.array_equal(found.values[[0, 4]], alone.values[[0, 4]])


def test_a_model_that_blows_up(backend):
    """x' = x^2 from x0 is infinite at 1 / x0."""
    kernel = compile_kernel(derive("x0 = 1; x = x0; x' = x^2;"), outputs=["x"], vary=["x0"])
    found = solve(
        kernel,
        {"x0": [0.1, 1.0]},
        Read([0.5, 5.0], reducers=[Maximum("x"), ValueAt("x", (0.5,))]),
        accuracy=Accuracy(rtol=1e-6),
        work=Work(backend=backend),
    )
    assert found.status[0] == Status.DONE
    assert found.output("x")[0] == pytest.approx([1 / 9.5, 1 / 5], rel=1e-4)
    assert found.status[1] in (Status.STEP_TOO_SMALL, Status.NOT_FINITE, Status.STEP_LIMIT)
    assert found.output("x")[1, 0] == pytest.approx(2.0, rel=1e-4)
    assert np.isnan(found.output("x")[1, 1])
    assert np.isnan(found.reduced["maximum(x)"]).tolist() == [False, True]
    assert found.reduced["value_at(x)"][1] == pytest.approx(2.0, rel=1e-4)


def test_step_limit(cells, backend):
    found = solve(
        cells,
        None,
        Read(TIMES),
        schedule=Schedule(doses=DOSES),
        accuracy=Accuracy(max_steps=5),
        work=Work(backend=backend),
    )
    assert [Status(code) for code in found.status] == [Status.STEP_LIMIT]


def test_no_patients(cells, backend):
    found = solve(
        cells,
        {"ke": []},
        Read(TIMES, reducers=[Area("cells"), ValueAt("share", (1.0, 2.0))]),
        work=Work(backend=backend),
    )
    assert found.values.shape == (0, 25, 3)
    assert found.reduced["value_at(share)"].shape == (0, 2)
    assert found.frame().height == found.patients().height == 0


def test_stiffness(backend):
    """A fast variable that follows a slow one, rates apart by four orders of magnitude."""
    kernel = compile_kernel(
        derive("fast = 0; slow = 1; k = 1; fast' = k * (slow - fast); slow' = -0.5 * slow;"),
        outputs=["fast"],
        vary=["k"],
    )
    k = np.array([1.0, 100.0, 10_000.0])
    found = solve(
        kernel,
        {"k": k},
        Read([2.0]),
        accuracy=Accuracy(rtol=1e-6, atol=1e-9),
        work=Work(backend=backend),
    )
    expected = k / (k - 0.5) * (np.exp(-1.0) - np.exp(-2.0 * k))
    assert found.output("fast")[:, 0] == pytest.approx(expected, rel=1e-4)
    assert (found.steps < 500).all()


def test_back_ends_agree(cells):
    given = _population(20)
    options = {"times": TIMES, "doses": DOSES, "rtol": 1e-8, "atol": 1e-11}
    reference = solve(cells, given, **grouped(backend="numpy", **options))
    for name in ("scalar", "lanes"):
        if why_not(name) is None:
            other = solve(cells, given, **grouped(backend=name, **options))
            assert other.values == pytest.approx(reference.values, rel=1e-6, abs=1e-9)


def test_reducers_need_slopes():
    kernel = compile_kernel(derive(DECAY), outputs=["drug"], slopes=False, dosed=["drug"])
    assert "slopes=True" in _issues(kernel, times=[1.0], reducers=[Area("drug")])[0]
    found = solve(kernel, None, Read([1.0], reducers=[ValueAt("drug", (0.5,))]))
    assert found.reduced["value_at(drug)"].tolist() == [0.0]


def test_what_is_the_same_for_all_chunks_is_checked_and_loaded_once(cells, monkeypatch):
    counts = {"pose": 0, "load": 0}

    def pose(*arguments, **options):
        counts["pose"] += 1
        return pose_problem(*arguments, **options)

    def load(program):
        counts["load"] += 1
        return load_functions(program)

    load_functions = numpy_solver.load_functions
    monkeypatch.setattr(run_module, "pose_problem", pose)
    monkeypatch.setattr(numpy_solver, "load_functions", load)
    kernel = replace(cells, program=replace(cells.program, digest="loaded by nobody before"))
    options = {"times": TIMES, "doses": DOSES, "backend": "numpy"}
    first = solve(kernel, _population(9), **grouped(chunk=2, threads=2, **options))
    assert counts == {"pose": 1, "load": 1}
    again = solve(kernel, _population(9), **grouped(**options))
    assert counts == {"pose": 2, "load": 1}
    _same(again, first, np.arange(9))


def test_single_precision(cells):
    reason = why_not("lanes")
    if reason is not None:
        pytest.skip(f"lanes: {reason}")
    given, options = _population(40), {"times": TIMES, "doses": DOSES, "rtol": 1e-5}
    rough = solve(cells, given, **grouped(precision="f32", **options))
    fine = solve(cells, given, **grouped(backend="lanes", **options))
    assert (rough.backend, rough.precision) == ("lanes", "f32")
    assert (fine.backend, fine.precision) == ("lanes", "f64")
    assert not rough.failed.any()
    assert not np.array_equal(rough.values, fine.values)
    assert rough.values == pytest.approx(fine.values, rel=1e-3, abs=1e-5)
    part = solve(cells, given, **grouped(precision="f32", chunk=7, threads=3, **options))
    _same(part, rough, np.arange(40))


def test_columns_of_reducers_are_told_apart(cells):
    both = [ValueAt("drug", (1.0,)), Maximum("drug", label="value_at(drug)[1]")]
    assert (
        "two reducers are named value_at(drug)[1]" in _issues(cells, times=TIMES, reducers=both)[0]
    )


@pytest.mark.parametrize("threads", [1, 2])
def test_a_run_that_is_left_is_stopped_everywhere(cells, backend, threads, monkeypatch):
    posed = []
    monkeypatch.setattr(
        import_module("stromal.kernels.solve"),
        "pose_run",
        lambda *given, **more: posed.append(pose_run(*given, **more)) or posed[0],
    )

    def leave(_progress):
        raise KeyboardInterrupt

    options = {"times": TIMES, "chunk": 5, "threads": threads, "backend": backend}
    with pytest.raises(KeyboardInterrupt):
        solve(cells, _population(30), **grouped(progress=leave, **options))
    problem = posed[0].problem
    assert problem.halt[0] == 1
    answer = posed[0].backend.integrate(posed[0].backend.load(cells.program), problem)
    assert answer.steps.max() <= 1


def test_progress(cells):
    told = []
    solve(cells, _population(30), Read(TIMES), work=Work(chunk=10, threads=2, progress=told.append))
    assert [one.done for one in told] == [10, 20, 30]


def test_repeated_times(cells):
    once = Schedule(doses=DOSES[:1])
    found = solve(cells, None, Read([1.0, 1.0, 2.0]), schedule=once).output("drug")[0]
    assert found[0] == found[1] == pytest.approx(2.0)
