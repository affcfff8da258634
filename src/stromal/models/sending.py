"""Values that hold expressions, as they are sent to another process: the same expressions there.

What sympy unpickles it evaluates anew, so that `time / 2 >= 0` comes back as `time >= 0`, and code
generated from it may differ in its last bit. Here expressions are made again as reading makes them.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from io import BytesIO
from typing import Any

import sympy

from stromal.models.arithmetic import remake
from stromal.models.shared import Shared, find_shared


def reduce_exactly(value: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:  # noqa: ANN401
    """How a dataclass that holds expressions is pickled and copied: for its `__reduce__`.

    Examples
    --------
    >>> from stromal.models.parse import read_model
    >>> model = read_model("x = 1; x' = -x; y := piecewise(1, x / 2 >= 0, 0)")
    >>> pickle.loads(pickle.dumps(model)) == model
    True
    """
    parts = {field.name: getattr(value, field.name) for field in fields(value)}
    text = BytesIO()
    # atoms that others hold go first, so that no formula is written within another without end
    _Pickler(text).dump((list(find_shared(_formulas_in(value))), parts))
    return _restore, (type(value), text.getvalue())


def _formulas_in(value: Any) -> Iterator[sympy.Basic]:  # noqa: ANN401
    if isinstance(value, sympy.Basic):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _formulas_in(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _formulas_in(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _formulas_in(getattr(value, field.name))


def _restore(kind: Callable[..., Any], parts: bytes) -> Any:  # noqa: ANN401
    _, given = pickle.loads(parts)  # noqa: S301 - part of what is being unpickled anyway
    return kind(**given)


class _Pickler(pickle.Pickler):
    def reducer_override(self, thing: Any) -> Any:  # noqa: ANN401
        if isinstance(thing, Shared):
            return Shared, (thing.content, thing.name)
        if isinstance(thing, sympy.Basic) and thing.args:
            return remake, (thing.func, thing.args)
        return NotImplemented
