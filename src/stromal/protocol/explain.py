"""What is wrong with a key of a protocol, in words: pydantic's errors as issues with a hint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from stromal.errors import Issue
from stromal.protocol.locate import KeyPath, find_line, format_key_path
from stromal.protocol.shape import describe_field, find_part

_WANTED = {
    "string": "a text in double quotes",
    "float": "a number",
    "int": "a whole number",
    "bool": "true or false",
    "tuple": "a list in square brackets",
    "dict": "a table",
    "model": "a table",
}
_FOUND: tuple[tuple[Any, str], ...] = (
    (bool, "true or false"),
    (str, "a text"),
    (int, "a whole number"),
    (float, "a number"),
    (dict, "a table"),
    ((list, tuple), "a list"),
    ((date, time), "a date or time"),
)
_LIMITS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


def explain_error(
    detail: ErrorDetails, data: Any, lines: Mapping[KeyPath, int], table: str
) -> Issue:
    """The issue of one of pydantic's errors, with the line of its key."""
    path = _key_path(detail["loc"], data)
    message, hint = _say(detail, path, data)
    return Issue(
        message,
        table=table,
        row=find_line(lines, path),
        column=format_key_path(path),
        hint=hint,
    )


def suggest(given: str, known: Iterable[str], what: str = "known") -> str:
    """A hint that names the nearest known word, or all of them.

    Examples
    --------
    >>> suggest("unitt", ["unit", "dose"])
    'did you mean `unit`?'
    >>> suggest("colour", ["unit", "dose"])
    'known here: `dose`, `unit`'
    """
    words = sorted(known)
    close = get_close_matches(given, words, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    if not words:
        return f"nothing is {what} here"
    return f"{what} here: " + ", ".join(f"`{word}`" for word in words)


def _key_path(location: tuple[str | int, ...], data: Any) -> KeyPath:
    """Pydantic's location as it is in the file: without tags of unions and the mark of a key."""
    path: list[str | int] = []
    for part in location:
        if part == "[key]":
            continue
        if isinstance(data, dict):
            if part not in data and part in (data.get("kind"), data.get("estimate")):
                continue
            data = data.get(str(part))
        elif isinstance(data, list | tuple) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            data = None
        path.append(part)
    return tuple(path)


def _say(detail: ErrorDetails, path: KeyPath, data: Any) -> tuple[str, str]:
    """Message and hint of an error."""
    kind, given = detail["type"], detail["input"]
    context = detail.get("ctx", {})
    key = path[-1] if path else ""
    if kind == "missing":
        return f"key `{key}` is missing", _how_to_write(path, data)
    if kind == "extra_forbidden":
        model = find_part(data, path[:-1])
        known = model.model_fields if model is not None else ()
        return f"key `{key}` is not known here", suggest(str(key), known)
    if kind == "literal_error":
        return _say_literal(given, path, data, context)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _say_tag(kind, context)
    if kind == "string_pattern_mismatch":
        hyphen = "hyphens" if "-" in context["pattern"][-5:] else "underscores"
        return (
            f"`{given}` is not a name",
            f"a name begins with a small letter, then small letters, digits and {hyphen}",
        )
    if kind in _LIMITS:
        limit, words = _LIMITS[kind]
        return f"{given} is out of range", f"write a number of {words} {context[limit]:g}"
    if kind in ("string_too_short", "too_short"):
        return f"`{key}` is empty", "write at least one" if kind == "too_short" else "write a text"
    if kind == "string_too_long":
        return f"`{key}` is too long", f"write at most {context['max_length']} letters"
    if kind == "finite_number":
        return f"{given} is not a number that can be used", "write a finite number"
    wanted = _WANTED.get(kind.split("_")[0])
    if wanted is None:
        return detail["msg"], "see the description of the format"
    return f"expected {wanted}, found {_describe(given)}", _how_to_write(path, data)


def _say_literal(
    given: Any, path: KeyPath, data: Any, context: Mapping[str, Any]
) -> tuple[str, str]:
    model = find_part(data, path[:-1])
    field = model.model_fields.get(str(path[-1])) if model is not None else None
    values = get_args(field.annotation) if field is not None else ()
    if isinstance(given, str) and values and all(isinstance(value, str) for value in values):
        return f"`{given}` is not one of the values of this key", suggest(given, values, "allowed")
    return f"`{given}` is not one of the values of this key", f"write {context.get('expected')}"


def _say_tag(kind: str, context: Mapping[str, Any]) -> tuple[str, str]:
    key = str(context["discriminator"]).strip("'")
    if kind == "union_tag_not_found":
        return f"key `{key}` is missing", f"write what this is: `{key} = ...`"
    tags = [tag.strip(" '") for tag in str(context["expected_tags"]).split(",")]
    return f"{key} `{context['tag']}` is not known", suggest(str(context["tag"]), tags)


def _how_to_write(path: KeyPath, data: Any) -> str:
    """How the key at the end of a path is written."""
    if path and isinstance(path[-1], str):
        model: type[BaseModel] | None = find_part(data, path[:-1])
        field = model.model_fields.get(path[-1]) if model is not None else None
        if field is not None:
            return f"write `{describe_field(path[-1], field)}`"
    return "see the description of the format"


def _describe(given: Any) -> str:
    for types, words in _FOUND:
        if isinstance(given, types):
            shown = f" `{given}`" if isinstance(given, str | int | float) else ""
            return f"{words}{shown[:60]}"
    return "something else"
