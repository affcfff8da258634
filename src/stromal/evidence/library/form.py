"""A study told in one small file, `[study]`, `[[arms]]` and `[[outcomes]]`, as rows of a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import polars as pl
from pydantic import Field

from stromal.errors import Issue
from stromal.evidence.library.schemas import ARMS, OUTCOMES, STUDIES
from stromal.tables.schema import Schema
from stromal.toml.locate import KeyPath, find_line, locate_keys
from stromal.toml.part import Part
from stromal.toml.read import parse_toml, read_text

Arm = Literal["MSC", "control", "MSC+control"]

SHARES = ("proportion", "survival", "cumulative_incidence")
"""Scales whose numbers are in percent where nothing else is said."""


class StudyForm(Part):
    """The study.

    Parameters
    ----------
    study
        Name of the study, such as `Jones2026`; that of the record where it is there already.
    read_in
        What was read: a citation key, or a name of one's own.
    first_author, year, reference, design, design_printed, population
        As in `studies.csv`; left out where the record has the study already.
    """

    study: str = Field(min_length=1)
    read_in: str = Field(min_length=1)
    first_author: str | None = None
    year: int | None = None
    reference: str | None = None
    design: str | None = None
    design_printed: str | None = None
    population: str | None = None


class ArmForm(Part):
    """An arm; keys are the columns of `arms.csv`."""

    arm: Arm = "MSC"
    subgroup: str | None = None
    source: str = "unspecified"
    source_printed: str | None = None
    donor: str = "unspecified"
    donor_printed: str | None = None
    age_group: str = "unspecified"
    age_group_printed: str | None = None
    n: int | None = Field(None, ge=1)
    dose_low: float | None = None
    dose_median: float | None = None
    dose_high: float | None = None
    dose_printed: str | None = None
    infusions_low: int | None = None
    infusions_high: int | None = None
    infusions_printed: str | None = None
    timing: str | None = None
    status: str = "use"
    reason: str | None = None


class OutcomeForm(Part):
    """A printed number; keys are the columns of `outcomes.csv`.

    `printed_events`, `printed_total` and `printed_value` are what the paper prints, the value as a
    text with its digits. `events`, `total` and `value` are used, and the printed ones where left
    out; the unit of a share is `%`.
    """

    arm: Arm = "MSC"
    subgroup: str | None = None
    indication: str
    outcome: str
    outcome_printed: str | None = None
    scale: str
    range_end: str | None = None
    day: float | None = None
    events: int | None = None
    total: int | None = Field(None, ge=1)
    value: float | None = None
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    p: str | None = None
    printed_events: int | None = None
    printed_total: int | None = Field(None, ge=1)
    printed_value: str | None = Field(None, pattern=r"^-?\d+(\.\d+)?$")
    printed_unit: str | None = None
    counts_are: str | None = None
    locator: str = Field(min_length=1)
    status: str = "use"
    reason: str | None = None
    note: str | None = None


class Form(Part):
    """The whole file."""

    study: StudyForm
    arms: tuple[ArmForm, ...] = ()
    outcomes: tuple[OutcomeForm, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class FormRows:
    """A form as rows of the record's tables, and where each of its keys is written.

    Parameters
    ----------
    frames
        Rows by table; `studies` is empty where the record has the study.
    file
        Name of the file.
    lines
        Line of each key.
    """

    frames: Mapping[str, pl.DataFrame]
    file: str
    lines: Mapping[KeyPath, int]

    def place(self, issue: Issue) -> Issue:
        """Return an issue about a row of a table with the line and the key of the form."""
        if issue.table is None or issue.table not in self.frames or issue.row is None:
            return issue
        path: KeyPath = (issue.table, issue.row)
        if issue.table == "studies":
            path = ("study",)
        if issue.column:
            path = (*path, issue.column)
        return replace(issue, table=self.file, row=find_line(self.lines, path))


def read_form(path: Path, studies: pl.DataFrame) -> FormRows:
    """Read a form.

    Parameters
    ----------
    path
        A TOML file.
    studies
        Of the record: a study that is there is not told again.

    Raises
    ------
    InvalidInput
        With every issue: file, line, key and hint.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from stromal.evidence.library.reader import read_library
    >>> text = '''
    ... [study]
    ... study = "ZhaoK2022"
    ... read_in = "own reading"
    ... [[arms]]
    ... n = 99
    ... [[outcomes]]
    ... indication = "acute_gvhd_treatment"
    ... outcome = "relapse"
    ... scale = "proportion"
    ... printed_events = 10
    ... printed_total = 99
    ... locator = "Table 3"
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "form.toml"
    ...     _ = path.write_text(text)
    ...     rows = read_form(path, read_library().studies)
    >>> rows.frames["studies"].height, rows.frames["outcomes"]["value"].to_list()
    (0, [10.1])
    """
    text = read_text(
        path,
        "a form",
        absent="name a file with [study], [[arms]] and [[outcomes]]",
        large="one file tells one study",
    )
    form = parse_toml(text, Form, path.name)
    told = form.study.model_dump(exclude={"read_in"})
    new = form.study.study not in studies["study"].to_list()
    again = any(cell is not None for name, cell in told.items() if name != "study")
    name = {"study": form.study.study, "read_in": form.study.read_in}
    patients = {(arm.arm, arm.subgroup): arm.n for arm in form.arms}
    outcomes = [
        {
            "row": f"{form.study.study}:{form.study.read_in}:{number}",
            "printed_n": patients.get((one.arm, one.subgroup)),
            **name,
            **_fill(one),
        }
        for number, one in enumerate(form.outcomes, 1)
    ]
    frames = {
        "studies": _frame([told] if new or again else [], STUDIES),
        "arms": _frame([{**arm.model_dump(), **name} for arm in form.arms], ARMS),
        "outcomes": _frame(outcomes, OUTCOMES),
    }
    return FormRows(frames, path.name, locate_keys(text))


def _fill(told: OutcomeForm) -> dict[str, Any]:
    """Return the cells of an outcome with what is used where only what is printed was told."""
    cells = told.model_dump()
    if told.events is None and told.total is None and told.value is None:
        cells["events"], cells["total"] = told.printed_events, told.printed_total
        cells["value"] = None if told.printed_value is None else float(told.printed_value)
        if cells["value"] is None and told.scale in SHARES:
            cells["value"] = _percent(told.printed_events, told.printed_total)
    if told.unit is None and told.scale in SHARES:
        cells["unit"] = "%"
    return cells


def _percent(events: int | None, total: int | None) -> float | None:
    return None if events is None or not total else round(100 * events / total, 2)


def _frame(rows: list[dict[str, Any]], schema: Schema) -> pl.DataFrame:
    return schema.conform(pl.DataFrame(rows, infer_schema_length=None)) if rows else schema.empty()
