"""Nothing is written twice, and nothing that no formula speaks of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import sympy

from stromal.errors import Issue, Severity
from stromal.models.check.subject import Subject, list_names, show


def check_unused(subject: Subject) -> Iterator[Issue]:
    """Every constant is spoken of in a formula, and every species takes part in something."""
    model = subject.model
    spoken = {name.name for _, formula in model.formulas() for name in formula.free_symbols}
    spoken |= {species.compartment for species in model.species}
    spoken |= {species.conversion for species in model.species if species.conversion}
    spoken |= {model.conversion} if model.conversion else set()
    acting = {
        name
        for reaction in model.reactions
        for name in (
            *(part.species for part in (*reaction.reactants, *reaction.products)),
            *reaction.modifiers,
        )
    }
    species = {item.name for item in model.species}
    moved = {*model.rate_rules, *model.assignment_rules, *acting}
    moved |= {name for event in model.events for name, _ in event.assignments}
    idle = [name for name in subject.meaning.constants if name not in spoken]
    groups = {
        "constants": [name for name in idle if name not in species | acting],
        "species": sorted(species - spoken - moved),
    }
    for kind, names in groups.items():
        if names:
            yield subject.issue(
                f"{kind} in no formula: {list_names(names)}",
                None,
                "leave them out, or write the formula they were meant for",
                Severity.WARNING,
            )


def check_duplicates(subject: Subject) -> Iterator[Issue]:
    """No two assignments have the same formula, no two parameters the same meaning."""
    formulas: dict[sympy.Basic, list[str]] = defaultdict(list)
    for name, rule in subject.model.assignment_rules.items():
        if rule.free_symbols and not rule.is_Symbol:
            formulas[rule].append(name)
    for rule, names in formulas.items():
        if len(names) > 1:
            yield subject.issue(
                f"{list_names(names)} have the same formula, {show(rule)}",
                None,
                "write it once, and use the one name",
                Severity.WARNING,
            )
    meanings: dict[str, list[str]] = defaultdict(list)
    for name, row in subject.rows.items():
        if row["meaning"]:
            meanings[" ".join(str(row["meaning"]).lower().split())].append(name)
    for meaning, names in meanings.items():
        if len(names) > 1:
            yield subject.issue(
                f"{list_names(names)} have the same meaning, `{meaning}`",
                None,
                "say how they differ, or write one parameter",
                Severity.WARNING,
            )


def check_paths(subject: Subject) -> Iterator[Issue]:
    """Every state has a path to an output, where outputs are given."""
    odes = subject.odes
    if odes is None or not subject.outputs:
        return
    missing = [name for name in subject.outputs if name not in odes.outputs]
    if missing:
        yield subject.issue(
            f"{list_names(missing)} is not among what the model has"
            if len(missing) == 1
            else f"{list_names(missing)} are not among what the model has",
            "outputs",
            "name states, assignments, or amount(S) and concentration(S) of a species",
            Severity.ERROR,
        )
    # sizes of compartments are looked at in a run, whatever is asked for
    read = (*subject.outputs, *odes.volumes)
    wanted = [odes.outputs[name] for name in read if name in odes.outputs]
    reached: set[sympy.Symbol] = set()
    while wanted:
        found = (wanted.pop().free_symbols & subject.states) - reached
        reached |= found
        for state in found:
            wanted.append(subject.rate(state))
            wanted += [
                value
                for change in odes.changes
                for index, value in change.updates
                if odes.states[index] == state
            ]
    lost = [state.name for state in odes.states if state not in reached]
    if lost:
        yield subject.issue(
            f"{len(lost)} states have no path to any output: {list_names(lost)}"
            if len(lost) > 1
            else f"state {list_names(lost)} has no path to any output",
            "outputs",
            "nothing, they are left out when the model is compiled; or name them among the outputs",
            Severity.NOTE,
        )
