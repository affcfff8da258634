"""`donor_chimerism`: full, mixed or lost, by the donor cells of one or two lineages."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Parameters
from stromal.endpoints.records.words import name_window, number_text
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.windows import Window, find_nearest

CRITERIA = "chimerism_astct_2021"
LABELS = (
    Label("full", "full donor chimerism", rank=0, tone="best"),
    Label("mixed", "mixed chimerism", rank=1, tone="mixed"),
    Label("loss", "loss of donor chimerism", rank=2, tone="worst"),
)
_NAMES = {2.0: "full", 1.0: "mixed", 0.0: "loss"}
SCALE = "chimerism"
Lineage = Literal["myeloid", "lymphoid", "whole_blood"]


def _default_lineages() -> tuple[Lineage, ...]:
    lineages: tuple[Lineage, ...] = tuple(read_criteria(CRITERIA).rules["lineages"])
    return lineages


class ChimerismParameters(Parameters):
    """Which lineages, and when.

    Parameters
    ----------
    window
        Day [d] of the measurement, and the days around it that still count; a visit gives it.
    lineages
        Lineages that are judged together.
    """

    window: Window
    lineages: tuple[Lineage, ...] = Field(default_factory=_default_lineages, min_length=1)


def derive_donor_chimerism(
    patients: Patients, parameters: ChimerismParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive full, mixed or lost donor chimerism, one row per patient.

    Full is more than 95 % in every lineage, loss less than 5 % in every one, all else is mixed. A
    lineage that was not measured leaves it open where it would matter. [kharfandabaja2021]

    Parameters
    ----------
    patients
        `assessments` with the scale `chimerism` [%].
    parameters
        Lineages and days.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject, in order: `value` 2 (full), 1 or 0 (loss), `label`, `day` [d],
        `lowest`, `highest`, `reason`, `criteria`.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": "1", "day": 30.0, "scale": "chimerism",
    ...                      "item": ["myeloid", "lymphoid"], "value": ["99", "80"]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> on_day_30 = ChimerismParameters(window={"day": 30})
    >>> derive_donor_chimerism(patients, on_day_30)["reason"].item()
    'mixed: myeloid 99 %, lymphoid 80 %'
    """
    p = parameters
    rows = patients.subjects.select("subject").join(
        _measured(patients, p), on="subject", how="left", maintain_order="left"
    )
    seen = pl.col("day").is_not_null()
    rows = rows.with_columns(
        pl.when(seen).then(judge_chimerism(p.lineages, 0.0)).alias("lowest"),
        pl.when(seen).then(judge_chimerism(p.lineages, 100.0)).alias("highest"),
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


def _measured(patients: Patients, p: ChimerismParameters) -> pl.DataFrame:
    """Donor cells [%] of each lineage on its nearest day, the lowest of several; `day` [d]."""
    rows = read_chimerism(patients, p.lineages)
    near = find_nearest(rows, p.window, ("subject", "item"), ties="all")
    return near.group_by("subject").agg(
        pl.col("day").max(),
        *(
            pl.col("percent").filter(pl.col("item") == lineage).min().alias(lineage)
            for lineage in p.lineages
        ),
    )


def read_chimerism(patients: Patients, lineages: tuple[Lineage, ...]) -> pl.DataFrame:
    """Read donor cells of lineages: `subject`, `day` [d], `item`, `percent`."""
    number = pl.col("value").cast(pl.Float64, strict=False)
    return patients.assessments.filter(
        pl.col("scale") == SCALE, pl.col("item").is_in(list(lineages)), number.is_between(0, 100)
    ).select("subject", "day", "item", number.alias("percent"))


def judge_chimerism(lineages: tuple[Lineage, ...], missing: float) -> pl.Expr:
    """Judge columns of donor cells [%], one per lineage: 2 full, 1 mixed, 0 loss.

    Parameters
    ----------
    lineages
        Names of the columns.
    missing
        What an empty cell counts as [%]; more in any lineage never gives less.

    Examples
    --------
    >>> cells = pl.DataFrame({"myeloid": [95.1, 95.0, 4.9], "lymphoid": [99.0, 99.0, 1.0]})
    >>> cells.select(judge_chimerism(("myeloid", "lymphoid"), 0.0)).to_series().to_list()
    [2.0, 1.0, 0.0]
    """
    rules: dict[str, Any] = read_criteria(CRITERIA).rules
    cells = [pl.col(lineage).fill_null(missing) for lineage in lineages]
    return (
        pl.when(pl.min_horizontal(cells) > rules["full_above"])
        .then(pl.lit(2.0))
        .when(pl.max_horizontal(cells) < rules["loss_below"])
        .then(pl.lit(0.0))
        .otherwise(pl.lit(1.0))
    )


def _cases(p: ChimerismParameters) -> list[Case]:
    """Every patient is one of these, in this order."""
    window = name_window(p.window)
    least, most = (
        pl.col(end).replace_strict(_NAMES, default=None, return_dtype=pl.String)
        for end in ("lowest", "highest")
    )
    cells = pl.concat_str(
        [
            pl.coalesce(
                pl.format(f"{_name(lineage)} {{}} %", number_text(lineage)),
                pl.lit(f"{_name(lineage)} not measured"),
            )
            for lineage in p.lineages
        ],
        separator=", ",
    )
    return [
        Case(pl.col("day").is_null(), None, f"donor chimerism not measured {window}"),
        Case(
            pl.col("lowest") < pl.col("highest"),
            None,
            pl.format("{}: {} to {} is possible", cells, least, most),
        ),
        Case(pl.lit(value=True), least, pl.format("{}: {}", least, cells)),
    ]


def _name(lineage: str) -> str:
    return lineage.replace("_", " ")


def _needs(parameters: ChimerismParameters) -> tuple[Need, ...]:
    return tuple(Need("assessments", (f"{SCALE}.{lineage}",)) for lineage in parameters.lineages)


DONOR_CHIMERISM = Endpoint(
    name="donor_chimerism",
    title="Donor chimerism",
    kind="grade",
    parameters=ChimerismParameters,
    derive=derive_donor_chimerism,
    needs=_needs,
    criteria=CRITERIA,
    labels=LABELS,
)
