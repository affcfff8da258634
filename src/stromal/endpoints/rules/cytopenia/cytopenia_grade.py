"""`cytopenia_grade`: the worst CTCAE grade of a low blood count in a window."""

from __future__ import annotations

import polars as pl
from pydantic import model_validator

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Parameters, Tone
from stromal.endpoints.records.words import (
    after_words,
    amount_text,
    number_text,
    window_words,
)
from stromal.endpoints.rules.cytopenia.grading import derive_cytopenia_grades, derive_lowest_of_day
from stromal.endpoints.rules.cytopenia.lineages import (
    CytopeniaCriteria,
    Lineage,
    LineageRule,
    check_lineage,
)
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
    """The worst grade of one lineage in a window, for every subject.

    Parameters
    ----------
    patients
        The five tables; `subjects`, `labs` and, where transfusions count, `events` are read.
    parameters
        Lineage, version of CTCAE, window [d], baseline and transfusions.
    reasons
        Whether reasons are written.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` and `label` the grade, `day` [d] the first day of it, `reason`.
        Null where nothing was measured, and where the lower limit of normal that would tell grade 1
        from grade 0 is missing.

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
    rows = _graded_rows(patients, p, rule)
    start = pl.col("day") > 0 if p.from_day is None else pl.col("day") >= p.from_day
    worst = _worst(rows.filter(start & within(None, p.to_day)))
    if p.treatment_emergent:
        worst = _emergent(worst, rows, p)
    title = read_criteria(p.criteria).title
    window = (
        after_words("day 0", p.to_day) if p.from_day is None else window_words(p.from_day, p.to_day)
    )
    name = ANALYTES[rule.analyte].label
    return (
        patients.subjects.select("subject")
        .join(worst, on="subject", how="left", maintain_order="left")
        .select(
            "subject",
            pl.col("grade").cast(pl.Float64).alias("value"),
            pl.col("grade").cast(pl.String).alias("label"),
            pl.when(pl.col("grade").is_not_null()).then(pl.col("day")).alias("day"),
            (pl.col("reason").fill_null(f"no {name} {window}") if reasons else pl.lit(None)).alias(
                "reason"
            ),
            pl.lit(title).alias("criteria"),
        )
    )


def _graded_rows(
    patients: Patients, p: CytopeniaGradeParameters, rule: LineageRule
) -> pl.DataFrame:
    """Graded counts and, where they count, transfusions: subject, day, grades, reason."""
    name = ANALYTES[rule.analyte].label
    graded = derive_lowest_of_day(
        derive_cytopenia_grades(patients.labs, p.criteria, (p.lineage,))
    ).with_columns(
        pl.when(pl.col("grade").is_not_null())
        .then(pl.format(", grade {}", "grade"))
        .when(pl.col("graded_value").is_null())
        .then(pl.lit(", which cannot be graded: its unit is unknown"))
        .otherwise(pl.lit(", which cannot be graded: the lower limit of normal is missing"))
        .alias("_verdict")
    )
    said = pl.format(
        f"{name} {{}} on day {{}}{{}}",
        amount_text(
            pl.coalesce("graded_value", "value"),
            pl.coalesce("graded_unit", "reported_unit", "unit"),
        ),
        number_text(pl.col("day")),
        "_verdict",
    )
    counts = graded.select("subject", "day", "grade", "grade_at_most", said.alias("reason"))
    if not p.transfusion_counts or rule.transfusion is None:
        return counts
    grade = pl.lit(rule.transfusion.grade, pl.Int64)
    what = EVENT_NAMES[rule.transfusion.event]
    transfused = (
        patients.events.filter(pl.col("event") == rule.transfusion.event)
        .drop_nulls("day")
        .select(
            "subject",
            "day",
            grade.alias("grade"),
            grade.alias("grade_at_most"),
            pl.format(
                f"{what} on day {{}}, grade {rule.transfusion.grade}", number_text(pl.col("day"))
            ).alias("reason"),
        )
    )
    return pl.concat([counts, transfused])


def _worst(rows: pl.DataFrame) -> pl.DataFrame:
    """The first row of the worst grade per subject; ungraded where a row might be worse."""
    could_be = pl.col("grade_at_most").max().over("subject")
    known = pl.col("grade").max().over("subject")
    return (
        rows.with_columns(
            # a value that cannot be graded leaves the worst grade open only where nothing known
            # reaches what it can be at most
            (known.is_null() | (could_be > known)).alias("_open"),
        )
        .sort(
            "subject",
            pl.when("_open")
            .then(pl.col("grade").is_not_null().cast(pl.Int64))
            .otherwise(-pl.col("grade").fill_null(-1)),
            "day",
        )
        .unique("subject", keep="first", maintain_order=True)
        .drop("_open")
    )


def _emergent(worst: pl.DataFrame, rows: pl.DataFrame, p: CytopeniaGradeParameters) -> pl.DataFrame:
    """Grades that are not above the baseline grade become 0, and unknown without a baseline."""
    by_grade = rows.sort("grade", descending=True, nulls_last=True)
    nearest = find_nearest(by_grade, p.baseline)
    baseline = nearest.select(
        "subject",
        pl.col("grade").alias("_before"),
        pl.col("grade_at_most").alias("_before_at_most"),
        pl.col("day").alias("_before_day"),
    )
    grade, before = pl.col("grade"), pl.col("_before")
    day = number_text(pl.col("_before_day"))
    return (
        worst.join(baseline, on="subject", how="left", maintain_order="left")
        .with_columns(
            pl.when(grade.is_null() | (grade == 0))
            .then(pl.lit(""))
            .when(before.is_not_null())
            .then(
                pl.format(
                    "{} grade {} at baseline on day {}",
                    pl.when(grade > before)
                    .then(pl.lit(", above"))
                    .otherwise(pl.lit(", not above")),
                    before,
                    day,
                )
            )
            .when(grade > pl.col("_before_at_most"))
            .then(pl.format(", above baseline on day {}", day))
            .otherwise(pl.lit("; no grade at baseline to compare with"))
            .fill_null("")
            .alias("_compared")
        )
        .with_columns(
            pl.when(grade == 0)
            .then(0)
            .when(grade > pl.col("_before_at_most"))
            .then(grade)
            .when(grade <= before)
            .then(0)
            .cast(pl.Int64)
            .alias("grade"),
            pl.concat_str("reason", "_compared").alias("reason"),
        )
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
