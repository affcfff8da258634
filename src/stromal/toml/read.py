"""Reading a TOML file of known shape: frozen values, or every issue of the file at once."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from stromal.errors import InvalidInput, Issue
from stromal.tables.read_table import check_file
from stromal.toml.explain import Place, explain_errors
from stromal.toml.locate import locate_keys

SIZE_LIMIT_BYTES = 1_000_000
DEPTH_LIMIT = 20

_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

Shape = TypeVar("Shape", bound=BaseModel)


def read_text(file: Path, what: str, absent: str, large: str) -> str:
    """Return the text of a TOML file.

    Parameters
    ----------
    file
        UTF-8, with or without a byte-order mark, at most 1 MB.
    what
        The noun of what it holds, `a protocol`.
    absent, large
        Hints for a file that is not there, and for one that is too large.

    Raises
    ------
    InvalidInput
        The file is absent, no ordinary file, too large, not to be read, or not UTF-8.
    """
    try:
        if not file.exists():
            raise _invalid("there is no such file", file.name, absent)
        refused = check_file(file, file.parent)
        if refused is not None:
            raise InvalidInput([refused])
        size = file.stat().st_size
        if size > SIZE_LIMIT_BYTES:
            message = f"the file has {size:,} bytes, more than the {SIZE_LIMIT_BYTES:,} of {what}"
            raise _invalid(message, file.name, large)
        content = file.read_bytes()
    except OSError as error:
        raise _invalid(
            f"the file cannot be read: {error.strerror}", file.name, "look at its permissions"
        ) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise _invalid("the text is not UTF-8", file.name, "save it as UTF-8", row) from None


def parse_toml(text: str, shape: type[Shape], table: str) -> Shape:
    """Return the values of a TOML text; raise InvalidInput with every issue where it is none.

    Parameters
    ----------
    text
        The file's text.
    shape
        A frozen pydantic model of the whole file; validation is strict.
    table
        Name of the file, for its issues.

    Examples
    --------
    >>> class Visit(BaseModel):
    ...     day: float
    >>> parse_toml("day = 28", Visit, "visit.toml").day
    28.0
    >>> try:
    ...     parse_toml("day = 2,0", Visit, "visit.toml")
    ... except InvalidInput as error:
    ...     print(error.issues[0].place, "-", error.issues[0].hint)
    visit.toml row 1 column 8 - one key and one value a line; a number has a point, `dose = 2.0`
    """
    data = read_toml(text, table)
    try:
        return shape.model_validate(with_tuples(data), strict=True)
    except ValidationError as error:
        place = Place(shape, data, table, locate_keys(text))
        raise InvalidInput(explain_errors(error, place)) from None


def read_toml(text: str, table: str) -> dict[str, Any]:
    """Return the tables of a TOML text as written; raise InvalidInput where it is none."""
    try:
        data = tomllib.loads(text)
        _check_depth(data)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        found = _POSITION.search(message)
        row, column = (found.group(1), found.group(2)) if found else (None, None)
        reason = _POSITION.sub("", message)
        raise _invalid(
            f"this is not TOML: {reason[:1].lower()}{reason[1:]}",
            table,
            _hint(reason),
            int(row) if row else text.count("\n") + 1,
            column,
        ) from None
    except (RecursionError, ValueError):
        raise _invalid(
            "this is not TOML that can be read: a number is too long, or lists are nested too deep",
            table,
            "the file holds plain numbers and lists of them",
        ) from None
    return data


def _check_depth(data: dict[str, Any]) -> None:
    """Raise RecursionError where tables and lists lie deeper in each other than allowed."""
    level: list[Any] = [data]
    for _ in range(DEPTH_LIMIT):
        inner = [item.values() if isinstance(item, dict) else item for item in level]
        level = [item for items in inner for item in items if isinstance(item, dict | list)]
    if level:
        raise RecursionError


def _hint(reason: str) -> str:
    if any(word in reason for word in ("overwrite", "twice", "mutate", "redefin")):
        return "a key or a table is written twice; keep one of them"
    if reason.startswith("Invalid value"):
        return 'text stands in double quotes, `unit = "Gy"`; a number has a point, `dose = 2.0`'
    return "one key and one value a line; a number has a point, `dose = 2.0`"


def with_tuples(value: object) -> object:
    """Return the same data with lists as tuples, which strict validation asks for."""
    if isinstance(value, dict):
        return {key: with_tuples(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(with_tuples(item) for item in value)
    return value


def _invalid(
    message: str, table: str, hint: str, row: int | None = None, column: str | None = None
) -> InvalidInput:
    return InvalidInput([Issue(message, table=table, row=row, column=column, hint=hint)])
