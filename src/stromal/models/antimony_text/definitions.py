"""Definitions of an Antimony text, of which its library would take the last and say nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stromal.errors import Issue
from stromal.models.antimony_text.models import find_submodel
from stromal.models.antimony_text.outline import (
    Block,
    Outline,
    Statement,
    Tokens,
    has_sign,
    is_word,
    read_path,
    split,
    written,
)
from stromal.models.antimony_text.tokens import Kind, Token

_DECLARATIONS = (
    "compartment",
    "const",
    "DNA",
    "ext",
    "formula",
    "gene",
    "operator",
    "reaction",
    "species",
    "substanceOnly",
    "var",
)
_OTHER_STATEMENTS = ("constraint", "delete", "import", "maximize", "minimize", "model", "module")
_HEADS = "heads of models and functions"


class What(StrEnum):
    """What a definition says of a name."""

    VALUE = "has a value"
    RULE = "has an assignment rule"
    RATE = "has a rate rule"
    REACTION = "is a reaction"
    BARE_REACTION = "is a reaction without a rate"
    EVENT = "is an event"
    SETTING = "is set by the event"
    SUBMODEL = "is a submodel"
    STRAND = "is a strand of DNA"
    UNIT = "is a unit"
    PLACE = "has a compartment"
    MEASURE = "has a unit"
    ALIAS = "is another name"
    MODEL = "is a model"
    FUNCTION = "is a function"


_NAMED = {
    What.REACTION,
    What.BARE_REACTION,
    What.EVENT,
    What.SUBMODEL,
    What.MODEL,
    What.FUNCTION,
}
_BESIDES = {What.PLACE, What.MEASURE}  # said of a name whatever else is said of it
_BESIDE_EACH_OTHER = (
    {What.VALUE, What.RATE},
    {What.BARE_REACTION, What.VALUE},
    {What.BARE_REACTION, What.RULE},
)


@dataclass(frozen=True, slots=True)
class Definition:
    """What is said of a name, in which scope (a model, an event) and row, and in which words."""

    scope: str
    name: str
    what: What
    row: int
    words: str = ""


def check_definitions(outline: Outline) -> list[Issue]:
    """Names that are defined a second time where only one definition can hold.

    Examples
    --------
    >>> from stromal.models.antimony_text.outline import read_outline
    >>> from stromal.models.antimony_text.tokens import read_tokens
    >>> print(*check_definitions(read_outline(read_tokens("x = 1; x' = 2; x' = 3"))))
    row 1: `x` has a rate rule in row 1 and again in row 1, and only one can hold.
    hint: keep one of them
    """
    models = {block.name: block for block in outline.models}
    found = [
        *(Definition(_HEADS, item.name, What.MODEL, item.row) for item in outline.models),
        *(Definition(_HEADS, item.name, What.FUNCTION, item.row) for item in outline.functions),
    ]
    for number, statement in enumerate(outline.statements):
        found += _read(statement, models, number)
    issues = []
    for definitions in _by_name(found).values():
        held: dict[What, Definition] = {}
        for later in definitions:
            first = next((item for item in held.values() if _clash(item, later)), None)
            if first is None:
                held.setdefault(later.what, later)
            else:
                issues.append(_issue(first, later))
    return issues


def _clash(first: Definition, later: Definition) -> bool:
    pair = {first.what, later.what}
    if len(pair) > 1:
        return pair not in _BESIDE_EACH_OTHER and not pair & _BESIDES
    return first.what not in _BESIDES or first.words != later.words


def _issue(first: Definition, later: Definition) -> Issue:
    same = first.what is later.what
    second = "again" if same else later.what
    renamed = " or give them different names" if {first.what, later.what} & _NAMED else ""
    name = f"`{later.name}`" + (f", also `{first.name}`," if first.name != later.name else "")
    return Issue(
        f"{name} {first.what} in row {first.row} and {second} in row {later.row}, "
        "and only one can hold",
        row=later.row,
        hint=f"keep one of them{renamed}",
    )


def _by_name(found: Sequence[Definition]) -> dict[tuple[str, str], list[Definition]]:
    """Definitions of each name, under one name where two names are said to be one thing."""
    same: dict[tuple[str, str], str] = {}
    for item in found:
        if item.what is What.ALIAS:
            one, other = _last(same, item.scope, item.name), _last(same, item.scope, item.words)
            if one != other:
                same[item.scope, one] = other
    named: dict[tuple[str, str], list[Definition]] = defaultdict(list)
    for item in found:
        if item.what is not What.ALIAS:
            named[item.scope, _last(same, item.scope, item.name)].append(item)
    return named


def _last(same: dict[tuple[str, str], str], scope: str, name: str) -> str:
    while (scope, name) in same:
        name = same[scope, name]
    return name


def _read(statement: Statement, models: dict[str, Block], number: int) -> Iterator[Definition]:
    tokens, scope = statement.tokens, statement.model
    if is_word(tokens[0], *_OTHER_STATEMENTS):
        return
    if is_word(tokens[0], "unit"):
        name, rest = read_path(tokens[1:])
        if rest and has_sign(rest[0], "="):
            yield Definition(scope, name, What.UNIT, tokens[0].row)
        return
    if is_word(tokens[0], "at"):
        yield from _settings(tokens, f"{scope} event {number}")
        return
    declared = 0
    while declared < len(tokens) and is_word(tokens[declared], *_DECLARATIONS):
        declared += 1
    parts = split(tokens[declared:], ",") if declared else [list(tokens)]
    for part in parts:
        yield from _read_part(statement, tuple(part), models, number)


def _read_part(
    statement: Statement, tokens: Tokens, models: dict[str, Block], number: int
) -> Iterator[Definition]:
    """What one part of a statement says of the name that it begins with."""
    scope, (name, rest) = statement.model, read_path(tokens)
    if not name or not rest:
        return
    row = tokens[0].row
    if is_word(rest[0], "in"):
        place, rest = read_path(rest[1:])
        yield Definition(scope, name, What.PLACE, row, place)
    signs = tuple(token.text for token in rest[:2])
    if signs[:1] == ("=",):
        yield Definition(scope, name, What.VALUE, row)
    elif signs == (":", "="):
        yield Definition(scope, name, What.RULE, row)
    elif signs == ("'", "="):
        yield Definition(scope, name, What.RATE, row)
    elif signs[:1] == ("has",):
        yield Definition(scope, name, What.MEASURE, row, written(rest[1:]))
    elif signs[:1] == ("is",) and len(rest) > 1 and rest[1].kind is Kind.NAME:
        yield Definition(scope, name, What.ALIAS, row, read_path(rest[1:])[0])
    elif signs[:1] == (":",):
        yield from _named(statement, name, rest[1:], models, number)


def _named(
    statement: Statement, name: str, rest: Tokens, models: dict[str, Block], number: int
) -> Iterator[Definition]:
    """What stands behind `name:`."""
    scope, row = statement.model, statement.row
    if statement.rate is not None:
        kind = What.REACTION if statement.rate else What.BARE_REACTION
        yield Definition(scope, name, kind, row)
    elif rest and is_word(rest[0], "at"):
        yield Definition(scope, name, What.EVENT, row)
        yield from _settings(rest, f"{scope} event {number}")
    elif (model := find_submodel(statement, models)) is not None:
        yield Definition(scope, name, What.SUBMODEL, row)
        inside = split(rest[2 : _closing(rest)], ",")
        for own, given in zip(models[model].arguments, inside, strict=False):
            kind = What.VALUE if given and given[0].kind is Kind.NUMBER else What.ALIAS
            yield Definition(scope, f"{name}.{own}", kind, row, written(given))
    elif any(token.text.startswith("--") for token in rest):
        yield Definition(scope, name, What.STRAND, row)


def _settings(tokens: Tokens, scope: str) -> Iterator[Definition]:
    """How an event happens (`t0 = false`), and behind the first colon what it sets."""
    for index, piece in enumerate(split(tokens, ":")):
        for part in split(piece, ","):
            name, rest = read_path(part)
            if name and rest and has_sign(rest[0], "="):
                own = f"{scope}, how" if index == 0 else scope
                yield Definition(own, name, What.SETTING, part[0].row)


def _closing(tokens: Sequence[Token]) -> int:
    return next((i for i, token in enumerate(tokens) if has_sign(token, ")")), len(tokens))
