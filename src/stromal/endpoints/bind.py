"""Endpoints of a protocol, bound once: rule, parameters, criteria and labels together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from stromal.endpoints.criteria import Criteria
from stromal.endpoints.endpoint import Endpoint, Label, Parameters, Statuses
from stromal.endpoints.registry import ENDPOINTS, find_endpoint
from stromal.errors import InvalidInput, Issue
from stromal.protocol.groups import name_known_by
from stromal.protocol.protocol import EndpointUse, Protocol, Visit
from stromal.tables.windows import Window
from stromal.toml.explain import Place, explain_errors, suggest

Rules = Mapping[str, Endpoint[Any]]

_TABLE = "protocol.toml"
_GIVEN_BY = {"visit": "window", "baseline": "baseline"}
"""The parameter that each key of an endpoint gives: both take a visit's day and window."""
_OLD_DAYS = ("day", "before", "after", "baseline_day", "baseline_before", "baseline_after")


@dataclass(frozen=True, slots=True)
class Bound:
    """An endpoint in use: what the protocol says of it, its rule, and all that follows from both.

    `criteria` are those that the rule applies under the parameters, `labels` those it can give.
    With `known_by`, the rule reads no record of a later day [d].
    """

    use: EndpointUse
    rule: Endpoint[Any]
    parameters: Parameters
    criteria: Criteria
    labels: tuple[Label, ...]
    known_by: float | None = None

    @property
    def name(self) -> str:
        """Return the name of the endpoint in the protocol, with the day where it is cut."""
        if self.known_by is None:
            return self.use.name
        return name_known_by(self.use.name, self.known_by)

    @property
    def kind(self) -> str:
        """Return what the endpoint gives: a grade, flag, count, time, response or value."""
        return self.rule.kind

    @property
    def statuses(self) -> Statuses | None:
        """Return the labels of the statuses of a time; None for any other kind."""
        return None if self.rule.statuses is None else self.rule.statuses(self.parameters)

    @property
    def label_names(self) -> tuple[str, ...]:
        """Return the labels as they stand in `outcomes`, in order."""
        return tuple(label.name for label in self.labels)


def bind_endpoint(use: EndpointUse, visits: Iterable[Visit] = ()) -> Bound:
    """Bind one endpoint to its rule.

    Parameters
    ----------
    use
        Name, rule, visits and parameters as a protocol writes them.
    visits
        Visits of the protocol.

    Raises
    ------
    UnknownEndpoint
        The rule is not in the library.
    KeyError
        A visit is not among the visits.
    pydantic.ValidationError
        A parameter does not fit the rule.

    Examples
    --------
    >>> day_28 = Visit(name="day_28", day=28, before=3, after=3)
    >>> use = EndpointUse(name="response", rule="acute_gvhd_response", visit="day_28")
    >>> bind_endpoint(use, [day_28]).parameters.window
    Window(day=28.0, before=3.0, after=3.0)
    """
    rule = find_endpoint(use.rule)
    return _bind(use, rule, _given(use, {visit.name: visit for visit in visits}))


def bind_endpoints(protocol: Protocol) -> tuple[Bound, ...]:
    """Bind every endpoint of a protocol, in order.

    Raises
    ------
    InvalidInput
        A rule is not in the library, or parameters do not fit it; with every issue.

    Examples
    --------
    >>> from stromal.protocol.read import read_protocol
    >>> [bound.kind for bound in bind_endpoints(read_protocol("studies/itp-dose"))]
    ['response', 'time', 'value', 'value']
    """
    bound, issues = try_bind(protocol)
    if issues:
        raise InvalidInput(issues)
    return bound


