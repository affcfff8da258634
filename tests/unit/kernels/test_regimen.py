"""Regimens against closed forms, and what is wrong with them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.linalg import expm

from stromal.errors import InvalidInput
from stromal.kernels.door import Accuracy, Read, Schedule, Work
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.reducers import Maximum
from stromal.kernels.solve import solve
from stromal.kernels.timeline import Dose
from stromal.models.parse import read_model

KE = 0.1
MODEL = read_model("A = 0; ke = 0.1; A' = -ke*A;")
KERNEL = compile_kernel(MODEL, outputs=["A"], vary=["ke"], dosed=["A"])


def amounts(doses, times, *, patients=1, backend="numpy"):
    return solve(
        KERNEL,
        {"ke": np.full(patients, KE)},
        Read(times),
        schedule=Schedule(doses=doses),
        accuracy=Accuracy(rtol=1e-9),
        work=Work(backend=backend),
    ).output("A")


def infused(t, start, duration, amount):
    """Closed form of one compartment during and after an infusion."""
    into = np.clip(t - start, 0.0, duration)
    after = np.maximum(t - start - duration, 0.0)
    return amount / duration / KE * (1 - np.exp(-KE * into)) * np.exp(-KE * after)


@pytest.mark.parametrize("backend", ["numpy", "scalar", "lanes"])
def test_infusions_that_overlap(backend):
    doses = [Dose(0, "A", 100, duration=10), Dose(1, "A", 50, rate=10)]
    found = amounts(doses, [6, 10, 15], backend=backend)
    assert found[0] == pytest.approx([84.46577, 89.58709, 54.33732], abs=1e-5)


def test_six_cycles_with_a_lag_longer_than_the_interval():
    times = np.arange(0.0, 50.0)
    dose = Dose(0, "A", 100, duration=2, every=3, count=6, lag=4, fraction=0.5)
    right = sum(infused(times, 3 * k + 4, 2.0, 50.0) for k in range(6))
    assert amounts([dose], times)[0] == pytest.approx(right, abs=1e-6)


def test_a_regimen_that_overlaps_itself():
    times = np.arange(0.0, 30.0)
    right = sum(infused(times, 2.0 * k, 7.0, 10.0) for k in range(5))
    assert amounts([Dose(0, "A", 10, duration=7, every=2, count=5)], times)[0] == pytest.approx(
        right, abs=1e-6
    )


def test_a_fraction_shortens_an_infusion_with_a_rate():
    times = np.arange(0.0, 20.0)
    found = amounts([Dose(1, "A", 100, rate=10, fraction=0.5)], times)
    assert found[0] == pytest.approx(infused(times, 1.0, 5.0, 50.0), abs=1e-6)


@pytest.mark.parametrize("patients", [1, 2, 3, 4])
def test_a_list_of_times_is_for_everyone(patients):
    found = amounts([Dose([0, 7, 14], "A", 1.0)], [20.0], patients=patients)
    right = sum(np.exp(-KE * (20.0 - day)) for day in (0, 7, 14))
    assert found[:, 0] == pytest.approx(np.full(patients, right), rel=1e-7)


def test_numbers_for_each_patient_and_those_who_get_nothing():
    times = np.arange(0.0, 30.0)
    dose = Dose(
        np.array([[0.0], [1.0], [2.0]]),
        "A",
        [10.0, 0.0, 20.0],
        duration=[2.0, 2.0, 3.0],
        every=[4.0, 4.0, 5.0],
        count=[1, 3, 2],
    )
    found = amounts([dose], times, patients=3)
    assert found[0] == pytest.approx(infused(times, 0.0, 2.0, 10.0), abs=1e-6)
    assert (found[1] == amounts([], times)[0]).all()
    right = infused(times, 2.0, 3.0, 20.0) + infused(times, 7.0, 3.0, 20.0)
    assert found[2] == pytest.approx(right, abs=1e-6)


@pytest.mark.parametrize(
    ("dose", "message"),
    [
        (Dose(0, "A", 1, duration=-1), "duration is negative"),
        (Dose(0, "A", 1, rate=-1), "rate is negative"),
        (Dose(0, "A", 1, rate=1, duration=1), "both duration and rate"),
        (Dose(0, "A", -1, duration=1), "negative amount"),
        (Dose(0, "A", 1, every=1, count=0), "count is not a whole number"),
        (Dose(0, "A", 1, every=1, count=1.5), "count is not a whole number"),
        (Dose(0, "A", 1, every=1), "every is given without a count"),
        (Dose(0, "A", 1, every=-1, count=2), "every is negative"),
        (Dose(0, "A", 1, count=2), "without a time between doses"),
        (Dose(0, "A", 1, lag=-1), "lag is negative"),
        (Dose(0, "A", 1, fraction=1.1), "fraction is not between 0 and 1"),
        (Dose(0, "A", 1, fraction=np.nan), "fraction is not a finite number"),
        (Dose(8, "A", 1, duration=3), "ends at 11, after the end at 10"),
        (Dose(0, "A", 1, every=5, count=4), "at 15 is after the end at 10"),
        (Dose([0, 1], "A", [1, 2]), "is a list beside a list of times"),
        (Dose(0, "A", 1, duration=[1, 2]), "duration has shape (2,), for 1 patients"),
    ],
)
def test_what_is_wrong(dose, message):
    with pytest.raises(InvalidInput) as caught:
        amounts([dose], [10.0])
    assert message in str(caught.value)
    assert "hint" in str(caught.value)


def test_two_compartments_against_the_exponential_of_a_matrix():
    model = read_model("c = 0; p = 0; c' = -0.3*c + 0.1*p; p' = 0.2*c - 0.1*p;")
    kernel = compile_kernel(model, outputs=["c", "p"], dosed=["c"])
    dose = Dose(0, "c", 10, duration=2)
    found = solve(
        kernel,
        None,
        Read([1.0, 3.0, 10.0]),
        schedule=Schedule(doses=[dose]),
        accuracy=Accuracy(rtol=1e-9),
    )
    on = np.array([[-0.3, 0.1, 5.0], [0.2, -0.1, 0.0], [0.0, 0.0, 0.0]])
    off = on * [1.0, 1.0, 0.0]
    for place, time in enumerate([1.0, 3.0, 10.0]):
        right = expm(off * max(time - 2, 0)) @ expm(on * min(time, 2)) @ [0.0, 0.0, 1.0]
        assert found.values[0, place] == pytest.approx(right[:2], abs=1e-7)


def test_a_table_of_regimens_where_a_bolus_leaves_the_columns_empty():
    table = pl.DataFrame(
        {
            "patient": [0, 1],
            "day": [0.0, 1.0],
            "state": ["A", "A"],
            "amount": [10.0, 5.0],
            "duration": [2.0, None],
            "every": [4.0, None],
            "count": [3, None],
            "lag": [0.5, None],
        }
    )
    times = np.arange(1.0, 20.0)
    found = amounts(table, times, patients=2)
    right = sum(infused(times, 4.0 * k + 0.5, 2.0, 10.0) for k in range(3))
    assert found[0] == pytest.approx(right, abs=1e-6)
    assert found[1] == pytest.approx(5.0 * np.exp(-KE * (times - 1.0)), abs=1e-6)


def test_reducers_and_sensitivities_see_the_end_of_an_infusion():
    kernel = compile_kernel(MODEL, outputs=["A"], vary=["ke"], dosed=["A"], sensitivities=["ke"])
    times = np.linspace(0.0, 20.0, 21)
    read = Read(times, reducers=[Maximum("A")])
    dose = Dose(0, "A", 100, duration=5.3)
    accuracy = Accuracy(rtol=1e-9)
    found = solve(kernel, {"ke": KE}, read, schedule=Schedule(doses=[dose]), accuracy=accuracy)
    peak = infused(np.array(5.3), 0.0, 5.3, 100.0)
    assert found.reduced["maximum(A)"][0] == pytest.approx(peak, rel=1e-8)
    rate, into, after = 100 / 5.3, np.minimum(times, 5.3), np.maximum(times - 5.3, 0.0)
    gone = np.exp(-KE * into)
    full = rate / KE * (1 - gone)
    slope = (rate / KE * into * gone - full / KE - full * after) * np.exp(-KE * after)
    assert found.output("d(A)/d(ke)")[0] == pytest.approx(slope, abs=1e-5)
