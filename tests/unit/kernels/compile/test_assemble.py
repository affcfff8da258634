"""Whole programs: random equations, and the models of the physiology draft."""

import numpy as np
import pytest
import sympy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.shared import shared_file

from stromal.kernels.compile.program import Program, compile_program, functions_in
from stromal.kernels.solvers.numpy_names import NUMPY_NAMES
from stromal.models.derive import derive_odes
from stromal.models.odes import Odes
from stromal.models.parse import read_model

NAMES = sympy.symbols("a b c", real=True)
PARAMETERS = sympy.symbols("k h", real=True)
LEAVES = st.sampled_from([*NAMES, *PARAMETERS, sympy.Float(0.5), sympy.Integer(2)])


def grow(inner: st.SearchStrategy[sympy.Expr]) -> st.SearchStrategy[sympy.Expr]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        pair.map(lambda p: p[0] + p[1]),
        pair.map(lambda p: p[0] - p[1]),
        pair.map(lambda p: p[0] * p[1]),
        pair.map(lambda p: p[0] / (1 + p[1] ** 2)),
        pair.map(lambda p: (0.1 + p[0] ** 2) ** 1.7 / (1 + (0.1 + p[0] ** 2) ** 1.7)),
        pair.map(lambda p: sympy.Piecewise((p[0], p[1] > 1), (p[1], True))),
        inner.map(sympy.tanh),
        inner.map(lambda e: sympy.log(1 + e**2)),
    )


EXPRESSIONS = st.recursive(LEAVES, grow, max_leaves=8)


def evaluate(
    program: Program, p: np.ndarray, y: np.ndarray, d: float, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    functions = functions_in(program, NUMPY_NAMES)
    c, w = np.empty(program.constants), np.empty(program.factors)
    f, g, x = np.empty_like(y), np.empty_like(y), b.copy()
    functions.constants(p, c)
    functions.rates(y, c, f)
    functions.factor(y, c, d, g, w)
    functions.resolve(w, x)
    return f, g, x


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.tuples(EXPRESSIONS, EXPRESSIONS, EXPRESSIONS), st.sampled_from([("k", "h"), ("k",), ()]))
def test_random_equations(rates: tuple[sympy.Expr, ...], vary: tuple[str, ...]) -> None:
    odes = Odes(
        "random",
        NAMES,
        rates,
        (sympy.Integer(1),) * 3,
        PARAMETERS,
        (1.4, 0.6),
        {"a": NAMES[0]},
    )
    program = compile_program(odes, outputs=["a"], vary=vary, prune=False, keep=False)
    y, values = np.array([0.8, 1.3, 1.9]), np.array([1.4, 0.6])
    arguments = [*NAMES, *PARAMETERS]
    expected = np.array(
        [float(sympy.lambdify(arguments, rate, "numpy")(*y, *values)) for rate in rates]
    )
    jacobian = np.array(
        [
            [float(sympy.lambdify(arguments, rate.diff(state))(*y, *values)) for state in NAMES]
            for rate in rates
        ]
    )
    d = 10 * (1 + np.abs(jacobian).sum())
    b = np.array([1.0, -2.0, 0.5])
    f, g, x = evaluate(program, values[: len(vary)], y, d, b)
    scale = 1e-12 * (1 + np.abs(expected).max())
    np.testing.assert_allclose(f, expected, rtol=1e-11, atol=scale)
    np.testing.assert_allclose(g, expected, rtol=1e-11, atol=scale)
    solved = np.linalg.solve(d * np.eye(3) - jacobian, b)
    np.testing.assert_allclose(x, solved, rtol=1e-10, atol=1e-13)


OUTPUTS = ("ANC", "PLT", "HB", "LY", "CE", "TU")
VARIED = ("kapP", "kapL", "MTTn", "hGp", "kplt", "rhoC", "kkill", "TUref")
DOSED = ("CH", "CI", "MB", "TU")


@pytest.fixture(scope="module")
def draft() -> Odes:
    return derive_odes(read_model(shared_file("prototypes", "physiology", "unified_draft.ant")))


def test_the_draft_has_the_pattern_that_is_known_of_it(draft: Odes) -> None:
    program = compile_program(draft, outputs=OUTPUTS, vary=VARIED, prune=False, keep=False)
    assert (program.n_states, len(program.jacobian), program.factors) == (53, 215, 234)


def test_hoisting_and_pruning_change_nothing(draft: Odes) -> None:
    full = compile_program(draft, outputs=OUTPUTS, vary=VARIED, prune=False, keep=False)
    fixed = compile_program(draft, outputs=OUTPUTS, prune=False, keep=False)
    pruned = compile_program(draft, outputs=OUTPUTS, vary=VARIED, dosed=DOSED, keep=False)
    assert pruned.n_states < 40
    values = dict(zip(full.parameter_names, full.parameter_defaults, strict=True))
    p = np.array([values[name] for name in VARIED])
    random = np.random.default_rng(3)
    y = random.uniform(0.2, 3, full.n_states)
    kept = [full.state_names.index(name) for name in pruned.state_names]
    zero = [
        full.state_names.index(removed.state)
        for removed in pruned.removed
        if "zero" in removed.reason
    ]
    y[zero] = 0.0
    b = random.normal(size=full.n_states)
    b[zero] = 0.0
    f, g, x = evaluate(full, p, y, 40.0, b)
    np.testing.assert_allclose(g, f, rtol=1e-12, atol=1e-12)
    for program, rows in ((fixed, list(range(full.n_states))), (pruned, kept)):
        values_p = p if program.parameter_names else p[:0]
        other_f, _, other_x = evaluate(program, values_p, y[rows], 40.0, b[rows])
        np.testing.assert_allclose(other_f, f[rows], rtol=1e-11, atol=1e-12)
        if program is fixed:
            np.testing.assert_allclose(other_x, x, rtol=1e-10, atol=1e-12)


def test_the_draft_agrees_with_sympy(draft: Odes) -> None:
    program = compile_program(draft, outputs=OUTPUTS, vary=VARIED, prune=False, keep=False)
    random = np.random.default_rng(4)
    y = random.uniform(0.2, 3, program.n_states)
    arguments = [*draft.states, *draft.parameters]
    values = [*y, *draft.defaults]
    rates = sympy.lambdify(arguments, list(draft.rates), "numpy", cse=True)
    expected = np.array(rates(*values), float)
    p = np.array(program.parameter_defaults)
    b = random.normal(size=y.size)
    f, _, x = evaluate(program, p, y, 40.0, b)
    np.testing.assert_allclose(f, expected, rtol=1e-10, atol=1e-11)
    # columns of the Jacobian by complex steps of rates without steps, here by differences
    jacobian = np.empty((y.size, y.size))
    for column in range(y.size):
        step = 1e-6 * max(1.0, y[column])
        ahead, behind = y.copy(), y.copy()
        ahead[column] += step
        behind[column] -= step
        above = np.array(rates(*ahead, *draft.defaults), float)
        jacobian[:, column] = (above - np.array(rates(*behind, *draft.defaults), float)) / 2 / step
    solved = np.linalg.solve(40.0 * np.eye(y.size) - jacobian, b)
    np.testing.assert_allclose(x, solved, rtol=1e-5, atol=1e-7)
