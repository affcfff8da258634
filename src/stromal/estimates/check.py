"""Whether each analysis of a protocol can be done with the outcomes of its endpoint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stromal.errors import Issue, Severity
from stromal.estimates.groups import ALL
from stromal.protocol.protocol import ProportionAnalysis, Protocol

_TABLE = "protocol.toml"

_FITTING: Mapping[str, tuple[str, ...]] = {
    "proportion": ("grade", "flag", "response"),
    "agreement": ("grade", "flag", "response"),
    "survival": ("time",),
    "cumulative_incidence": ("time",),
    "median": ("value", "count", "time"),
}


def check_analyses(
    protocol: Protocol,
    kinds: Mapping[str, str],
    labels: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[Issue, ...]:
    """Issues of all analyses: an estimate that does not fit its endpoint, an unknown label.

    Names that a protocol declares itself (endpoints, covariates, visits) are checked with the
    protocol; here is what needs to know the rules behind the endpoints.

    Parameters
    ----------
    protocol
        The protocol as read.
    kinds
        Kind of outcome by endpoint: grade, flag, count, time, response, value. Endpoints that are
        not in it are not judged.
    labels
        Labels that each endpoint can give; an endpoint without any is not judged by them.

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
    >>> print(check_analyses(protocol, {"response": "response"})[0])
    protocol.toml analyses[0].estimate: survival needs a time, and `response` gives a response.
    hint: use proportion or agreement, or an endpoint that gives a time
    """
    return (
        *_check_kinds(protocol, kinds),
        *_check_combined(protocol, labels or {}),
        *_check_names(protocol),
    )


def _check_kinds(protocol: Protocol, kinds: Mapping[str, str]) -> Iterator[Issue]:
    """An estimate must fit the kind of its endpoint."""
    for index, analysis in enumerate(protocol.analyses):
        fitting = _FITTING.get(analysis.estimate)
        endpoint = getattr(analysis, "endpoint", None)
        kind = kinds.get(endpoint) if endpoint is not None else None
        if fitting is None or kind is None or kind in fitting:
            continue
        others = [name for name, known in _FITTING.items() if kind in known]
        yield Issue(
            f"{analysis.estimate} needs a {_list(fitting)}, and `{endpoint}` gives a {kind}",
            table=_TABLE,
            column=f"analyses[{index}].estimate",
            hint=f"use {_list(others)}, or an endpoint that gives a {_list(fitting)}",
        )


def _check_combined(protocol: Protocol, labels: Mapping[str, tuple[str, ...]]) -> Iterator[Issue]:
    """Labels that are added together must be labels of the endpoint; each counts once."""
    for index, analysis in enumerate(protocol.analyses):
        if not isinstance(analysis, ProportionAnalysis):
            continue
        known = labels.get(analysis.endpoint, ())
        for name, members in analysis.combine.items():
            column = f"analyses[{index}].combine.{name}"
            for member in members:
                if known and member not in known:
                    yield Issue(
                        f"`{analysis.endpoint}` never gives the label `{member}`",
                        table=_TABLE,
                        column=column,
                        hint=f"its labels are {', '.join(known)}",
                    )
            if not members:
                yield Issue(
                    "no label is combined",
                    table=_TABLE,
                    column=column,
                    hint="list the labels to add together, or leave the line out",
                )
            if name in known:
                yield Issue(
                    f"`{name}` is itself a label of `{analysis.endpoint}`",
                    table=_TABLE,
                    column=column,
                    hint="give the combined labels a name of their own",
                )
            if len(set(members)) < len(members):
                yield Issue(
                    "a label is written twice; it is counted once",
                    table=_TABLE,
                    column=column,
                    hint="write each label once",
                    severity=Severity.WARNING,
                )


def _check_names(protocol: Protocol) -> Iterator[Issue]:
    """`all` is the name of all patients together, and of no group."""
    used = {getattr(analysis, "by", None) for analysis in protocol.analyses}
    hint = f"give it another name; `{ALL}` stands for all patients together"
    if "arm" in used and ALL in protocol.arms:
        yield Issue(f"an arm is called `{ALL}`", table=_TABLE, column=f"arms.{ALL}", hint=hint)
    for name, covariate in protocol.covariates.items():
        if name in used and ALL in covariate.levels:
            column = f"covariates.{name}.levels"
            yield Issue(f"a level is called `{ALL}`", table=_TABLE, column=column, hint=hint)


def _list(words: tuple[str, ...] | list[str]) -> str:
    """`a, b or c`."""
    return " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
