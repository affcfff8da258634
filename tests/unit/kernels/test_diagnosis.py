"""Notes name what was not finite."""

from __future__ import annotations

import pytest

from stromal.kernels.diagnosis import MOST_PATIENTS
from stromal.kernels.door import Accuracy, Read, Schedule, Work
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.solve import solve
from stromal.kernels.timeline import Dose
from stromal.models.parse import read_model


def notes(text, values, *, output="x", doses=(), **work):
    kernel = compile_kernel(read_model(text), outputs=[output], vary=["k"], dosed=["x"])
    read, schedule = Read([0.0, 1.0, 5.0]), Schedule(doses)
    found = solve(
        kernel,
        {"k": values},
        read,
        schedule=schedule,
        accuracy=Accuracy(max_steps=10_000),
        work=Work(**work),
    )
    return found.patients()["note"].to_list()


@pytest.mark.parametrize("backend", ["numpy", "scalar", "lanes"])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1; y = 1; k = 1; x' = y; y' = k + log(2 - time)", "the rate of `y`"),
        ("x = 2; y = 1; k = 1; x' = -y; y' = k*sqrt(x) - y/2", "the rate of `y`"),
        ("x = 1; y = 0.2; k = 1; x' = arcsin(y); y' = k*0.4", "the rate of `x`"),
    ],
)
def test_the_rate_that_is_not_finite_is_named(text, message, backend):
    (note,) = notes(text, [1.0], backend=backend)
    assert note.startswith("stopped after time 1, where ")
    assert f"{message} is not a finite number: look for a division by zero" in note


@pytest.mark.parametrize("backend", ["numpy", "lanes"])
def test_the_state_is_named_that_is_not_finite_from_the_start_on_or_after_a_change(backend):
    text = "x = 1; y = log(k); k = 1; x' = -x*y; y' = -y; at (time >= 2): y = 1/(x - x);"
    good, bad = notes(text, [2.0, -1.0], backend=backend)
    assert good.startswith("stopped after time 1, where `y` is not a finite number: ")
    assert bad.startswith("stopped before the first time, where `y` is not a finite number: ")


def test_a_dose_that_is_too_much():
    (note,) = notes("x = 1; k = 1; x' = k*x^400;", [-1.0], doses=[Dose(3.0, "x", 1e9)])
    assert "the rate of `x` is not a finite number" in note


def test_only_the_first_are_looked_at_and_the_same_in_any_chunk():
    text = "x = 1; y = 1; k = 1; x' = y; y' = k + log(2 - time)"
    count = MOST_PATIENTS + 5
    whole = notes(text, [1.0] * count, backend="scalar")
    assert sum("the rate of `y`" in note for note in whole) == MOST_PATIENTS
    assert notes(text, [1.0] * count, backend="scalar", chunk=7, threads=2) == whole


def test_nothing_is_said_of_those_who_do_not_fail():
    assert notes("x = 1; k = 1; x' = -k*x;", [1.0, 2.0]) == [None, None]
