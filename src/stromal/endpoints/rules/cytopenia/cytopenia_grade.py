"""`cytopenia_grade`: the worst CTCAE grade of a low blood count in a window."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from pydantic import model_validator

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Parameters, Tone
from stromal.endpoints.records.lab_series import as_numbered
from stromal.endpoints.records.words import after_words, number_text, window_words
from stromal.endpoints.rules.cytopenia.grading import (
    DailyGrades,
    derive_daily_grades,
    write_graded,
    write_ungraded,
)
from stromal.endpoints.rules.cytopenia.lineages import (
    CytopeniaCriteria,
    Lineage,
    LineageRule,
    check_lineage,
)
from stromal.kernels.series.worst import find_worst
from stromal.tables.events import EVENT_NAMES
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.analytes import ANALYTES
from stromal.tables.windows import Day, Window, find_nearest, within


class CytopeniaGradeParameters(Parameters):
    """Lineage, version, window, and how baseline and transfusions count.

    Parameters
    ----------
    lineage
        Which low count.
    criteria
        Version of CTCAE. The neutrophil and platelet grades of 5.0 and 6.0 cannot be compared.
    from_day
        First day [d] of the window, included; none: the window starts after day 0.
    to_day
        Last day [d] of the window, included; none: open.
    treatment_emergent
        Whether a grade counts only when it is above the grade at baseline, and is 0 otherwise.
    baseline
        Day [d] of the baseline, and the days around it that still count; a visit gives it. The
        value nearest to the day is compared with.
    transfusion_counts
        Whether a transfusion has the grade that the criteria give to `transfusion indicated`.
    """

    lineage: Lineage
    criteria: CytopeniaCriteria = "ctcae_v5"
    from_day: Day | None = None
    to_day: Day | None = None
    treatment_emergent: bool = False
    baseline: Window = Window(day=0.0, before=7.0)
    transfusion_counts: bool = False

    @model_validator(mode="after")
    def _covered(self) -> CytopeniaGradeParameters:
        rule = check_lineage(self.criteria, self.lineage)
        if self.transfusion_counts and rule.transfusion is None:
            title = read_criteria(self.criteria).title
            raise ValueError(
                f"{title} grades no transfusion for {self.lineage}; leave out `transfusion_counts`"
            )
        return self


def derive_cytopenia_grade(
    patients: Patients, parameters: CytopeniaGradeParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the worst grade of one lineage in a window, for every subject.

    Parameters
    ----------
    patients
        The five tables; `subjects`, `labs` and, where transfusions count, `events` are read.
    parameters
        Lineage, version of CTCAE, window [d], baseline and transfusions.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` and `label` the grade, `day` [d] the first day of it, `reason`.
        Null where nothing was measured, and where a bound, an empty value, an unknown unit or a
        missing lower limit of normal leaves more than one grade possible: from `lowest` to
        `highest`.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "arm": ["msc"]}),
    ...     labs=pl.DataFrame({"subject": ["1"], "day": [8.0], "analyte": ["platelets"],
    ...                        "value": [12.0], "unit": ["10^9/L"]}),
    ... )
    >>> parameters = CytopeniaGradeParameters(lineage="thrombocytopenia")
    >>> derive_cytopenia_grade(patients, parameters)["reason"].item()
    'platelets 12 x 10^9/L on day 8, grade 4'
    """
    p = parameters
    rule = check_lineage(p.criteria, p.lineage)
    numbered = as_numbered(patients)
    daily = derive_daily_grades(numbered, p.lineage, p.criteria, _window(p))
    extra = _transfusions(numbered, rule) if p.transfusion_counts else None
    worst = _worst_count(daily, numbered, p) if extra is None else _worst_of(daily, extra, p)
    name = ANALYTES[rule.analyte].label
    if reasons:
        worst = daily.tell(worst).with_columns(_write_worst(name, rule).alias("reason"))
    if p.treatment_emergent:
        ends = (p.baseline.first, p.baseline.last)
        before = derive_daily_grades(numbered, p.lineage, p.criteria, ends)
        worst = _emergent(worst, _near_baseline(before, extra, p), p, rule.highest_grade)
    window = (
        after_words("day 0", p.to_day) if p.from_day is None else window_words(p.from_day, p.to_day)
    )
    grade = pl.when(pl.col("least") == pl.col("most")).then("least")
    numbers = numbered.subjects.select(
        pl.col("subject").alias("number"), patients.subjects["subject"]
    )
    outcomes = numbers.join(worst, on="number", how="left", maintain_order="left").select(
        "subject",
        grade.cast(pl.Float64).alias("value"),
        grade.cast(pl.String).alias("label"),
        pl.when(grade.is_not_null()).then("day").alias("day"),
        pl.col("least").cast(pl.Float64).alias("lowest"),
        pl.col("most").cast(pl.Float64).alias("highest"),
        *([pl.col("reason").fill_null(f"no {name} {window}")] if reasons else []),
        pl.lit(read_criteria(p.criteria).title).alias("criteria"),
    )
    if p.transfusion_counts:
        outcomes = _leave_open(outcomes, patients, rule)
    return outcomes if reasons else outcomes.with_columns(pl.lit(None, pl.String).alias("reason"))


