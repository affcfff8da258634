"""Programs: what is compiled computes what the equations say."""

import numpy as np
import pytest
import sympy

from stromal.kernels.compile.program import Program, compile_program, functions_in
from stromal.kernels.solvers.numpy_names import NUMPY_NAMES
from stromal.models.odes import TIME, Change, Odes

X, Y, Z, K, H, V = sympy.symbols("x y z k h v", real=True)


@pytest.fixture
def odes() -> Odes:
    hill = X**H / (V**H + X**H)
    rates = (
        K * (V - X) - X * hill,
        sympy.Piecewise((K * X * Y**1.7, X > 1), (sympy.sin(TIME) * Y, True)) - Y / (K + Y),
        -Z,
    )
    return Odes(
        "three",
        (X, Y, Z),
        rates,
        (V / K, sympy.Integer(2), sympy.Integer(0)),
        (K, H, V),
        (0.5, 1.5, 2.0),
        {"x": X, "ratio": X / (X + Y)},
        (Change(TIME >= V, ((0, X + Y), (1, 2 * TIME))),),
    )


def run(program: Program, p: np.ndarray, y: np.ndarray, d: float) -> dict[str, np.ndarray]:
    functions = functions_in(program, NUMPY_NAMES)
    shape = y.shape[1:]
    c = np.empty((program.constants, *shape))
    f, g, w = np.empty_like(y), np.empty_like(y), np.empty((program.factors, *shape))
    o = np.empty((len(program.output_names), *shape))
    functions.constants(p, c)
    functions.rates(y, c, f)
    functions.factor(y, c, d, g, w)
    functions.observe(y, c, o)
    b = np.linspace(1, 2, y.size).reshape(y.shape)
    x = b.copy()
    functions.resolve(w, x)
    return {"c": c, "f": f, "g": g, "o": o, "b": b, "x": x}


def test_rates_outputs_and_linear_solves_are_those_of_the_equations(odes: Odes) -> None:
    program = compile_program(odes, outputs=["x", "ratio"], vary=["k", "h", "v"], prune=False)
    states = (*odes.states, TIME)
    rates = sympy.Matrix([*odes.rates, 1])
    arguments = [*states, *odes.parameters]
    expected_f = sympy.lambdify(arguments, rates)
    expected_j = sympy.lambdify(arguments, rates.jacobian(states))
    random = np.random.default_rng(1)
    for _ in range(20):
        y, p = random.uniform(0.5, 2, 4), random.uniform(0.5, 2, 3)
        d = random.uniform(10, 1000)
        got = run(program, p, y, d)
        np.testing.assert_allclose(got["f"], expected_f(*y, *p)[:, 0], rtol=1e-13)
        np.testing.assert_allclose(got["g"], expected_f(*y, *p)[:, 0], rtol=1e-13)
        matrix = d * np.eye(4) - expected_j(*y, *p)
        np.testing.assert_allclose(got["x"], np.linalg.solve(matrix, got["b"]), rtol=1e-12)
        np.testing.assert_allclose(got["o"], [y[0], y[0] / (y[0] + y[1])], rtol=1e-14)


def test_the_same_text_computes_many_patients(odes: Odes) -> None:
    program = compile_program(odes, outputs=["x"], vary=["k", "v"])
    random = np.random.default_rng(2)
    y, p = random.uniform(0.5, 2, (program.n_states, 7)), random.uniform(0.5, 2, (2, 7))
    together = run(program, p, y, 50.0)
    for patient in range(7):
        alone = run(program, p[:, patient], y[:, patient], 50.0)
        for name in ("c", "f", "o"):
            np.testing.assert_array_equal(together[name][:, patient], alone[name])


def test_changes_of_the_model(odes: Odes) -> None:
    program = compile_program(odes, outputs=["x"], vary=["v"])
    functions = functions_in(program, NUMPY_NAMES)
    c, y = np.empty(program.constants), np.array([1.0, 2.0, 3.0])
    x = np.empty(3)
    functions.constants(np.array([7.0]), c)
    functions.jumps[0](y, c, x)
    assert program.state_names == ("x", "y", "time")
    np.testing.assert_array_equal(x, [3.0, 6.0, 3.0])
