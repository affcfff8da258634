"""Read `protocol.toml`: a protocol, or every issue of the file at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stromal.errors import InvalidInput, Issue
from stromal.protocol.explain import Place, explain_errors
from stromal.protocol.locate import find_line, locate_keys, parse_key_path
from stromal.protocol.protocol import Protocol
from stromal.tables.read_table import check_file

PROTOCOL_FILE = "protocol.toml"
SIZE_LIMIT_BYTES = 1_000_000
DEPTH_LIMIT = 20

_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_protocol(path: str | Path) -> Protocol:
    """The protocol of a study.

    Parameters
    ----------
    path
        A protocol file, or the study folder that holds `protocol.toml`. UTF-8, with or without a
        byte-order mark, with Unix or Windows line ends, at most 1 MB.

    Returns
    -------
    Protocol
        Frozen values; units, names and days are as written. `check_protocol` looks at what several
        keys say together.

    Raises
    ------
    InvalidInput
        Every issue of the file, in the order of its lines.

    Examples
    --------
    >>> from pathlib import Path
    >>> read_protocol(Path("studies/itp-dose")).study.day_zero
    'first_msc_dose'
    """
    path = Path(path)
    file = path / PROTOCOL_FILE if path.is_dir() else path
    return parse_protocol(_read_text(file), table=file.name)


def parse_protocol(text: str, table: str = PROTOCOL_FILE) -> Protocol:
    """The protocol of a TOML text; InvalidInput with every issue where it is none.

    Examples
    --------
    >>> try:
    ...     parse_protocol("dose = 2,0")
    ... except InvalidInput as error:
    ...     print(error.issues[0].place, "-", error.issues[0].hint)
    protocol.toml row 1 column 9 - one key and one value a line; a number has a point, `dose = 2.0`
    """
    data = _parse_toml(text, table)
    try:
        return Protocol.model_validate(_with_tuples(data), strict=True)
    except ValidationError as error:
        place = Place(Protocol, data, table, locate_keys(text))
        raise InvalidInput(explain_errors(error, place)) from None


def locate_issues(issues: Iterable[Issue], path: str | Path) -> tuple[Issue, ...]:
    """Issues of the protocol's checks, each with the line of its key in the file.

    Issues of other tables, and those that name no key, are given back as they are.
    """
    path = Path(path)
    lines = locate_keys(_read_text(path / PROTOCOL_FILE if path.is_dir() else path))
    return tuple(
        replace(issue, row=find_line(lines, parse_key_path(issue.column)))
        if issue.table == PROTOCOL_FILE and issue.row is None and issue.column
        else issue
        for issue in issues
    )


def _read_text(file: Path) -> str:
    """The text of a file; InvalidInput where it is absent, too large, or not UTF-8."""
    try:
        if not file.exists():
            raise _invalid(
                "there is no such file",
                file.name,
                f"give the path of a study folder, which holds a file `{PROTOCOL_FILE}`",
            )
        refused = check_file(file, file.parent)
        if refused is not None:
            raise InvalidInput([refused])
        size = file.stat().st_size
        if size > SIZE_LIMIT_BYTES:
            raise _invalid(
                f"the file has {size:,} bytes, more than the {SIZE_LIMIT_BYTES:,} of a protocol",
                file.name,
                "patients and measurements stand in tables of their own, under `patients/`",
            )
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


def _parse_toml(text: str, table: str) -> dict[str, Any]:
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
            "a protocol holds plain numbers and lists of them",
        ) from None
    return data


def _check_depth(data: dict[str, Any]) -> None:
    """RecursionError where tables and lists lie deeper in each other than any protocol has them."""
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


def _with_tuples(value: object) -> object:
    """The same data with lists as tuples, which strict validation asks for."""
    if isinstance(value, dict):
        return {key: _with_tuples(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_with_tuples(item) for item in value)
    return value


def _invalid(
    message: str, table: str, hint: str, row: int | None = None, column: str | None = None
) -> InvalidInput:
    return InvalidInput([Issue(message, table=table, row=row, column=column, hint=hint)])
