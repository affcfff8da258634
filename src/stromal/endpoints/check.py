"""Checks of a protocol that need the library of endpoints: rules, parameters, labels, needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import polars as pl
from pydantic import ValidationError

from stromal.endpoints.endpoint import Endpoint, Need, Parameters
from stromal.endpoints.registry import ENDPOINTS, use_parameters
from stromal.errors import Issue, Severity
from stromal.protocol.protocol import EndpointUse, Protocol
from stromal.tables.patients import Patients
from stromal.toml.explain import Place, explain_errors, suggest

Rules = Mapping[str, Endpoint[Any]]

_TABLE = "protocol.toml"


def check_endpoints(protocol: Protocol, rules: Rules = ENDPOINTS) -> tuple[Issue, ...]:
    """Every issue of the endpoints of a protocol: rule, visits, parameters, labels, curves.

    Parameters
    ----------
    protocol
        A protocol that has been read; what `check_protocol` reports is not reported again.
    rules
        The library of endpoints by name.

    Returns
    -------
    tuple of Issue
        Errors and warnings of `protocol.toml`, each with its key; empty where all is well.

    Examples
    --------
    >>> from stromal.protocol.read import read_protocol
    >>> check_endpoints(read_protocol("studies/itp-dose"))
    ()
    """
    issues: list[Issue] = []
    for index, use in enumerate(protocol.endpoints):
        column = f"endpoints[{index}]"
        endpoint = rules.get(use.rule)
        if endpoint is None:
            issues.append(
                _issue(
                    f"rule `{use.rule}` is not in the library",
                    f"{column}.rule",
                    suggest(use.rule, rules),
                )
            )
            continue
        issues += _check_days(use, endpoint, column)
        issues += _check_parameters(protocol, use, endpoint, index)
    issues += _check_repeat_labels(protocol, rules)
    issues += _check_curves(protocol, rules)
    return tuple(issues)


def check_needs(
    protocol: Protocol, patients: Patients, rules: Rules = ENDPOINTS
) -> tuple[Issue, ...]:
    """What endpoints read and no patient has: a warning each, so that nulls do not surprise.

    Events are a note only, since an event that nobody had is a result.
    """
    issues: list[Issue] = []
    if patients.subjects.is_empty():
        return ()
    for index, use in enumerate(protocol.endpoints):
        endpoint = rules.get(use.rule)
        parameters = _read_parameters(protocol, use, endpoint)
        if endpoint is None or parameters is None:
            continue
        for need in endpoint.needs(parameters):
            if not _is_met(need, patients):
                names = " or ".join(f"`{name.replace('.', ' ')}`" for name in need.names)
                issues.append(
                    _issue(
                        f"endpoint `{use.name}` reads {names}, and no patient has it in "
                        f"{need.table}",
                        f"endpoints[{index}]",
                        f"add it to patients/{need.table}.csv, or leave the endpoint out",
                        Severity.NOTE if need.table == "events" else Severity.WARNING,
                    )
                )
    return tuple(issues)


def _check_days(use: EndpointUse, endpoint: Endpoint[Any], column: str) -> Iterator[Issue]:
    """A visit or a baseline is for rules that look at a day."""
    fields = endpoint.parameters.model_fields
    for key, name, parameter in (
        ("visit", use.visit, "day"),
        ("baseline", use.baseline, "baseline_day"),
    ):
        if name is not None and parameter not in fields:
            yield _issue(
                f"rule `{use.rule}` takes no {key}",
                f"{column}.{key}",
                f"leave it out; parameters of the rule are {_list(fields)}",
            )


def _check_parameters(
    protocol: Protocol, use: EndpointUse, endpoint: Endpoint[Any], index: int
) -> Iterator[Issue]:
    """Parameters fit the rule; those a visit gives count as written at the visit."""
    given = _parameters(protocol, use, endpoint)
    if given is None:
        return
    try:
        endpoint.read_parameters(given)
    except ValidationError as error:
        path = ("endpoints", index, "parameters")
        place = Place(endpoint.parameters, given, _TABLE, path=path)
        yield from explain_errors(error, place)


def _check_repeat_labels(protocol: Protocol, rules: Rules) -> Iterator[Issue]:
    """Labels on which a regimen goes on are labels of their endpoint."""
    for name, arm in protocol.arms.items():
        for index, regimen in enumerate(arm.regimen):
            if regimen.repeat is not None:
                rule = regimen.repeat.rule
                column = f"arms.{name}.regimen[{index}].repeat.rule.labels"
                yield from _check_labels(
                    rule.labels, _rule_of(protocol, rule.endpoint, rules), column
                )


def _check_curves(protocol: Protocol, rules: Rules) -> Iterator[Issue]:
    """A survival curve is drawn of endpoints without competing events only."""
    for index, analysis in enumerate(protocol.analyses):
        name = analysis.given.get("endpoint")
        if analysis.estimate != "survival" or not isinstance(name, str):
            continue
        endpoint = _rule_of(protocol, name, rules)
        if endpoint is None or endpoint.kind != "time":
            continue
        parameters = _read_parameters(protocol, protocol.endpoint(name), endpoint)
        competing = parameters is not None and bool(parameters.model_dump().get("competing"))
        if competing or len(endpoint.labels) > 2:
            yield _issue(
                f"endpoint `{name}` has a competing event, which a survival curve "
                "takes as censoring",
                f"analyses[{index}].estimate",
                'write `estimate = "cumulative_incidence"`',
                Severity.WARNING,
            )


def _check_labels(
    labels: Iterable[str], endpoint: Endpoint[Any] | None, column: str
) -> Iterator[Issue]:
    if endpoint is None or not endpoint.labels:
        return
    for index, label in enumerate(labels):
        if label not in endpoint.labels:
            yield _issue(
                f"`{label}` is not a label of rule `{endpoint.name}`",
                f"{column}[{index}]",
                f"its labels are {_list(endpoint.labels)}",
            )


def _rule_of(protocol: Protocol, name: str, rules: Rules) -> Endpoint[Any] | None:
    """The rule of an endpoint of the protocol; None where either is unknown."""
    for use in protocol.endpoints:
        if use.name == name:
            return rules.get(use.rule)
    return None


def _parameters(
    protocol: Protocol, use: EndpointUse, endpoint: Endpoint[Any]
) -> dict[str, Any] | None:
    """Parameters as the engine will give them, but without the days of a visit that does not fit.

    None where a visit is unknown.
    """
    visits = {visit.name for visit in protocol.visits}
    if any(name is not None and name not in visits for name in (use.visit, use.baseline)):
        return None
    fields = endpoint.parameters.model_fields
    fitting = use.model_copy(
        update={
            "visit": use.visit if "day" in fields else None,
            "baseline": use.baseline if "baseline_day" in fields else None,
        }
    )
    return use_parameters(fitting, protocol.visits)


def _read_parameters(
    protocol: Protocol, use: EndpointUse, endpoint: Endpoint[Any] | None
) -> Parameters | None:
    given = None if endpoint is None else _parameters(protocol, use, endpoint)
    if endpoint is None or given is None:
        return None
    try:
        parameters: Parameters = endpoint.read_parameters(given)
    except ValidationError:
        return None
    return parameters


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
