"""Markdown of tables, lists and links, and plain words for types and defaults of keys."""

from __future__ import annotations

import re
from collections.abc import Iterable
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic_core import PydanticUndefined

from stromal.tables.windows import Window

_PLAIN = {"float": "number", "int": "whole number", "str": "text", "bool": "`true` or `false`"}
_ENDS = {"gt": "above", "ge": "from", "lt": "below", "le": "to"}


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def write_table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Write a table; empty where there are no rows."""
    names = list(header)
    body = [list(map(_cell, row)) for row in rows]
    lines = [names, ["---"] * len(names), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n" if body else ""


def write_code(text: object) -> str:
    """Write a name as the file has it."""
    return f"`{text}`" if str(text) else ""


def write_list(items: Iterable[str]) -> str:
    """Write one line for each item."""
    return "".join(f"- {item}\n" for item in items)


def write_link(title: str, page: str = "") -> str:
    """Write a link to the section of that title, on this page or another."""
    slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
    return f"[{title}]({page}#{slug})"


def join_or(words: Iterable[str]) -> str:
    """Join words as `a, b or c`."""
    *most, last = words
    return " or ".join(filter(None, (", ".join(most), last)))


def join_and(words: Iterable[str]) -> str:
    """Join words as `a, b and c`."""
    *most, last = words
    return " and ".join(filter(None, (", ".join(most), last)))


def name_type(annotation: Any, metadata: Iterable[Any] = ()) -> str:
    """Say in words what a key takes."""
    origin, options = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return name_type(options[0], annotation.__metadata__)
    if origin is Literal:
        return join_or(map(write_code, options))
    if origin in (tuple, list, dict):
        return _name_many(options[-1] if origin is dict else options[0], origin)
    rest = [each for each in options if each is not NoneType]
    if rest and len(rest) < len(options):
        return join_or(name_type(each, metadata) for each in rest)
    return _name_one(annotation, metadata)


def _name_one(annotation: Any, metadata: Iterable[Any]) -> str:
    """Say what a plain value is, and its limits."""
    if annotation is Window:
        return "table of `day`, `before` and `after`"
    if annotation is str and any("pattern" in repr(each) for each in metadata):
        return "name"
    name = getattr(annotation, "__name__", str(annotation))
    limits = " and ".join(_name_limits(metadata)).replace(" and to ", " to ")
    return " ".join(filter(None, (_PLAIN.get(name, name), limits)))


def _name_many(annotation: Any, origin: type) -> str:
    """Say what a list or a table holds."""
    inner = name_type(annotation)
    if not inner.startswith("`"):
        inner = re.sub(r"^(list|number|text|name|whole number)\b", r"\1s", inner)
    return f"{'table' if origin is dict else 'list'} of {inner}"


def _name_limits(metadata: Iterable[Any]) -> list[str]:
    """Say the limits of a number, unless they are only those of a day that anybody may write."""
    found = []
    for each in metadata:
        for part in (each, *getattr(each, "metadata", ())):
            for name, word in _ENDS.items():
                limit = getattr(part, name, None)
                if isinstance(limit, int | float) and abs(limit) < 36500:
                    found.append(f"{word} {limit:g}")
    return found


def name_default(value: Any) -> str:
    """Say in words what a key is where it is left out."""
    if value is PydanticUndefined:
        return "must be given"
    if isinstance(value, bool):
        return write_code(str(value).lower())
    if isinstance(value, tuple | list):
        return ", ".join(map(write_code, value)) or "none"
    if isinstance(value, Window):
        return write_code(value.written)
    if value is None or value in ("", {}):
        return "none"
    return write_code(f"{value:g}" if isinstance(value, float) else value)
