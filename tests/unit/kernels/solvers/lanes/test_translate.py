"""Generated text as instructions: the forms that it has, and nothing else."""

from __future__ import annotations

import ast

import numpy as np
import pytest
from llvmlite import ir
from tests.unit.kernels.examples import derive
from tests.unit.kernels.networks import write_network
from tests.unit.kernels.solvers.lanes.registers import WIDTHS, call, kind_of

from stromal.kernels.compile.program import compile_program
from stromal.kernels.solvers.lanes import translate
from stromal.kernels.solvers.lanes.machine_code import Unit, compile_units
from stromal.kernels.solvers.lanes.solver import write_units
from stromal.kernels.solvers.lanes.translate import UnknownStatement, translate_function
from stromal.kernels.solvers.lanes.vector import Vector
from stromal.kernels.solvers.lanes.width import Width

pytestmark = pytest.mark.skipif(not WIDTHS, reason="no wide vector registers")


@pytest.fixture(params=WIDTHS, ids=lambda width: width.name)
def width(request):
    return request.param


def rows(width, count, start=1.0):
    numbers = np.arange(start, start + count * width.lanes)
    return numbers.reshape(count, width.lanes).astype(kind_of(width))


def run(text, width, *arrays, **options):
    unit = Unit(f"def f({', '.join('abcd'[: len(arrays)])}):\n{text}", width, **options)
    call(compile_units("tests/translate", [unit]), "f", *arrays)


def test_a_loop_changes_names_from_before_it_and_forgets_its_own(width):
    x, out = rows(width, 5), np.zeros((2, width.lanes), kind_of(width))
    text = """
    total = splat(0.0)
    part = splat(7.0)
    for i in range(5):
        part = load(a, i)
        total = total + part * part
    store(b, 0, total)
    store(b, 1, part)
    """
    run(text, width, x, out)
    np.testing.assert_array_equal(out, [(x * x).sum(axis=0), x[4]])


def test_loops_follow_each_other_and_a_loop_of_no_turns_does_nothing(width):
    x, out = rows(width, 4), np.zeros((1, width.lanes), kind_of(width))
    text = """
    total = splat(1.0)
    for i in range(0):
        total = total * 0.0
    for i in range(2):
        total = total + load(a, 2 * i + 1)
    for i in range(2):
        total = total + load(a, i)
    store(b, 0, total)
    """
    run(text, width, x, out)
    np.testing.assert_array_equal(out[0], 1 + x[1] + x[3] + x[0] + x[1])


def test_places_and_numbers_come_from_arrays_of_their_own_kinds(width):
    x, out = rows(width, 4), np.zeros((2, width.lanes), kind_of(width))
    places, numbers = np.array([3, 1]), np.array([0.25, 4.0])
    text = """
    for turn in range(2):
        i = d[turn]
        store(b, turn, load(a, i) * number(c, turn))
    """
    run(text, width, x, out, numbers, places, elements={"c": "f64", "d": "i64"})
    np.testing.assert_array_equal(out, [x[3] / 4, x[1] * 4])


def test_sums_are_added_to_what_is_there(width):
    x, out = rows(width, 1), rows(width, 2)
    run("    store(b, 1, load(a, 0))\n    add_to(b, 0, 1.0)", width, x, out, adds=frozenset("f"))
    before = rows(width, 2)
    np.testing.assert_array_equal(out, [before[0] + 1, before[1] + x[0]])


def test_rows_of_another_precision_and_marks(width):
    wide = Width(64, width.lanes)
    x, out = rows(width, 2, -3.0), np.zeros((2, width.lanes), kind_of(width))
    marks = np.zeros(3, np.int64)
    text = """
    first = widen(a, 0)
    narrow(b, 1, first / 3.0)
    mark(c, 2, gt(first, 0.0))
    """
    kind = f"f{width.bits}"
    run(text, wide, x, out, marks, elements={"a": kind, "b": kind, "c": "i64"})
    np.testing.assert_array_equal(out, [np.zeros(width.lanes), (x[0] / 3.0).astype(out.dtype)])
    bits = sum(1 << lane for lane, number in enumerate(x[0]) if number > 0)
    assert marks.tolist() == [0, 0, bits]


def test_infinity_and_not_a_number_have_names(width):
    out = np.zeros((3, width.lanes), kind_of(width))
    run("    store(a, 0, inf)\n    store(a, 1, -inf)\n    store(a, 2, nan)", width, out)
    np.testing.assert_array_equal(out[:, 0], [np.inf, -np.inf, np.nan])


@pytest.mark.parametrize(
    "line",
    [
        "x = unheard_of(load(a, 0))",
        "x = load(a, 0) ** 2.0",
        "x = load(a, 0) if 1.0 else 2.0",
        "x = exp(load(a, 0), 1.0)",
        "erase(a, 0, 1.0)",
        "while True: pass",
        "x = y = 1.0",
    ],
)
def test_anything_else_is_refused(line):
    definition = ast.parse(f"def f(a):\n    {line}").body[0]
    with pytest.raises(UnknownStatement):
        translate_function(ir.Module(), definition, Vector(Width(64, 4)), {})


SUMS = """
    x = load(a, 0)
    y = x * 3.0
    z = exp(x) + y
    store(b, 0, z * y)
    store(b, 1, z - x)
"""


@pytest.mark.parametrize("adds", [False, True])
def test_a_long_function_in_parts_gives_what_the_whole_gives(width, monkeypatch, tmp_path, adds):
    x = rows(width, 1, 0.1) / width.lanes
    y, z = 3.0 * x, np.exp(x) + 3.0 * x
    expected = adds + np.concatenate([z * y, z - x])
    for place, longest in enumerate((1_000, 3)):
        monkeypatch.setenv("STROMAL_CACHE", str(tmp_path / str(place)))
        monkeypatch.setattr(translate, "LONGEST", longest)
        out = np.ones((2, width.lanes), kind_of(width))
        run(SUMS, width, x.astype(kind_of(width)), out, adds=frozenset({"f"} if adds else ()))
        np.testing.assert_allclose(out, expected, rtol=8 * np.finfo(kind_of(width)).eps)


def lengths(states, width):
    """Instructions of every function of a network's program."""
    odes = derive(write_network(states))
    program = compile_program(odes, outputs=["x1"], prune=False, keep=False)
    module, unit = ir.Module("test"), write_units(program, width)[0]
    for definition in ast.parse(unit.text).body:
        if definition.name in unit.wanted:
            translate_function(module, definition, Vector(width), {})
    return [sum(len(each.instructions) for each in one.blocks) for one in module.functions]


def test_instructions_grow_with_the_model_and_no_function_grows_long(width):
    small, large = lengths(40, width), lengths(160, width)
    assert sum(large) < 4.5 * sum(small)
    assert max(large) < 4 * translate.LONGEST
    assert len(large) > len(small)
