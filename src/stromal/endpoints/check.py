"""Checks of a protocol that need its endpoints bound: labels, curves, needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from stromal.endpoints.bind import Bound
from stromal.endpoints.check_names import check_names
from stromal.endpoints.endpoint import Need
from stromal.errors import Issue, Severity, join_words
from stromal.protocol.protocol import Protocol
from stromal.tables.patients import Patients

_TABLE = "protocol.toml"


def check_endpoints(protocol: Protocol, bound: Iterable[Bound]) -> tuple[Issue, ...]:
    """Check what a protocol says of its endpoints: labels it goes on with, and curves.

    Parameters
    ----------
    protocol
        A protocol that has been read; what `check_protocol` reports is not reported again.
    bound
        Its endpoints, as far as they could be bound; what `try_bind` reports is not reported again.

    Returns
    -------
    tuple of Issue
        Errors and warnings of `protocol.toml`, each with its key; empty where all is well.

    Examples
    --------
    >>> from stromal.endpoints.bind import bind_endpoints
    >>> from stromal.protocol.read import read_protocol
    >>> protocol = read_protocol("studies/itp-dose")
    >>> check_endpoints(protocol, bind_endpoints(protocol))
    ()
    """
    by_name = {item.name: item for item in bound}
    return (
        *_check_read(protocol, by_name),
        *_check_repeat_labels(protocol, by_name),
        *_check_curves(protocol, by_name),
    )


def check_needs(
    protocol: Protocol, bound: Iterable[Bound], patients: Patients
) -> tuple[Issue, ...]:
    """Warn of what endpoints read and no patient has, so that nulls do not surprise.

    Events are a note only, since an event that nobody had is a result; so is what the virtual
    patients of the protocol are looked at for, who answer it alone. What
    they lack too is a warning.
    """
    issues: list[Issue] = []
    if patients.subjects.is_empty():
        return ()
    for item in bound:
        if item.known_by is not None:
            continue
        place = f"endpoints[{protocol.endpoints.index(item.use)}]"
        for need in item.rule.needs(item.parameters):
            if not _is_met(need, patients):
                virtual = _is_simulated(need, protocol)
                names = join_words((f"`{name.replace('.', ' ')}`" for name in need.names), "or")
                issues.append(
                    _issue(
                        f"endpoint `{item.name}` reads {names}, and no patient has it in "
                        f"{need.table}",
                        place,
                        f"add it to patients/{need.table}.csv, or leave the endpoint "
                        + ("to virtual patients, who have it" if virtual else "out"),
                        Severity.NOTE if virtual or need.table == "events" else Severity.WARNING,
                    )
                )
    return tuple(issues)


def _is_simulated(need: Need, protocol: Protocol) -> bool:
    """Whether the schedule of virtual patients looks at something that an endpoint needs."""
    if protocol.simulation is None:
        return False
    seen = protocol.simulation.observations
    if need.table == "labs":
        return any(name in entry.analytes for entry in seen for name in need.names)
    return any(name.partition(".")[0] in entry.scales for entry in seen for name in need.names)


def _check_read(protocol: Protocol, bound: dict[str, Bound]) -> Iterator[Issue]:
    """Check that what endpoints read has a name in the vocabulary of the study."""
    vocabulary = protocol.vocabulary
    for item in bound.values():
        column = f"endpoints[{protocol.endpoints.index(item.use)}].parameters"
        yield from check_names(item.rule.needs(item.parameters), vocabulary, column)


def _check_repeat_labels(protocol: Protocol, bound: dict[str, Bound]) -> Iterator[Issue]:
    """Labels on which a regimen goes on are labels of their endpoint."""
    for name, arm in protocol.arms.items():
        for place, regimen in enumerate(arm.regimen):
            if regimen.repeat is None:
                continue
            rule = regimen.repeat.rule
            item = bound.get(rule.endpoint)
            if item is None or not item.labels:
                continue
            for index, label in enumerate(rule.labels):
                if label not in item.label_names:
                    yield _issue(
                        f"`{label}` is not a label of rule `{item.rule.name}`",
                        f"arms.{name}.regimen[{place}].repeat.rule.labels[{index}]",
                        f"its labels are {_list(item.label_names)}",
                    )


def _check_curves(protocol: Protocol, bound: dict[str, Bound]) -> Iterator[Issue]:
    """A survival curve is drawn of endpoints without competing events only."""
    for index, analysis in enumerate(protocol.analyses):
        item = bound.get(str(analysis.given.get("endpoint")))
        if analysis.estimate != "survival":
            continue
        if item is not None and item.statuses is not None and item.statuses.competing:
            yield _issue(
                f"endpoint `{item.name}` has a competing event, which a survival curve "
                "takes as censoring",
                f"analyses[{index}].estimate",
                'write `estimate = "cumulative_incidence"`',
                Severity.WARNING,
            )


def _is_met(need: Need, patients: Patients) -> bool:
    name = {
        "labs": pl.col("analyte"),
        "assessments": pl.concat_str("scale", "item", separator="."),
        "events": pl.col("event"),
    }[need.table]
    found: bool = patients.table(need.table).select(name.is_in(list(need.names)).any()).item()
    return found


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _issue(message: str, column: str, hint: str, severity: Severity = Severity.ERROR) -> Issue:
    return Issue(message, table=_TABLE, column=column, hint=hint, severity=severity)
