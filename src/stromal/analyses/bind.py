"""Analyses of a protocol bound to their kinds: keys read once, with every issue at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic

from pydantic import ValidationError

from stromal.analyses.check_groupings import check_groupings
from stromal.analyses.checks import Labels, check_grouped, check_known
from stromal.analyses.family import find_endpoints
from stromal.analyses.kind import AnalysisKind, U
from stromal.analyses.registry import list_kinds
from stromal.errors import InvalidInput, Issue, has_errors, join_words
from stromal.protocol.protocol import AnalysisPart, AnalysisUse, Protocol
from stromal.toml.explain import Place, explain_errors
from stromal.toml.read import with_tuples

_TABLE = "protocol.toml"


@dataclass(frozen=True, slots=True)
class BoundAnalysis(Generic[U]):
    """An analysis of the protocol: its kind, and its keys as the kind reads them."""

    kind: AnalysisKind[U]
    use: U


def bind_analyses(
    protocol: Protocol,
    kinds: Mapping[str, str] | None = None,
    labels: Labels | None = None,
) -> tuple[tuple[BoundAnalysis[Any], ...], tuple[Issue, ...]]:
    """Read the keys of every analysis with its kind, and check them.

    Parameters
    ----------
    protocol
        The protocol as read.
    kinds
        Kind of outcome by endpoint: grade, flag, count, time, response, value. Endpoints that are
        not in it are not judged.
    labels
        Labels that each endpoint can give; an endpoint without any is not judged by them.

    Returns
    -------
    bound
        The analyses that could be read, in the order of the protocol.
    issues
        Everything that is wrong with any of them, each with its key.

    Examples
    --------
    >>> protocol = Protocol.model_validate(
    ...     {
    ...         "format": 2,
    ...         "study": {"name": "x", "title": "X", "day_zero": "graft"},
    ...         "population": {"description": "adults"},
    ...         "arms": {"msc": {"label": "MSC"}},
    ...         "endpoints": [{"name": "response", "rule": "itp_response"}],
    ...         "analyses": [{"name": "r", "estimate": "survival", "endpoint": "response"}],
    ...     }
    ... )
    >>> print(bind_analyses(protocol, {"response": "response"})[1][0])
    protocol.toml analyses[0].estimate: survival needs a time, and `response` gives a response.
    hint: use agreement, proportion or proportion_comparison, or an endpoint that gives a time
    """
    bound: list[BoundAnalysis[Any]] = []
    issues: list[Issue] = [
        replace(issue, table=_TABLE)
        for issue in check_groupings(protocol, kinds or {}, labels or {})
    ]
    for index, use in enumerate(protocol.analyses):
        try:
            found = read_analysis(use, index)
            bound.append(found)
        except InvalidInput as error:
            issues += error.issues
            # What its other keys say is checked in the same round.
            known = _read_known(use)
            if known is None:
                continue
            found = known
        issues += [
            replace(issue, table=_TABLE, column=f"analyses[{index}].{issue.column}")
            for issue in _check(found, protocol, kinds or {}, labels or {})
        ]
    return tuple(bound), tuple(issues)


def read_bound(protocol: Protocol, labels: Labels | None = None) -> tuple[BoundAnalysis[Any], ...]:
    """Return the analyses of a protocol that has passed its checks; InvalidInput where not."""
    bound, issues = bind_analyses(protocol, labels=labels)
    if has_errors(issues):
        raise InvalidInput(issues)
    return bound


def list_endpoints(
    analyses: Iterable[BoundAnalysis[Any]], protocol: Protocol
) -> dict[str, tuple[str, ...]]:
    """Return the endpoints that each analysis is about, by its name."""
    found: dict[str, tuple[str, ...]] = {}
    for bound in analyses:
        endpoint = getattr(bound.use, "endpoint", None)
        own: tuple[str, ...] = () if endpoint is None else (endpoint,)
        if endpoint is None and hasattr(bound.use, "endpoints"):
            own = tuple(item.name for item in find_endpoints(bound.use, protocol))
        found[bound.use.name] = own
    return found


def check_keys(uses: Iterable[AnalysisUse | None]) -> tuple[Issue, ...]:
    """Return what is wrong with the keys of analyses alone, without the rest of a protocol."""
    issues: list[Issue] = []
    for index, use in enumerate(uses):
        try:
            if use is not None:
                bound = read_analysis(use, index)
                issues += (
                    replace(issue, table=_TABLE, column=f"analyses[{index}].{issue.column}")
                    for issue in bound.kind.check_keys(bound.use)
                )
        except InvalidInput as error:
            issues += error.issues
    return tuple(issues)


def read_analysis(use: AnalysisUse, index: int) -> BoundAnalysis[Any]:
    """Return an analysis with its keys as its kind reads them.

    Raises
    ------
    InvalidInput
        The kind is unknown, or its keys do not fit; all issues of this analysis.
    """
    kinds = list_kinds()
    path = f"analyses[{index}]"
    if use.estimate not in kinds:
        (issue,) = check_known("kind of analysis", use.estimate, f"{path}.estimate", kinds)
        raise InvalidInput([replace(issue, table=_TABLE)])
    kind, given = kinds[use.estimate], with_tuples(use.given)
    try:
        read = kind.use.model_validate(given, strict=True)
    except ValidationError as error:
        place = Place(kind.use, given, _TABLE, path=("analyses", index))
        raise InvalidInput(explain_errors(error, place)) from None
    return BoundAnalysis(kind, read)


def _read_known(use: AnalysisUse) -> BoundAnalysis[Any] | None:
    """The analysis without keys that its kind does not know; None where it cannot be read so."""
    kind = list_kinds().get(use.estimate)
    if kind is None:
        return None
    known = {key: value for key, value in use.given.items() if key in kind.use.model_fields}
    try:
        return BoundAnalysis(kind, kind.use.model_validate(with_tuples(known), strict=True))
    except ValidationError:
        return None


def _check(
    bound: BoundAnalysis[Any], protocol: Protocol, kinds: Mapping[str, str], labels: Labels
) -> Iterator[Issue]:
    """Issues of one analysis, columns relative to it."""
    endpoint: str | None = getattr(bound.use, "endpoint", None)
    by: str | tuple[str, ...] | None = getattr(bound.use, "by", None)
    if endpoint is not None:
        names = [use.name for use in protocol.endpoints]
        yield from check_known("endpoint", endpoint, "endpoint", names)
        yield from _check_fit(bound.kind, endpoint, kinds)
    elif hasattr(bound.use, "endpoints"):
        for item in find_endpoints(bound.use, protocol):
            yield from _check_fit(bound.kind, item.name, kinds)
    if isinstance(by, str):
        yield from _check_by(by, "by", protocol, kinds)
    for place, name in enumerate(by if isinstance(by, tuple) else ()):
        if "*" not in name:
            yield from _check_by(name, f"by[{place}]", protocol, kinds)
    yield from _check_changes(bound.use, protocol, kinds)
    yield from bound.kind.check_keys(bound.use)
    yield from bound.kind.check(bound.use, protocol, labels)


def _check_changes(
    use: AnalysisPart, protocol: Protocol, kinds: Mapping[str, str]
) -> Iterator[Issue]:
    """What changes with time, or is a state, has a time; and so has what it may explain."""
    changing = getattr(use, "time_dependent", ())
    hint = "name an endpoint that gives a time, such as the time to an event"
    named = {f"time_dependent[{place}]": name for place, name in enumerate(changing)}
    named |= {f"states.{state}": name for state, name in getattr(use, "states", {}).items()}
    for column, name in named.items():
        if kinds.get(name, "time") != "time":
            what = f"`{name}` gives a {kinds[name]} and has no day on which it comes"
            yield Issue(what, column=column, hint=hint)
    for item in find_endpoints(use, protocol) if changing else ():
        if kinds.get(item.name, "time") != "time":
            what = f"`{item.name}` gives a {kinds[item.name]}, and no time that could be cut"
            hint = "ask for covariates that change with time of endpoints that give a time"
            yield Issue(what, column="time_dependent", hint=hint)


def _check_by(
    by: str, column: str, protocol: Protocol, kinds: Mapping[str, str]
) -> Iterator[Issue]:
    """What makes groups must be known, and must have levels."""
    for issue in check_grouped(by, protocol, kinds):
        yield replace(issue, column=column)
    if by in protocol.covariates and protocol.covariates[by].type == "number":
        yield Issue(
            f"`{by}` is a number and makes no groups",
            column=column,
            hint="name a category, a flag, `arm`, `sex` or `species`",
        )


def _check_fit(kind: AnalysisKind[Any], endpoint: str, kinds: Mapping[str, str]) -> Iterator[Issue]:
    """A kind of analysis must fit the kind of outcome of its endpoint."""
    given = kinds.get(endpoint)
    if not kind.fits or given is None or given in kind.fits:
        return
    others = [other.name for other in list_kinds().values() if given in other.fits]
    wanted = join_words(kind.fits, "or")
    yield Issue(
        f"{kind.name} needs a {wanted}, and `{endpoint}` gives a {given}",
        column="estimate",
        hint=f"use {join_words(others, 'or')}, or an endpoint that gives a {wanted}",
    )
