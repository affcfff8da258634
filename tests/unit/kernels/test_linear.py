from __future__ import annotations

import pytest
import sympy

from stromal.errors import InvalidInput
from stromal.kernels.kernel import compile_kernel
from stromal.kernels.linear import hidden_names, with_slopes_in_time
from stromal.models.derive import derive_odes
from stromal.models.odes import TIME
from stromal.models.parse import read_model

TEXT = """
    compartment V = 1; x = w; w = 2; d = 1; y := 3*w; x' = -w*x
    at d after (time > w), priority = w: x = x + w
"""


def test_a_covariate_is_linear_everywhere_but_in_initial_values():
    odes = derive_odes(read_model(TEXT))
    written = with_slopes_in_time(odes, ["w"])
    w, slope, visit = (sympy.Symbol(name, real=True) for name in ("w", *hidden_names(["w"])))
    now = w + slope * (TIME - visit)
    assert written.initial == odes.initial
    place = [state.name for state in odes.states].index("x")
    assert sympy.simplify(written.rates[place] + now * odes.states[place]) == 0
    assert sympy.simplify(written.outputs["y"] - 3 * now) == 0
    (change,) = written.changes
    assert slope in change.trigger.free_symbols
    assert slope in change.priority.free_symbols
    assert slope not in change.delay.free_symbols
    assert sympy.simplify(change.updates[0][1] - odes.states[place] - now) == 0
    assert written.parameters[-2:] == (slope, visit)


def test_without_covariates_nothing_changes():
    odes = derive_odes(read_model(TEXT))
    assert with_slopes_in_time(odes, []) is odes


def test_the_caller_sees_no_hidden_parameter():
    model = read_model("x = w; w = 2; x' = -w*x;")
    kernel = compile_kernel(model, outputs=["x"], vary=["w"], covariates=["w"])
    assert kernel.parameters == ("w",)
    assert list(kernel.hidden) == ["slope of w", "visit of w"]


@pytest.mark.parametrize(
    ("covariates", "message"),
    [
        (["d"], "covariate `d` does not vary"),
        (["V"], "volume `V` cannot change linearly"),
        (["w", "w"], "`w` is named twice"),
        ("w", "`w` is no list of names"),
    ],
)
def test_what_cannot_be_a_covariate(covariates, message):
    model = read_model("compartment V = 1; species x in V; x = 1; w = 2; d = 1; J: x -> ; w*d*x;")
    with pytest.raises(InvalidInput) as caught:
        compile_kernel(model, outputs=["x"], vary=["w", "V"], covariates=covariates)
    assert message in str(caught.value)
    assert "hint" in str(caught.value)
