from __future__ import annotations

import pytest
import sympy

from stromal.errors import InvalidInput
from stromal.models.model import RATE_OF, symbol
from stromal.models.odes import TIME
from stromal.models.resolve import Definition, find_needs, resolve
from stromal.models.shared import walk

A, B, C = symbol("a"), symbol("b"), symbol("c")


def test_what_is_inside_a_rate_is_not_needed_itself():
    assert find_needs(A + RATE_OF(B) * TIME) == {A, RATE_OF(B)}


def test_parts_that_are_shared_come_once():
    expression = A
    for _ in range(100):
        expression = sympy.sin(expression) + sympy.cos(expression)
    assert len(list(walk(expression))) == 301


def test_definitions_are_written_out_in_order():
    rules = {A: Definition(B + C), B: Definition(2 * C), C: Definition(C, own=True)}
    assert resolve([A], rules.__getitem__, {})[A] == 3 * C


def test_known_values_are_not_defined_again():
    assert resolve([A], {A: Definition(B)}.__getitem__, {B: sympy.Integer(4)})[A] == 4


def test_own_symbol_is_kept_where_others_are_replaced():
    rules = {A: Definition(A / C, own=True), B: Definition(A / C), C: Definition(C, own=True)}
    assert resolve([B], rules.__getitem__, {})[B] == A / C**2


def test_values_can_be_settled():
    def settle(key, value):
        return key if value.is_Number else value

    rules = {A: Definition(sympy.Integer(3)), B: Definition(2 * A)}
    assert resolve([B], rules.__getitem__, {}, settle)[B] == 2 * A


def test_circles_are_named():
    rules = {A: Definition(B), B: Definition(C), C: Definition(A)}
    with pytest.raises(InvalidInput, match="go round in a circle: "):
        resolve([A], rules.__getitem__, {})
