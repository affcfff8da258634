r"""Definitions that name each other, cut apart while the library of Antimony reads the text.

The library looks for circles of definitions in a time that grows with the cube of their number: a
chain of a thousand assignments takes minutes. So where a definition speaks of a name that another
one defines, that name is marked, and what comes out loses the marks. Circles are found by
`resolve`, whatever the format.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Mapping
from itertools import pairwise

from stromal.models.antimony_text.outline import (
    Outline,
    Statement,
    Tokens,
    has_sign,
    is_word,
    read_outline,
)
from stromal.models.antimony_text.tokens import Kind, Token, end_lines, read_tokens

LONGEST = 30
"""Definitions that rest on each other one by one without being cut apart."""

MOST_WAYS = 10_000
"""Ways down from a definition through those it rests on: where each names its predecessor twice,
the library looks at 2^n of them."""

_MARK = "__marked"


def mark_links(text: str) -> str:
    r"""The text with names marked where definitions speak of each other.

    The text itself where chains of definitions are short, or where it has several models: where
    names are marked, the library may list them in another order.

    Examples
    --------
    >>> mark_links("a := 1; b := 2*a")
    'a := 1; b := 2*a'
    >>> links = [f"a{i} := 2*a{i - 1}" for i in range(1, LONGEST + 1)]
    >>> mark_links("\n".join(["a0 := time", *links])).splitlines()[1]
    'a1 := 2*a0__marked'
    """
    outline = read_outline(read_tokens(text))
    formulas = {}
    for statement in outline.statements:
        if found := _read_definition(statement):
            formulas[found[0]] = found[1]
    spoken = {name: _references(tokens, formulas) for name, tokens in formulas.items()}
    if not _is_long(spoken) or _MARK in text or not _is_one_model(outline):
        return text
    pieces, last, whole = [], 0, end_lines(text)
    tokens = (token for found in spoken.values() for token in found)
    for token in sorted(tokens, key=lambda token: token.place):
        end = token.place + len(token.text)
        pieces += [whole[last:end], _MARK]
        last = end
    return "".join([*pieces, whole[last:]])


def join_links(sbml: str) -> str:
    """The SBML that comes out, with every mark taken away.

    Examples
    --------
    >>> join_links('<parameter id="a__marked" constant="true"/><ci> a__marked </ci>')
    '<ci> a </ci>'
    """
    return re.sub(rf'\s*<parameter [^>]*id="\w+{_MARK}"[^>]*/>', "", sbml).replace(_MARK, "")


def _read_definition(statement: Statement) -> tuple[str, Tokens] | None:
    """Name and formula of `name := formula` and of `name = formula`."""
    tokens = statement.tokens
    if statement.rate is not None or statement.of_block or tokens[0].kind is not Kind.NAME:
        return None
    signs = "".join(token.text for token in tokens[1:3] if token.kind is Kind.SIGN)
    start = 3 if signs == ":=" else 2 if signs[:1] == "=" else 0
    return (tokens[0].text, tokens[start:]) if start else None


def _is_one_model(outline: Outline) -> bool:
    """Whether no name can mean something in another model, or be made another one."""
    words = (token for each in outline.statements for token in each.tokens)
    return len(outline.models) <= 1 and not any(
        is_word(token, "is", "delete") or has_sign(token, ".") for token in words
    )


def _references(tokens: Tokens, formulas: Container[str]) -> tuple[Token, ...]:
    """Names in a formula that others define; units, functions and rates of names are none."""
    if any(is_word(token, "in", "rateOf") for token in tokens):
        return ()
    return tuple(
        token
        for before, token in pairwise((None, *tokens))
        if token is not None
        and token.kind is Kind.NAME
        and token.text in formulas
        and (before is None or before.kind is not Kind.NUMBER)
    )


def _is_long(spoken: Mapping[str, tuple[Token, ...]]) -> bool:
    """Whether definitions rest on each other in long chains, or in very many ways."""
    left = {name: {token.text for token in tokens} for name, tokens in spoken.items()}
    users: dict[str, list[str]] = defaultdict(list)
    for name, names in left.items():
        for other in names:
            users[other].append(name)
    ways: dict[str, int] = {}
    levels, ready = 0, [name for name, names in left.items() if not names]
    while ready and levels <= LONGEST:
        levels += 1
        after = []
        for name in ready:
            ways[name] = sum(1 + ways[token.text] for token in spoken[name])
            if ways[name] > MOST_WAYS:
                return True
            for user in users[name]:
                left[user].discard(name)
                if not left[user]:
                    after.append(user)
        ready = after
    # what is left speaks of each other in a circle
    return max(levels, sum(map(bool, left.values()))) > LONGEST
