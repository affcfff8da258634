"""`chronic_gvhd_severity`: none, mild, moderate or severe, from the scores of eight organs."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need
from stromal.endpoints.records.chronic_scores import (
    CRITERIA,
    HIGHEST,
    ORGAN_LABELS,
    ChronicScoreParameters,
    find_organ_scores,
)
from stromal.endpoints.records.words import name_window
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.windows import Window

SEVERITIES = ("none", "mild", "moderate", "severe")
LABELS = (
    Label("none", "no chronic GVHD", rank=0, tone="severity 0"),
    Label("mild", "mild chronic GVHD", rank=1, tone="severity 1"),
    Label("moderate", "moderate chronic GVHD", rank=2, tone="severity 2"),
    Label("severe", "severe chronic GVHD", rank=3, tone="severity 4"),
)
_NAMES = {float(value): name for value, name in enumerate(SEVERITIES)}


class SeverityParameters(ChronicScoreParameters):
    """Where organ scores come from, and what an organ without a score means.

    Parameters
    ----------
    unscored_organs
        An organ without any record is missing, so that the severity is open where it would matter,
        or absent, for sheets that list involved organs only.
    """

    unscored_organs: Literal["missing", "absent"] = "missing"

    @property
    def most_unscored(self) -> int:
        """Return the highest score that an organ without a record can have."""
        return 0 if self.unscored_organs == "absent" else HIGHEST


class ChronicSeverityParameters(SeverityParameters):
    """When, where organ scores come from, and what an organ without a score means.

    Parameters
    ----------
    window
        Day [d] of the scores, and the days around it that still count; a visit gives it.
    """

    window: Window


def derive_chronic_gvhd_severity(
    patients: Patients, parameters: ChronicSeverityParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the severity of chronic GVHD, one row per patient.

    Severe is any organ with score 3 or lungs with 2; moderate any organ with 2, lungs with 1 or
    three organs involved; mild one or two organs with score 1. An organ that was not scored gives
    no severity unless no score of it could change the severity. [jagasia2015]

    Parameters
    ----------
    patients
        `assessments` with the scales of chronic GVHD, and `labs`.
    parameters
        Days, and where scores come from.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject, in order: `value` 0 to 3, `label` none to severe, `day` [d], `lowest`
        and `highest` the severities that stay possible, `reason`, `criteria`.

    Examples
    --------
    >>> scores = {organ: "0" for organ in ORGAN_LABELS} | {"mouth": "1", "eyes": "1"}
    >>> rows = pl.DataFrame({"subject": "1", "day": 180.0, "scale": "chronic_gvhd_score",
    ...                      "item": list(scores), "value": list(scores.values())})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> on_day_180 = ChronicSeverityParameters(window={"day": 180})
    >>> derive_chronic_gvhd_severity(patients, on_day_180).select("label", "reason").row(0)
    ('mild', 'mild: mouth 1, eyes 1')
    """
    p = parameters
    found = find_organ_scores(patients, p, ORGAN_LABELS, p.window)
    rows = (
        patients.subjects.select("subject")
        .join(found, on="subject", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("day").is_not_null()).then(grade("least", 0)).alias("lowest"),
            pl.when(pl.col("day").is_not_null())
            .then(grade("most", p.most_unscored))
            .alias("highest"),
        )
    )
    decided = decide(rows, _cases(p), reasons=reasons)
    judged = pl.col("label").is_not_null()
    return decided.select(
        "subject",
        pl.when(judged).then("lowest").alias("value"),
        "label",
        pl.when(judged).then("day").alias("day"),
        "lowest",
        "highest",
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def grade(end: str, unscored: int) -> pl.Expr:
    """Grade the organ scores `least_<organ>` or `most_<organ>`: 0 none to 3 severe.

    More of any organ never makes the severity less, so that the two ends hold the truth between
    them.

    Parameters
    ----------
    end
        `least` or `most`.
    unscored
        What an organ without a score counts as.

    Examples
    --------
    >>> row = {f"most_{organ}": 0 for organ in ORGAN_LABELS} | {"most_lungs": 1}
    >>> pl.DataFrame([row]).select(grade("most", 3)).item()
    2.0
    """
    rules: dict[str, Any] = read_criteria(CRITERIA).rules["global"]
    scores = {organ: pl.col(f"{end}_{organ}").fill_null(unscored) for organ in ORGAN_LABELS}
    worst, lungs = pl.max_horizontal(scores.values()), scores["lungs"]
    involved = pl.sum_horizontal((score >= 1).cast(pl.Int8) for score in scores.values())
    severe, moderate = rules["severe"], rules["moderate"]
    return (
        pl.when((worst >= severe["any_organ"]) | (lungs >= severe["lungs"]))
        .then(pl.lit(3.0))
        .when(
            (worst >= moderate["any_organ"])
            | (lungs >= moderate["lungs"])
            | (involved >= moderate["organs_involved"])
        )
        .then(pl.lit(2.0))
        .when(involved >= 1)
        .then(pl.lit(1.0))
        .otherwise(pl.lit(0.0))
    )


def name_severity(value: str) -> pl.Expr:
    """Name the severity of a column of numbers."""
    return pl.col(value).replace_strict(_NAMES, default=None, return_dtype=pl.String)


def _cases(p: ChronicSeverityParameters) -> list[Case]:
    """Every patient is one of these, in this order."""
    window, least, most = name_window(p.window), name_severity("lowest"), name_severity("highest")
    missing = _list_organs(unscored=True) if p.most_unscored else pl.lit("")
    opened = pl.format("{}{}{} to {} is possible", _found(), missing, least, most)
    said = pl.when(least == "none").then(pl.lit("no organ involved"))
    known = pl.concat_str(
        said.otherwise(pl.concat_str(least, pl.lit(": "), _list_organs(unscored=False))),
        pl.when(missing != "")
        .then(
            pl.concat_str(
                pl.lit("; "),
                missing.str.strip_suffix(": "),
                pl.lit(", which cannot "),
                pl.lit("change the severity"),
            )
        )
        .otherwise(pl.lit("")),
    )
    return [
        Case(pl.col("lowest").is_null(), None, f"no organ scored {window}"),
        Case(pl.col("lowest") < pl.col("highest"), None, opened),
        Case(pl.lit(value=True), least, known),
    ]


def _found() -> pl.Expr:
    involved = _list_organs(unscored=False)
    return pl.when(involved != "").then(involved + "; ").otherwise(pl.lit(""))


def _list_organs(*, unscored: bool) -> pl.Expr:
    """Organs with their scores, or those whose score is not known, in words."""
    parts = []
    for organ, label in ORGAN_LABELS.items():
        least, most = pl.col(f"least_{organ}"), pl.col(f"most_{organ}")
        if unscored:
            parts.append(pl.when(least.is_null() | (least < most)).then(pl.lit(label)))
        else:
            parts.append(pl.when(least > 0).then(pl.format(f"{label} {{}}", least)))
    listed = pl.concat_str(parts, separator=", ", ignore_nulls=True)
    if not unscored:
        return listed
    return pl.when(listed != "").then(listed + " not scored: ").otherwise(pl.lit(""))


def _needs(parameters: ChronicSeverityParameters) -> tuple[Need, ...]:
    return parameters.list_needs(ORGAN_LABELS)


CHRONIC_GVHD_SEVERITY = Endpoint(
    name="chronic_gvhd_severity",
    title="Severity of chronic GVHD",
    kind="grade",
    parameters=ChronicSeverityParameters,
    derive=derive_chronic_gvhd_severity,
    needs=_needs,
    criteria=CRITERIA,
    labels=LABELS,
)
