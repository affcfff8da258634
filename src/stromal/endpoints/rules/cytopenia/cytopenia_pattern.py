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

_OF = ("label", "lowest", "highest", "start", "reason")
"""Columns that each lineage is judged by."""


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
    judged = [judge_lineage(numbered, lineage, p, reasons=reasons) for lineage in p.lineages]
    columns = [
        pl.Series(f"{name}_{at}", one[name]) for at, one in enumerate(judged) for name in _OF
    ]
    rows = pl.DataFrame({"number": judged[0]["number"]}).with_columns(columns)
    places = range(len(judged))
    shows = [pl.col(f"label_{at}") == "yes" for at in places]
    # Kleene: one lineage that shows it is enough, and one that may leaves no "no"
    rows = rows.with_columns(pl.any_horizontal(shows).alias("any"))
    found = pl.col("any")
    starts = [pl.when(shows[at]).then(f"start_{at}") for at in places]
    decides = [shows[at].eq_missing(found) for at in places]
    words = [pl.when(decides[at]).then(f"reason_{at}") for at in places]
    joined = pl.concat_str(words, separator="; ", ignore_nulls=True)
    decided = rows.select(
        "number",
        found.cast(pl.Float64).alias("value"),
        pl.when(found).then(pl.lit("yes")).when(~found).then(pl.lit("no")).alias("label"),
        pl.when(found).then(pl.min_horizontal(starts)).alias("day"),
        pl.max_horizontal(f"lowest_{at}" for at in places).alias("lowest"),
        pl.max_horizontal(f"highest_{at}" for at in places).alias("highest"),
        (joined if reasons else pl.lit(None, pl.String)).alias("reason"),
        pl.lit(_title(p)).alias("criteria"),
    )
    numbers = numbered.subjects["subject"]
    own = decided if numbers.len() == decided.height else decided[numbers]
    return own.select(patients.subjects["subject"], pl.exclude("number"))


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
