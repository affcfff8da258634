"""`lugano_stage`: the stage of lymphoma, as it was reported or by the sites that are involved."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Tone
from stromal.endpoints.records.words import name_window
from stromal.endpoints.rules.lymphoma.sites import CRITERIA, SiteParameters, derive_stages
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients

_TONES: dict[int, Tone] = {1: "severity 0", 2: "severity 1", 3: "severity 2", 4: "severity 3"}


def _labels() -> tuple[Label, ...]:
    numbers: dict[str, int] = read_criteria(CRITERIA).rules["numbers"]
    return tuple(
        Label(stage, f"stage {stage} lymphoma", rank=rank, tone=_TONES[number])
        for rank, (stage, number) in enumerate(numbers.items())
    )


def derive_lugano_stage(
    patients: Patients, parameters: SiteParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the Lugano stage of every patient.

    A missing site gives no stage unless it could not change it.

    Parameters
    ----------
    patients
        The five tables; `subjects` and `assessments` are read.
    parameters
        Where the stage comes from, the window [d], and what an unrecorded site means.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `label` the stage, `value` its number 1 to 4, `day` [d], `lowest` and
        `highest` the numbers that stay possible, `reason`.

    Examples
    --------
    >>> rows = pl.DataFrame({"item": ["nodal_groups", "extranodal"],
    ...                      "value": ["2", "noncontiguous"]})
    >>> rows = rows.with_columns(subject=pl.lit("1"), day=0.0, scale=pl.lit("lymphoma"))
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> derive_lugano_stage(patients, SiteParameters(stage="derived"))["reason"].item()
    'nodal groups 2, extranodal disease noncontiguous: stage IV'
    """
    rows = patients.subjects.select("subject").join(
        derive_stages(patients, parameters), on="subject", how="left", maintain_order="left"
    )
    decided = decide(rows, _cases(parameters), reasons=reasons)
    judged = pl.col("label").is_not_null()
    return decided.select(
        "subject",
        pl.when(judged).then("least").cast(pl.Float64).alias("value"),
        "label",
        pl.when(judged).then("day").alias("day"),
        pl.col("least").cast(pl.Float64).alias("lowest"),
        pl.col("most").cast(pl.Float64).alias("highest"),
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _cases(p: SiteParameters) -> list[Case]:
    words, stage = pl.col("words"), pl.col("stage")
    what = "stage" if p.stage == "recorded" else "site"
    return [
        Case(words.is_null(), None, f"no {what} of lymphoma recorded {name_window(p.window)}"),
        Case(
            pl.col("possible").is_null(),
            None,
            pl.format("{}: no stage fits, a site is missing or contradicts another", words),
        ),
        Case(stage.is_null(), None, pl.format("{}: stage {} is possible", words, "possible")),
        Case(pl.lit(value=True), stage, pl.format("{}: stage {}", words, stage)),
    ]


def _needs(parameters: SiteParameters) -> tuple[Need, ...]:
    return parameters.stage_needs


LUGANO_STAGE = Endpoint(
    name="lugano_stage",
    title="Stage of lymphoma (Lugano)",
    kind="grade",
    parameters=SiteParameters,
    derive=derive_lugano_stage,
    needs=_needs,
    criteria=CRITERIA,
    labels=_labels(),
)
