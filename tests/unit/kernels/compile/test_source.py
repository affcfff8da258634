import sympy

from stromal.kernels.compile.program import compile_program
from stromal.kernels.solvers.numpy_names import NUMPY_NAMES
from stromal.models.odes import Odes


def _rates(rate, value):
    x = sympy.Symbol("x", real=True)
    odes = Odes("one", (x,), (rate(x),), (sympy.Integer(1),), (), (), {"x": x})
    program = compile_program(odes, outputs=("x",))
    names = dict(NUMPY_NAMES)
    exec(program.source, names)
    out = [0.0]
    names["rates"]([value], [], out)
    return out[0]


def test_a_sum_that_begins_with_a_reciprocal_keeps_its_brackets_in_a_product():
    def rate(x):
        return x * (1 / sympy.sqrt(x) - 1)

    assert _rates(rate, 4.0) == 4.0 * (0.5 - 1)
