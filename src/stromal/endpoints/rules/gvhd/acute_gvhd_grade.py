"""Overall grade of acute GVHD from organ stages: MAGIC, Glucksberg 1994 or IBMTR.

The three systems are data (`criteria/*.json`): for each grade the stages of which any one is
enough, evaluated from the highest grade downwards. [harris2016, przepiorka1995, rowlings1997]

Each combination of stages that occurs, missing ones included, is graded once and joined to the
patients. A grade with a missing organ is known only where the lowest and the highest stage of that
organ give the same one.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import polars as pl
from pydantic import model_validator

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Tone
from stromal.endpoints.records.stages import (
    ORGAN_LABELS,
    ORGANS,
    StageParameters,
    derive_maximum_stages,
    derive_nearest_stages,
)
from stromal.endpoints.records.words import name_window, window_words
from stromal.errors import join_words
from stromal.tables.patients import Patients
from stromal.tables.windows import Day, Window, find_nearest, within

System = Literal["magic", "glucksberg_1994", "ibmtr"]

_FILES: dict[str, str] = {
    "magic": "magic_2016",
    "glucksberg_1994": "glucksberg_1994",
    "ibmtr": "ibmtr_1997",
}
_ZERO = "0"
_ASSESSED = "{assessed}"


class GradeParameters(StageParameters):
    """Which system, and when: on the day of a window, or the maximum over a period.

    Each organ counts with its stage on its nearest day inside the window (the worse of two days
    equally near), or with its highest stage between `from_day` and `to_day`.

    Parameters
    ----------
    system
        Grading system: MAGIC, the modified Glucksberg grade of 1994, or the IBMTR index.
    when
        Grade the nearest day of the window, or the maximum over a period.
    window
        Day [d] that is graded, and the days around it that still count; a visit gives it.
    from_day, to_day
        First and last day [d] of the period of a maximum; an open end has no limit.
    """

    system: System = "magic"
    when: Literal["nearest", "maximum"] = "nearest"
    window: Window | None = None
    from_day: Day | None = None
    to_day: Day | None = None

    @model_validator(mode="after")
    def _check_days(self) -> GradeParameters:
        period = self.from_day is not None or self.to_day is not None
        if self.when == "nearest" and self.window is None:
            raise ValueError('a visit or `window` is needed, or `when = "maximum"`')
        if self.when == "nearest" and period:
            raise ValueError('from_day and to_day belong to `when = "maximum"`')
        if self.when == "maximum" and self.window is not None:
            raise ValueError("a maximum takes from_day and to_day, not a window")
        if self.from_day is not None and self.to_day is not None and self.from_day > self.to_day:
            raise ValueError("from_day is after to_day")
        return self

    @property
    def days(self) -> str:
        """Write the days that count."""
        if self.window is not None:
            return name_window(self.window)
        return window_words(self.from_day, self.to_day)


@cache
def _grade_combination(
    system: System, *stages: int
) -> tuple[float | None, float | None, float | None, str | None, str]:
    """Grade one combination: the stage of each organ, then 1 for an extreme decrease."""
    rules = read_criteria(_FILES[system]).rules["grades"]
    *organs, extreme = stages
    return _grade_row(dict(zip(ORGANS, organs, strict=True)), rules, extreme=extreme == 1)


def _grade_row(
    stages: dict[str, int], rules: list[dict[str, Any]], *, extreme: bool
) -> tuple[float | None, float | None, float | None, str | None, str]:
    """Value, lowest, highest, label and reason for one combination of stages; -1 is missing."""
    staged = {item: stage for item, stage in stages.items() if stage >= 0}
    missing = _missing(stages)
    lowest, why = _grade(staged, rules, extreme=extreme)
    highest, _ = _grade(staged | {item: ORGANS[item] for item in missing}, rules, extreme=extreme)
    labels = {rule["value"]: rule["label"] for rule in rules} | {0: _ZERO}
    names = join_words(_missing_words(missing))
    if not staged:
        return None, None, None, None, f"no organ {_ASSESSED}"
    bounds = float(lowest), float(highest)
    if lowest != highest:
        possible = f"grade {labels[lowest]} to {labels[highest]} is possible"
        return None, *bounds, None, f"{names} not {_ASSESSED}: {possible}"
    reason = f"grade {labels[lowest]}: {why}"
    if missing:
        reason += f"; {names} not {_ASSESSED}, which cannot change the grade"
    return float(lowest), *bounds, labels[lowest], reason


def _missing(stages: dict[str, int]) -> list[str]:
    """Organs without a stage; one gut stage stands for upper and lower gut."""
    wanted = ("skin", "liver") if stages["gut"] >= 0 else ("skin", "liver", "upper_gi", "lower_gi")
    return [item for item in wanted if stages[item] < 0]


def _missing_words(missing: list[str]) -> list[str]:
    """Names of the missing organs; upper and lower gut together are the gut."""
    gut = {"upper_gi", "lower_gi"} <= set(missing)
    apart = [item for item in missing if not (gut and item in ("upper_gi", "lower_gi"))]
    return [ORGAN_LABELS[item] for item in (*apart, *(("gut",) if gut else ()))]


def _grade(
    stages: dict[str, int], rules: list[dict[str, Any]], *, extreme: bool
) -> tuple[int, str]:
    """The highest grade that any organ reaches, and which organs reach it."""
    for rule in rules:
        minima = rule["any_of"]
        reached = [
            f"{ORGAN_LABELS[item]} stage {stage}"
            for item, stage in stages.items()
            if stage >= minima.get(item, ORGANS[item] + 1)
        ]
        if reached:
            return int(rule["value"]), join_words(reached)
        if extreme and rule.get("extreme_decrease") and any(stages.values()):
            return int(rule["value"]), "extreme decrease of performance status"
    return 0, "no organ involved"


def derive_grades(
    wide: pl.DataFrame, system: System, assessed: str, *, reasons: bool = True
) -> pl.DataFrame:
    """Grade patients with a column per organ.

    Parameters
    ----------
    wide
        Any columns, among them one per organ (null where missing) and `extreme_decrease`.
    system
        `magic`, `glucksberg_1994` or `ibmtr`.
    assessed
        How and on which days organs were assessed, in words, for the reasons.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        `wide` in its order with `value`, `lowest`, `highest`, `label` and `reason` added.
    """
    known = [pl.col(item).fill_null(-1).cast(pl.Int8) for item in ORGANS]
    keys = [*known, pl.col("extreme_decrease").fill_null(0).cast(pl.Int8)]
    names = [*ORGANS, "extreme_decrease"]
    # Few of the combinations of stages occur, and each is graded once.
    occurring = wide.select(pl.struct(keys).alias("key")).unique(maintain_order=True).unnest("key")
    graded = [_grade_combination(system, *row) for row in occurring.iter_rows()]
    schema: dict[str, pl.DataType] = dict.fromkeys(("value", "lowest", "highest"), pl.Float64())
    schema |= {"label": pl.String(), "reason": pl.String()}
    words = pl.col("reason").str.replace_all(_ASSESSED, assessed, literal=True)
    table = pl.DataFrame(graded, schema=schema, orient="row").with_columns(
        (words if reasons else pl.lit(None, pl.String)).alias("reason")
    )
    coded = occurring.with_columns(table).rename({name: f"_{name}" for name in names})
    marked = wide.with_columns(key.alias(f"_{name}") for key, name in zip(keys, names, strict=True))
    on = [f"_{name}" for name in names]
    return marked.join(coded, on=on, how="left", maintain_order="left").drop(on)


def _extreme(patients: Patients, parameters: GradeParameters) -> pl.DataFrame:
    """Extreme decrease of performance: on the nearest day, or on any day of the period."""
    item = "extreme_decrease"
    rows = patients.assessments.filter(
        pl.col("scale") == "performance", pl.col("item") == item
    ).drop_nulls("value")
    if parameters.window is not None:
        rows = find_nearest(rows, parameters.window, ties="all")
    else:
        rows = rows.filter(within(parameters.from_day, parameters.to_day))
    return rows.group_by("subject").agg((pl.col("value") == "yes").max().cast(pl.Int8).alias(item))


def _first_days(stages: pl.DataFrame, rules: list[dict[str, Any]]) -> pl.DataFrame:
    """First day on which one organ's stage alone gives a grade: `subject`, a column per value."""
    grade = pl.lit(0)
    for rule in reversed(rules):
        reached = [
            (pl.col("item") == item) & (pl.col("stage") >= low)
            for item, low in rule["any_of"].items()
        ]
        grade = pl.when(pl.any_horizontal(reached)).then(pl.lit(rule["value"])).otherwise(grade)
    days = [
        pl.when(pl.col("grade") == value).then(pl.col("day")).min().alias(f"day_{value}")
        for value in (0, *(rule["value"] for rule in rules))
    ]
    return stages.with_columns(grade.alias("grade")).group_by("subject").agg(days)


