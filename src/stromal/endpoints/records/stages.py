"""Organ stages of acute GVHD: as recorded, derived from signs, and the ones that count for a day.

The cuts are MAGIC's, in `criteria/magic_2016.json`. [harris2016]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Need, Parameters
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.analytes import ANALYTES
from stromal.tables.windows import Window, find_nearest, within
from stromal.units import find_unit

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
        Whether organ stages were recorded (scale `acute_gvhd_stage`) or are derived from signs
        (scale `acute_gvhd_signs`, and bilirubin).
    unrecorded_signs
        Whether a sign of stage 4 that nobody wrote down is missing, so that the organ has no stage
        where the sign would matter, or absent; only for derived stages.
    """

    stages: Literal["recorded", "derived"] = "recorded"
    unrecorded_signs: Literal["missing", "absent"] = "missing"

    def read_stages(self, patients: Patients) -> pl.DataFrame:
        """Organ stages of every patient and day: `subject`, `day`, `item`, `stage`."""
        if self.stages == "recorded":
            return derive_recorded_stages(patients)
        return derive_sign_stages(patients, unrecorded_absent=self.unrecorded_signs == "absent")

    def assessed_words(self, window: str) -> str:
        """How organs were assessed, in words: `assessed on day 0`."""
        return f"{'assessed' if self.stages == 'recorded' else 'staged by signs'} {window}"

    @property
    def stage_needs(self) -> tuple[Need, ...]:
        """What the stages are read from."""
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


def derive_sign_stages(patients: Patients, *, unrecorded_absent: bool = False) -> pl.DataFrame:
    """Organ stages from signs and bilirubin, by the cuts of MAGIC.

    Skin from the body surface with erythema, liver from bilirubin on the cut of the unit it was
    reported in, upper GI from persistent symptoms, lower GI from stool volume (per kg in children)
    or, where no volume was measured, from episodes. An organ whose signs do not settle its stage
    has no row. [harris2016]

    Parameters
    ----------
    patients
        `assessments` with scale `acute_gvhd_signs`; `labs` with bilirubin; weight [kg] and age
        [year] of `subjects` choose between adult and child volumes.
    unrecorded_absent
        Whether the signs of stage 4 (bullae, severe pain or ileus, bloody stool) are taken as
        absent where nobody wrote yes or no; otherwise the organ has no stage where they matter.

    Returns
    -------
    polars.DataFrame
        `subject`, `day` [d], `item`, `stage`; as `derive_recorded_stages`.

    Examples
    --------
    >>> labs = pl.DataFrame({"subject": ["1"], "day": [2.0], "analyte": ["bilirubin"]})
    >>> labs = labs.with_columns(value=pl.lit(3.1), unit=pl.lit("mg/dL"))
    >>> derive_sign_stages(Patients.of(labs=labs)).row(0)
    ('1', 2.0, 'liver', 2)
    """
    rules = read_criteria("magic_2016").rules["stages"]
    signs = _signs(patients)
    parts = [
        _organ("skin", signs, _skin(rules["skin"], unrecorded_absent=unrecorded_absent)),
        _organ("liver", _bilirubin(patients), _liver(rules["liver"])),
        _organ("upper_gi", signs, _upper(rules["upper_gi"])),
        _organ("lower_gi", signs, _lower(rules["lower_gi"], unrecorded_absent=unrecorded_absent)),
    ]
    return pl.concat(parts)


def derive_nearest_stages(stages: pl.DataFrame, window: Window) -> pl.DataFrame:
    """Stage of each organ on the day nearest to the day of a window, inside it.

    Two days equally near give the worse stage. Where a gut stage and separate upper and lower
    stages were recorded, the nearer way of recording counts, and both where they are equally near.

    Returns
    -------
    polars.DataFrame
        One row per subject with a stage in the window: `subject`, `day` of the nearest assessment
        [d], `latest` day of any stage that counts [d], and a column per organ, null where it was
        not staged.
    """
    near = find_nearest(stages, window, ("subject", "item"), ties="all").with_columns(
        (pl.col("day") - window.day).abs().round(9).alias("distance")
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
    stages: pl.DataFrame, from_day: float | None, to_day: float | None
) -> pl.DataFrame:
    """Highest stage of each organ over the days on which it was staged.

    Assessments without a day count only where neither end of the period is given.

    Returns
    -------
    polars.DataFrame
        As `derive_nearest_stages`, without `latest`; `day` is the first day on which any organ was
        staged.
    """
    chosen = stages.filter(within(from_day, to_day))
    return chosen.group_by("subject", maintain_order=True).agg(
        pl.col("day").min(), *_organ_columns()
    )


