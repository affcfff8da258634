"""Units of an Antimony text: those that it defines, and names that are none."""

from __future__ import annotations

from stromal.errors import Issue
from stromal.models.antimony_text.outline import (
    Outline,
    Statement,
    Tokens,
    has_sign,
    is_word,
    split,
)
from stromal.models.antimony_text.tokens import Kind, Token

_KNOWN = (  # `time` and `avogadro` are values too, and `2 time` hardly means two seconds
    "ampere area becquerel candela coulomb dimensionless extent farad gram gray henry hertz item "
    "joule katal kelvin kilogram length liter litre lumen lux meter metre mole newton ohm pascal "
    "radian second siemens sievert steradian substance tesla time_unit volt volume watt weber"
)


def find_units(outline: Outline) -> frozenset[str]:
    """Units that every text knows, and those that this one defines."""
    defined = (
        one(statement.tokens[1].text)
        for statement in outline.statements
        if is_word(statement.tokens[0], "unit") and read_units(statement)
    )
    return frozenset((*_KNOWN.split(), *defined))


def one(unit: str) -> str:
    """Antimony takes `seconds` for `second`, and any other name with an `s` likewise.

    Examples
    --------
    >>> one("seconds"), one("mL"), one("siemens")
    ('second', 'mL', 'siemens')
    """
    return unit if unit in ("dimensionless", "siemens") else unit.removesuffix("s")


def read_units(statement: Statement) -> Tokens:
    """The formulas of units in `unit x = ...` or `x has ...`; empty in any other statement."""
    of_unit = is_word(statement.tokens[0], "unit")
    found: list[Token] = []
    for part in split(statement.tokens, ","):
        for index, token in enumerate(part):
            if has_sign(token, "=") if of_unit else is_word(token, "has"):
                found += part[index + 1 :]
                break
    return tuple(found)


def check_units(outline: Outline) -> list[Issue]:
    """Names in formulas of units that are no units; Antimony would take them for a unit of nothing.

    Examples
    --------
    >>> from stromal.models.antimony_text.outline import read_outline
    >>> from stromal.models.antimony_text.tokens import read_tokens
    >>> print(*check_units(read_outline(read_tokens("k has perday"))))
    row 1: `perday` is no unit.
    hint: define it as `unit perday = ...`
    """
    known = find_units(outline)
    return [
        Issue(
            f"`{token.text}` is no unit",
            row=token.row,
            hint=f"define it as `unit {token.text} = ...`",
        )
        for statement in outline.statements
        for token in read_units(statement)
        if token.kind is Kind.NAME and one(token.text) not in known
    ]
