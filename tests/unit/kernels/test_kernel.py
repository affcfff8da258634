"""A model as a kernel: names, values and what is left out."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from tests.unit.kernels.examples import TWO_COMPARTMENTS, derive

from stromal.errors import InvalidInput
from stromal.kernels.kernel import closest, compile_kernel
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
