"""Text from outside, looked at before any library reads it: size, encoding, entities, depth."""

from __future__ import annotations

import codecs
import math
import re
import sys
from pathlib import Path
from xml.parsers import expat

from stromal.errors import InvalidInput, Issue

LARGEST_BYTES = 50_000_000
DEEPEST = 300

_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_ENCODINGS = {"utf-8", "ascii", "iso8859-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be"}
_SAVE = "save the file as UTF-8 text"
_XINCLUDE = "http://www.w3.org/2001/XInclude"


def read_bytes(path: Path) -> bytes:
    """Bytes of a file that is neither absent nor larger than `LARGEST_BYTES`."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= LARGEST_BYTES else b""
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no file can have this name"
        hint = "give one file in it" if isinstance(error, IsADirectoryError) else "check its path"
        raise refused(f"the file cannot be read: {reason}", hint, path.name) from error
    if size > LARGEST_BYTES:
        raise _too_large(path.name)
    return data


def check_xml(data: bytes | str, table: str | None = None) -> str:
    """The XML text, in UTF-8 and without anything that reaches outside it or grows.

    Parameters
    ----------
    data
        Bytes in UTF-8, UTF-16 (with a byte-order mark), ASCII, Latin-1 or Windows-1252; or text.
    table
        Name of the file, for issues.

    Returns
    -------
    str
        The same document with a declaration that says UTF-8; lines are numbered as they were.

    Raises
    ------
    InvalidInput
        It is too large or too deep, is not well-formed, is in another encoding, or has a document
        type, entities or inclusions.

    Examples
    --------
    >>> check_xml(b"<sbml/>")
    '<?xml version="1.0" encoding="UTF-8"?><sbml/>'
    """
    if len(data) > LARGEST_BYTES:
        raise _too_large(table)
    text = check_text(data, table) if isinstance(data, str) else _decode(data, table)
    body = _DECLARATION.sub(lambda found: "\n" * found[0].count("\n"), text, count=1)
    text = '<?xml version="1.0" encoding="UTF-8"?>' + body.lstrip("\ufeff")
    _parse(text, table)
    return text


def _decode(data: bytes, table: str | None) -> str:
    name = "utf-8"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        name = "utf-16"
    elif data.startswith(codecs.BOM_UTF8):
        name = "utf-8-sig"
    elif found := _ENCODING.match(data):
        name = found[1].decode("ascii")
    try:
        known = name == "utf-8-sig" or codecs.lookup(name).name in _ENCODINGS
        return data.decode(name if known else "ascii")
    except (LookupError, UnicodeDecodeError) as error:
        raise refused(
            f"the text cannot be read as {name}", "save the file as UTF-8", table
        ) from error


def _parse(text: str, table: str | None) -> None:
    """Walk through the document; it is refused at the first thing that is not plain."""
    parser = expat.ParserCreate("UTF-8", namespace_separator=" ")
    depth = 0

    def stop(message: str, hint: str) -> None:
        raise refused(message, hint, table, parser.CurrentLineNumber)

    def start(name: str, _: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            stop(f"the document is nested more than {DEEPEST} deep", "break up long formulas")
        if name.startswith(_XINCLUDE):
            stop("the document includes another one", "paste the other document in")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    def declare(*_: object) -> None:
        stop("the document has a document type or entities", "remove the DOCTYPE declaration")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = declare
    parser.EntityDeclHandler = declare
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)  # noqa: FBT003 - the last piece
    except expat.ExpatError as error:
        words = expat.errors.messages.get(error.code, "unknown error")
        raise refused(
            f"this is not well-formed XML: {words}",
            "export the model again",
            table,
            error.lineno,
        ) from error


def find_packages(text: str) -> dict[str, bool]:
    """Packages that an SBML document declares, by namespace, and whether it needs them.

    Examples
    --------
    >>> find_packages('<sbml xmlns:own="http://example.org/own" own:required="true"/>')
    {'http://example.org/own': True}
    """
    parser = expat.ParserCreate("UTF-8", namespace_separator=" ")
    roots: list[dict[str, str]] = []
    parser.StartElementHandler = lambda _, attributes: roots.append(attributes)
    parser.Parse(text.encode("utf-8", "replace"), True)  # noqa: FBT003 - the last piece
    needs = {name: value for name, value in roots[0].items() if name.endswith(" required")}
    return {name.split(" ")[0]: value in ("true", "1") for name, value in needs.items()}


def check_text(text: str, table: str | None = None) -> str:
    r"""The text, when it is not too large, can be written as UTF-8 and has no null character.

    Examples
    --------
    >>> check_text("\ud800 is half of a pair")
    Traceback (most recent call last):
    stromal.errors.InvalidInput: row 1: the text has half of a character (U+D800).
    hint: save the file as UTF-8 text
    """
    if len(text) > LARGEST_BYTES:
        raise _too_large(table)
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise refused("the text has a null character", _SAVE, table, row)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        row = text.count("\n", 0, error.start) + 1
        code = f"U+{ord(text[error.start]):04X}"
        raise refused(f"the text has half of a character ({code})", _SAVE, table, row) from error
    return text


def beyond_double(number: str, shown: str) -> tuple[str, str] | None:
    """Why no double holds a number, and what to do; None where one does.

    Parameters
    ----------
    number
        A decimal number as it is written.
    shown
        The same as a message shows it.

    Examples
    --------
    >>> beyond_double("1e-400", "1e-400")[0]
    'the number 1e-400 is closer to zero than a double can hold'
    >>> beyond_double("0.0", "0.0") is None
    True
    """
    value = abs(float(number))
    if math.isinf(float(f"{value:.15g}")):  # the libraries hand numbers on in 15 figures
        hint = "the largest is 1.8e308; write `inf` for infinity, or choose another unit"
        return f"the number {shown} is larger than a double can hold", hint
    mantissa = number.lower().partition("e")[0]
    if value < sys.float_info.min and any(digit in "123456789" for digit in mantissa):
        hint = "the smallest is 2.2e-308; write 0, or choose another unit"
        return f"the number {shown} is closer to zero than a double can hold", hint
    return None


def refused(
    message: str, hint: str, table: str | None = None, row: int | None = None
) -> InvalidInput:
    """One issue, as an exception."""
    return InvalidInput([Issue(message, table=table, row=row, hint=hint)])


def _too_large(table: str | None) -> InvalidInput:
    return refused(
        f"the model is larger than {LARGEST_BYTES // 1_000_000} MB",
        "is this the model's file?",
        table,
    )
