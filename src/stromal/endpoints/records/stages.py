"""Organ stages of acute GVHD: as recorded, derived from signs, and the ones that count for a day.

The cuts are MAGIC's, in `criteria/magic_2016.json`. [harris2016]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Need, Parameters
from stromal.endpoints.records.numbered import empty_rows
from stromal.endpoints.records.signs import UNSETTLED, derive_sign_stages, find_unsettled
from stromal.tables.patients import Patients
from stromal.tables.windows import Window, find_nearest, within

ORGANS: Mapping[str, int] = {"skin": 4, "liver": 4, "upper_gi": 1, "lower_gi": 4, "gut": 4}
"""Items of the scale `acute_gvhd_stage` and the highest stage of each."""

ORGAN_LABELS: Mapping[str, str] = {
    "skin": "skin",
    "liver": "liver",
    "upper_gi": "upper GI",
    "lower_gi": "lower GI",
    "gut": "gut",
}


class StageParameters(Parameters):
    """Where organ stages come from.

    Parameters
    ----------
    stages
        Organ stages as they were recorded (scale `acute_gvhd_stage`) or derived from signs (scale
        `acute_gvhd_signs`, and bilirubin).
    unrecorded_signs
        A sign of stage 4 that nobody wrote down is missing, so that the organ has no stage where
        the sign would matter, or absent; only for derived stages.
    """

    stages: Literal["recorded", "derived"] = "recorded"
    unrecorded_signs: Literal["missing", "absent"] = "missing"

    def read_stages(self, patients: Patients) -> pl.DataFrame:
        """Organ stages of every patient and day: `subject`, `day`, `item`, `stage`."""
        if self.stages == "recorded":
            return derive_recorded_stages(patients)
        return derive_sign_stages(patients, unrecorded_absent=self.unrecorded_signs == "absent")

    def read_unsettled(self, patients: Patients) -> pl.DataFrame:
        """Read organs that were assessed and not staged: `subject`, `day`, `item`, `most`."""
        if self.stages == "recorded":
            return empty_rows(patients.subjects, UNSETTLED)
        return find_unsettled(patients, unrecorded_absent=self.unrecorded_signs == "absent")

    def assessed_words(self, window: str) -> str:
        """Return how organs were assessed, in words: `assessed on day 0`."""
        return f"{'assessed' if self.stages == 'recorded' else 'staged by signs'} {window}"

    @property
    def stage_needs(self) -> tuple[Need, ...]:
        """Return what the stages are read from."""
        if self.stages == "recorded":
            names = tuple(f"acute_gvhd_stage.{item}" for item in ORGANS)
            return (Need("assessments", names),)
        signs = (
            ("skin_bsa", "erythroderma_with_bullae"),
            ("upper_gi",),
            (
                "stool_ml_per_day",
                "stool_episodes_per_day",
                "severe_pain_or_ileus",
                "grossly_bloody_stool",
            ),
        )
        named = (tuple(f"acute_gvhd_signs.{item}" for item in group) for group in signs)
        return (*(Need("assessments", names) for names in named), Need("labs", ("bilirubin",)))


def find_minima(system: str, from_grade: int) -> dict[str, int]:
    """Find the lowest stage of each organ that alone gives a grade, by the criteria of a system.

    Examples
    --------
    >>> find_minima("magic_2016", 3)
    {'skin': 4, 'liver': 2, 'lower_gi': 2, 'gut': 2}
    """
    minima: dict[str, int] = {}
    for rule in read_criteria(system).rules["grades"]:
        if rule["value"] >= from_grade:
            for item, stage in rule["any_of"].items():
                minima[item] = min(stage, minima.get(item, stage))
    return minima


def find_shown_rules(
    patients: Patients, names: Iterable[str], parameters: StageParameters
) -> dict[str, Mapping[str, Any]]:
    """Find the rules by which organ stages show events; none where there can be no stage."""
    # Stages that are derived come from bilirubin as well, which is among the laboratory values.
    if parameters.stages == "recorded" and patients.assessments.is_empty():
        return {}
    rules = read_criteria("times").rules["shown_by_stages"]
    return {name: rules[name] for name in names if name in rules}


def derive_recorded_stages(patients: Patients) -> pl.DataFrame:
    """Organ stages as somebody staged them: scale `acute_gvhd_stage` of `assessments`.

    Returns
    -------
    polars.DataFrame
        `subject`, `day` [d], `item`, `stage` (0 to 4); a stage that is empty or not one
        of the scale's has no row.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": ["1"], "day": [0.0], "scale": ["acute_gvhd_stage"]})
    >>> rows = rows.with_columns(item=pl.lit("skin"), value=pl.lit("3"))
    >>> derive_recorded_stages(Patients.of(assessments=rows)).row(0)
    ('1', 0.0, 'skin', 3)
    """
    number = pl.col("value").cast(pl.Float64, strict=False)
    highest = pl.col("item").replace_strict(dict(ORGANS), default=None, return_dtype=pl.Float64)
    valid = number.is_between(0, highest) & (number == number.floor())
    return (
        patients.assessments.filter(pl.col("scale") == "acute_gvhd_stage")
        .filter(valid)
        .select("subject", "day", "item", number.cast(pl.Int8).alias("stage"))
    )


def has_ties(stages: pl.DataFrame, window: Window) -> bool:
    """Tell whether an organ was staged on two days that are equally near to the day of a window.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": "1", "day": [27.0, 29.0], "item": "skin", "stage": [0, 1]})
    >>> has_ties(rows, Window(day=28, before=3, after=3)), has_ties(rows, Window(day=28, before=3))
    (True, False)
    """
    near = find_nearest(stages, window, ("subject", "item"), ties="all")
    return bool((near["day"] < window.day).any() and (near["day"] > window.day).any()) and bool(
        near.group_by("subject", "item").agg(pl.col("day").n_unique() > 1)["day"].any()
    )


def derive_nearest_stages(
    stages: pl.DataFrame,
    window: Window,
    unsettled: pl.DataFrame | None = None,
    *,
    ties: Literal["worse", "earlier", "later"] = "worse",
) -> pl.DataFrame:
    """Stage of each organ on the day nearest to the day of a window, inside it.

    Two days equally near give the worse stage, unless one of them is asked for. Where a gut stage
    and separate upper and lower stages were recorded, the nearer way of recording counts, and both
    where they are equally near.
    An organ that was assessed on its nearest day, and may have been worse than it was staged there,
    has no stage; the stage of a day further off does not stand in for it.

    Parameters
    ----------
    stages
        As from `StageParameters.read_stages`.
    window
        Day [d], and the days around it that count.
    unsettled
        As from `StageParameters.read_unsettled`; None: there are none.
    ties
        What two days equally near give: the worse stage, or that of one of them.

    Returns
    -------
    polars.DataFrame
        One row per subject with a stage in the window: `subject`, `day` of the nearest assessment
        [d], `latest` day of any stage that counts [d], and a column per organ, null where it was
        not staged.
    """
    open_ = empty_rows(stages, UNSETTLED) if unsettled is None else unsettled
    known = stages.select("subject", "day", "item", "stage", pl.col("stage").alias("most"))
    assessed = pl.concat([known, open_.select(*UNSETTLED)], how="diagonal")
    series = ("subject", "item")
    highest, most = (pl.col(name).max().over(series) for name in ("stage", "most"))
    equally = find_nearest(assessed, window, series, ties="all")
    if ties != "worse":
        day = pl.col("day")
        chosen = day.min() if ties == "earlier" else day.max()
        equally = equally.filter(day == chosen.over(series))
    near = equally.with_columns(
        (pl.col("day") - window.day).abs().round(9).alias("distance"),
        pl.when(most <= highest).then("stage").alias("stage"),
    )
    apart = pl.min_horizontal("near_upper_gi", "near_lower_gi")
    gut = pl.col("near_gut")
    wide = near.group_by("subject", maintain_order=True).agg(
        pl.col("day").sort_by("distance", "day", descending=[False, True]).first(),
        pl.col("day").max().alias("latest"),
        *_organ_columns(),
        *(_of_item(item, "distance").min().alias(f"near_{item}") for item in ORGANS),
    )
    return wide.select(
        "subject",
        "day",
        "latest",
        "skin",
        "liver",
        *(
            pl.when(gut.is_null() | apart.is_null() | (apart <= gut)).then(pl.col(item)).alias(item)
            for item in ("upper_gi", "lower_gi")
        ),
        pl.when(apart.is_null() | (gut <= apart)).then(pl.col("gut")).alias("gut"),
    )


def derive_maximum_stages(
    stages: pl.DataFrame,
    from_day: float | None,
    to_day: float | None,
    unsettled: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Highest stage of each organ over the days on which it was staged.

    Assessments without a day count only where neither end of the period is given. An organ that may
    have been worse on a day whose stage could not be settled has none.

    Parameters
    ----------
    stages
        As from `StageParameters.read_stages`.
    from_day, to_day
        Ends of the period [d], included; None is open.
    unsettled
        As from `StageParameters.read_unsettled`; None: there are none.

    Returns
    -------
    polars.DataFrame
        As `derive_nearest_stages`, without `latest`; `day` is the first day on which any organ was
        staged.
    """
    inside = within(from_day, to_day)
    open_ = empty_rows(stages, UNSETTLED) if unsettled is None else unsettled.filter(inside)
    worst = open_.group_by("subject", "item").agg(pl.col("most").max())
    kept = stages.filter(inside).join(worst, on=["subject", "item"], how="left")
    highest = pl.col("stage").max().over("subject", "item")
    return (
        kept.with_columns(
            pl.when(pl.col("most").is_null() | (pl.col("most") <= highest))
            .then("stage")
            .alias("stage")
        )
        .group_by("subject", maintain_order=True)
        .agg(pl.col("day").min(), *_organ_columns())
    )


def _of_item(item: str, column: str) -> pl.Expr:
    return pl.when(pl.col("item") == item).then(pl.col(column))


def _organ_columns() -> list[pl.Expr]:
    return [_of_item(item, "stage").max().alias(item) for item in ORGANS]
