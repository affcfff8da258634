"""The method: Rodas5P, its coefficients in f64 and f32, its order and its stages.

A Rosenbrock-Wanner method of order 5 with 8 stages, L-stable and stiffly accurate, with an embedded
solution of order 4 and values between the ends of a step of order 4 [steinebach2023]. With J the
Jacobian at the start of a step of size h, stage i solves

    (I / (h gamma) - J) k_i = f(u_i) + sum_j C_ij k_j / h,   u_i = y + sum_j A_ij k_j,

and the last two stages stand on the argument before them: u_7 = u_6 + k_6 and u_8 = u_7 + k_7.
The new value is u_8 + k_8, and k_8 is the estimate of its error.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

SOURCE = "steinebach2023"
ORDER = 5
STAGES = 8


def _read() -> dict[str, Any]:
    text = files("stromal.kernels.solvers").joinpath("rodas5p.json").read_text("utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def _lower(rows: list[list[float]]) -> NDArray[np.float64]:
    """Rows below the diagonal as a square matrix, zero elsewhere."""
    matrix = np.zeros((STAGES, STAGES))
    for stage, row in enumerate(rows):
        matrix[stage, : len(row)] = row
    matrix.setflags(write=False)
    return matrix


_DATA = _read()
GAMMA: float = _DATA["gamma"]
A = _lower(_DATA["a"])
C = _lower(_DATA["c"])
DENSE = np.array(_DATA["h"])
DENSE.setflags(write=False)
OWN_ARGUMENT = len(_DATA["a"])
"""Stages before this one have a row of A; later ones add the k before to the argument before."""

MOVED = 3
"""Coefficients of a row that are moved from the nearest f32, so that its sum stays what it was."""

REACH = 12
"""How far they are moved at most, in units of their last place."""


@cache
def round_coefficients() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A and C as numbers of f32, with which a constant rate keeps its pace.

    Terms of C cancel each other to a thirtieth of their size. Each rounded to the nearest f32,
    they make every rate faster by 2.4e-6: an error that adds up over all steps, where that of the
    arithmetic itself evens out. Here the smallest coefficients of each row are rounded so that the
    row's sum over the stages of a constant rate is kept; what remains of the error is 4e-9.

    Examples
    --------
    >>> rounded, _ = round_coefficients()
    >>> float(rounded[1, 0]), bool((rounded == rounded.astype(np.float32)).all())
    (3.0, True)
    """
    stages = np.zeros(STAGES)
    for stage in range(STAGES):
        stages[stage] = GAMMA * (1.0 + C[stage] @ stages)
    rounded = [
        np.array([_round_row(row, stages) for row in coefficients]) for coefficients in (A, C)
    ]
    for coefficients in rounded:
        coefficients.setflags(write=False)
    return rounded[0], rounded[1]


def _round_row(row: NDArray[np.float64], stages: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coefficients as f32 with nearly the same sum over the stages."""
    nearest = row.astype(np.float32)
    used = np.flatnonzero(nearest)
    if not used.size:
        return row.copy()
    moved = used[np.argsort(np.abs(nearest[used]))][:MOVED]
    places = np.spacing(np.abs(nearest[moved])).astype(np.float64)
    moves = [np.arange(-REACH, REACH + 1)] * moved.size
    tried = np.stack(np.meshgrid(*moves, indexing="ij"), axis=-1).reshape(-1, moved.size) * places
    rounded = nearest.astype(np.float64)
    gaps = np.abs((rounded - row) @ stages + tried @ stages[moved])
    rounded[moved] += tried[np.argmin(gaps)]
    return rounded
