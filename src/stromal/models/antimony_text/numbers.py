"""Numbers of an Antimony text that its library would read as other numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stromal.errors import Issue
from stromal.models.antimony_text.outline import ARROWS, Outline, Statement
from stromal.models.antimony_text.tokens import Kind, Token
from stromal.models.antimony_text.units import find_units, one, read_units
from stromal.models.foreign_text import beyond_double

_NONE: frozenset[Token] = frozenset()
_SHOWN = 30
_KEYWORDS = frozenset({"after", "end", "has", "in", "is"})


def check_numbers(outline: Outline) -> list[Issue]:
    """Numbers that no double holds, and words after a number that are no unit.

    Antimony reads the word after a number as the unit of the number, defined or not: `1e400`, which
    is too large for it, as 1 with the unit `e400`, and `0x10` as 0 with the unit `x10`.

    Examples
    --------
    >>> from stromal.models.antimony_text.outline import read_outline
    >>> from stromal.models.antimony_text.tokens import read_tokens
    >>> print(*check_numbers(read_outline(read_tokens("x = 1e400"))))
    row 1: the number 1e400 is larger than a double can hold.
    hint: the largest is 1.8e308; write `inf` for infinity, or choose another unit
    """
    units = find_units(outline)
    issues = []
    for tokens, free in _parts(outline):
        for index, token in enumerate(tokens):
            if token.kind is Kind.NUMBER:
                after = tokens[index + 1] if index + 1 < len(tokens) else None
                unit = after if after is not None and _is_unit(after) else None
                issues += _check_number(token, unit, units, is_free=unit in free)
    return issues


def _parts(outline: Outline) -> Iterator[tuple[Sequence[Token], frozenset[Token]]]:
    """Words in which there may be numbers, and those that may follow one and be no unit."""
    for statement in outline.statements:
        tokens = statement.tokens
        yield tokens, frozenset(tokens if _counts(statement) else read_units(statement))
        yield statement.rate or (), _NONE
    for function in outline.functions:
        yield function.body, _NONE


def _counts(statement: Statement) -> bool:
    """Whether numbers count molecules there."""
    signs = {token.text for token in statement.tokens if token.kind is Kind.SIGN}
    return statement.rate is not None or bool(signs & ARROWS)


def _is_unit(token: Token) -> bool:
    return token.kind is Kind.NAME and token.text not in _KEYWORDS


def _check_number(
    token: Token, unit: Token | None, units: frozenset[str], *, is_free: bool
) -> list[Issue]:
    shown = token.text if len(token.text) <= _SHOWN else f"{token.text[:_SHOWN]}..."
    said = ""
    if beyond := beyond_double(token.text, shown):
        said, hint = beyond
    elif unit is not None and not unit.apart and unit.text[0] in "eE":
        said = f"`{shown}{unit.text[:_SHOWN]}` is no number"
        hint = "write figures after the `e`, or a blank before a unit"
    elif unit is not None and not is_free and one(unit.text) not in units:
        blank = " " if unit.apart else ""
        name = unit.text[:_SHOWN]
        said = f"`{shown}{blank}{name}` is no number and `{name}` is no unit"
        hint = (
            "write a number as 1000 or 1.5e-3, a product with `*`, "
            f"and define a unit as `unit {name} = ...`"
        )
    return [Issue(said, row=token.row, hint=hint)] if said else []
