"""Covariates of a regression: columns of the patients, groupings, and other endpoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from stromal.analyses.groups import find_landmark, read_levels
from stromal.analyses.kind import Setting
from stromal.protocol.groups import list_levels
from stromal.protocol.protocol import Protocol
from stromal.report.groups import label_endpoint
from stromal.report.words import capitalise, render_name, render_unit

NUMBERS = ("age_years", "weight_kg")
_COLUMNS = {"age_years": "Age", "weight_kg": "Body weight", "sex": "Sex", "arm": "Arm"}
_UNITS = {"age_years": "year", "weight_kg": "kg"}


def read_covariates(setting: Setting, names: Iterable[str]) -> pl.DataFrame:
    """Return the covariates of every patient, in the order of `subjects`.

    Parameters
    ----------
    setting
        The cohort.
    names
        Columns of `subjects`, groupings, or endpoints: of these the value, else the label.

    Returns
    -------
    polars.DataFrame
        `subject`, and a column for each name: numbers, or text of a level; null where not known.
    """
    subjects = setting.patients.subjects
    found = subjects.select("subject")
    for name in names:
        column = _read(setting, name).rename(name)
        found = found.with_columns(column)
    return found


def _read(setting: Setting, name: str) -> pl.Series:
    subjects, protocol = setting.patients.subjects, setting.protocol
    if name in subjects.columns:
        column = subjects[name]
        declared = protocol.covariates.get(name)
        number = name in NUMBERS or (declared is not None and declared.type == "number")
        return column.cast(pl.Float64 if number else pl.String)
    if protocol.grouping(name) is None and setting.kind_of(name) in ("value", "count"):
        own = setting.outcomes_of(name).select("subject", "value")
        joined = subjects.select("subject").join(
            own, on="subject", how="left", maintain_order="left"
        )
        return joined["value"]
    if protocol.grouping(name) is None and name in protocol.covariates:
        number = protocol.covariates[name].type == "number"
        return pl.Series(name, [None] * subjects.height, pl.Float64 if number else pl.String)
    return read_levels(setting, name)["group"]


def choose_references(
    setting: Setting, covariates: pl.DataFrame, asked: Mapping[str, str]
) -> dict[str, str]:
    """Return the level that others are compared with: the one asked for, else the last."""
    chosen = dict(asked)
    for name in covariates.columns:
        column = covariates[name]
        if name in chosen or name == "subject" or column.dtype != pl.String:
            continue
        levels = list_levels(setting.protocol, name, column.drop_nulls().unique())
        present = [level for level in levels if (column == level).any()]
        if present:
            chosen[name] = present[-1]
    return chosen


def list_known(protocol: Protocol) -> list[str]:
    """Return the names that may be covariates of a regression."""
    return [
        "arm",
        "sex",
        *NUMBERS,
        *protocol.covariates,
        *(item.name for item in protocol.groupings),
        *(use.name for use in protocol.endpoints),
    ]


def label_covariate(protocol: Protocol, name: str) -> str:
    """Return a covariate in words.

    Examples
    --------
    >>> from stromal.protocol.read import read_protocol
    >>> label_covariate(read_protocol("studies/hsct-engraftment"), "age_years")
    'Age'
    """
    grouping = protocol.grouping(name)
    if grouping is not None:
        return grouping.label or capitalise(render_name(name))
    if name in protocol.covariates:
        return capitalise(protocol.covariates[name].label)
    if any(use.name == name for use in protocol.endpoints):
        return label_endpoint(protocol, name)
    return _COLUMNS.get(name) or capitalise(render_name(name))


def label_term(protocol: Protocol, covariate: str, level: str | None, reference: str | None) -> str:
    """Return a term in words: `Age, per year`, `Sex: female against male`."""
    name = label_covariate(protocol, covariate)
    if level is None or reference is None:
        declared = protocol.covariates.get(covariate)
        unit = declared.unit if declared is not None else _UNITS.get(covariate, "1")
        return f"{name}, per {'unit' if unit == '1' else render_unit(unit)}"
    if (level, reference) == ("yes", "no"):
        return name
    return f"{name}: {_level(protocol, covariate, level)} against " + _level(
        protocol, covariate, reference
    )


def _level(protocol: Protocol, covariate: str, level: str) -> str:
    if covariate == "arm" and level in protocol.arms:
        return protocol.arms[level].label
    return render_name(level)


def latest_landmark(setting: Setting, names: Iterable[str]) -> float | None:
    """Return the last landmark [d] of the covariates; None where none has any."""
    days = [day for name in names if (day := find_landmark(setting, name)) is not None]
    return max(days, default=None)
