"""Checks of keys that several kinds of analysis share; columns are relative to the analysis."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from stromal.errors import Issue
from stromal.protocol.groups import COLUMNS, list_levels
from stromal.protocol.order import check_order
from stromal.protocol.protocol import Protocol
from stromal.tables.subjects import SEXES, SPECIES
from stromal.toml.explain import suggest

Labels = Mapping[str, tuple[str, ...]]

_POSSIBLE: Labels = {"arm": (), "sex": SEXES, "species": SPECIES}
"""Groups of the columns that no protocol declares."""


GROUPED_KINDS = ("grade", "flag", "response")
"""Kinds of outcome whose labels make groups."""


def check_grouped(by: str, protocol: Protocol, kinds: Mapping[str, str]) -> Iterator[Issue]:
    """Check that `by` names a column, covariate, grouping or endpoint that makes groups."""
    groupings = [item.name for item in protocol.groupings]
    endpoints = [use.name for use in protocol.endpoints]
    graded = [name for name in endpoints if kinds.get(name, "grade") in GROUPED_KINDS]
    if by in endpoints and by not in graded:
        what = f"`{by}` gives a {kinds[by]} and makes no groups"
        yield Issue(what, column="by", hint="name an endpoint that gives a grade or a flag")
        return
    yield from check_known("group", by, "by", [*COLUMNS, *protocol.covariates, *groupings, *graded])


def check_days(use: Any, _protocol: Protocol, _labels: Labels) -> Iterator[Issue]:  # noqa: ANN401
    """Check that `days` go upwards, each once."""
    yield from check_order(use.days, "days")


def check_reference(reference: str, by: str | None, protocol: Protocol) -> Iterator[Issue]:
    """Check that the reference of an effect is one of the groups; empty is the default."""
    if not reference:
        return
    if by is None:
        hint = "name the groups with `by`"
        yield Issue("there are no groups to refer to", column="reference", hint=hint)
    elif (grouping := protocol.grouping(by)) is not None:
        if grouping.combine:
            yield from check_known("group", reference, "reference", grouping.combine)
    elif by in (*COLUMNS, *protocol.covariates):
        declared = protocol.covariates.get(by)
        flag = ("yes", "no") if declared is not None and declared.type == "flag" else ()
        possible = tuple(protocol.arms) if by == "arm" else _POSSIBLE.get(by, flag)
        groups = list_levels(protocol, by, possible)
        yield from check_known("group", reference, "reference", groups)


def check_times(use: Any, protocol: Protocol, labels: Labels) -> Iterator[Issue]:  # noqa: ANN401
    """Check `days` and `reference` of an analysis of times."""
    yield from check_days(use, protocol, labels)
    yield from check_reference(use.reference, use.by, protocol)


def check_known(what: str, name: str, column: str, known: Collection[str]) -> Iterator[Issue]:
    """Check that a name is among the known ones, and suggest one that is near."""
    if name not in known:
        yield Issue(f"{what} `{name}` is not known here", column=column, hint=suggest(name, known))


def check_label(endpoint: str, label: str, column: str, known: Collection[str]) -> Iterator[Issue]:
    """Check that an endpoint can give a label; one whose labels are not known is not judged."""
    if known and label not in known:
        message = f"`{endpoint}` never gives the label `{label}`"
        yield Issue(message, column=column, hint=f"its labels are {', '.join(known)}")
