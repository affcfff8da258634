"""Infusions as hidden parameters."""

from __future__ import annotations

from stromal.kernels.infusion import input_name
from stromal.kernels.kernel import compile_kernel
from stromal.models.parse import read_model

MODEL = read_model("drug = 0; y = 1; k = 0.5; drug' = -k * drug; y' = drug - y;")


def test_inputs_are_hidden_behind_the_callers_parameters() -> None:
    kernel = compile_kernel(MODEL, outputs=["y"], vary=["k"], dosed=["drug"])
    assert kernel.parameters == ("k",)
    assert dict(kernel.hidden) == {"input of drug": 0.0}
    assert kernel.program.parameter_names == ("k", input_name("drug"))


def test_states_that_are_not_dosed_have_no_input() -> None:
    kernel = compile_kernel(MODEL, outputs=["y"], vary=["k"])
    assert kernel.program.parameter_names == ("k",)