def _of_item(item: str, column: str) -> pl.Expr:
    return pl.when(pl.col("item") == item).then(pl.col(column))


def _organ_columns() -> list[pl.Expr]:
    return [_of_item(item, "stage").max().alias(item) for item in ORGANS]


def _signs(patients: Patients) -> pl.DataFrame:
    """Signs in one row per subject and day, the worst of several; weight and age beside them."""
    rows = patients.assessments.filter(pl.col("scale") == "acute_gvhd_signs")
    number = pl.col("value").cast(pl.Float64, strict=False)
    numbers = ("skin_bsa", "stool_ml_per_day", "stool_episodes_per_day")
    flags = ("erythroderma_with_bullae", "upper_gi", "severe_pain_or_ileus", "grossly_bloody_stool")
    flag = pl.when(pl.col("value") == "yes").then(1).when(pl.col("value") == "no").then(0)
    wide = rows.with_columns(number=number, flag=flag).group_by(
        "subject", "day", maintain_order=True
    )
    body = patients.subjects.select("subject", "weight_kg", "age_years").unique(
        "subject", keep="first", maintain_order=True
    )
    return wide.agg(
        *(_of_item(item, "number").max().alias(item) for item in numbers),
        *(_of_item(item, "flag").max().alias(item) for item in flags),
    ).join(body, on="subject", how="left", maintain_order="left")


_JUST = 1e-12
"""A truth below 2 is less than 2 by some amount: this is less than 15 digits can lose."""


def _bilirubin(patients: Patients) -> pl.DataFrame:
    """Bilirubin of each day in mg/dL and, where it was reported in moles, in umol/L.

    `least` and `most` say what a bound allows: `<2` is anything below 2, `>15` anything above 15.
    """
    labs = patients.labs.filter(pl.col("analyte") == "bilirubin").drop_nulls("value")
    spellings = labs["reported_unit"].drop_nulls().unique().to_list()
    molar = [text for text in spellings if find_unit(text).dimension == "moles per volume"]
    factor = float(ANALYTES["bilirubin"].factor("mg/dL", "umol/L"))
    below, above = pl.col("bound") == "below", pl.col("bound") == "above"
    least = pl.when(below).then(0.0).when(above).then(1 + _JUST).otherwise(1.0)
    most = pl.when(below).then(1 - _JUST).when(above).then(float("inf")).otherwise(1.0)
    value = pl.col("value")
    return labs.select(
        "subject",
        "day",
        *(
            (value * share * scale).round_sig_figs(15).alias(f"{unit} {name}")
            for name, share in (("least", least), ("most", most))
            for unit, scale in (("mg/dL", 1.0), ("umol/L", factor))
        ),
        pl.col("reported_unit").is_in(molar).fill_null(value=False).alias("molar"),
    )


def _organ(item: str, frame: pl.DataFrame, stage: pl.Expr) -> pl.DataFrame:
    return (
        frame.select(
            "subject", "day", pl.lit(item).alias("item"), stage.cast(pl.Int8).alias("stage")
        )
        .drop_nulls("stage")
        .group_by("subject", "day", "item", maintain_order=True)
        .agg(pl.col("stage").max())
    )


