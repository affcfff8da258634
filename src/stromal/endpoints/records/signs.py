"""Organ stages of acute GVHD from signs and bilirubin.

The cuts are those of MAGIC, in `criteria/magic_2016.json`. [harris2016]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.tables.labs import DOWN, UP
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.analytes import ANALYTES
from stromal.units import find_unit

UNSETTLED: dict[str, pl.DataType] = {
    "subject": pl.String(),
    "day": pl.Float64(),
    "item": pl.String(),
    "most": pl.Int8(),
}


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
        Take the signs of stage 4 (bullae, severe pain or ileus, bloody stool) as absent where
        nobody wrote yes or no; otherwise the organ has no stage where they matter.

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
    organs = _assess(patients, unrecorded_absent=unrecorded_absent)
    return organs.drop_nulls("stage").drop("most")


def find_unsettled(patients: Patients, *, unrecorded_absent: bool = False) -> pl.DataFrame:
    """Find organs whose signs were measured and do not settle a stage.

    Signs of stage 4 alone, without a surface or a volume, are no measurement.

    Parameters
    ----------
    patients, unrecorded_absent
        As for `derive_sign_stages`.

    Returns
    -------
    polars.DataFrame
        `subject`, `day` [d], `item`, `most`: the highest stage that is possible.

    Examples
    --------
    >>> labs = pl.DataFrame({"subject": ["1"], "day": [2.0], "analyte": ["bilirubin"]})
    >>> labs = labs.with_columns(value=pl.lit(5.0), unit=pl.lit("mg/dL"), bound=pl.lit("below"))
    >>> find_unsettled(Patients.of(labs=labs)).row(0)
    ('1', 2.0, 'liver', 2)
    """
    organs = _assess(patients, unrecorded_absent=unrecorded_absent)
    return organs.filter(pl.col("stage").is_null()).drop("stage")


def _assess(patients: Patients, *, unrecorded_absent: bool) -> pl.DataFrame:
    """Every organ on every day on which it was assessed: its stage, and the highest possible."""
    rules = read_criteria("magic_2016").rules["stages"]
    signs, skin, lower = _signs(patients), rules["skin"], rules["lower_gi"]
    liver, most_liver = _liver(rules["liver"])
    upper = _upper(rules["upper_gi"])

    def sign_stages(item: str, stage: pl.Expr, rule: Mapping[str, Any], *by: str) -> pl.DataFrame:
        measured = pl.any_horizontal(pl.col(*by).is_not_null()) | stage.is_not_null()
        return _organ(item, signs, stage, measured, pl.lit(rule["signs"]["stage"]))

    absent = {"unrecorded_absent": unrecorded_absent}
    return pl.concat(
        [
            sign_stages("skin", _skin(skin, **absent), skin, "skin_bsa"),
            _organ("liver", _bilirubin(patients), liver, pl.lit(value=True), most_liver),
            sign_stages("upper_gi", upper, rules["upper_gi"], "upper_gi"),
            sign_stages(
                "lower_gi",
                _lower(lower, **absent),
                lower,
                "stool_ml_per_day",
                "stool_episodes_per_day",
            ),
        ]
    )


def _of_item(item: str, column: str) -> pl.Expr:
    return pl.when(pl.col("item") == item).then(pl.col(column))


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
    bound = pl.col("bound")
    down, up = bound.is_in(DOWN), bound.is_in(UP)
    least = pl.when(down).then(0.0).when(bound == "above").then(1 + _JUST).otherwise(1.0)
    most = pl.when(bound == "below").then(1 - _JUST).when(up).then(float("inf")).otherwise(1.0)
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


def _organ(
    item: str, frame: pl.DataFrame, stage: pl.Expr, measured: pl.Expr, most: pl.Expr
) -> pl.DataFrame:
    """One row per subject and day on which the organ was assessed; no stage where it is open."""
    return (
        frame.filter(measured)
        .select(
            "subject",
            "day",
            pl.lit(item).alias("item"),
            stage.cast(pl.Int8).alias("stage"),
            most.cast(pl.Int8).alias("most"),
        )
        .group_by("subject", "day", "item", maintain_order=True)
        .agg(pl.col("stage").max(), pl.col("most").max())
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


def _liver(rules: Mapping[str, Any]) -> tuple[pl.Expr, pl.Expr]:
    """Stage by the worst bilirubin of the day, on the cuts of the unit of the report, and the most.

    The stage is null where bounds leave several.
    """
    least, most = (
        pl.when("molar")
        .then(_stage(pl.col(f"umol/L {name}"), rules["umol/L"]))
        .otherwise(_stage(pl.col(f"mg/dL {name}"), rules["mg/dL"]))
        .max()
        .over("subject", "day")
        for name in ("least", "most")
    )
    return pl.when(least == most).then(least), most


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
