"""Groups of patients: by arm or by a declared covariate, and the order of their levels."""

from __future__ import annotations

from collections.abc import Iterable

from stromal.protocol.protocol import Protocol
from stromal.tables.subjects import SEXES, SPECIES

_FLAGS = ("yes", "no")
_OF_COLUMN = {"sex": SEXES, "species": SPECIES}

COLUMNS = ("arm", *_OF_COLUMN)
"""Columns of `subjects` that make groups in every study, beside its covariates."""


def list_levels(protocol: Protocol, by: str, found: Iterable[str]) -> tuple[str, ...]:
    """Return the levels of a grouping: as declared, then others that occur, alphabetically.

    Every declared arm and level is there, also one that nobody belongs to; of a flag those of yes
    and no that occur, and of arms that are `simulated_only` those that occur: nobody can be missing
    from an arm that no patient could be in.

    Parameters
    ----------
    protocol
        Declares the arms and the levels of covariates.
    by
        `arm`, `sex`, `species`, a covariate or a grouping.
    found
        Levels that occur in the patients.

    Examples
    --------
    >>> from stromal.protocol.read import read_protocol
    >>> transplants = read_protocol("studies/hsct-engraftment")
    >>> list_levels(transplants, "disease_group", ["ALL"])
    ('ALL', 'AML low risk', 'AML high risk')
    >>> list_levels(transplants, "methotrexate", ["no", "yes"])
    ('yes', 'no')
    """
    occurring = set(found)
    declared: tuple[str, ...]
    if by in COLUMNS:
        levels = _OF_COLUMN.get(by, tuple(protocol.arms))
        open_to_all = set(list_real_arms(protocol)) if by == "arm" else set()
        declared = tuple(level for level in levels if level in open_to_all | occurring)
    elif (grouping := protocol.grouping(by)) is not None:
        if not grouping.combine:
            return list_levels(protocol, grouping.of, found)
        declared = tuple(grouping.combine)
    else:
        covariate = protocol.covariates.get(by)
        declared = covariate.levels if covariate is not None else ()
        if covariate is not None and covariate.type == "flag":
            declared = tuple(flag for flag in _FLAGS if flag in occurring)
    return (*declared, *sorted(occurring.difference(declared)))


def list_real_arms(protocol: Protocol) -> tuple[str, ...]:
    """Return the arms that real patients can be in.

    Examples
    --------
    >>> from stromal.protocol.read import read_protocol
    >>> list_real_arms(read_protocol("studies/agvhd-children"))
    ('msc',)
    """
    return tuple(name for name, arm in protocol.arms.items() if not arm.simulated_only)


def list_virtual_arms(protocol: Protocol) -> tuple[str, ...]:
    """Return the arms that have virtual patients alone.

    Examples
    --------
    >>> from stromal.protocol.read import read_protocol
    >>> list_virtual_arms(read_protocol("studies/agvhd-children"))
    ('no_msc',)
    """
    return tuple(name for name, arm in protocol.arms.items() if arm.simulated_only)


def name_known_by(endpoint: str, day: float) -> str:
    """Return the name of an endpoint as it is known on a day.

    Examples
    --------
    >>> name_known_by("neutropenia", 28.0)
    'neutropenia_by_day_28'
    """
    return f"{endpoint}_by_day_{day:g}"


def main_grouping(protocol: Protocol) -> str | None:
    """Return `arm` where there are several, else the first covariate that an analysis groups by."""
    if len(protocol.arms) > 1:
        return "arm"
    groupings = (use.given.get("by") for use in protocol.analyses)
    named = (by for by in groupings if isinstance(by, str))
    return next((by for by in named if by in protocol.covariates), None)
