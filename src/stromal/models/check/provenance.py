"""Every constant has a value and a source, and its row in the parameter table fits the model."""

from __future__ import annotations

from collections.abc import Iterator

from stromal.errors import Issue, Severity
from stromal.likeness import find_similar
from stromal.models.check.names import all_names
from stromal.models.check.subject import Subject, list_names
from stromal.models.model import Model


def check_values(subject: Subject) -> Iterator[Issue]:
    """The model says completely what is integrated: no value, definition or path is missing."""
    yield from subject.refusals
    given = subject.meaning.given
    silent = [
        name
        for name in subject.meaning.constants
        if name in given and given[name] is None and name not in subject.model.initial_assignments
    ]
    if silent and not subject.refusals:
        yield subject.issue(
            f"no value: {list_names(silent)}",
            None,
            "write it in parameters.csv with its source, or in the model's text",
            Severity.ERROR,
        )


def check_sources(subject: Subject) -> Iterator[Issue]:
    """Every constant has a row in the parameter table, where its source is written."""
    constants = [
        name
        for name in subject.meaning.constants
        if name in subject.meaning.given and name not in subject.model.initial_assignments
    ]
    silent = [name for name in constants if name not in subject.rows]
    if silent:
        whole = len(silent) == len(constants)
        yield subject.issue(
            f"{len(silent)} {'parameters have' if len(silent) > 1 else 'parameter has'} no source: "
            f"{list_names(silent)}",
            None,
            "write parameters.csv beside the model, one row for each"
            if whole
            else "give each a row in parameters.csv",
            Severity.WARNING if subject.parameters is None else Severity.ERROR,
        )


def check_rows(subject: Subject) -> Iterator[Issue]:
    """Every row of the parameter table is of the model, and no value is written twice."""
    names = all_names(subject)
    written = _written(subject.model)
    for name, row in subject.rows.items():
        if name not in names:
            near = find_similar(name, names)
            yield subject.issue(
                f"parameters.csv has `{name}`, which is nothing in the model",
                None,
                f"did you mean `{near}`?" if near else "leave the row out",
                Severity.ERROR,
            )
        elif name in written and row["value"] is not None and row["value"] != written[name]:
            yield subject.issue(
                f"{name} is {row['value']:g} in parameters.csv and {written[name]:g} in the model",
                None,
                "write it once: leave the value out of the model's text",
                Severity.ERROR,
            )


def _written(model: Model) -> dict[str, float]:
    """Values that the model's own text gives."""
    found = {item.name: item.value for item in model.parameters}
    found |= {item.name: item.size for item in model.compartments}
    for species in model.species:
        value = species.amount if species.concentration is None else species.concentration
        found[species.name] = value
    return {
        name: value
        for name, value in found.items()
        if value is not None and name not in model.initial_assignments
    }
