"""`cytopenia_pattern`: prolonged, late-onset and biphasic cytopenia, from episodes of a grade."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need
from stromal.endpoints.records.lab_series import as_numbered
from stromal.endpoints.rules.cytopenia.lineages import check_lineage
from stromal.endpoints.rules.cytopenia.pattern_parameters import (
    CRITERIA,
    CytopeniaPatternParameters,
)
from stromal.endpoints.rules.cytopenia.pattern_series import judge_lineage
from stromal.tables.patients import Patients


def derive_cytopenia_pattern(
    patients: Patients, parameters: CytopeniaPatternParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive whether a pattern of cytopenia occurred in any of the lineages, for every subject.

    Parameters
    ----------
    patients
        The five tables; `subjects`, `labs` and `events` are read.
    parameters
        Pattern, lineages, grade, days [d], recovery and censoring.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` 1 or 0 with `label` yes or no, `day` [d] the onset of the first
        episode that makes the pattern, `reason`. Null where a lineage was not assessed, or where
        assessments that cannot be graded decide, and no other lineage has the pattern. `lowest` and
        `highest` are 0 and 1 where the data allow both: also for a prolonged episode that was still
        open, and too short, at the last assessment.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "arm": ["msc"]}),
    ...     labs=pl.DataFrame({"subject": ["1"] * 3, "day": [0.0, 3.0, 35.0],
    ...                        "unit": ["10^9/L"] * 3, "analyte": ["platelets"] * 3,
    ...                        "value": [90.0, 20.0, 80.0]}),
    ... )
    >>> parameters = CytopeniaPatternParameters(
    ...     pattern="prolonged", lineages=["thrombocytopenia"], threshold_grade=3)
    >>> derive_cytopenia_pattern(patients, parameters)["reason"].item()
    'thrombocytopenia grade >= 3 from day 3 to day 35, 32 days'
    """
    p = parameters
    numbered = as_numbered(patients)
    numbers = numbered.subjects.select(
        pl.col("subject").alias("number"), patients.subjects["subject"]
    )
    judged = pl.concat(
        judge_lineage(numbered, lineage, p, reasons=reasons) for lineage in p.lineages
    )
    shows = judged.select(
        "number",
        "lowest",
        "highest",
        "start",
        "reason",
        (pl.col("label") == "yes").alias("shows"),
        # Kleene: one lineage that shows it is enough, and one that may leaves no "no"
        (pl.col("label") == "yes").any(ignore_nulls=False).over("number").alias("any"),
    )
    deciding = shows.filter(pl.col("shows").eq_missing(pl.col("any")))
    value = pl.col("any").first().cast(pl.Float64)
    decided = deciding.group_by("number", maintain_order=True).agg(
        value.alias("value"),
        pl.when(pl.col("any")).then("start").min().alias("day"),
        *([pl.col("reason").str.join("; ")] if reasons else [pl.col("reason").first()]),
    )
    bounds = judged.group_by("number").agg(pl.col("lowest", "highest").max())
    return (
        numbers.join(decided, on="number", how="left", maintain_order="left")
        .join(bounds, on="number", how="left", maintain_order="left")
        .select(
            "subject",
            "value",
            pl.col("value").replace_strict({1.0: "yes", 0.0: "no"}, default=None).alias("label"),
            "day",
            "lowest",
            "highest",
            "reason",
            pl.lit(_title(p)).alias("criteria"),
        )
    )


def _title(p: CytopeniaPatternParameters) -> str:
    return f"{read_criteria(CRITERIA).title}, {read_criteria(p.criteria).title}"


def _needs(parameters: CytopeniaPatternParameters) -> tuple[Need, ...]:
    rules = [check_lineage(parameters.criteria, name) for name in parameters.lineages]
    return tuple(Need("labs", (rule.analyte,)) for rule in rules)


def _criteria(parameters: CytopeniaPatternParameters) -> Criteria:
    pattern, grades = read_criteria(CRITERIA), read_criteria(parameters.criteria)
    return pattern.model_copy(update={"sources": pattern.sources + grades.sources})


CYTOPENIA_PATTERN = Endpoint(
    name="cytopenia_pattern",
    title="Prolonged, late-onset or biphasic cytopenia",
    kind="flag",
    parameters=CytopeniaPatternParameters,
    derive=derive_cytopenia_pattern,
    needs=_needs,
    criteria=_criteria,
    labels=(
        Label("yes", "the pattern", rank=1, tone="poor"),
        Label("no", "no such pattern", rank=0, tone="neutral"),
    ),
)
