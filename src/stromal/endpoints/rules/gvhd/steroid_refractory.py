"""`steroid_refractory_acute_gvhd`: whether acute GVHD failed steroids, by a named rule."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need
from stromal.endpoints.records.stage_days import derive_stage_days
from stromal.endpoints.records.stages import ORGANS, StageParameters, derive_nearest_stages
from stromal.endpoints.records.words import number_text, write_number
from stromal.endpoints.rules.gvhd.acute_gvhd_grade import derive_grades
from stromal.endpoints.rules.gvhd.stage_change import (
    compare_stages,
    find_possible_changes,
    find_unstaged,
    unite_gut,
    write_changes,
)
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.windows import Window

Definition = Literal["ebmt_nih_cibmtr_2018", "nct00366145"]

_FILES: dict[str, str] = {
    "ebmt_nih_cibmtr_2018": "steroid_refractory_2018",
    "nct00366145": "steroid_refractory_nct00366145",
}
REFRACTORY = Label("refractory", "steroid-refractory", rank=1, tone="worst", verb="were")
NOT = Label("not refractory", "not steroid-refractory", rank=0, tone="good", verb="were")
_VALUES = {REFRACTORY.name: 1.0, NOT.name: 0.0}
_EITHER = (NOT.name, REFRACTORY.name)
_WORDS = {"worse": "worse", "not_better": "not better", "not_resolved": "not resolved"}
_SCALE = "steroids"


class SteroidRefractoryParameters(StageParameters):
    """By which definition, and until when.

    Parameters
    ----------
    definition
        The position statement of EBMT, NIH and CIBMTR of 2018, or the trial NCT00366145.
    until_days
        Days [d] of steroids after which later assessments do not count; None: all count.
    """

    definition: Definition = "ebmt_nih_cibmtr_2018"
    until_days: float | None = Field(None, gt=0, allow_inf_nan=False)


def derive_steroid_refractory(
    patients: Patients, parameters: SteroidRefractoryParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive whether acute GVHD was refractory to steroids (value 1) by the last assessment.

    Each assessment is compared with the stages at the start of steroids; the first that meets a
    condition of the rule decides. [schoemans2018]

    Parameters
    ----------
    patients
        `assessments` with organ stages, or signs, and with doses of the scale `steroids`, each in
        force until the next is recorded.
    parameters
        The rule, and how long assessments count [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject, in order: `value` 1 or 0, `label`, `day` [d] on which it was shown,
        `lowest` and `highest` what organs that were not staged leave possible, `reason`,
        `criteria`.

    Examples
    --------
    >>> rows = pl.DataFrame(
    ...     {"day": [0.0, 0.0, 7.0], "scale": ["steroids"] + 2 * ["acute_gvhd_stage"],
    ...      "item": ["prednisone", "skin", "skin"], "value": ["2", "3", "3"]}
    ... ).with_columns(subject=pl.lit("1"))
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> derive_steroid_refractory(patients, SteroidRefractoryParameters())["reason"].item()
    'day 7 of steroids: not better (no organ changed)'
    """
    p, rules = parameters, _criteria(parameters).rules
    courses = find_courses(patients, rules)
    baseline, later = _stagings(patients, p, courses, float(rules["baseline_days"]))
    shown = _shown(baseline, later, courses, rules)
    rows = patients.subjects.select("subject")
    for frame in (
        courses,
        baseline.select("subject", _is_involved().alias("involved")),
        later.group_by("subject").agg(pl.col("now_day").max().alias("last_day")),
        *(_first(shown, name) for name in ("surely", "possibly")),
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    decided = decide(rows, _cases(p, rules), _VALUES, reasons=reasons)
    day = pl.col("start") + pl.col("surely_day")
    return decided.select(
        "subject",
        "value",
        "label",
        pl.when(pl.col("label") == REFRACTORY.name).then(day).alias("day"),
        "lowest",
        "highest",
        "reason",
        pl.lit(_criteria(p).title).alias("criteria"),
    )


def _is_involved() -> pl.Expr:
    """Whether an organ was involved at the start of steroids."""
    return pl.any_horizontal(pl.col(f"base_{item}") > 0 for item in ORGANS).fill_null(value=False)


def find_courses(patients: Patients, rules: dict[str, Any]) -> pl.DataFrame:
    """Find when steroids reached the dose of a rule, and when the dose was lowered below it.

    Parameters
    ----------
    patients
        `assessments` with the scale `steroids`.
    rules
        The rules of the criteria.

    Returns
    -------
    polars.DataFrame
        `subject`, `most` (highest dose of prednisone [mg/kg/d], or what equals it), `start` and
        `lowered` [d], null where never; one row per patient with a dose.

    Examples
    --------
    >>> doses = pl.DataFrame({"day": [0.0, 9.0], "value": ["2", "1"], "item": "prednisone"})
    >>> doses = doses.with_columns(subject=pl.lit("1"), scale=pl.lit("steroids"))
    >>> rules = read_criteria("steroid_refractory_2018").rules
    >>> find_courses(Patients.of(assessments=doses), rules).row(0)
    ('1', 2.0, 0.0, 9.0)
    """
    worth = {drug: float(each) for drug, each in rules["prednisone_per_mg"].items()}
    number = pl.col("value").cast(pl.Float64, strict=False)
    equal = number * pl.col("item").replace_strict(worth, default=None, return_dtype=pl.Float64)
    doses = (
        patients.assessments.filter(pl.col("scale") == _SCALE)
        .select("subject", pl.col("day").floor(), equal.round_sig_figs(15).alias("dose"))
        .drop_nulls()
        .group_by("subject", "day")
        .agg(pl.col("dose").sum())
    )
    day, enough = pl.col("day"), pl.col("dose") >= _least(rules)
    starts = doses.group_by("subject").agg(
        pl.col("dose").max().alias("most"), day.filter(enough).min().alias("start")
    )
    lowered = (
        doses.join(starts, on="subject")
        .filter(~enough & (day > pl.col("start")))
        .group_by("subject")
        .agg(day.min().alias("lowered"))
    )
    return starts.join(lowered, on="subject", how="left")


def _least(rules: dict[str, Any]) -> float:
    """The dose of prednisone [mg/kg/d] that equals the one of the rule."""
    return float(rules["min_mg_per_kg"]) * float(rules["prednisone_per_mg"][rules["drug"]])


def _stagings(
    patients: Patients, p: SteroidRefractoryParameters, courses: pl.DataFrame, before: float
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Stages at the start of steroids, and on later days, counted from the start."""
    started = courses.drop_nulls("start").select("subject", "start")

    def counted(rows: pl.DataFrame) -> pl.DataFrame:
        joined = rows.join(started, on="subject")
        return joined.with_columns(pl.col("day") - pl.col("start")).drop("start")

    stages, unsettled = (
        counted(each) for each in (p.read_stages(patients), p.read_unsettled(patients))
    )
    baseline = derive_nearest_stages(stages, Window(day=0.0, before=before), unsettled)
    later = counted(derive_stage_days(patients, p)).filter(pl.col("day") > 0)
    if p.until_days is not None:
        later = later.filter(pl.col("day") <= p.until_days)
    return (
        baseline.drop("day", "latest").rename({item: f"base_{item}" for item in ORGANS}),
        later.rename({name: f"now_{name}" for name in ("day", *ORGANS)}),
    )


def _shown(
    baseline: pl.DataFrame,
    later: pl.DataFrame,
    courses: pl.DataFrame,
    rules: dict[str, Any],
) -> pl.DataFrame:
    """Assessments with the condition that each meets: `surely`, `possibly`; null for none."""
    rows = later.join(baseline, on="subject").with_columns(unite_gut())
    rows = rows.with_columns(compare_stages(1)).join(
        courses.select("subject", (pl.col("lowered") - pl.col("start")).alias("kept_to")), "subject"
    )
    unstaged = pl.any_horizontal(*find_unstaged().values())
    involved = ~pl.col("resolved")
    better, worse = pl.col("improved"), pl.col("worsened")
    may_improve, may_worsen = find_possible_changes()
    changes = {
        "worse": (worse, worse | may_worsen),
        "not_better": (worse | (~better & ~may_improve), worse | ~better | may_worsen),
        "not_resolved": (involved, involved | unstaged),
    }
    graded, gradable = pl.lit(value=True), pl.lit(value=True)
    if "grade" in rules:
        now = {f"now_{item}": item for item in ORGANS}
        wide = rows.select(*now, pl.lit(None, pl.Int8).alias("extreme_decrease")).rename(now)
        grades = derive_grades(wide, rules["grade"]["system"], "", reasons=False)
        rows = rows.hstack(grades.select("lowest", "highest"))
        # a gut that was joined for the comparison is one gut in both gradings
        graded = pl.col("lowest") >= rules["grade"]["at_least"]
        gradable = (pl.col("highest") >= rules["grade"]["at_least"]).fill_null(value=True)
    words = {}
    for end, ok in enumerate((graded, gradable)):
        met = [
            pl.when(changes[name][end] & _in_time(name, rules) & ok).then(pl.lit(_WORDS[name]))
            for name in rules["conditions"]
        ]
        words["surely" if end == 0 else "possibly"] = pl.coalesce(*met)
    return rows.with_columns(**words).with_columns(write_changes().alias("changes"))


def _in_time(name: str, rules: dict[str, Any]) -> pl.Expr:
    """Whether a condition counts on the day of an assessment."""
    limits, day = rules["conditions"][name], pl.col("now_day")
    tests = {"from_days": day.__ge__, "after_days": day.__gt__, "to_days": day.__le__}
    in_time = pl.all_horizontal(tests[limit](float(days)) for limit, days in limits.items())
    if name == "not_resolved":
        return in_time
    # a lower dose that is recorded on the day of an assessment was given after it
    return in_time & (pl.col("kept_to").is_null() | (day <= pl.col("kept_to")))


def _first(shown: pl.DataFrame, name: str) -> pl.DataFrame:
    """The first assessment that meets a condition: `<name>`, `<name>_day`, `<name>_changes`."""
    met = (
        shown.drop_nulls(name).sort("now_day").unique("subject", keep="first", maintain_order=True)
    )
    return met.select(
        "subject",
        name,
        pl.col("now_day").alias(f"{name}_day"),
        pl.col("changes").alias(f"{name}_changes"),
    )


def _cases(p: SteroidRefractoryParameters, rules: dict[str, Any]) -> list[Case]:
    """Every patient is one of these, in this order."""
    first = min(
        float(each.get("from_days", each.get("after_days")))
        for each in rules["conditions"].values()
    )
    dose = f"{write_number(_least(rules))} mg/kg of prednisone a day, or what equals it"
    low = pl.format(f"steroids never reached {dose}: at most {{}}", number_text("most"))
    short = pl.format(
        f"last assessed on day {{}} of steroids, before day {write_number(first)}",
        number_text("last_day"),
    )
    shown = pl.format(
        "day {} of steroids: {} ({})", number_text("surely_day"), "surely", "surely_changes"
    )
    may = pl.format(
        "day {} of steroids: possibly {} ({}), not every organ was staged",
        number_text("possibly_day"),
        "possibly",
        "possibly_changes",
    )
    none = pl.format(
        "no condition met by the last assessment, day {} of steroids", number_text("last_day")
    )
    start = pl.format("day {}, the start of steroids", number_text("start"))
    assessed = "assessed" if p.stages == "recorded" else "staged by signs"
    return [
        Case(pl.col("most").is_null(), None, "no dose of steroids recorded"),
        Case(pl.col("start").is_null(), NOT.name, low),
        Case(
            pl.col("involved").is_null(),
            None,
            pl.format(f"no organ {assessed} by {{}}", start),
            possible=_EITHER,
        ),
        Case(~pl.col("involved"), None, pl.format("no organ involved on {}", start)),
        Case(
            pl.col("last_day").is_null(),
            None,
            pl.format(f"no organ {assessed} after {{}}", start),
            possible=_EITHER,
        ),
        Case(pl.col("surely").is_not_null(), REFRACTORY.name, shown),
        Case(pl.col("last_day") < first, None, short, possible=_EITHER),
        Case(pl.col("possibly").is_not_null(), None, may, possible=_EITHER),
        Case(pl.lit(value=True), NOT.name, none),
    ]


def _criteria(parameters: SteroidRefractoryParameters) -> Criteria:
    return read_criteria(_FILES[parameters.definition])


def _needs(parameters: SteroidRefractoryParameters) -> tuple[Need, ...]:
    doses = tuple(f"{_SCALE}.{drug}" for drug in _criteria(parameters).rules["prednisone_per_mg"])
    return (*parameters.stage_needs, Need("assessments", doses))


STEROID_REFRACTORY = Endpoint(
    name="steroid_refractory_acute_gvhd",
    title="Steroid-refractory acute GVHD",
    kind="flag",
    parameters=SteroidRefractoryParameters,
    derive=derive_steroid_refractory,
    needs=_needs,
    criteria=_criteria,
    labels=(REFRACTORY, NOT),
)
