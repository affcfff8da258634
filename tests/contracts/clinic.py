"""A small model with everything that a run can be given, its patients, and a reference."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
from scipy.integrate import solve_ivp

from stromal.kernels.kernel import compile_kernel
from stromal.models.parse import read_model

CLINIC = """
compartment plasma = 2;
species drug in plasma;
drug = 0; effect = 0; cells = 1;
ke = 0.5; kin = 2; kill = 0.6; top = 4; grow = 0.5; visit = 5; speed = 1; feed = 0;
drug -> ; plasma * speed * ke * drug;
effect' = speed * kin * (drug - effect);
loss := kill * effect / (1 + effect);
cells' = cells * (grow * (1 - cells / top) - loss + feed * cells) + 0.05 * sin(time);
share := cells / (1 + cells);
at (time >= visit): cells = cells * 0.5;
"""
VARY = ("ke", "plasma", "kill", "visit", "speed", "feed")
USUAL = {"ke": 0.5, "plasma": 2.0, "kill": 0.6, "visit": 5.0, "speed": 1.0, "feed": 0.0}
END = 10.0
DOSED, HALVED = np.array([1.0, 0.0, 0.0]), np.array([1.0, 1.0, 0.5])


@cache
def clinic():
    """The kernel; with it, what a back end has compiled stays in memory for all tests."""
    return compile_kernel(
        read_model(CLINIC),
        outputs=["cells", "share", "drug"],
        vary=VARY,
        dosed=["drug", "cells"],
    )


def patients_of(count: int, **given):
    """Parameters by name, widened around the usual ones; each patient's visit is its own."""
    random = np.random.default_rng(11)
    drawn = {name: np.full(count, value) for name, value in USUAL.items()}
    for name in ("ke", "plasma", "kill"):
        drawn[name] *= np.exp(0.7 * random.normal(size=count))
    drawn["visit"] = random.uniform(0.5, 1.2 * END, count)
    return drawn | given


def doses_of(count: int, seed: int = 5) -> pl.DataFrame:
    """Two doses of each patient at times of its own."""
    random = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "patient": np.tile(np.arange(count), 2),
            "day": random.uniform(0.0, END, 2 * count),
            "state": ["drug"] * (2 * count),
            "amount": random.uniform(0.0, 9.0, 2 * count),
        }
    )


def select(given, rows):
    """Parameters by name of some patients."""
    return {name: values[rows] for name, values in given.items()}


def select_rows(table: pl.DataFrame, patients) -> pl.DataFrame:
    """Rows of some patients, numbered anew in that order."""
    place = pl.DataFrame({"patient": patients, "new": np.arange(len(patients))})
    kept = table.join(place, on="patient", how="inner", maintain_order="left")
    return kept.with_columns(patient=pl.col("new")).drop("new")


def follow(patient, times, doses) -> np.ndarray:
    """Cells and drug of one patient at some times (T, 2), by another solver at a tight tolerance.

    `doses` are pairs of day and amount; the visit is the patient's own.
    """
    given = {**USUAL, **patient}

    def slope(time, state):
        drug, effect, cells = state
        return [
            -given["speed"] * given["ke"] * drug,
            given["speed"] * 2.0 * (drug / given["plasma"] - effect),
            0.5 * cells * (1.0 - cells / 4.0)
            - given["kill"] * effect / (1.0 + effect) * cells
            + 0.05 * np.sin(time)
            + given["feed"] * cells**2,
        ]

    changes = sorted([(given["visit"], None), *doses, (times[-1], 0.0)], key=lambda one: one[0])
    state, begin, found = np.array([0.0, 0.0, 1.0]), 0.0, {}
    for end, amount in changes:
        if end > times[-1]:
            break
        inside = np.unique([*times[(times >= begin) & (times <= end)], end])
        if end > begin:
            run = solve_ivp(slope, (begin, end), state, "Radau", inside, rtol=1e-10, atol=1e-12)
            found |= dict(zip(inside, run.y.T, strict=True))
            state = run.y[:, -1]
        state = (
            state * np.array([1.0, 1.0, 0.5])
            if amount is None
            else state + np.array([amount, 0.0, 0.0])
        )
        found[end] = state
        begin = end
    return np.array([[found[time][2], found[time][0] / given["plasma"]] for time in times])
