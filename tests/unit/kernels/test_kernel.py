"""A model as a kernel: names, values and what is left out."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from tests.unit.kernels.examples import TWO_COMPARTMENTS, derive

from stromal.errors import InvalidInput
from stromal.kernels.door import Accuracy, Read, Work
from stromal.kernels.kernel import Kernel, closest, compile_kernel
from stromal.kernels.solve import solve
from stromal.models.parse import read_model


def _messages(**options):
    with pytest.raises(InvalidInput) as error:
        compile_kernel(derive(TWO_COMPARTMENTS), **options)
    return [(issue.message, issue.hint) for issue in error.value.issues]


def test_states_that_cannot_matter_are_left_out():
    kernel = compile_kernel(derive(TWO_COMPARTMENTS), outputs=["cells"], dosed=["drug"])
    assert set(kernel.states) == {"drug", "bound", "cells"}
    assert "idle" in kernel.all_states
    every = compile_kernel(derive(TWO_COMPARTMENTS), outputs=["cells"], dosed=["drug"], prune=False)
    assert set(every.states) == {"drug", "bound", "cells", "idle"}


def test_what_is_never_dosed_is_left_out():
    assert compile_kernel(derive(TWO_COMPARTMENTS), outputs=["cells"]).states == ("cells",)


def test_kernel_in_one_line_and_as_text():
    kernel = compile_kernel(read_model(TWO_COMPARTMENTS), outputs=["share"], vary=["ke"])
    assert repr(kernel).endswith(": 1 states, 1 parameters vary, outputs share>")
    assert "def rates(" in kernel.source
    assert kernel.volumes == {"plasma", "tissue"}
    assert kernel.parameters == ("ke",)
    with pytest.raises(FrozenInstanceError):
        kernel.outputs = ()


def test_every_issue_at_once():
    found = _messages(
        outputs=["share", "shore"],
        vary=["ke", "kee", "ke"],
        fixed={"kin": float("nan"), "ke": 1.0, "nothing": 1.0},
        dosed=["drag"],
        sensitivities=["kilt"],
    )
    hints = dict(found)
    assert "did you mean `share`?" in hints.values()
    assert any(message.endswith("has no parameter `kee`") for message in hints)
    assert hints["`ke` is named twice"] == "name it once"
    assert "`ke` is both varied and fixed" in hints
    assert "`kin` is nan, not a number" in hints
    assert any(message.endswith("has no parameter `nothing`") for message in hints)
    assert any(message.endswith("has no state `drag`") for message in hints)
    assert any(message.endswith("has no parameter or state `kilt`") for message in hints)


def test_what_nothing_reads_is_fixed_at_a_number_too():
    model = read_model("x = 1; k = 1; spare = 1; x' = -k*x")
    with pytest.raises(InvalidInput, match="`spare` is inf, not a number"):
        compile_kernel(model, outputs=["x"], fixed={"spare": float("inf")})


def test_one_name_is_no_list():
    assert _messages(outputs="drug", vary="ke") == [
        ("`drug` is no list of names", 'write ["drug"]'),
        ("`ke` is no list of names", 'write ["ke"]'),
    ]


def test_no_outputs():
    assert _messages(outputs=[])[0][0] == "no outputs are asked for"


def test_negative_volume():
    with pytest.raises(InvalidInput, match="volume `plasma` is -3"):
        compile_kernel(read_model(TWO_COMPARTMENTS), outputs=["drug"], fixed={"plasma": -3.0})


def test_slopes_can_be_left_out():
    with_slopes = compile_kernel(derive(TWO_COMPARTMENTS), outputs=["share"])
    without = compile_kernel(derive(TWO_COMPARTMENTS), outputs=["share"], slopes=False)
    assert with_slopes.program.output_names == ("share", "slope(share)")
    assert without.program.output_names == ("share",)


def test_hint_without_a_near_name():
    assert closest("zzz", ["ANC"], "it has ANC") == "it has ANC"


@pytest.fixture(scope="module")
def chain() -> Kernel:
    links = "; ".join(f"a{i} := 0.99*a{i - 1} + k" for i in range(1, 1001))
    model = read_model(f"k = 0.01; x = 1; a0 := x; {links}; x' = -a1000")
    return compile_kernel(model, outputs=["x", "a1000"], vary=["k"])


@pytest.mark.parametrize("backend", ["numpy", "scalar", "lanes"])
def test_a_chain_of_a_thousand_assignments_runs(chain: Kernel, backend: str) -> None:
    given, times = {"k": [0.01, 0.02]}, [0.0, 1.0, 5.0]
    tight = Accuracy(rtol=1e-10, atol=1e-12)
    solution = solve(chain, given, Read(times), accuracy=tight, work=Work(backend=backend))
    # a1000 = p*x + q, so that x' = -p*x - q
    p = 0.99**1000
    q = np.array(given["k"])[:, None] * (1 - p) / 0.01
    wanted = (1 + q / p) * np.exp(-p * np.array(times)) - q / p
    np.testing.assert_allclose(solution.output("x"), wanted, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(solution.output("a1000"), p * wanted + q, rtol=1e-8)


def test_sensitivities_follow_a_chain() -> None:
    links = "; ".join(f"a{i} := a{i - 1}/(1 + a{i - 1}^2) + k" for i in range(1, 31))
    model = read_model(f"k = 0.01; x = 1; a0 := x; {links}; x' = -a30*x")
    times, tight = [0.0, 1.0, 3.0], Accuracy(rtol=1e-10, atol=1e-12)
    wide = compile_kernel(model, outputs=["x"], vary=["k"], sensitivities=["k"])
    plain = compile_kernel(model, outputs=["x"], vary=["k"])
    found = solve(wide, None, Read(times), accuracy=tight).output("d(x)/d(k)")[0]
    step = 1e-5
    pair = solve(plain, {"k": [0.01 - step, 0.01 + step]}, Read(times), accuracy=tight)
    wanted = np.diff(pair.output("x"), axis=0)[0] / (2 * step)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-9)
