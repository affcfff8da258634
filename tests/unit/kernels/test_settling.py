"""What is repeated before a run: whose, how long, and what cannot repeat."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.kernels.backends import find_backend
from stromal.kernels.door import Read, Schedule
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.run import pose_run
from stromal.kernels.settling import asks_for_steady_state, settle_patients
from stromal.kernels.solve import solve
from stromal.kernels.timeline import Dose, ParameterChange
from stromal.models.parse import read_model

KERNEL = compile_kernel(
    read_model("A = 0; B = 2; ke = 0.1; A' = -ke*A; B' = 1 - B;"),
    outputs=["A", "B"],
    vary=["ke"],
    dosed=["A", "B"],
)


def pose(*doses, kernel=KERNEL, patients=1, **more):
    parameters = {"ke": np.full(patients, 0.1)}
    return pose_run(kernel, parameters, Read([0.0, 9.0]), schedule=Schedule(doses, **more))


@pytest.mark.parametrize(
    ("doses", "asked"),
    [
        (None, False),
        ([Dose(0, "A", 1, every=2, count=2)], False),
        ([Dose(0, "A", 1, every=2, steady_state=[False, True])], True),
        (pl.DataFrame({"steady_state": [None, False]}), False),
        (pl.DataFrame({"steady_state": [None, 1]}), True),
    ],
)
def test_whether_there_is_anything_to_settle(doses, asked):
    assert asks_for_steady_state(doses) is asked


def test_nothing_is_planned_where_nothing_is_asked():
    assert pose(Dose(0, "A", 1, every=2, count=2)).settling is None


def test_doses_of_an_interval_of_each_patient():
    first = Dose(0, "A", [10, 20], every=[6, 8], lag=1, steady_state=True)
    other = Dose(0, "A", 6, duration=3, every=6, lag=5, steady_state=True, patients=[0])
    settling = pose(first, other, patients=2).settling
    assert settling.length.tolist() == [6.0, 8.0]
    times = settling.timeline.times
    assert times[: settling.timeline.offsets[1]].tolist() == [0.0, 1.0, 2.0, 5.0, 6.0]
    assert settling.part(slice(1, 2)).timeline.times.tolist() == [1.0]
    assert settling.most[:, 0].tolist() == [10.0, 20.0]


def test_states_before_the_dose_and_the_steps_to_there():
    run = pose(Dose(0, "A", [10, 0], every=5, steady_state=True), patients=2)
    found = settle_patients(find_backend("numpy", 2), run.problem, run.settling)
    assert found.status.tolist() == [0, 0]
    assert found.states[0] == pytest.approx([10 / np.expm1(0.5), 1.0], rel=1e-6)
    assert found.states[1].tolist() == [0.0, 2.0]
    assert found.steps[0] > 0
    assert found.steps[1] == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A = 0; ke = 1; A' = -ke*A*(1 + sin(time));", "rates depend on time"),
        ("A = 0; ke = 1; A' = -ke*A*piecewise(2, time % 1 < 0.5, 1);", "changes by itself"),
        ("A = 0; ke = 1; A' = -ke*A; at (time > 5): A = 0;", "changes by itself"),
    ],
)
def test_what_depends_on_time_is_refused(text, message):
    kernel = compile_kernel(read_model(text), outputs=["A"], vary=["ke"], dosed=["A"])
    with pytest.raises(InvalidInput, match=message) as caught:
        pose(Dose(0, "A", 1, every=2, steady_state=True), kernel=kernel)
    assert "hint" in str(caught.value)


def test_intervals_of_a_patient_that_differ_are_refused():
    doses = [Dose(0, "A", 1, every=each, steady_state=True, patients=[1]) for each in (2, 3)]
    with pytest.raises(InvalidInput, match="patient 1: steady-state doses whose `every` differs"):
        pose(*doses, patients=2)


def test_states_that_are_given_and_a_steady_state_contradict_each_other():
    with pytest.raises(InvalidInput, match="initial_states are given beside doses at steady"):
        pose(Dose(0, "A", 1, every=2, steady_state=True), initial_states=[0.0, 0.0])


def test_a_dose_to_what_no_output_reads_settles_the_rest_all_the_same():
    kernel = compile_kernel(
        read_model("A = 0; B = 2; ke = 1; A' = -ke*A; B' = 1 - B;"),
        outputs=["B"],
        vary=["ke"],
        dosed=["A"],
    )
    dose = Dose(0, "A", 1, every=2, steady_state=True)
    found = solve(kernel, {"ke": 1.0}, Read([0.0]), schedule=Schedule([dose]))
    assert found.output("B")[0] == pytest.approx([1.0], rel=1e-5)


def test_a_run_from_another_start_with_a_change_of_a_parameter():
    dose = Dose(-20.0, "A", 1, every=2, count=11, steady_state=True)
    changes = [ParameterChange(-30.0, "ke", 0.2)]
    schedule = Schedule([dose], start=-20.0, parameter_changes=changes)
    found = solve(KERNEL, {"ke": 0.1}, Read([-20.0, 0.0]), schedule=schedule)
    assert found.output("A")[0] == pytest.approx([1 / -np.expm1(-0.4)] * 2, rel=1e-5)


def test_a_patient_who_cannot_be_run_says_why():
    dose = Dose(0, "A", 1, every=2, steady_state=True)
    found = solve(KERNEL, {"ke": [0.1, np.nan, -0.1]}, Read([0.0]), schedule=Schedule([dose]))
    status = found.patients()["status"].to_list()
    assert status[0] == "done"
    assert "a parameter" in status[1]
    assert status[2] == "a steady-state dose has led to no steady state"


def test_doses_that_can_be_read_only_once():
    doses = (each for each in [Dose(0, "A", 1, every=2, steady_state=True)])
    found = solve(KERNEL, {"ke": 0.1}, Read([0.0]), schedule=Schedule(doses))
    assert found.output("A")[0] == pytest.approx([1 / -np.expm1(-0.2)], rel=1e-5)