def try_bind(
    protocol: Protocol, rules: Rules = ENDPOINTS
) -> tuple[tuple[Bound, ...], tuple[Issue, ...]]:
    """Bind the endpoints that can be bound, and say why the others cannot.

    Parameters
    ----------
    protocol
        A protocol that has been read; what `check_protocol` reports is not reported again.
    rules
        The library of endpoints by name.

    Returns
    -------
    tuple of Bound, tuple of Issue
        Endpoints without fault, in order; and each fault of the others, with its key.
    """
    visits = {visit.name: visit for visit in protocol.visits}
    bound: list[Bound] = []
    issues: list[Issue] = []
    for index, use in enumerate(protocol.endpoints):
        column = f"endpoints[{index}]"
        rule = rules.get(use.rule)
        if rule is None:
            what = f"rule `{use.rule}` is not in the library"
            issues.append(_issue(what, f"{column}.rule", suggest(use.rule, rules)))
            continue
        found = list(_check_visits(use, rule, column))
        if any(name not in visits for name in (use.visit, use.baseline) if name is not None):
            issues += found
            continue
        fields = rule.parameters.model_fields
        fitting = {key: name for key, name in _visits_of(use) if _GIVEN_BY[key] in fields}
        given = _given(use.model_copy(update={"visit": None, "baseline": None} | fitting), visits)
        try:
            item = _bind(use, rule, given)
        except ValidationError as error:
            place = Place(rule.parameters, given, _TABLE, path=("endpoints", index, "parameters"))
            found += map(_explain_old_days, explain_errors(error, place))
        else:
            if not found:
                bound.append(item)
        issues += found
    return (*bound, *_cut_at_landmarks(protocol, bound)), tuple(issues)


def _cut_at_landmarks(protocol: Protocol, bound: Iterable[Bound]) -> Iterator[Bound]:
    """Yield each endpoint that makes groups at a landmark, as it is known on that day."""
    by_name = {item.name: item for item in bound}
    wanted = dict.fromkeys((item.of, item.landmark) for item in protocol.groupings)
    for name, day in wanted:
        if day is not None and name in by_name:
            yield replace(by_name[name], known_by=day)


def _visits_of(use: EndpointUse) -> Iterator[tuple[str, str]]:
    """The keys of an endpoint that name a visit, and the visit."""
    for key, name in (("visit", use.visit), ("baseline", use.baseline)):
        if name is not None:
            yield key, name


def _given(use: EndpointUse, visits: Mapping[str, Visit]) -> dict[str, Any]:
    """Plain parameters: the windows of the visits, then what is written out."""
    windows = {_GIVEN_BY[key]: visits[name].window for key, name in _visits_of(use)}
    return windows | use.parameters


def _bind(use: EndpointUse, rule: Endpoint[Any], given: dict[str, Any]) -> Bound:
    parameters: Parameters = rule.read_parameters(given)
    return Bound(
        use, rule, parameters, rule.criteria_under(parameters), rule.labels_under(parameters)
    )


def _check_visits(use: EndpointUse, rule: Endpoint[Any], column: str) -> Iterator[Issue]:
    """A visit is for rules that look at a day, and its window is not written out as well."""
    fields = rule.parameters.model_fields
    for key, _ in _visits_of(use):
        parameter = _GIVEN_BY[key]
        if parameter not in fields:
            known = ", ".join(f"`{name}`" for name in fields)
            yield _issue(
                f"rule `{use.rule}` takes no {key}",
                f"{column}.{key}",
                f"leave it out; parameters of the rule are {known}",
            )
        elif parameter in use.parameters:
            yield _issue(
                f"`{key}` and the parameter `{parameter}` both say which days count",
                f"{column}.parameters.{parameter}",
                f"write one of them; a window is written `{Window(day=28).written}`",
            )


def _explain_old_days(issue: Issue) -> Issue:
    """A day that is written as earlier versions had it is told how it is written now."""
    key = (issue.column or "").rpartition(".")[2]
    if key not in _OLD_DAYS or "is not known" not in issue.message:
        return issue
    name = "baseline" if key.startswith("baseline") else "window"
    written = Window(day=28, before=3, after=3).written
    hint = f"a day and the days around it are one value: `{name} = {written}`"
    return Issue(issue.message, issue.table, issue.row, issue.column, hint, issue.severity)


def _issue(message: str, column: str, hint: str) -> Issue:
    return Issue(message, table=_TABLE, column=column, hint=hint)
