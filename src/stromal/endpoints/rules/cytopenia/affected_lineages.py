"""`affected_lineages`: in how many lineages the count fell to a grade."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field, model_validator

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Parameters
from stromal.endpoints.records.lab_series import as_numbered
from stromal.endpoints.records.words import after_words, window_words
from stromal.endpoints.rules.cytopenia.grading import derive_daily_grades
from stromal.endpoints.rules.cytopenia.lineages import CytopeniaCriteria, Lineage, check_lineage
from stromal.endpoints.verdict import Case, decide
from stromal.errors import join_words
from stromal.kernels.series.worst import find_worst
from stromal.tables.patients import Patients
from stromal.tables.windows import Day


class AffectedLineagesParameters(Parameters):
    """Lineages, grade, version and window.

    Parameters
    ----------
    lineages
        Which low counts.
    threshold_grade
        The grade from which a lineage is affected; 1 is any grade.
    criteria
        Version of CTCAE.
    from_day
        First day [d] of the window, included; none: the window starts after day 0.
    to_day
        Last day [d] of the window, included; none: open.
    """

    lineages: tuple[Lineage, ...] = Field(
        ("anaemia", "thrombocytopenia", "neutropenia", "lymphopenia"), min_length=1
    )
    threshold_grade: int = Field(1, ge=1, le=4)
    criteria: CytopeniaCriteria = "ctcae_v5"
    from_day: Day | None = None
    to_day: Day | None = None

    @model_validator(mode="after")
    def _covered(self) -> AffectedLineagesParameters:
        for lineage in self.lineages:
            check_lineage(self.criteria, lineage)
        if len(set(self.lineages)) < len(self.lineages):
            raise ValueError("a lineage is named twice; name each once")
        return self


def derive_affected_lineages(
    patients: Patients, parameters: AffectedLineagesParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive in how many lineages the worst grade of a window reached a grade.

    A lineage without a count, or whose grade is open on both sides of the threshold, leaves the
    number open.

    Parameters
    ----------
    patients
        The five tables; `subjects` and `labs` are read.
    parameters
        Lineages, grade, version of CTCAE and window [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` and `label` the number, `lowest` and `highest` what stays
        possible, `reason`.

    Examples
    --------
    >>> labs = pl.DataFrame({"subject": "1", "day": 8.0, "analyte": ["platelets", "neutrophils"],
    ...                      "value": [12.0, 3.0], "unit": "10^9/L"})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=labs)
    >>> given = AffectedLineagesParameters(
    ...     lineages=["thrombocytopenia", "neutropenia"], threshold_grade=3)
    >>> derive_affected_lineages(patients, given)["reason"].item()
    '1 of 2 lineages with grade >= 3: thrombocytopenia'
    """
    p = parameters
    numbered = as_numbered(patients)
    size = int(numbered.subjects["subject"].n_unique())
    first = math.nextafter(0.0, 1.0) if p.from_day is None else p.from_day
    last = math.inf if p.to_day is None else p.to_day
    columns: dict[str, NDArray[Any]] = {"number": np.arange(size, dtype=np.uint32)}
    for lineage in p.lineages:
        daily = derive_daily_grades(numbered, lineage, p.criteria, (first, last))
        graded = daily.number, daily.day, daily.least, daily.most
        worst = find_worst(*graded, size, (first, last))
        columns[f"{lineage}_seen"] = worst.most >= 0
        columns[f"{lineage}_sure"] = worst.least >= p.threshold_grade
        columns[f"{lineage}_maybe"] = (worst.most >= p.threshold_grade) | (worst.most < 0)
    rows = pl.DataFrame(columns).with_columns(
        _add(p, "sure").alias("least"),
        _add(p, "maybe").alias("most"),
        _add(p, "seen").alias("seen"),
    )
    decided = decide(rows, _cases(p), reasons=reasons)
    numbers = numbered.subjects.select(
        pl.col("subject").alias("number"), patients.subjects["subject"]
    )
    told = pl.col("label").is_not_null()
    return numbers.join(decided, on="number", how="left", maintain_order="left").select(
        "subject",
        pl.when(told).then("least").cast(pl.Float64).alias("value"),
        "label",
        pl.col("least").cast(pl.Float64).alias("lowest"),
        pl.col("most").cast(pl.Float64).alias("highest"),
        "reason",
        pl.lit(read_criteria(p.criteria).title).alias("criteria"),
    )


def _add(p: AffectedLineagesParameters, what: str) -> pl.Expr:
    return pl.sum_horizontal(pl.col(f"{lineage}_{what}") for lineage in p.lineages)


def _cases(p: AffectedLineagesParameters) -> list[Case]:
    grade = "of any grade" if p.threshold_grade == 1 else f"with grade >= {p.threshold_grade}"
    window = (
        after_words("day 0", p.to_day) if p.from_day is None else window_words(p.from_day, p.to_day)
    )
    affected, open_ = (_list(p, which) for which in (_is_sure, _is_open))
    which = pl.when(pl.col("least") > 0).then(pl.lit(": ") + affected).otherwise(pl.lit(""))
    said = pl.format(f"{{}} of {len(p.lineages)} lineages {grade}{{}}", "least", which)
    names = join_words([check_lineage(p.criteria, each).analyte for each in p.lineages], "or")
    return [
        Case(pl.col("seen") == 0, None, f"no {names} {window}"),
        Case(
            pl.col("least") < pl.col("most"),
            None,
            pl.format("{}; cannot be told for {}", said, open_),
        ),
        Case(pl.lit(value=True), pl.col("least").cast(pl.String), said),
    ]


def _is_sure(lineage: str) -> pl.Expr:
    return pl.col(f"{lineage}_sure")


def _is_open(lineage: str) -> pl.Expr:
    return pl.col(f"{lineage}_maybe") & ~pl.col(f"{lineage}_sure")


def _list(p: AffectedLineagesParameters, holds: Callable[[str], pl.Expr]) -> pl.Expr:
    """The lineages of which something holds, in words."""
    parts = [pl.when(holds(each)).then(pl.lit(each)) for each in p.lineages]
    return pl.concat_str(parts, separator=", ", ignore_nulls=True)


def _needs(parameters: AffectedLineagesParameters) -> tuple[Need, ...]:
    rules = [check_lineage(parameters.criteria, name) for name in parameters.lineages]
    return tuple(Need("labs", (rule.analyte,)) for rule in rules)


def _criteria(parameters: AffectedLineagesParameters) -> Criteria:
    return read_criteria(parameters.criteria)


def _labels(parameters: AffectedLineagesParameters) -> tuple[Label, ...]:
    return LABELS[: len(parameters.lineages) + 1]


LABELS = tuple(
    Label(str(count), f"{count} {'lineage' if count == 1 else 'lineages'} affected", rank=count)
    for count in range(6)
)

AFFECTED_LINEAGES = Endpoint(
    name="affected_lineages",
    title="Number of affected lineages",
    kind="grade",
    parameters=AffectedLineagesParameters,
    derive=derive_affected_lineages,
    needs=_needs,
    criteria=_criteria,
    labels=LABELS,
    labels_with=_labels,
)
