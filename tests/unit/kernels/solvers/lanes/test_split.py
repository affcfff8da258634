"""Parts of a long function do, one after another, what the whole does."""

from __future__ import annotations

import ast

import numpy as np
import pytest
from tests.unit.kernels.examples import derive
from tests.unit.kernels.networks import write_network

from stromal.kernels.compile.functions import FUNCTIONS
from stromal.kernels.compile.program import compile_program
from stromal.kernels.solvers.lanes.split import count_instructions, split_function

ARGUMENTS = {"rates": "ycf", "factor": "ycdfw", "resolve": "wx", "initial": "cy", "observe": "yco"}


def put(array, place, value):
    array[place] = value


def run(definitions, arrays, kept):
    """Run definitions one after another on named arrays, in Python's arithmetic."""
    scope = {**FUNCTIONS, "load": lambda array, place: array[place], "store": put, "narrow": put}
    given = {**arrays, "kept": np.full(kept, np.nan)}
    for definition in definitions:
        module = ast.fix_missing_locations(ast.Module([definition], []))
        exec(compile(module, "<part>", "exec"), scope)
        names = [argument.arg for argument in definition.args.args]
        scope[definition.name](*(given[name] for name in names))
    return given


@pytest.fixture(scope="module")
def program():
    odes = derive(write_network(12))
    return compile_program(odes, outputs=["x3", "x11"], vary=["k0", "h2"], prune=False, keep=False)


@pytest.mark.parametrize("name", ARGUMENTS)
@pytest.mark.parametrize("longest", [1, 7, 50, 200])
def test_parts_give_the_same_numbers_to_the_bit(program, name, longest):
    (whole,) = (each for each in ast.parse(program.lanes_source).body if each.name == name)
    sizes = {"y": 12, "c": program.constants, "f": 12, "w": program.factors, "x": 12, "o": 2}
    random = np.random.default_rng(1)
    arrays = {each: random.uniform(0.5, 1.5, sizes.get(each, 1)) for each in ARGUMENTS[name]}
    arrays = {each: 40.0 if each == "d" else array for each, array in arrays.items()}

    def copies():
        return {each: np.copy(array) for each, array in arrays.items()}

    parts, kept = split_function(whole, longest)
    assert len(parts) > 1 or count_instructions(whole) <= longest
    expected, found = run([whole], copies(), 0), run(parts, copies(), kept)
    for each in ARGUMENTS[name]:
        np.testing.assert_array_equal(found[each], expected[each])


def test_parts_are_no_longer_than_asked_for_but_for_what_they_read(program):
    (whole,) = (each for each in ast.parse(program.lanes_source).body if each.name == "factor")
    parts, _ = split_function(whole, 200)
    assert len(parts) >= count_instructions(whole) // 200
    assert max(count_instructions(part) for part in parts) < 300


def parse(text):
    (definition,) = ast.parse(text).body
    return definition


def test_a_name_that_is_given_twice_is_read_as_it_was_last():
    text = "def f(a, b):\n  x = load(a, 0) + 1.0\n  y = x*x\n  x = y + x\n  store(b, 0, x*y)"
    parts, kept = split_function(parse(text), 1)
    assert len(parts) == 4
    assert run(parts, {"a": [2.0], "b": [0.0]}, kept)["b"] == [108.0]


def test_a_row_that_is_written_later_is_not_read_again():
    text = "def f(a):\n    x = load(a, 0)\n    store(a, 0, 5.0)\n    store(a, 1, x)"
    parts, kept = split_function(parse(text), 1)
    assert (len(parts), kept) == (3, 1)
    assert run(parts, {"a": [2.0, 0.0]}, kept)["a"] == [5.0, 2.0]


@pytest.mark.parametrize(
    "text",
    [
        "def f(a):\n    store(a, 0, 1.0)",
        "def f(a):\n    for i in range(3):\n        store(a, i, 1.0)\n    store(a, 4, 1.0)",
    ],
)
def test_what_is_short_or_has_a_loop_stays_whole(text):
    whole = parse(text)
    assert split_function(whole, 1) == ([whole], 0)
