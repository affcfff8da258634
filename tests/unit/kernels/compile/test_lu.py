"""The plan of a factorisation, carried out, solves linear equations."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stromal.kernels.compile.lu import Factorisation, plan_factorisation


def carry_out(plan: Factorisation, matrix: np.ndarray, b: np.ndarray) -> np.ndarray:
    values = np.full(len(plan.entries), np.nan)
    for entry in plan.entries:
        value = matrix[entry.row, entry.column]
        value -= sum(values[left] * values[right] for left, right in entry.products)
        if entry.pivot is not None:
            value *= values[entry.pivot]
        values[entry.slot] = 1 / value if entry.row == entry.column else value
    x = b.copy()
    for step in (*plan.forward, *plan.backward):
        x[step.row] -= sum(values[slot] * x[column] for slot, column in step.terms)
        if step.pivot is not None:
            x[step.row] *= values[step.pivot]
    return x


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_solutions_are_those_of_a_dense_solver(size: int, seed: int, density: float) -> None:
    random = np.random.default_rng(seed)
    matrix = np.where(random.random((size, size)) < density, random.normal(size=(size, size)), 0)
    np.fill_diagonal(matrix, size + 1 + random.random(size))
    plan = plan_factorisation(size, map(tuple, np.argwhere(matrix).tolist()))
    b = random.normal(size=size)
    np.testing.assert_allclose(
        carry_out(plan, matrix, b), np.linalg.solve(matrix, b), rtol=1e-12, atol=1e-12
    )


def test_each_entry_is_computed_once_and_from_entries_before_it() -> None:
    plan = plan_factorisation(4, [(0, 1), (1, 2), (2, 3), (3, 0), (1, 0)])
    assert [entry.slot for entry in plan.entries] == list(range(len(plan.entries)))
    for entry in plan.entries:
        used = [slot for pair in entry.products for slot in pair]
        assert all(slot < entry.slot for slot in [*used, entry.pivot or 0][: len(used)])
