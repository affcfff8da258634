"""What is worked out once, at the start, from what changes afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from stromal.errors import Issue, Severity, join_words
from stromal.models.check.subject import Subject, show
from stromal.models.odes import TIME


def check_set_once(subject: Subject) -> Iterator[Issue]:
    """No rate rests on a formula of states that is worked out at the start alone.

    `v = k*S` gives `v` the value that it has at the start, for good, and reads like `v := k*S`,
    which follows `S`. A bare name (`baseline = N`) is a start value kept on purpose, and is not
    told.
    """
    model = subject.model
    changing = {*subject.meaning.states, TIME.name}
    changing |= {
        name
        for name, rule in model.assignment_rules.items()
        if any(need.name in changing for need in subject.expand(rule).free_symbols)
    }
    constants = {*subject.meaning.constants}
    for name, formula in model.initial_assignments.items():
        from_what = sorted({need.name for need in formula.free_symbols} & changing)
        if name not in constants & subject.driving or formula.is_Symbol or not from_what:
            continue
        yield subject.issue(
            f"`= {show(formula)}` is worked out once, at the start: it does not follow "
            f"{join_words([f'`{item}`' for item in from_what])}",
            name,
            f"nothing, where the start is meant; `{name} := ...` follows",
            Severity.WARNING,
        )