def _with_first_day(graded: pl.DataFrame, stages: pl.DataFrame, system: System) -> pl.DataFrame:
    """Graded patients whose `day` is the first one on which their grade was reached."""
    rules = read_criteria(_FILES[system]).rules["grades"]
    first = _first_days(stages, rules)
    of_grade = [
        pl.when(pl.col("value") == value).then(pl.col(f"day_{value}"))
        for value in (0, *(rule["value"] for rule in rules))
    ]
    joined = graded.join(first, on="subject", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce(of_grade).alias("day"))


def derive_acute_gvhd_grade(
    patients: Patients, parameters: GradeParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the overall grade of acute GVHD, one row per patient.

    A missing organ gives no grade unless no stage of it could change the grade.

    Parameters
    ----------
    patients
        `assessments` with organ stages, or with signs and `labs` with bilirubin.
    parameters
        System, days, and whether stages are recorded or derived.

    Returns
    -------
    polars.DataFrame
        `subject`, `value` (0 to 4), `label`, `day` [d], `reason`, `criteria`, in the order of
        `subjects`. For a maximum, `day` is the first day on which the grade was reached.

    Examples
    --------
    >>> organs = pl.DataFrame({"item": ["skin", "liver", "gut"], "value": ["2", "0", "4"]})
    >>> rows = organs.with_columns(subject=pl.lit("1"), day=0.0, scale=pl.lit("acute_gvhd_stage"))
    >>> subjects = pl.DataFrame({"subject": ["1"], "arm": ["msc"]})
    >>> patients = Patients.of(subjects=subjects, assessments=rows)
    >>> on_day_0 = GradeParameters(window={"day": 0})
    >>> derive_acute_gvhd_grade(patients, on_day_0)["reason"].item()
    'grade IV: gut stage 4'
    """
    stages = parameters.read_stages(patients)
    unsettled = parameters.read_unsettled(patients)
    if parameters.window is not None:
        wide = derive_nearest_stages(stages, parameters.window, unsettled)
    else:
        wide = derive_maximum_stages(stages, parameters.from_day, parameters.to_day, unsettled)
    everyone = patients.subjects.select("subject")
    joined = everyone.join(wide, on="subject", how="left", maintain_order="left").join(
        _extreme(patients, parameters), on="subject", how="left", maintain_order="left"
    )
    graded = derive_grades(
        joined, parameters.system, parameters.assessed_words(parameters.days), reasons=reasons
    )
    if parameters.window is None:
        period = stages.filter(within(parameters.from_day, parameters.to_day))
        graded = _with_first_day(graded, period, parameters.system)
    return graded.select(
        "subject",
        "value",
        "label",
        pl.when(pl.col("value").is_not_null()).then(pl.col("day")).alias("day"),
        "lowest",
        "highest",
        "reason",
        pl.lit(_criteria(parameters).title).alias("criteria"),
    )


def _criteria(parameters: GradeParameters) -> Criteria:
    return read_criteria(_FILES[parameters.system])


def _needs(parameters: GradeParameters) -> tuple[Need, ...]:
    return parameters.stage_needs


_TONES: tuple[Tone, ...] = ("severity 0", "severity 1", "severity 2", "severity 3", "severity 4")


def _label(name: str, grade: int) -> Label:
    return Label(name, f"grade {name}", rank=grade, tone=_TONES[grade], verb="were")


def _labels(parameters: GradeParameters) -> tuple[Label, ...]:
    """Labels of the system, mildest first."""
    grades = _criteria(parameters).rules["grades"]
    return (
        _label(_ZERO, 0),
        *(_label(rule["label"], rule["value"]) for rule in reversed(grades)),
    )


_ALL_LABELS = tuple(
    _label(name, grade)
    for names in (("0", "I", "II", "III", "IV"), ("0", "A", "B", "C", "D"))
    for grade, name in enumerate(names)
    if name != _ZERO or names[1] == "I"
)

ACUTE_GVHD_GRADE = Endpoint(
    name="acute_gvhd_grade",
    title="Overall grade of acute GVHD",
    kind="grade",
    parameters=GradeParameters,
    derive=derive_acute_gvhd_grade,
    needs=_needs,
    criteria=_criteria,
    labels=_ALL_LABELS,
    labels_with=_labels,
)
