"""`chronic_gvhd_organ_score`: the score of one organ of chronic GVHD on a day."""

from __future__ import annotations

from typing import Literal

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Tone
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

Organ = Literal["skin", "mouth", "eyes", "gi", "liver", "lungs", "joints", "genital"]
_TONES: tuple[Tone, ...] = ("severity 0", "severity 1", "severity 2", "severity 3")
LABELS = tuple(
    Label(str(score), f"score {score}", rank=score, tone=tone) for score, tone in enumerate(_TONES)
)


class OrganScoreParameters(ChronicScoreParameters):
    """Which organ, and when.

    Parameters
    ----------
    organ
        The organ that is scored.
    window
        Day [d] of the score, and the days around it that still count; a visit gives it.
    """

    organ: Organ
    window: Window


def derive_chronic_gvhd_organ_score(
    patients: Patients, parameters: OrganScoreParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the score of an organ, 0 to 3, one row per patient.

    Skin, gastrointestinal tract, liver and lungs can be scored from signs and laboratory values; a
    part of them that nobody recorded leaves the score open where it would matter. [jagasia2015]

    Parameters
    ----------
    patients
        `assessments` with the scales of chronic GVHD, and `labs`.
    parameters
        Organ, days, and where the score comes from.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject, in order: `value` and `label` the score, `day` [d], `lowest` and
        `highest` the scores that stay possible, `reason`, `criteria`.

    Examples
    --------
    >>> labs = pl.DataFrame({"subject": ["1"], "day": [180.0], "analyte": ["fev1_percent"],
    ...                      "value": [58.0], "unit": ["%"]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=labs)
    >>> lungs = OrganScoreParameters(organ="lungs", derived=("lungs",), window={"day": 180})
    >>> derive_chronic_gvhd_organ_score(patients, lungs).select("value", "reason").row(0)
    (2.0, 'lungs score 2')
    """
    p = parameters
    found = find_organ_scores(patients, p, [p.organ], p.window).rename(
        {f"least_{p.organ}": "lowest", f"most_{p.organ}": "highest"}
    )
    rows = patients.subjects.select("subject").join(
        found, on="subject", how="left", maintain_order="left"
    )
    decided = decide(rows, _cases(p), reasons=reasons)
    judged = pl.col("label").is_not_null()
    return decided.select(
        "subject",
        pl.when(judged).then("lowest").cast(pl.Float64).alias("value"),
        "label",
        pl.when(judged).then("day").alias("day"),
        pl.col("lowest", "highest").cast(pl.Float64),
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _cases(p: OrganScoreParameters) -> list[Case]:
    """Every patient is one of these, in this order."""
    organ, window = ORGAN_LABELS[p.organ], name_window(p.window)
    lowest, highest = pl.col("lowest"), pl.col("highest")
    opened = pl.format(
        f"{organ} score {{}} to {{}} possible {window}: not all of it was recorded, or a "
        "bound does not decide",
        lowest,
        highest,
    )
    return [
        Case(lowest.is_null(), None, f"{organ} not scored {window}"),
        Case(lowest < highest, None, opened),
        Case(pl.lit(value=True), lowest.cast(pl.String), pl.format(f"{organ} score {{}}", lowest)),
    ]


def _needs(parameters: OrganScoreParameters) -> tuple[Need, ...]:
    return parameters.list_needs([parameters.organ])


CHRONIC_GVHD_ORGAN_SCORE = Endpoint(
    name="chronic_gvhd_organ_score",
    title="Organ score of chronic GVHD",
    kind="grade",
    parameters=OrganScoreParameters,
    derive=derive_chronic_gvhd_organ_score,
    needs=_needs,
    criteria=CRITERIA,
    labels=LABELS[: HIGHEST + 1],
)