def _transfusions(patients: Patients, rule: LineageRule) -> pl.DataFrame:
    """Transfusions with their grade, as rows beside the counts."""
    grade = pl.lit(0 if rule.transfusion is None else rule.transfusion.grade, pl.Int64)
    event = "" if rule.transfusion is None else rule.transfusion.event
    return (
        patients.events.filter(pl.col("event") == event)
        .drop_nulls("day")
        .select(
            pl.col("subject").alias("number"),
            "day",
            grade.alias("grade_at_least"),
            grade.alias("grade_at_most"),
            pl.lit(None, pl.Int64).alias("row"),
            pl.lit(value=True).alias("transfused"),
        )
    )


def _window(p: CytopeniaGradeParameters) -> tuple[float, float]:
    first = math.nextafter(0.0, 1.0) if p.from_day is None else p.from_day
    return first, math.inf if p.to_day is None else p.to_day


def _worst_count(
    daily: DailyGrades, patients: Patients, p: CytopeniaGradeParameters
) -> pl.DataFrame:
    """The worst grade of every patient with a count in the window, as `_worst`."""
    size = int(patients.subjects["subject"].n_unique())
    graded = daily.number, daily.day, daily.least, daily.most
    found = find_worst(*graded, size, _window(p))
    had = np.flatnonzero(found.at >= 0)
    at = found.at[had]
    return pl.DataFrame(
        {
            "number": had.astype(np.uint32),
            "day": daily.day[at],
            "row": daily.row[at],
            "least": found.least[had].astype(np.int64),
            "most": found.most[had].astype(np.int64),
            "known_day": found.known_day[had],
        }
    ).with_columns(pl.col("known_day").fill_nan(None), transfused=pl.lit(value=False))


def _worst_of(
    daily: DailyGrades, transfusions: pl.DataFrame, p: CytopeniaGradeParameters
) -> pl.DataFrame:
    start = pl.col("day") > 0 if p.from_day is None else pl.col("day") >= p.from_day
    return _worst(_with(daily.frame(), transfusions).filter(start & within(None, p.to_day)))


def _near_baseline(
    daily: DailyGrades, transfusions: pl.DataFrame | None, p: CytopeniaGradeParameters
) -> pl.DataFrame:
    """The records in the window of the baseline."""
    inside = (daily.day >= p.baseline.first) & (daily.day <= p.baseline.last)
    rows = daily.frame(np.flatnonzero(inside))
    return rows if transfusions is None else _with(rows, transfusions)


