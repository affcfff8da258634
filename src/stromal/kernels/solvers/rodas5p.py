"""The method: Rodas5P, its coefficients and three facts (order, stages, order between the ends).

A Rosenbrock-Wanner method of order 5 with 8 stages, L-stable and stiffly accurate, with an embedded
solution of order 4 and values between the ends of a step of order 4 [steinebach2023]. With J the
Jacobian at the start of a step of size h, stage i solves

    (I / (h gamma) - J) k_i = f(u_i) + sum_j C_ij k_j / h,   u_i = y + sum_j A_ij k_j,

and the last two stages stand on the argument before them: u_7 = u_6 + k_6 and u_8 = u_7 + k_7.
The new value is u_8 + k_8, and k_8 is the estimate of its error.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

SOURCE = "steinebach2023"
ORDER = 5
STAGES = 8
DENSE_ORDER = 4


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
