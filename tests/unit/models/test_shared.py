from __future__ import annotations

import pickle

import numpy as np
import pytest
import sympy

from stromal.models.shared import (
    DEEPEST,
    Shared,
    find_shared,
    measure,
    name_shared,
    share,
    substitute,
    walk,
)

X, Y = sympy.symbols("x y", real=True)


def deep(levels: int, of: sympy.Expr = X) -> sympy.Expr:
    for _ in range(levels):
        of = sympy.exp(of)
    return of


def test_what_is_small_stays_as_it_is() -> None:
    assert share(deep(DEEPEST - 1)) == deep(DEEPEST - 1)


def test_what_is_deep_becomes_an_atom_with_a_name() -> None:
    held = share(deep(DEEPEST), "a")
    assert isinstance(held, Shared)
    assert (str(held + 1), held.content, held.free_symbols) == ("a + 1", deep(DEEPEST), {X})


def test_what_names_one_part_twice_in_each_link_is_measured_as_it_is_written_out() -> None:
    value: sympy.Expr = X
    for _ in range(12):
        value = sympy.exp(value) + sympy.cos(value)
    assert measure(value, {}).terms > 2**12
    assert isinstance(share(value), Shared)


def test_atoms_are_equal_by_content_and_name() -> None:
    one, other = (Shared(Shared(X + 1, "b") ** 2, "a") for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert one - other == 0
    assert one != Shared(Shared(X + 2, "b") ** 2, "a")
    assert one != Shared(Shared(X + 1, "b") ** 2, "c")


def test_an_atom_is_not_differentiated_as_a_constant() -> None:
    with pytest.raises(TypeError, match="differentiate"):
        sympy.diff(Shared(X**2), X)


def test_an_atom_is_pickled_with_its_content() -> None:
    held = Shared(Shared(X + 1, "b") ** 2, "a")
    assert pickle.loads(pickle.dumps(held)) == held


def test_parts_come_before_what_is_made_of_them_and_once() -> None:
    parts = list(walk(sympy.exp(X) + sympy.cos(sympy.exp(X))))
    assert parts == [X, sympy.exp(X), sympy.cos(sympy.exp(X)), parts[-1]]


def test_atoms_that_are_known_are_not_opened() -> None:
    inner = Shared(X + 1, "inner")
    outer = Shared(inner**2, "outer")
    assert list(find_shared([outer + inner])) == [inner, outer]
    assert list(find_shared([outer], {inner})) == [outer]


def test_a_thousand_atoms_within_each_other_are_walked() -> None:
    held = Shared(X + 1, "a0")
    for number in range(1, 3000):
        held = Shared(held * sympy.Float(0.99) + 1, f"a{number}")
    assert len(list(find_shared([held]))) == 3000
    replaced = substitute(held, {X: sympy.Float(-1.0)})
    assert replaced == pytest.approx(100.0)


def test_atoms_are_local_values_of_a_function() -> None:
    held = Shared(Shared(X + 1, "b") ** 2, "a")
    for asked, wanted in ((held * Y, 18.0), ([held, X], [9.0, 2.0])):
        function = sympy.lambdify([X, Y], asked, "numpy", cse=name_shared)
        assert np.array(function(2.0, 2.0)) == pytest.approx(wanted)
