"""The grading of haematotoxicity after CAR-T cells: what it counts, as its criteria print it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Label, Tone
from stromal.endpoints.records.follow_up import derive_follow_up
from stromal.endpoints.records.labs import label_analyte
from stromal.endpoints.records.occurrences import name_event, read_conventions
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.analytes import ANALYTES

IcahtCriteria = Literal["icaht_2023", "t_icaht_2025", "t_icaht_2025_as_coded"]
Grades = NDArray[np.int64]
_TONES: tuple[Tone, ...] = ("severity 0", "severity 1", "severity 2", "severity 3", "severity 4")
LABELS = tuple(
    Label(str(grade), f"grade {grade} haematotoxicity", rank=grade, tone=tone)
    for grade, tone in enumerate(_TONES)
)
# one millionth of a millionth: a count that was converted is still at its cut
_AT_CUT = 1.0 + 1e-12


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LowCut(_Section):
    """Days below a cut from which each grade is given."""

    cut: float
    grades: dict[int, int]


class NadirCut(_Section):
    """The grade of a lowest count below a cut."""

    cut: float
    grade: int


class Throughout(_Section):
    """The grade of an episode that starts by a day and lasts to the end."""

    cut: float
    starts_by: int
    grade: int


class Phase(_Section):
    """The early or the late days: which they are, and how they are graded."""

    from_day: int
    to_day: int
    days: tuple[LowCut, ...]
    nadir: tuple[NadirCut, ...] = ()
    throughout: Throughout | None = None
    censor_events: tuple[str, ...]


class IcahtRule(_Section):
    """One grading: what is counted, when a count is low, and how gaps are read."""

    analyte: str
    at_cut: bool
    fill_days: int
    round_filled: int | None
    stable_days: int
    counted: Literal["longest", "cumulative"]
    early: Phase
    late: Phase

    @property
    def name(self) -> str:
        """What sentences call the analyte."""
        return label_analyte(self.analyte)

    @property
    def sign(self) -> str:
        """The sign of a low count."""
        return "≤" if self.at_cut else "<"

    @property
    def unit(self) -> str:
        """The unit of the cuts, as it is written."""
        return ANALYTES[self.analyte].unit.replace("10^", "x 10^")

    def is_low(self, counts: NDArray[np.float64], cut: float) -> NDArray[np.bool_]:
        """Tell whether counts are low; NaN is not."""
        return counts <= cut * _AT_CUT if self.at_cut else counts * _AT_CUT < cut


@cache
def read_icaht(criteria: str) -> IcahtRule:
    """Read one version of the grading.

    Examples
    --------
    >>> read_icaht("icaht_2023").early.to_day, read_icaht("t_icaht_2025").analyte
    (30, 'platelets')
    """
    return IcahtRule.model_validate(read_criteria(criteria).rules)


def find_ends(patients: Patients, phase: Phase, censor_events: tuple[str, ...]) -> pl.Series:
    """Find the last day [d] that counts of each patient: of observation, or before censoring.

    Parameters
    ----------
    patients
        As from `as_numbered`.
    phase
        The days that are graded.
    censor_events
        Events whose first day is the last one that counts.
    """
    censored = (
        patients.events.filter(pl.col("event").is_in(list(censor_events)))
        .group_by("subject")
        .agg(pl.col("day").min().alias("censored"))
    )
    return (
        derive_follow_up(patients)
        .unique("subject", keep="first", maintain_order=True)
        .join(censored, on="subject", how="left", maintain_order="left")
        .select(
            pl.min_horizontal(pl.col("last_day").fill_null(phase.to_day), "censored")
            .clip(upper_bound=phase.to_day)
            .alias("end")
        )
        .to_series()
    )


def find_undated(patients: Patients, censor_events: tuple[str, ...]) -> pl.Series:
    """Name an event of each patient that ends the days that count and has no day; null for none.

    A death without a day comes after every count.
    """
    asked = [event for event in censor_events if event not in read_conventions()["death"]]
    undated = (
        patients.events.filter(pl.col("event").is_in(asked), pl.col("day").is_null())
        .group_by("subject")
        .agg(name_event().sort().first().alias("undated"))
    )
    subjects = patients.subjects.select(pl.col("subject").unique(maintain_order=True))
    return subjects.join(undated, on="subject", how="left", maintain_order="left")["undated"]


def write_undated() -> pl.Expr:
    """Say that an event without a day leaves open which days count."""
    return pl.format("{} recorded without a day: any grade is possible", "undated")


def grade_days(days: Mapping[float, NDArray[np.int64]], phase: Phase) -> Grades:
    """Grade the days below each cut.

    Parameters
    ----------
    days
        Days of each patient, (P,), by cut.
    phase
        How days are graded.
    """
    people = next(iter(days.values())).size
    worst = np.zeros(people, np.int64)
    for low in phase.days:
        for grade, least in low.grades.items():
            worst = np.maximum(worst, np.where(days[low.cut] >= least, grade, 0))
    return worst


def write_outcomes(
    decided: pl.DataFrame, numbered: Patients, patients: Patients, title: str, *, day: bool = False
) -> pl.DataFrame:
    """Write the outcomes of both phases, in the order of `subjects`.

    Parameters
    ----------
    decided
        `number` of each patient, `looked` (days that were looked at), `label`, `grade`, `least` and
        `most` that missing days allow, `undated` (what may have ended the days), `reason` and,
        where it is asked for, `day` [d].
    numbered, patients
        The same patients, under numbers and under their names.
    title
        Of the criteria.
    day
        Whether outcomes have a day.

    Returns
    -------
    polars.DataFrame
        `subject`, `value`, `label`, `day` where asked for, `lowest`, `highest`, `reason`,
        `criteria`.
    """
    numbers = numbered.subjects.select(
        pl.col("subject").alias("number"), patients.subjects["subject"]
    )
    seen, judged = pl.col("looked") > 0, pl.col("label").is_not_null()
    open_, highest = pl.col("undated").is_not_null(), max(int(label.name) for label in LABELS)
    return numbers.join(decided, on="number", how="left", maintain_order="left").select(
        "subject",
        pl.when(judged).then("grade").cast(pl.Float64).alias("value"),
        "label",
        *(["day"] if day else []),
        pl.when(seen & open_)
        .then(0.0)
        .when(seen)
        .then(pl.col("least").cast(pl.Float64))
        .alias("lowest"),
        pl.when(seen & open_)
        .then(float(highest))
        .when(seen)
        .then(pl.col("most").cast(pl.Float64))
        .alias("highest"),
        "reason",
        pl.lit(title).alias("criteria"),
    )