def _stage(value: pl.Expr, cuts: Sequence[Mapping[str, float]]) -> pl.Expr:
    """Stage of a value: the highest whose cut it reaches, 0 below all of them, null if missing."""
    value = value.round_sig_figs(15)
    stage: pl.Expr = pl.when(value.is_not_null()).then(pl.lit(0))
    for cut in cuts:
        reached = value >= cut["from"] if "from" in cut else value > cut["above"]
        stage = pl.when(reached).then(pl.lit(int(cut["stage"]))).otherwise(stage)
    return stage


def _with_signs(stage: pl.Expr, rule: Mapping[str, Any], *, unrecorded_absent: bool) -> pl.Expr:
    """A stage with the signs that make it worse: yes raises it, and a gap leaves it open.

    A sign that needs more, such as a surface of the skin, is believed where that was not recorded.
    """
    enough = [
        pl.col(item).is_null() | (pl.col(item) > need["above"])
        for item, need in rule.get("needs", {}).items()
    ]
    worse = pl.max_horizontal(rule["items"]) == 1
    present = pl.all_horizontal([worse, *enough])
    unknown = pl.any_horizontal([pl.col(item).is_null() for item in rule["items"]])
    open_ = pl.lit(not unrecorded_absent) & unknown & (stage >= rule["possible_from_stage"])
    return pl.when(present).then(pl.lit(rule["stage"])).when(~open_).then(stage)


def _skin(rules: Mapping[str, Any], *, unrecorded_absent: bool) -> pl.Expr:
    stage = _stage(pl.col("skin_bsa"), rules["skin_bsa"])
    return _with_signs(stage, rules["signs"], unrecorded_absent=unrecorded_absent)


def _liver(rules: Mapping[str, Any]) -> pl.Expr:
    """By the worst bilirubin of the day, on the cuts of the unit of the report.

    None where bounds leave several stages.
    """
    least, most = (
        pl.when("molar")
        .then(_stage(pl.col(f"umol/L {name}"), rules["umol/L"]))
        .otherwise(_stage(pl.col(f"mg/dL {name}"), rules["mg/dL"]))
        .max()
        .over("subject", "day")
        for name in ("least", "most")
    )
    return pl.when(least == most).then(least)


def _upper(rules: Mapping[str, Any]) -> pl.Expr:
    (item,) = rules["signs"]["items"]
    return pl.col(item) * int(rules["signs"]["stage"])


def _lower(rules: Mapping[str, Any], *, unrecorded_absent: bool) -> pl.Expr:
    """Lower GI: by volume, else by episodes; by the tables of adults, children, or both alike."""
    volume, episodes = pl.col("stool_ml_per_day"), pl.col("stool_episodes_per_day")
    weight, heaviest_child = pl.col("weight_kg"), rules["adult_above_kg"]
    adult, child = rules["adult"], rules["child"]

    def both(adults: pl.Expr, *children: pl.Expr) -> pl.Expr:
        agree = pl.all_horizontal([adults == each for each in children])
        return pl.when(agree).then(adults)

    def per_body(adults: pl.Expr, children: pl.Expr, either: pl.Expr) -> pl.Expr:
        grown = pl.col("age_years") >= rules["adult_from_years"]
        is_adult = pl.when(weight.is_not_null()).then(weight > heaviest_child).otherwise(grown)
        light = weight <= heaviest_child
        return pl.when(is_adult).then(adults).when(light).then(children).otherwise(either)

    adult_volume = _stage(volume, adult["ml_per_day"])
    adult_episodes = _stage(episodes, adult["episodes_per_day"])
    child_episodes = _stage(episodes, child["episodes_per_day"])
    per_kg = child["ml_per_kg_per_day"]
    lightest = pl.when(volume > 0).then(pl.lit(float("inf"))).otherwise(volume)
    by_volume = per_body(
        adult_volume,
        _stage(volume / weight, per_kg),
        both(adult_volume, _stage(volume / heaviest_child, per_kg), _stage(lightest, per_kg)),
    )
    by_episodes = per_body(adult_episodes, child_episodes, both(adult_episodes, child_episodes))
    stage = pl.when(volume.is_not_null()).then(by_volume).otherwise(by_episodes)
    return _with_signs(stage, rules["signs"], unrecorded_absent=unrecorded_absent)
