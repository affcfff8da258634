"""A run that goes on from saved states goes on with its step, until something changes."""

from __future__ import annotations

import numpy as np
import pytest

from stromal.errors import InvalidInput
from stromal.kernels.door import Accuracy, Read, Schedule, Work
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solve import solve
from stromal.kernels.timeline import Dose, ParameterChange
from stromal.models.parse import read_model

MODEL = """
    drug = 0; bound = 0; cells = 1; k = 3; on = 0; made = 0
    drug' = -k*drug + 0.5*bound; bound' = k*drug - bound
    cells' = 1 - cells - 20*drug*cells
    made' = on - 5*made
"""
LATER = [2.5, 3.0, 5.0]


@pytest.fixture(scope="module")
def kernel():
    return compile_kernel(
        read_model(MODEL), outputs=["drug", "cells", "made"], vary=["k", "on"], dosed=["drug"]
    )


def work_of(back_end) -> Work:
    return Work(**{k: v for k, v in back_end.options.items() if k in ("backend", "threads")})


def go_on(kernel, back_end, *, resume, doses=(), changes=()):
    """From day 2, three patients who have had nothing yet."""
    ks = {"k": [1.0, 3.0, 9.0], "on": [0.0, 0.0, 0.0]}
    first = solve(kernel, ks, Read([2.0]), work=work_of(back_end))
    schedule = Schedule(
        doses, parameter_changes=changes, start=2.0, initial_states=first.final_states
    )
    accuracy = Accuracy(rtol=1e-6, resume_step=resume)
    return solve(
        kernel, ks, Read(LATER), schedule=schedule, accuracy=accuracy, work=work_of(back_end)
    )


def test_where_nothing_changes_the_step_goes_on(kernel, back_end):
    anew, going = (go_on(kernel, back_end, resume=step) for step in (None, 0.5))
    assert (going.steps <= 6).all()
    assert (anew.steps >= going.steps + 10).all()
    assert going.output("cells") == pytest.approx(1.0)


@pytest.mark.parametrize("changed", ["dose", "parameter"])
def test_where_something_changes_at_the_start_the_run_begins_anew(kernel, back_end, changed):
    what = {
        "dose": {"doses": [Dose(2.0, "drug", 3.0, patients=[1])]},
        "parameter": {"changes": [ParameterChange(2.0, "on", 4.0, patients=[1])]},
    }[changed]
    anew, going = (go_on(kernel, back_end, resume=step, **what) for step in (None, 0.5))
    assert np.array_equal(going.steps[[0, 2]] <= 6, [True, True])
    # Who is changed has the numbers of a new start, to the bit.
    assert np.array_equal(going.values[1], anew.values[1])
    assert going.steps[1] == anew.steps[1]


def test_a_run_from_the_start_of_the_model_begins_with_a_short_step(kernel, back_end):
    ks = {"k": [3.0], "on": [1.0]}
    plain, told = (
        solve(kernel, ks, Read([2.0]), accuracy=Accuracy(resume_step=step), work=work_of(back_end))
        for step in (None, 0.5)
    )
    assert np.array_equal(plain.values, told.values)


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan"), float("inf"), "day"])
def test_a_step_that_does_not_go_forward_is_refused(kernel, wrong):
    with pytest.raises(InvalidInput, match="resume_step"):
        solve(kernel, {"k": [1.0]}, Read([1.0]), accuracy=Accuracy(resume_step=wrong))
