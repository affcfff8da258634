"""States that stay zero or are seen by no output are not integrated."""

import pytest
import sympy

from stromal.kernels.compile.program import Removed, compile_program
from stromal.kernels.compile.prune import NOT_SEEN, STAYS_ZERO
from stromal.models.odes import TIME, Change, Odes

A, B, C, D, K = sympy.symbols("a b c d k", real=True)


def make(*changes: Change, rate_b: sympy.Expr = A - B) -> Odes:
    """A drug a (zero) drives b (zero); c is on its own and d watches c."""
    return Odes(
        "watch",
        (A, B, C, D),
        (-K * A, rate_b, -C, C * A - D),
        (sympy.Integer(0), sympy.Integer(0), sympy.Integer(1), sympy.Integer(1)),
        (K,),
        (1.0,),
        {"c": C, "b": B, "d": D},
        changes,
    )


def test_what_stays_zero_and_what_is_not_seen_is_left_out_with_the_reason() -> None:
    program = compile_program(make(), outputs=["c"])
    assert program.state_names == ("c",)
    expected = (Removed("a", STAYS_ZERO), Removed("b", STAYS_ZERO), Removed("d", NOT_SEEN))
    assert program.removed == expected
    assert "Not integrated" in program.source


def test_a_dose_keeps_what_it_moves() -> None:
    program = compile_program(make(), outputs=["b"], dosed=["a"])
    assert program.state_names == ("a", "b")
    assert program.dosed == ("a",)


def test_an_own_change_keeps_what_it_moves_and_what_it_reads() -> None:
    change = Change(TIME >= 3, ((0, C),))
    assert compile_program(make(change), outputs=["b"]).state_names == ("a", "b", "c")


def test_a_change_that_leaves_zero_at_zero_moves_nothing() -> None:
    change = Change(TIME >= 3, ((0, A / 2),))
    program = compile_program(make(change), outputs=["d"])
    assert program.state_names == ("d",)
    assert (program.changes, program.made) == (0, ())


def test_a_rate_that_is_not_a_number_at_zero_keeps_its_state() -> None:
    program = compile_program(make(rate_b=B * sympy.log(B)), outputs=["b"])
    assert program.state_names == ("b",)


@pytest.mark.parametrize("value", [0.0, 2.0])
def test_a_switch_is_pruned_by_its_value(value: float) -> None:
    odes = make(rate_b=K * C - B)
    program = compile_program(odes, outputs=["b"], fixed={"k": value})
    assert program.state_names == (("b", "c") if value else ())


def test_a_step_keeps_what_it_looks_at() -> None:
    odes = make(rate_b=sympy.Piecewise((1, C > 0.5), (0, True)))
    assert compile_program(odes, outputs=["b"]).state_names == ("b", "c")


def test_nothing_is_left_out_when_not_asked_to() -> None:
    assert compile_program(make(), outputs=["c"], prune=False).state_names == ("a", "b", "c", "d")