def _with(rows: pl.DataFrame, transfusions: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([rows.with_columns(transfused=pl.lit(value=False)), transfusions])


def _leave_open(outcomes: pl.DataFrame, patients: Patients, rule: LineageRule) -> pl.DataFrame:
    """Leave grades open that a transfusion on a day that was not recorded may have made worse."""
    if rule.transfusion is None:
        return outcomes
    event, grade = rule.transfusion.event, float(rule.transfusion.grade)
    undated = patients.events.filter(pl.col("event") == event, pl.col("day").is_null())
    someday = pl.col("subject").is_in(undated["subject"].unique().to_list())
    open_ = someday & (pl.col("lowest").is_null() | (pl.col("lowest") < grade))
    words = f"{EVENT_NAMES[event]} on a day that was not recorded: grade {grade:g} is possible; "

    def unless_open(name: str) -> pl.Expr:
        return pl.when(~open_).then(name).alias(name)

    written = pl.when(open_).then(pl.lit(words) + pl.col("reason")).otherwise("reason")
    return outcomes.with_columns(
        unless_open("value"),
        unless_open("label"),
        unless_open("day"),
        pl.when(open_)
        .then(pl.max_horizontal("highest", pl.lit(grade)))
        .otherwise("highest")
        .alias("highest"),
        *([written.alias("reason")] if "reason" in outcomes.columns else []),
    )


def _worst(rows: pl.DataFrame) -> pl.DataFrame:
    """The least and the most that the worst grade can be, and the first row that decides it.

    Where the grade is open this is the row that may be worse, and `known_day` is the day of the
    worst grade that is certain.
    """
    at_least, at_most = pl.col("grade_at_least"), pl.col("grade_at_most")
    least, most = pl.col("least"), pl.col("most")
    bounds = rows.group_by("number").agg(at_least.max().alias("least"), at_most.max().alias("most"))
    marked = rows.join(bounds, on="number", maintain_order="left")
    first = (
        marked.filter((at_most == most) & ((least < most) | (at_least == most)))
        .sort("number", "day")
        .unique("number", keep="first", maintain_order=True)
    )
    known = (
        marked.filter((least < most) & (at_least == least) & (least > 0))
        .group_by("number")
        .agg(pl.col("day").min().alias("known_day"))
    )
    return first.join(known, on="number", how="left", maintain_order="left")


def _write_worst(name: str, rule: LineageRule) -> pl.Expr:
    """Return what decides the worst grade, or leaves it open, in words."""
    event = EVENT_NAMES[rule.transfusion.event] if rule.transfusion else ""
    transfused = pl.format(f"{event} on day {{}}, grade {{}}", number_text("day"), "least")
    closed = pl.format("{}, grade {}", write_graded(name), "least")
    known = (
        pl.when(pl.col("known_day").is_not_null())
        .then(pl.format("; grade {} at least, on day {}", "least", number_text("known_day")))
        .otherwise(pl.lit(""))
    )
    opened = pl.format(
        "{}, which cannot be graded: {}{}", write_graded(name), write_ungraded(), known
    )
    return (
        pl.when("transfused")
        .then(transfused)
        .when(pl.col("least") == pl.col("most"))
        .then(closed)
        .otherwise(opened)
    )


def _emergent(
    worst: pl.DataFrame, rows: pl.DataFrame, p: CytopeniaGradeParameters, highest: int
) -> pl.DataFrame:
    """Grades that are not above the baseline grade become 0; without a baseline it may be any."""
    ordered = rows.sort("number", "day", -pl.col("grade_at_most"), -pl.col("grade_at_least"))
    baseline = find_nearest(ordered, p.baseline, by=("number",)).select(
        "number",
        pl.col("grade_at_least").alias("before_least"),
        pl.col("grade_at_most").alias("before_most"),
        pl.col("day").alias("before_day"),
    )
    before_least = pl.col("before_least").fill_null(0)
    before_most = pl.col("before_most").fill_null(highest)
    least, most = pl.col("least"), pl.col("most")
    compared = worst.join(baseline, on="number", how="left", maintain_order="left")
    if "reason" in worst.columns:
        compared = compared.with_columns(pl.concat_str("reason", _write_compared()).alias("reason"))
    return compared.with_columns(
        pl.when(least > before_most).then(least).otherwise(0).alias("least"),
        pl.when(most > before_least).then(most).otherwise(0).alias("most"),
    )


def _write_compared() -> pl.Expr:
    """Return how the worst grade compares with the grade at baseline, in words."""
    least, most = pl.col("least"), pl.col("most")
    before_least, before_most = pl.col("before_least"), pl.col("before_most")
    day = number_text("before_day")
    higher = pl.when(least > before_most).then(pl.lit(", above")).otherwise(pl.lit(", not above"))
    graded = pl.format("{} grade {} at baseline on day {}", higher, before_most, day)
    return (
        pl.when((least < most) | (most == 0))
        .then(pl.lit(""))
        .when(before_least == before_most)
        .then(graded)
        .when(least > before_most)
        .then(pl.format(", above baseline on day {}", day))
        .otherwise(pl.lit("; no grade at baseline to compare with"))
    )


def _needs(parameters: CytopeniaGradeParameters) -> tuple[Need, ...]:
    rule = check_lineage(parameters.criteria, parameters.lineage)
    return (Need("labs", (rule.analyte,)),)


def _criteria(parameters: CytopeniaGradeParameters) -> Criteria:
    return read_criteria(parameters.criteria)


_TONES: tuple[Tone, ...] = ("severity 0", "severity 1", "severity 2", "severity 3", "severity 4")
LABELS = tuple(
    Label(str(grade), f"grade {grade}", rank=grade, tone=tone, verb="were")
    for grade, tone in enumerate(_TONES)
)


def _labels(parameters: CytopeniaGradeParameters) -> tuple[Label, ...]:
    """Grades that a laboratory value can reach: none above the highest printed cut."""
    rule = check_lineage(parameters.criteria, parameters.lineage)
    return LABELS[: rule.highest_grade + 1]


CYTOPENIA_GRADE = Endpoint(
    name="cytopenia_grade",
    title="CTCAE grade of a low blood count",
    kind="grade",
    parameters=CytopeniaGradeParameters,
    derive=derive_cytopenia_grade,
    needs=_needs,
    criteria=_criteria,
    labels=LABELS,
    labels_with=_labels,
)
