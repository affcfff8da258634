"""Response of acute GVHD on every day of an assessment, against the stages of the baseline."""

from __future__ import annotations

from typing import Literal

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Need
from stromal.endpoints.records.stage_days import derive_stage_days, is_resolved
from stromal.endpoints.records.stages import ORGANS, StageParameters, derive_nearest_stages
from stromal.endpoints.rules.gvhd.stage_change import (
    compare_stages,
    find_unstaged,
    find_unstaged_before,
    unite_gut,
)
from stromal.tables.patients import Patients
from stromal.tables.windows import Window

CRITERIA = "acute_gvhd_response"
_ITEM = "acute_gvhd_response"


class ResponseDayParameters(StageParameters):
    """Which baseline, and who judged the response.

    Parameters
    ----------
    baseline
        Day [d] of the baseline, and the days around it that still count; a visit gives it.
    assessed_by
        Organ stages of each day, or the response as the investigator reported it.
    """

    baseline: Window = Window(day=0.0)
    assessed_by: Literal["stages", "investigator"] = "stages"

    @property
    def response_needs(self) -> tuple[Need, ...]:
        """Return what the response is read from."""
        if self.assessed_by == "investigator":
            return (Need("assessments", (f"investigator.{_ITEM}",)),)
        return self.stage_needs

    @property
    def judged_words(self) -> str:
        """Return what an assessment is, in words."""
        return "response reported" if self.assessed_by == "investigator" else "organ staged"


def derive_response_days(patients: Patients, parameters: ResponseDayParameters) -> pl.DataFrame:
    """Derive the response of every whole day after the baseline on which it was judged.

    Parameters
    ----------
    patients
        `assessments` with organ stages, or signs, or the investigator's response; `labs` with
        bilirubin where stages are derived.
    parameters
        Baseline, and who judged.

    Returns
    -------
    polars.DataFrame
        `subject`, `day` [d], and whether the response was `complete` or `overall` (complete or
        partial), and possibly so (`maybe_complete`, `maybe_overall`) because organs were not
        staged; never null, sorted.

    Examples
    --------
    >>> rows = pl.DataFrame({"day": [0.0, 9.0, 28.0], "item": "skin", "value": ["3", "1", "0"]})
    >>> rows = rows.with_columns(subject=pl.lit("1"), scale=pl.lit("acute_gvhd_stage"))
    >>> days = derive_response_days(Patients.of(assessments=rows), ResponseDayParameters())
    >>> days.select("day", "overall", "complete").rows()
    [(9.0, True, False), (28.0, True, True)]
    """
    p = parameters
    reported = p.assessed_by == "investigator"
    days = _reported(patients) if reported else _compared(patients, p)
    return days.filter(pl.col("day") > p.baseline.last).sort("subject", "day")


def find_uninvolved(patients: Patients, parameters: ResponseDayParameters) -> pl.DataFrame:
    """Find patients with organ stages at baseline and none of them above 0: `uninvolved`."""
    p = parameters
    wide = derive_nearest_stages(p.read_stages(patients), p.baseline, p.read_unsettled(patients))
    return wide.filter(pl.max_horizontal(*ORGANS) == 0).select(
        "subject", pl.lit(value=True).alias("uninvolved")
    )


def _reported(patients: Patients) -> pl.DataFrame:
    """The investigator's response; of several on one day the worst counts."""
    rules = read_criteria(CRITERIA).rules
    value = pl.col("value").replace(rules["part_of"])
    responses = {rule["label"]: bool(rule["responder"]) for rule in rules["labels"]}
    overall = value.replace_strict(responses, default=False, return_dtype=pl.Boolean).all()
    complete = (value == "CR").all()
    return (
        patients.assessments.filter(pl.col("scale") == "investigator", pl.col("item") == _ITEM)
        .drop_nulls(["value", "day"])
        .group_by("subject", pl.col("day").floor())
        .agg(
            complete.alias("complete"),
            complete.alias("maybe_complete"),
            overall.alias("overall"),
            overall.alias("maybe_overall"),
        )
    )


def _compared(patients: Patients, p: ResponseDayParameters) -> pl.DataFrame:
    """Stages of each day beside those of the baseline."""
    stages, unsettled = p.read_stages(patients), p.read_unsettled(patients)
    base = derive_nearest_stages(stages, p.baseline, unsettled).drop("day", "latest")
    days = derive_stage_days(patients, p)
    surely, possibly = is_resolved()
    days = days.with_columns(surely.alias("_all_clear"), possibly.alias("_clear"))
    rows = (
        days.rename({item: f"now_{item}" for item in ORGANS})
        .join(base.rename({item: f"base_{item}" for item in ORGANS}), on="subject", how="left")
        .with_columns(unite_gut())
        .with_columns(compare_stages(1))
    )
    unknown = pl.any_horizontal(*find_unstaged().values(), *find_unstaged_before().values())
    unknown = unknown.fill_null(value=False) | ~pl.col("has_baseline")
    better, worse, clear = pl.col("improved"), pl.col("worsened"), pl.col("_clear")
    maybe_better = ~worse & (better | unknown)
    return rows.select(
        "subject",
        "day",
        ((clear & ~unknown) | pl.col("_all_clear")).alias("complete"),
        clear.alias("maybe_complete"),
        ((better & ~worse & ~unknown) | pl.col("_all_clear")).alias("overall"),
        (maybe_better | clear).alias("maybe_overall"),
    )
