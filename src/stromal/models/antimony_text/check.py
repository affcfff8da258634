"""Antimony text, looked at before its library reads it: what it would misread, and all at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from stromal.errors import InvalidInput, Issue
from stromal.models.antimony_text.definitions import check_definitions
from stromal.models.antimony_text.models import check_fatal, check_models
from stromal.models.antimony_text.numbers import check_numbers
from stromal.models.antimony_text.outline import is_word, read_outline
from stromal.models.antimony_text.tokens import Kind, Token, read_tokens
from stromal.models.antimony_text.units import check_units
from stromal.models.foreign_text import DEEPEST, check_text, refused

_OPERATORS = frozenset("-/^%<>=!&|")
_MOST_OPERATORS = 1000
_SIGNS = frozenset("!+-")
_MOST_SIGNS = 99
_TOO_DEEP = (f"brackets are nested more than {DEEPEST} deep", "break up long formulas")
_MANY_SIGNS = ("a hundred signs stand in a row", "write the formula with fewer")
_TOO_LONG = (f"the statement has more than {_MOST_OPERATORS} operators", "break it up")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SHOWN = 5


def check_antimony(text: str, table: str | None = None) -> str:
    """The Antimony text, when nothing of it would be ignored or misread.

    Parameters
    ----------
    text
        One model; more where it is made of them.
    table
        Name of the file, for issues.

    Returns
    -------
    str
        The same text, without a byte-order mark.

    Raises
    ------
    InvalidInput
        It is too large or too deep, is empty, reads another file, has characters that Antimony does
        not have, has numbers that no double holds or units that are none, defines a name twice, or
        has a model that is no part of the one that is taken.

    Examples
    --------
    >>> check_antimony('import "other.ant"')
    Traceback (most recent call last):
    stromal.errors.InvalidInput: row 1: the text imports another file.
    hint: paste the other file in
    """
    text = check_text(text, table).removeprefix("\ufeff")
    tokens = read_tokens(text)
    if not any(token.kind is not Kind.END for token in tokens):
        raise refused("there is no model in the text", "write Antimony or SBML", table)
    outline = read_outline(tokens)
    issues = [
        *_check_words(tokens),
        *_check_depth(tokens),
        *check_numbers(outline),
        *check_units(outline),
        *check_definitions(outline),
        *check_models(outline),
        *check_fatal(outline),
    ]
    if issues:
        in_order = sorted(issues, key=lambda issue: issue.row or 0)
        raise InvalidInput(replace(issue, table=table) for issue in in_order)
    return text


def _check_words(tokens: Sequence[Token]) -> Iterator[Issue]:
    """Words and characters that are refused wherever they stand."""
    strange: dict[int, dict[str, None]] = {}
    for token in tokens:
        if is_word(token, "import"):
            yield Issue(
                "the text imports another file", row=token.row, hint="paste the other file in"
            )
        elif token.kind is Kind.OPEN:
            sort, ending = (
                ("comment", "`*/`") if token.text[0] == "/" else ("note", "three backticks")
            )
            yield Issue(
                f"a {sort} does not end, so that the rest of the text would be ignored",
                row=token.row,
                hint=f"end it with {ending}",
            )
        elif token.kind is Kind.TEXT and _CONTROL.search(token.text):
            yield Issue(
                "the words in quotes have a control character", row=token.row, hint="remove it"
            )
        elif token.kind is Kind.STRANGE:
            strange.setdefault(token.row, {})[_shown(token.text)] = None
    for row, characters in strange.items():
        some = ", ".join(list(characters)[:_SHOWN])
        yield Issue(
            f"Antimony does not have the character {some} outside comments and quotes",
            row=row,
            hint="names are ASCII letters, figures and `_`; write `-` for minus, `'` for a rate",
        )


def _shown(character: str) -> str:
    code = f"U+{ord(character):04X}"
    return f"`{character}` ({code})" if character.isprintable() else code


def _check_depth(tokens: Sequence[Token]) -> Iterator[Issue]:
    """Formulas so long or deep that the library would run out of stack; one issue of each sort."""
    depth = signs = operators = 0
    said: set[str] = set()
    for token in tokens:
        if token.kind is Kind.SIGN:
            depth += (token.text == "(") - (token.text == ")")
            signs = signs + len(token.text) if _SIGNS.issuperset(token.text) else 0
            operators += not _OPERATORS.isdisjoint(token.text)
        else:
            signs = 0
            operators = 0 if token.kind is Kind.END else operators
        if depth > DEEPEST or signs > _MOST_SIGNS or operators > _MOST_OPERATORS:
            message, hint = (
                _TOO_DEEP if depth > DEEPEST else _MANY_SIGNS if signs > _MOST_SIGNS else _TOO_LONG
            )
            if message not in said:
                said.add(message)
                yield Issue(message, row=token.row, hint=hint)
