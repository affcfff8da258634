"""Checks of the groupings of a protocol: what they group, and the labels that they put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stromal.analyses.checks import GROUPED_KINDS, Labels, check_known, check_label
from stromal.errors import Issue
from stromal.protocol.groups import COLUMNS
from stromal.protocol.protocol import Grouping, Protocol


def check_groupings(
    protocol: Protocol, kinds: Mapping[str, str], labels: Labels
) -> Iterator[Issue]:
    """Check every grouping; columns are those of the protocol.

    Parameters
    ----------
    protocol
        The protocol as read.
    kinds, labels
        Kind of outcome and labels by endpoint; endpoints that are not in them are not judged.

    Examples
    --------
    >>> from stromal.protocol.read import read_protocol
    >>> list(check_groupings(read_protocol("studies/itp-dose"), {}, {}))
    []
    """
    taken = {*COLUMNS, *protocol.covariates, *(use.name for use in protocol.endpoints)}
    for index, grouping in enumerate(protocol.groupings):
        place = f"groupings[{index}]"
        if grouping.name in taken:
            yield Issue(
                f"`{grouping.name}` is the name of something else",
                column=f"{place}.name",
                hint="give the grouping a name that no covariate, endpoint or grouping has",
            )
        taken.add(grouping.name)
        yield from _check_of(grouping, place, protocol, kinds)
        yield from _check_combined(grouping, place, protocol, labels)


def _check_of(
    grouping: Grouping, place: str, protocol: Protocol, kinds: Mapping[str, str]
) -> Iterator[Issue]:
    """What is grouped is there, and has labels."""
    endpoints = [use.name for use in protocol.endpoints]
    column, of = f"{place}.of", grouping.of
    if of in endpoints:
        if kinds.get(of, "grade") not in GROUPED_KINDS:
            hint = "name an endpoint that gives a grade, a flag or a response"
            yield Issue(f"`{of}` gives a {kinds[of]} and makes no groups", column=column, hint=hint)
        return
    yield from check_known(
        "covariate or endpoint", of, column, [*COLUMNS, *protocol.covariates, *endpoints]
    )
    declared = protocol.covariates.get(of)
    if declared is not None and declared.type == "number":
        hint = "name a category or a flag"
        yield Issue(f"`{of}` is a number and makes no groups", column=column, hint=hint)


def _list_labels(of: str, protocol: Protocol, labels: Labels) -> tuple[str, ...]:
    """Return the labels of an endpoint, then those of others by the same rule."""
    own = labels.get(of, ())
    rules = {use.name: use.rule for use in protocol.endpoints}
    others = [name for name, rule in rules.items() if rule == rules.get(of) and own]
    return tuple(
        dict.fromkeys((*own, *(label for name in others for label in labels.get(name, ()))))
    )


def _check_combined(
    grouping: Grouping, place: str, protocol: Protocol, labels: Labels
) -> Iterator[Issue]:
    """Labels that are put together exist, and each is in one group.

    A label that another endpoint of the same rule gives is taken, so that the groups of a family
    are written once: nobody has it, where the endpoint never gives it.
    """
    known = _list_labels(grouping.of, protocol, labels)
    if grouping.of in protocol.covariates:
        known = protocol.covariates[grouping.of].levels
    seen: dict[str, str] = {}
    for name, members in grouping.combine.items():
        column = f"{place}.combine.{name}"
        if not members:
            hint = "list its labels, or leave the group out"
            yield Issue(f"the group `{name}` has no labels", column=column, hint=hint)
        for label in members:
            yield from check_label(grouping.of, label, column, known)
            if label in seen:
                what = f"`{label}` is in the groups `{seen[label]}` and `{name}`"
                yield Issue(what, column=column, hint="write each label in one group")
            seen.setdefault(label, name)
