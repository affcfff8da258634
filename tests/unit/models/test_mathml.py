from __future__ import annotations

import math

import pytest
import sympy

from stromal.errors import InvalidInput
from stromal.models.mathml import AVOGADRO, read_condition, read_function, read_math
from stromal.models.model import RATE_OF, symbol
from stromal.models.odes import TIME

SYMBOLS = "http://www.sbml.org/sbml/symbols/"
X = symbol("x")


def math_of(body):
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML">{body}</math>'


def applied(name, *arguments):
    return f"<apply><{name}/>{''.join(arguments)}</apply>"


def cn(value):
    return f"<cn>{value}</cn>"


def at(body, value):
    """Value of a formula of x, through sympy's own evaluation."""
    return float(read_math(math_of(body)).subs(X, value))


# Reciprocal and inverse functions against their definitions; x inside their domains.
FUNCTIONS = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "sec": lambda x: 1 / math.cos(x), "csc": lambda x: 1 / math.sin(x),
    "cot": lambda x: 1 / math.tan(x), "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh,
    "sech": lambda x: 1 / math.cosh(x), "csch": lambda x: 1 / math.sinh(x),
    "coth": lambda x: 1 / math.tanh(x), "arcsin": math.asin, "arccos": math.acos,
    "arctan": math.atan, "arccot": lambda x: math.atan(1 / x), "arcsinh": math.asinh,
    "arctanh": math.atanh, "arcsech": lambda x: math.acosh(1 / x),
    "arccsch": lambda x: math.asinh(1 / x), "exp": math.exp, "ln": math.log, "abs": abs,
    "floor": math.floor, "ceiling": math.ceil, "factorial": lambda x: math.gamma(x + 1),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_names_and_of_numbers(name):
    wanted = pytest.approx(FUNCTIONS[name](0.3), rel=1e-12)
    assert at(applied(name, "<ci>x</ci>"), 0.3) == wanted
    assert at(applied(name, cn(0.3)), 0) == wanted


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("arccosh", 1.5, math.acosh(1.5)),
        ("arcsec", 1.5, math.acos(1 / 1.5)),
        ("arccsc", 1.5, math.asin(1 / 1.5)),
        ("arccoth", 1.5, math.atanh(1 / 1.5)),
    ],
)
def test_functions_above_one(name, value, wanted):
    assert at(applied(name, "<ci>x</ci>"), value) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (applied("plus"), 0),
        (applied("times"), 1),
        (applied("minus", cn(3)), -3),
        (applied("divide", cn(7), cn(2)), 3.5),
        (applied("root", cn(9)), 3),
        (applied("root", "<degree><cn>3</cn></degree>", cn(8)), 2),
        (applied("log", cn(1000)), 3),
        (applied("log", "<logbase><cn>2</cn></logbase>", cn(8)), 3),
        (applied("quotient", cn(-7), cn(2)), -3),
        (applied("rem", cn(-7), cn(2)), -1),
        (applied("min", cn(4), cn(2), cn(3)), 2),
        (applied("max", cn(4)), 4),
        (applied("lt", cn(1), cn(2), cn(3)), 1),
        (applied("lt", cn(1), cn(3), cn(2)), 0),
        (applied("xor", "<true/>", "<true/>", "<true/>"), 1),
        (applied("xor", "<true/>", "<true/>"), 0),
        (applied("xor"), 0),
        (applied("and"), 1),
        (applied("or"), 0),
        (applied("implies", "<true/>", "<false/>"), 0),
        (applied("implies", "<false/>", "<false/>"), 1),
        (applied("not", cn(0)), 1),
        (applied("plus", "<true/>", cn(1)), 2),
        ('<cn type="e-notation">1.5<sep/>3</cn>', 1500),
        ('<cn type="rational">1<sep/>4</cn>', 0.25),
        ('<cn type="integer"> 12 </cn>', 12),
        ("<infinity/>", math.inf),
        ("<exponentiale/>", math.e),
        ("<pi/>", math.pi),
        (f'<csymbol definitionURL="{SYMBOLS}avogadro">NA</csymbol>', AVOGADRO),
    ],
)
def test_values(body, wanted):
    assert float(read_math(math_of(body))) == pytest.approx(wanted)


def test_piecewise_without_otherwise_is_nan():
    body = "<piecewise><piece><cn>1</cn><false/></piece></piecewise>"
    assert read_math(math_of(body)) is sympy.nan


def test_time_and_rates():
    assert read_math(math_of(f'<csymbol definitionURL="{SYMBOLS}time">t</csymbol>')) == TIME
    rate = f'<apply><csymbol definitionURL="{SYMBOLS}rateOf">r</csymbol><ci>x</ci></apply>'
    assert read_math(math_of(rate)) == RATE_OF(X)


def test_functions_are_written_out():
    text = "<lambda><bvar><ci>a</ci></bvar><apply><times/><ci>a</ci><ci>a</ci></apply></lambda>"
    square = read_function(math_of(text))
    called = math_of("<apply><ci>f</ci><apply><plus/><ci>x</ci><cn>1</cn></apply></apply>")
    assert read_math(called, {"f": square}) == (X + 1) ** 2


def test_names_have_their_local_meaning():
    assert read_math(math_of("<ci>k</ci>"), names={"k": symbol("J.k")}) == symbol("J.k")


def test_a_condition_stays_one():
    assert read_condition(math_of(applied("gt", "<ci>x</ci>", cn(1)))) == sympy.Gt(X, 1)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (applied("integrate", cn(1)), "`integrate` is not an operation"),
        (applied("divide", cn(1)), "`divide` has 1 arguments"),
        ("<cn>one</cn>", "`one` is not a number"),
        ("<apply><ci>f</ci><cn>1</cn></apply>", "function `f` is not defined"),
        (
            f'<apply><csymbol definitionURL="{SYMBOLS}delay">d</csymbol><ci>x</ci>{cn(1)}</apply>',
            "delay is not supported",
        ),
        (f'<csymbol definitionURL="{SYMBOLS}warp">w</csymbol>', "`warp` is not a known symbol"),
    ],
)
def test_what_is_not_supported_is_named(body, message):
    with pytest.raises(InvalidInput, match=message):
        read_math(math_of(body))


def test_a_function_that_calls_itself():
    text = "<lambda><bvar><ci>a</ci></bvar><apply><ci>f</ci><ci>a</ci></apply></lambda>"
    with pytest.raises(InvalidInput, match="calls itself"):
        read_math(
            math_of("<apply><ci>f</ci><cn>1</cn></apply>"), {"f": read_function(math_of(text))}
        )


def test_functions_that_multiply_are_stopped(monkeypatch):
    monkeypatch.setattr("stromal.models.mathml.MOST_TERMS", 500)
    functions = {"f0": read_function(math_of("<lambda><bvar><ci>a</ci></bvar><ci>a</ci></lambda>"))}
    for depth in range(1, 20):
        inner = f"<apply><ci>f{depth - 1}</ci><ci>a</ci></apply>"
        text = f"<lambda><bvar><ci>a</ci></bvar><apply><plus/>{inner}{inner}</apply></lambda>"
        functions[f"f{depth}"] = read_function(math_of(text))
    with pytest.raises(InvalidInput, match="more than 500 terms"):
        read_math(math_of("<apply><ci>f19</ci><ci>x</ci></apply>"), functions)
