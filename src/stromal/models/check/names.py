"""Names by the grammar: letters, digits and underscores, and nothing that formulas mean already."""

from __future__ import annotations

import keyword
import re
from collections import defaultdict
from collections.abc import Iterator

import sympy

from stromal.errors import Issue, Severity
from stromal.models.check.subject import Subject, list_names

GRAMMAR = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

# Words of formulas.
WORDS = frozenset(
    word
    for words in (
        "time pi exponentiale infinity nan true false",
        "exp ln log log10 sqrt power abs floor ceil ceiling min max piecewise",
    )
    for word in words.split()
)

FUNCTIONS = frozenset(
    name
    for name in dir(sympy.functions)
    if isinstance(getattr(sympy.functions, name), type)
    and issubclass(getattr(sympy.functions, name), sympy.Function)
)


def check_names(subject: Subject) -> Iterator[Issue]:
    """Names are of letters, digits and underscores, and are not words with a meaning of their own.

    A parameter of one reaction is written `reaction.parameter`; both parts are looked at.
    """
    for name in all_names(subject):
        for part in name.split(".", 1):
            if GRAMMAR.fullmatch(part) is None:
                said = "is not of letters, digits and underscores, with a letter first"
                yield _fault(subject, name, said, Severity.ERROR)
            elif keyword.iskeyword(part):
                yield _fault(subject, name, "is a word of Python", Severity.ERROR)
            elif part in WORDS or part.lower() == "time":
                yield _fault(subject, name, "is a word of formulas", Severity.ERROR)
            elif part in FUNCTIONS:
                said = "is also the name of a mathematical function"
                yield _fault(subject, name, said, Severity.WARNING)


def check_look_alikes(subject: Subject) -> Iterator[Issue]:
    """No two names differ only in capitals."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in all_names(subject):
        groups[name.lower()].append(name)
    alike = [" and ".join(names) for names in groups.values() if len(names) > 1]
    if alike:
        yield subject.issue(
            f"names differ only in capitals: {list_names(alike)}",
            None,
            "give one of each a name of its own",
            Severity.NOTE,
        )


def all_names(subject: Subject) -> list[str]:
    """Every name of a model, each once, in the order of its parts.

    Examples
    --------
    >>> from stromal.models.parse import read_model
    >>> all_names(Subject(read_model("k = 1; x = 1; x' = -k*x; y := 2*x")))
    ['k', 'x', 'y']
    """
    model = subject.model
    parts = (model.compartments, model.species, model.parameters, model.reactions, model.events)
    names = [item.name for part in parts for item in part]
    return list(dict.fromkeys([*names, *model.assignment_rules, *model.functions]))


def _fault(subject: Subject, name: str, said: str, severity: Severity) -> Issue:
    tidy = re.sub("[^A-Za-z0-9_]", "_", name)
    hint = f"write another name, as in {tidy if tidy[0].isalpha() else f'x{tidy}'}_0"
    return subject.issue(f"name `{name}` {said}", None, hint, severity)
