"""Models of an Antimony text: which one is taken, what it is made of, and what would be ignored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from stromal.errors import Issue
from stromal.models.antimony_text.outline import (
    OUTSIDE,
    Outline,
    Statement,
    has_sign,
    is_word,
    read_path,
    split,
)
from stromal.models.antimony_text.tokens import Kind

_FUNCTIONS = (  # that Antimony knows
    "abs acos acosh acot acoth acsc acsch and arccos arccosh arccot arccoth arccsc arccsch "
    "arcsec arcsech arcsin arcsinh arctan arctanh asec asech asin atan atanh bernoulli binomial "
    "cauchy ceil ceiling chisquare cos cosh cot coth csc csch delay divide eq equals exp "
    "exponential factorial floor gamma geq gt implies laplace leq ln log log10 lognormal lt max "
    "min minus neq normal not or piecewise plus poisson pow power quotient rateOf rayleigh rem "
    "root sec sech sin sinh sqr sqrt tan tanh times truncatedExponential truncatedGamma "
    "truncatedNormal truncatedPoisson uniform xor"
)


def check_models(outline: Outline) -> list[Issue]:
    """Models, or statements outside them, that are no part of the model that is taken.

    Antimony takes the last model with a star, else what stands outside any model, else the last.

    Examples
    --------
    >>> from stromal.models.antimony_text.outline import read_outline
    >>> from stromal.models.antimony_text.tokens import read_tokens
    >>> text = "model a() x = 1; end; model b() x = 2; end"
    >>> print(*check_models(read_outline(read_tokens(text))))
    row 1: model `a` would be ignored: model `b` is taken.
    hint: keep one model, or mark the one to take as `model *a`
    """
    blocks = {block.name: block for block in outline.models}
    loose = [item for item in outline.statements if _is_loose(item, blocks)]
    starred = [block.name for block in outline.models if block.starred]
    taken = starred[-1] if starred else OUTSIDE if loose else next(reversed(blocks), OUTSIDE)
    part_of = _submodels(outline, blocks, taken)
    said = (
        f"model `{taken}`"
        if taken
        else f"what stands outside (row {loose[0].row})"
        if loose
        else ""
    )
    issues = [
        Issue(
            f"model `{block.name}` would be ignored: {said} is taken",
            row=block.row,
            hint=f"keep one model, or mark the one to take as `model *{block.name}`"
            if taken
            else "move what stands outside into the model",
        )
        for block in blocks.values()
        if block.name not in part_of
    ]
    if loose and taken:
        issues.append(
            Issue(
                f"what stands outside any model would be ignored: {said} is taken",
                row=loose[0].row,
                hint="move it into the model, before its `end`",
            )
        )
    return issues


def _is_loose(statement: Statement, models: Collection[str]) -> bool:
    """Whether it stands outside any model and says something of the model, not about one."""
    about_one = statement.of_block and not find_submodel(statement, models)
    return statement.model == OUTSIDE and not about_one


def _submodels(outline: Outline, models: Collection[str], taken: str) -> set[str]:
    """The model that is taken, with all that it is made of."""
    made_of: dict[str, set[str]] = defaultdict(set)
    for statement in outline.statements:
        if used := find_submodel(statement, models):
            made_of[statement.model].add(used)
    found, new = set(), {taken}
    while new:
        found |= new
        new = set().union(*(made_of[name] for name in new)) - found
    return found


def check_fatal(outline: Outline) -> Iterator[Issue]:
    """Statements on which the library of Antimony ends the process.

    Deletions of what is in no submodel, a model that is made of itself, another name for a function
    that Antimony knows, and most of what may stand behind `constraint:`.

    Examples
    --------
    >>> from stromal.models.antimony_text.outline import read_outline
    >>> from stromal.models.antimony_text.tokens import read_tokens
    >>> print(*check_fatal(read_outline(read_tokens("A = 1; delete A.x"))))
    row 1: `A.x` cannot be deleted: `A` is no submodel here.
    hint: delete only parts of a submodel, after it
    """
    models = {block.name for block in outline.models}
    functions = frozenset(_FUNCTIONS.split())
    parts: dict[str, dict[str, str]] = defaultdict(dict)  # model -> submodel -> its model
    for statement in outline.statements:
        tokens = statement.tokens
        said = hint = ""
        if model := find_submodel(statement, models):
            parts[statement.model][read_path(tokens)[0]] = model
            if model == statement.model:
                said, hint = f"model `{model}` is made of itself", "remove this submodel"
        elif is_word(tokens[0], "delete"):
            yield from _check_deletion(statement, parts)
        elif len(tokens) > 1 and is_word(tokens[1], "is") and tokens[0].text in functions:
            said = f"`{tokens[0].text}` is a function of Antimony and can have no other name"
            hint = "name something else"
        elif is_word(tokens[0], "constraint"):
            said = "constraints behind the word `constraint` are not supported"
            hint = "leave it out, or write the comparison alone, as `x > 0`; it changes no value"
        if said:
            yield Issue(said, row=statement.row, hint=hint)


def _check_deletion(statement: Statement, parts: dict[str, dict[str, str]]) -> Iterator[Issue]:
    for words in split(statement.tokens[1:], ","):
        path = read_path(words)[0].split(".")
        if missing := _missing(path[:-1], statement.model, parts):
            yield Issue(
                f"`{'.'.join(path)}` cannot be deleted: `{missing}` is no submodel here",
                row=statement.row,
                hint="delete only parts of a submodel, after it",
            )


def _missing(path: list[str], model: str, parts: dict[str, dict[str, str]]) -> str | None:
    """The first name of a path that is no submodel."""
    for name in path:
        if name not in parts[model]:
            return name
        model = parts[model][name]
    return None


def find_submodel(statement: Statement, models: Collection[str]) -> str | None:
    """The model that a statement takes as a submodel (`A: name(x)`); None where it takes none."""
    tokens = statement.tokens
    for index, token in enumerate(tokens[:-1]):
        if has_sign(tokens[index + 1], "(") and token.kind is Kind.NAME and token.text in models:
            if index == 0 or (has_sign(tokens[index - 1], ":") and index > 1):
                return token.text
        elif token.kind is not Kind.NAME and token.text not in (".", ":", "$"):
            return None
    return None
