"""Explain pydantic's errors in words: issues with the key, its line and a hint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from stromal.errors import Issue
from stromal.likeness import find_nearest
from stromal.toml.locate import KeyPath, find_line, format_key_path
from stromal.toml.shape import describe_field, find_part

_SEE_FORMAT = "the description of the format says how it is written"
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
    "greater_than": ("gt", "a number of more than"),
    "greater_than_equal": ("ge", "a number of at least"),
    "less_than": ("lt", "a number of less than"),
    "less_than_equal": ("le", "a number of at most"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the validated data lie: the file, the lines of its keys, and the path to the data.

    `root` is the model that the data were validated with.
    """

    root: type[BaseModel]
    data: object
    table: str
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    path: KeyPath = ()


def explain_errors(error: ValidationError, place: Place) -> tuple[Issue, ...]:
    """An issue for every error of a validation, in the order of the file's lines.

    Examples
    --------
    >>> class Visit(BaseModel, extra="forbid"):
    ...     name: str
    ...     day: float
    >>> data = {"name": "day_28", "dya": 28}
    >>> place = Place(Visit, data, "protocol.toml", path=("visits", 0))
    >>> try:
    ...     Visit.model_validate(data)
    ... except ValidationError as error:
    ...     for issue in explain_errors(error, place):
    ...         print(issue)
    protocol.toml visits[0].day: key `day` is missing.
    hint: write `day = 1.0`
    protocol.toml visits[0].dya: key `dya` is not known here.
    hint: did you mean `day`?
    """
    issues = [_explain(detail, place) for detail in error.errors()]
    return tuple(sorted(issues, key=lambda issue: issue.row or 0))


def _explain(detail: ErrorDetails, place: Place) -> Issue:
    inner = _key_path(detail["loc"], place.data)
    path = (*place.path, *inner)
    message, hint = _say(detail, inner, place)
    return Issue(
        message,
        table=place.table,
        row=find_line(place.lines, path),
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
    near = find_nearest(given, words)
    if near is not None:
        return f"did you mean `{near}`?"
    if not words:
        return "none is written here"
    return f"{what} here: " + ", ".join(f"`{word}`" for word in words)


def _key_path(location: tuple[str | int, ...], data: object) -> KeyPath:
    """Pydantic's location as it is in the file: without tags of unions and the mark of a key."""
    path: list[str | int] = []
    for part in location:
        if part == "[key]":
            continue
        if isinstance(data, dict):
            if part not in data and part in (data.get("kind"), data.get("estimate")):
                continue
            data = data.get(part)
        elif isinstance(data, list | tuple) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            data = None
        path.append(part)
    return tuple(path)


def _say(detail: ErrorDetails, path: KeyPath, place: Place) -> tuple[str, str]:
    """Message and hint of an error."""
    kind = detail["type"]
    say = _SAYINGS.get(kind)
    if say is not None:
        return say(detail, path, place)
    wanted = _WANTED.get(kind.split("_")[0])
    if wanted is not None and kind.endswith("_type"):
        found = _describe(detail["input"])
        return f"expected {wanted}, found {found}", _how_to_write(path, place)
    return detail["msg"].removeprefix("Value error, "), _SEE_FORMAT


def _say_missing(detail: ErrorDetails, path: KeyPath, place: Place) -> tuple[str, str]:
    return f"key `{detail['loc'][-1]}` is missing", _how_to_write(path, place)


def _say_unknown(detail: ErrorDetails, path: KeyPath, place: Place) -> tuple[str, str]:
    key = str(detail["loc"][-1])
    model = find_part(place.root, place.data, path[:-1])
    return f"key `{key}` is not known here", suggest(key, model.model_fields if model else ())


def _say_literal(detail: ErrorDetails, path: KeyPath, place: Place) -> tuple[str, str]:
    given = detail["input"]
    message = f"`{given}` is not one of the values of this key"
    field_info = _field(path, place)
    values = get_args(field_info.annotation) if field_info is not None else ()
    if isinstance(given, str) and values and all(isinstance(value, str) for value in values):
        return message, suggest(given, values, "allowed")
    return message, f"write {detail['ctx']['expected']}"


def _say_wrong_tag(detail: ErrorDetails, _path: KeyPath, _place: Place) -> tuple[str, str]:
    context = detail["ctx"]
    key, tag = str(context["discriminator"]).strip("'"), str(context["tag"])
    tags = [known.strip(" '") for known in str(context["expected_tags"]).split(",")]
    return f"{key} `{tag}` is not known", suggest(tag, tags)


def _say_no_tag(detail: ErrorDetails, _path: KeyPath, _place: Place) -> tuple[str, str]:
    key = str(detail["ctx"]["discriminator"]).strip("'")
    return f"key `{key}` is missing", f"write what this is: `{key} = ...`"


def _say_name(detail: ErrorDetails, _path: KeyPath, _place: Place) -> tuple[str, str]:
    joint = "hyphens" if "-]" in detail["ctx"]["pattern"] else "underscores"
    return (
        f"`{detail['input']}` is not a name",
        f"a name begins with a small letter, then small letters, digits and {joint}",
    )


def _say_range(detail: ErrorDetails, _path: KeyPath, _place: Place) -> tuple[str, str]:
    limit, words = _LIMITS[detail["type"]]
    return f"{detail['input']} is out of range", f"write {words} {detail['ctx'][limit]:g}"


def _say_empty(detail: ErrorDetails, path: KeyPath, _place: Place) -> tuple[str, str]:
    hint = "write a text" if detail["type"].startswith("string") else "write at least one"
    return f"`{path[-1]}` is empty", hint


def _say_long(detail: ErrorDetails, path: KeyPath, _place: Place) -> tuple[str, str]:
    return f"`{path[-1]}` is too long", f"write at most {detail['ctx']['max_length']} letters"


def _say_finite(detail: ErrorDetails, _path: KeyPath, _place: Place) -> tuple[str, str]:
    return f"{detail['input']} is not a number that can be used", "write a finite number"


_SAYINGS: dict[str, Callable[[ErrorDetails, KeyPath, Place], tuple[str, str]]] = {
    "missing": _say_missing,
    "extra_forbidden": _say_unknown,
    "literal_error": _say_literal,
    "union_tag_invalid": _say_wrong_tag,
    "union_tag_not_found": _say_no_tag,
    "string_pattern_mismatch": _say_name,
    **dict.fromkeys(_LIMITS, _say_range),
    "string_too_short": _say_empty,
    "too_short": _say_empty,
    "string_too_long": _say_long,
    "finite_number": _say_finite,
}


def _field(path: KeyPath, place: Place) -> FieldInfo | None:
    """The field that a path ends on; None where its table has no such key."""
    model = find_part(place.root, place.data, path[:-1]) if path else None
    return model.model_fields.get(str(path[-1])) if model is not None else None


def _how_to_write(path: KeyPath, place: Place) -> str:
    """Return how the key at the end of a path is written."""
    found = _field(path, place)
    return _SEE_FORMAT if found is None else f"write `{describe_field(str(path[-1]), found)}`"


def _describe(given: object) -> str:
    for types, words in _FOUND:
        if isinstance(given, types):
            shown = f" `{given}`" if isinstance(given, str | int | float) else ""
            return f"{words}{shown[:60]}"
    return "something else"
