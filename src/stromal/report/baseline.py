"""The baseline table: who the patients were before treatment, by group."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from stromal.protocol.groups import main_grouping
from stromal.protocol.protocol import Covariate, Protocol
from stromal.report.groups import Group, list_groups
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import (
    capitalise,
    render_count,
    render_number,
    render_range,
    render_unit,
)
from stromal.tables.patients import Patients


def render_baseline(protocol: Protocol, patients: Patients) -> View:
    """Age, sex, weight and declared covariates by arm or by the main grouping.

    Numbers are medians with their range among the patients who have one; categories are counts of
    the patients whose category is known. A line of missing values follows wherever any is missing.
    """
    by = main_grouping(protocol)
    groups = list_groups(protocol, patients, by)
    if len(groups) > 1:
        groups = (*groups, *list_groups(protocol, patients, None))
    headings = [Heading("")] + [
        Heading(f"{group.label} (n = {group.n})", numeric=True) for group in groups
    ]
    rows: list[list[Cell]] = []
    subjects = patients.subjects
    rows += _number_rows("Age, years", subjects, "age_years", groups)
    rows += _category_rows("Sex", subjects, "sex", ("female", "male"), groups)
    rows += _number_rows("Weight, kg", subjects, "weight_kg", groups)
    for name, covariate in protocol.covariates.items():
        if covariate.baseline and name in subjects.columns and name != by:
            rows += _covariate_rows(covariate, subjects, name, groups)
    return view_of(
        "Patients at baseline",
        headings,
        rows,
        "Numbers: median (range). Categories: patients/patients with a known value (%).",
    )


def _covariate_rows(
    covariate: Covariate, subjects: pl.DataFrame, name: str, groups: Sequence[Group]
) -> list[list[Cell]]:
    title = capitalise(covariate.label)
    if covariate.type == "number":
        return _number_rows(f"{title}{_unit_after(covariate)}", subjects, name, groups)
    levels = covariate.levels
    if covariate.type == "flag":
        return _flag_rows(title, subjects, name, groups)
    return _category_rows(title, subjects, name, levels, groups)


def _unit_after(covariate: Covariate) -> str:
    """The unit after a label, unless the label names it."""
    unit = covariate.unit
    if unit in ("", "1") or re.search(rf"\b{re.escape(unit)}s?\b", covariate.label, re.IGNORECASE):
        return ""
    return f", {'days' if unit == 'day' else render_unit(unit)}"


def _own(subjects: pl.DataFrame, name: str, group: Group) -> pl.Series:
    return subjects.filter(pl.col("subject").is_in(list(group.subjects)))[name]


def _number_rows(
    title: str, subjects: pl.DataFrame, name: str, groups: Sequence[Group]
) -> list[list[Cell]]:
    """One row with median and range, one more where values are missing."""
    if subjects[name].null_count() == subjects.height:
        return []
    cells = [Cell(title, "strong")]
    for group in groups:
        known = _own(subjects, name, group).cast(pl.Float64, strict=False).drop_nulls()
        if known.is_empty():
            cells.append(Cell("–", "muted"))
            continue
        low, high = float(known.min()), float(known.max())  # type: ignore[arg-type]
        middle = render_number(float(known.median()))  # type: ignore[arg-type]
        cells.append(Cell(f"{middle} ({render_range(low, high)})"))
    return [cells, *_missing_row(subjects, name, groups)]


def _category_rows(
    title: str,
    subjects: pl.DataFrame,
    name: str,
    levels: Sequence[str],
    groups: Sequence[Group],
) -> list[list[Cell]]:
    """A heading row, one row per level, one more where values are missing."""
    values = subjects[name].cast(pl.String)
    if values.null_count() == subjects.height:
        return []
    found = values.drop_nulls().unique().sort().to_list()
    names = [*levels, *(level for level in found if level not in levels)]
    rows = [[Cell(title, "strong"), *(Cell("") for _ in groups)]]
    for level in names:
        cells = [Cell(level, "indent")]
        for group in groups:
            known = _own(subjects, name, group).cast(pl.String).drop_nulls()
            cells.append(Cell(render_count(int((known == level).sum()), len(known))))
        rows.append(cells)
    return [*rows, *_missing_row(subjects, name, groups)]


def _flag_rows(
    title: str, subjects: pl.DataFrame, name: str, groups: Sequence[Group]
) -> list[list[Cell]]:
    """One row: how many of those with a known value say yes."""
    values = subjects[name].cast(pl.String).str.to_lowercase()
    if values.null_count() == subjects.height:
        return []
    yes = subjects.with_columns(values.is_in(["yes", "true", "1", "1.0"]).alias(name))
    cells = [Cell(title, "strong")]
    for group in groups:
        known = _own(yes, name, group).drop_nulls()
        cells.append(Cell(render_count(int(known.sum()), len(known))))
    return [cells, *_missing_row(subjects, name, groups)]


def _missing_row(subjects: pl.DataFrame, name: str, groups: Sequence[Group]) -> list[list[Cell]]:
    """Return how many have no value; no row where everybody has one."""
    counts = [_own(subjects, name, group).null_count() for group in groups]
    if not any(counts):
        return []
    return [[Cell("not stated", "indent"), *(Cell(str(count), "muted") for count in counts)]]
