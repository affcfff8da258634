"""`minnesota_risk`: standard or high risk of acute GVHD, by the stages at the start of steroids."""

from __future__ import annotations

from functools import cache
from itertools import product

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need
from stromal.endpoints.records.stages import ORGANS, StageParameters, derive_nearest_stages
from stromal.endpoints.records.words import name_window
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.windows import Window

CRITERIA = "minnesota_2015"
_HIGHEST = ORGANS["gut"]
_STAGED = ("skin", "liver", "gut_least", "gut_most")
_GUTS = (*((stage, stage) for stage in range(_HIGHEST + 1)), (0, 1), (0, _HIGHEST), (1, _HIGHEST))
"""The least and the most stage of a gut: settled, or with an upper or a lower part that is not."""
_VALUES = {"none": 0.0, "standard": 1.0, "high": 2.0}
LABELS = (
    Label("none", "no acute GVHD", rank=0, tone="best"),
    Label("standard", "a standard risk", rank=1, tone="mixed"),
    Label("high", "a high risk", rank=2, tone="poor"),
)


class MinnesotaRiskParameters(StageParameters):
    """Where organ stages come from, and the day of the start of steroids.

    Parameters
    ----------
    window
        Day [d] of the stages, and the days around it that still count; a visit gives it.
    """

    window: Window = Window(day=0.0)


def derive_minnesota_risk(
    patients: Patients, parameters: MinnesotaRiskParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the risk of acute GVHD of every patient from the stages of skin, liver and gut.

    A missing organ gives no risk unless no stage of it could change the risk.

    Parameters
    ----------
    patients
        The five tables; `subjects`, `assessments` and, for derived stages, `labs` are read.
    parameters
        Where stages come from, and the window [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `label` none, standard or high with `value` 0, 1 or 2, `day` [d] of the
        stages, `lowest` and `highest` what a missing organ leaves possible, `reason`.

    Examples
    --------
    >>> organs = pl.DataFrame({"item": ["skin", "liver", "gut"], "value": ["2", "0", "1"]})
    >>> rows = organs.with_columns(subject=pl.lit("1"), day=0.0, scale=pl.lit("acute_gvhd_stage"))
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> derive_minnesota_risk(patients, MinnesotaRiskParameters())["reason"].item()
    'skin stage 2, liver stage 0, gut stage 1: standard risk'
    """
    p = parameters
    wide = derive_nearest_stages(p.read_stages(patients), p.window, p.read_unsettled(patients))
    staged = wide.select("subject", "day", "skin", "liver", *_bound_gut()).with_columns(
        pl.col(*_STAGED).cast(pl.Int64)
    )
    rows = (
        patients.subjects.select("subject")
        .join(staged, on="subject", how="left", maintain_order="left")
        .join(_risks(), on=_STAGED, how="left", nulls_equal=True, maintain_order="left")
    )
    decided = decide(rows, _cases(p), reasons=reasons)
    judged, seen = pl.col("label").is_not_null(), pl.col("day").is_not_null()
    value = pl.col("label").replace_strict(_VALUES, default=None, return_dtype=pl.Float64)
    return decided.select(
        "subject",
        value.alias("value"),
        "label",
        pl.when(judged).then("day").alias("day"),
        pl.when(seen).then("least").alias("lowest"),
        pl.when(seen).then("most").alias("highest"),
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


@cache
def _risks() -> pl.DataFrame:
    """The least and the most risk of every combination of stages; null is any stage."""
    every = range(_HIGHEST + 1)
    stages, rows = (None, *every), []
    for skin, liver, (least, most) in product(stages, stages, _GUTS):
        possible = product(
            *(every if stage is None else (stage,) for stage in (skin, liver)),
            range(least, most + 1),
        )
        values = {_VALUES[name_risk(*each)] for each in possible}
        rows.append((skin, liver, least, most, min(values), max(values)))
    schema = dict.fromkeys(_STAGED, pl.Int64()) | dict.fromkeys(("least", "most"), pl.Float64())
    return pl.DataFrame(rows, schema=schema, orient="row")


def _bound_gut() -> tuple[pl.Expr, pl.Expr]:
    """The least and the most that the gut can be, the worse of its parts: `gut_least`, `_most`."""
    parts = pl.col("lower_gi"), pl.col("upper_gi")
    known = pl.max_horizontal("gut", *parts)
    highest = [
        part.fill_null(ORGANS[item])
        for part, item in zip(parts, ("lower_gi", "upper_gi"), strict=True)
    ]
    most = pl.when(pl.col("gut").is_not_null()).then(known).otherwise(pl.max_horizontal(highest))
    return known.fill_null(0).alias("gut_least"), most.alias("gut_most")


def name_risk(skin: int, liver: int, gut: int) -> str:
    """Name the risk of the stages of three organs.

    Examples
    --------
    >>> name_risk(0, 0, 0), name_risk(3, 0, 1), name_risk(3, 0, 2)
    ('none', 'standard', 'high')
    """
    stages = {"skin": skin, "liver": liver, "gut": gut}
    if not any(stages.values()):
        return "none"
    listed = read_criteria(CRITERIA).rules["standard"]
    fits = (
        all(low <= stages[organ] <= high for organ, (low, high) in each.items()) for each in listed
    )
    return "standard" if any(fits) else "high"


def _cases(p: MinnesotaRiskParameters) -> list[Case]:
    def say(organ: str) -> pl.Expr:
        stage = pl.format(f"{organ} stage {{}}", organ)
        return pl.coalesce(stage, pl.lit(f"{organ} not staged"))

    least, most = pl.col("gut_least"), pl.col("gut_most")
    gut = (
        pl.when(least == most)
        .then(pl.format("gut stage {}", least))
        .when((least == 0) & (most == _HIGHEST))
        .then(pl.lit("gut not staged"))
        .otherwise(pl.format("gut stage {} to {}", least, most))
    )
    organs = pl.concat_str([say("skin"), say("liver"), gut], separator=", ")
    names = {value: name for name, value in _VALUES.items()}
    risk, worst = (pl.col(end).replace_strict(names, default=None) for end in ("least", "most"))
    said = pl.when(risk == "none").then(pl.lit("no acute GVHD")).otherwise(risk + " risk")
    opened = pl.format("{}: {} to {} risk is possible", organs, risk, worst)
    return [
        Case(
            pl.col("day").is_null(),
            None,
            f"no organ {p.assessed_words(name_window(p.window))}",
        ),
        Case(pl.col("least") < pl.col("most"), None, opened),
        Case(pl.lit(value=True), risk, pl.concat_str(organs, pl.lit(": "), said)),
    ]


def _needs(parameters: MinnesotaRiskParameters) -> tuple[Need, ...]:
    return parameters.stage_needs


MINNESOTA_RISK = Endpoint(
    name="minnesota_risk",
    title="Minnesota risk of acute GVHD",
    kind="grade",
    parameters=MinnesotaRiskParameters,
    derive=derive_minnesota_risk,
    needs=_needs,
    criteria=CRITERIA,
    labels=LABELS,
)
