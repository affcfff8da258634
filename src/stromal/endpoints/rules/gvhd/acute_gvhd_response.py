"""Response of acute GVHD on a day against the stages before treatment.

The labels are data (`criteria/acute_gvhd_response.json`). [martin2009]
"""

from __future__ import annotations

from typing import Any, Literal

import polars as pl
from pydantic import Field, model_validator

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.endpoints.endpoint import Endpoint, Need
from stromal.endpoints.records.stages import (
    ORGAN_LABELS,
    ORGANS,
    StageParameters,
    derive_nearest_stages,
    window_words,
)
from stromal.protocol.protocol import Day
from stromal.tables.patients import Patients

_UNDATED = "day of additional systemic treatment not recorded"
_LABELS = ("CR", "PR", "MR", "SD", "PD", "NR")


class ResponseParameters(StageParameters):
    """Which days are compared, who judged, and what a missing assessment counts as.

    Stages on the day nearest to `day` are compared with those nearest to `baseline_day`, each
    inside its window; or the response is the investigator's, whatever its day.

    Parameters
    ----------
    day
        Day [d] of the assessment.
    before, after
        Days [d] around `day` that still count.
    baseline_day
        Day [d] of the baseline.
    baseline_before, baseline_after
        Days [d] around `baseline_day` that still count.
    assessed_by
        Whether organ stages are compared, or the investigator's response is taken.
    missing
        Whether a missing assessment is no response, as trials count it, or no outcome. A missing
        baseline is always no outcome.
    """

    day: Day = 28.0
    before: float = Field(3.0, ge=0, allow_inf_nan=False)
    after: float = Field(3.0, ge=0, allow_inf_nan=False)
    baseline_day: Day = 0.0
    baseline_before: float = Field(0.0, ge=0, allow_inf_nan=False)
    baseline_after: float = Field(0.0, ge=0, allow_inf_nan=False)
    assessed_by: Literal["stages", "investigator"] = "stages"
    missing: Literal["no response", "null"] = "no response"

    @model_validator(mode="after")
    def _check_days(self) -> ResponseParameters:
        if self.assessed_by == "stages" and self.day <= self.baseline_day:
            raise ValueError("day is not after baseline_day")
        return self

    @property
    def window(self) -> str:
        """The days of the assessment, in words."""
        return window_words(self.day - self.before, self.day + self.after)

    @property
    def baseline_window(self) -> str:
        """The days of the baseline, in words."""
        first = self.baseline_day - self.baseline_before
        return window_words(first, self.baseline_day + self.baseline_after)


def derive_acute_gvhd_response(patients: Patients, parameters: ResponseParameters) -> pl.DataFrame:
    """Response of acute GVHD, one row per patient.

    Death or additional systemic treatment of GVHD before the assessment is no response. A new
    organ counts as worsening. The baseline is never compared with itself. [martin2009]

    Parameters
    ----------
    patients
        `assessments` with organ stages or the investigator's response; `events` with `death` and
        `systemic_gvhd_treatment`.
    parameters
        Days, who judged, and what a missing assessment counts as.

    Returns
    -------
    polars.DataFrame
        `subject`, `value` (1 for complete or partial response, else 0), `label` (CR, PR, MR, SD,
        PD, NR), `day` [d] of the assessment, `reason`, `criteria`, in the order of `subjects`.

    Examples
    --------
    >>> rows = pl.DataFrame({"day": [0.0, 28.0], "value": ["3", "1"]})
    >>> rows = rows.with_columns(
    ...     subject=pl.lit("1"), scale=pl.lit("acute_gvhd_stage"), item=pl.lit("skin")
    ... )
    >>> subjects = pl.DataFrame({"subject": ["1"], "arm": ["msc"]})
    >>> patients = Patients.of(subjects=subjects, assessments=rows)
    >>> derive_acute_gvhd_response(patients, ResponseParameters()).row(0)[:5]
    ('1', 1.0, 'PR', 28.0, 'PR: skin 3 to 1')
    """
    criteria = read_criteria("acute_gvhd_response")
    applied = criteria.title
    if parameters.assessed_by == "investigator":
        applied = "as reported by the investigator"
        judged = _reported(patients, parameters, criteria.rules["part_of"])
    else:
        judged = _compared(patients, parameters, criteria.rules)
    if parameters.missing == "null":
        missing = pl.col("missing").fill_null(value=False)
        judged = judged.with_columns(pl.when(~missing).then(pl.col("label")).alias("label"))
    responders = [rule["label"] for rule in criteria.rules["labels"] if rule["responder"]]
    label = pl.col("label")
    return judged.select(
        "subject",
        pl.when(label.is_not_null()).then(label.is_in(responders)).cast(pl.Float64).alias("value"),
        "label",
        pl.when(label.is_not_null()).then(pl.col("day")).alias("day"),
        "reason",
        pl.lit(applied).alias("criteria"),
    )


def _reported(
    patients: Patients, parameters: ResponseParameters, part_of: dict[str, str]
) -> pl.DataFrame:
    """The investigator's response: the one nearest to the day; the worse of two equally near."""
    order = {label: rank for rank, label in enumerate((*part_of, *_LABELS))}
    rows = (
        patients.assessments.filter(
            pl.col("scale") == "investigator", pl.col("item") == "acute_gvhd_response"
        )
        .drop_nulls("value")
        .with_columns(
            distance=(pl.col("day") - parameters.day).abs(),
            rank=pl.col("value").replace_strict(order, default=None),
        )
        .sort("distance", "rank", descending=[False, True], nulls_last=True)
        .unique("subject", keep="first", maintain_order=True)
        .select("subject", "day", "value")
    )
    value = pl.col("value")
    joined = patients.subjects.select("subject").join(
        rows, on="subject", how="left", maintain_order="left"
    )
    part = value.replace_strict(part_of, default=None, return_dtype=pl.String)
    return joined.select(
        "subject",
        "day",
        pl.coalesce(part, value, pl.lit("NR")).alias("label"),
        pl.when(value.is_null())
        .then(pl.lit("no response reported by the investigator"))
        .when(part.is_not_null())
        .then(pl.format("{} as reported by the investigator, a part of {}", value, part))
        .otherwise(pl.format("{} as reported by the investigator", value))
        .alias("reason"),
        value.is_null().alias("missing"),
    )


def _compared(
    patients: Patients, parameters: ResponseParameters, rules: dict[str, Any]
) -> pl.DataFrame:
    """The response by organ stages, with the reason in words."""
    pairs = _pairs(patients, parameters)
    frame = (
        pairs.join(_events(patients, parameters), on="subject", how="left", maintain_order="left")
        .with_columns(_comparison(rules["involved_from_stage"]))
        .with_columns(_interruption(parameters))
    )
    label = pl.lit(None, pl.String)
    for rule in rules["labels"]:
        wanted = [
            pl.col(name) == rule[name]
            for name in ("improved", "worsened", "resolved")
            if name in rule
        ]
        label = pl.when(*wanted).then(pl.lit(rule["label"])).otherwise(label)
    mixed = pl.col("improved") & pl.col("worsened")
    changes = pl.format("{}: {}", label, pl.col("changes"))
    none = rules["not_assessed"]["label"]
    unstaged = pl.col("unstaged") != ""
    new = pl.col("unstaged_before") != ""
    undated = pl.col("treatment_undated").fill_null(value=False)
    assessed = parameters.assessed_words(parameters.window)
    cases: list[tuple[pl.Expr, pl.Expr, pl.Expr, bool]] = [
        (~pl.col("has_baseline"), pl.lit(None), _no_baseline(parameters), False),
        (~pl.col("involved"), pl.lit(None), pl.lit("no organ involved at baseline"), False),
        (pl.col("stopped").is_not_null(), pl.lit(none), pl.col("stopped"), False),
        (undated, pl.lit(None), pl.lit(_UNDATED), False),
        (~pl.col("has_now"), pl.lit(none), pl.lit(f"not {assessed}"), True),
        (mixed, label, changes, False),
        (unstaged, pl.lit(none), pl.format("{} not {}", "unstaged", pl.lit(assessed)), True),
        (new, pl.lit(None), pl.format("{} not staged at baseline", "unstaged_before"), False),
    ]
    outcome, reason, missing = label, changes, pl.lit(value=False)
    for condition, found, words, is_missing in reversed(cases):
        outcome = pl.when(condition).then(found).otherwise(outcome)
        reason = pl.when(condition).then(words).otherwise(reason)
        missing = pl.when(condition).then(pl.lit(is_missing)).otherwise(missing)
    return frame.select(
        "subject",
        pl.col("now_day").alias("day"),
        outcome.alias("label"),
        reason.alias("reason"),
        missing.alias("missing"),
    )


def _no_baseline(parameters: ResponseParameters) -> pl.Expr:
    assessed = parameters.assessed_words(f"at baseline, {parameters.baseline_window}")
    return pl.lit(f"no organ {assessed}")


def _pairs(patients: Patients, parameters: ResponseParameters) -> pl.DataFrame:
    """Each organ at baseline and now; what counts now was assessed after the whole baseline."""
    stages = parameters.read_stages(patients)
    baseline = derive_nearest_stages(
        stages, parameters.baseline_day, parameters.baseline_before, parameters.baseline_after
    )
    later = stages.join(baseline.select("subject", "latest"), on="subject").filter(
        pl.col("day") > pl.col("latest")
    )
    now = derive_nearest_stages(
        later.select(stages.columns), parameters.day, parameters.before, parameters.after
    )
    everyone = patients.subjects.select("subject")
    for frame, prefix in ((baseline, "base"), (now, "now")):
        named = frame.drop("latest").rename({name: f"{prefix}_{name}" for name in ("day", *ORGANS)})
        everyone = everyone.join(named, on="subject", how="left", maintain_order="left")
    return everyone.with_columns(_one_gut())


def _one_gut() -> list[pl.Expr]:
    """Upper and lower gut as one where only one of the two assessments staged them apart."""
    lower = pl.col("base_lower_gi").is_not_null() & pl.col("now_lower_gi").is_not_null()
    gut = pl.any_horizontal(pl.col("base_gut", "now_gut").is_not_null())
    together = gut & ~lower
    both_gut = pl.all_horizontal(pl.col("base_gut", "now_gut").is_not_null())
    columns = []
    for prefix in ("base", "now"):
        upper_stage, lower_stage = pl.col(f"{prefix}_upper_gi"), pl.col(f"{prefix}_lower_gi")
        settled = upper_stage.is_not_null() | (lower_stage >= ORGANS["upper_gi"])
        worse = pl.when(settled & lower_stage.is_not_null()).then(
            pl.max_horizontal(upper_stage, lower_stage)
        )
        one = pl.coalesce(f"{prefix}_gut", worse)
        columns += [
            pl.when(together)
            .then(one)
            .when(both_gut)
            .then(pl.col(f"{prefix}_gut"))
            .alias(f"{prefix}_gut"),
            pl.when(~together).then(upper_stage).alias(f"{prefix}_upper_gi"),
            pl.when(~together).then(lower_stage).alias(f"{prefix}_lower_gi"),
        ]
    return columns


def _comparison(involved_from: int) -> list[pl.Expr]:
    """What changed between the two assessments, organ by organ, and what cannot be compared."""
    base = {item: pl.col(f"base_{item}") for item in ORGANS}
    now = {item: pl.col(f"now_{item}") for item in ORGANS}

    def some(conditions: list[pl.Expr]) -> pl.Expr:
        return pl.any_horizontal([each.fill_null(value=False) for each in conditions])

    def named(conditions: dict[str, pl.Expr]) -> pl.Expr:
        words = [
            pl.when(when).then(pl.lit(ORGAN_LABELS[item])) for item, when in conditions.items()
        ]
        return pl.concat_str(words, separator=", ", ignore_nulls=True)

    changes = [
        pl.when(base[item] != now[item]).then(
            pl.format(f"{ORGAN_LABELS[item]} {{}} to {{}}", base[item], now[item])
        )
        for item in ORGANS
    ]
    listed = pl.concat_str(changes, separator=", ", ignore_nulls=True)
    return [
        some([each.is_not_null() for each in base.values()]).alias("has_baseline"),
        some([each.is_not_null() for each in now.values()]).alias("has_now"),
        some([each >= involved_from for each in base.values()]).alias("involved"),
        some([now[item] < base[item] for item in ORGANS]).alias("improved"),
        some([now[item] > base[item] for item in ORGANS]).alias("worsened"),
        (~some([each > 0 for each in now.values()])).alias("resolved"),
        named({i: base[i].is_not_null() & now[i].is_null() for i in ORGANS}).alias("unstaged"),
        named({i: base[i].is_null() & (now[i] > 0) for i in ORGANS}).alias("unstaged_before"),
        pl.when(listed == "").then(pl.lit("no organ changed")).otherwise(listed).alias("changes"),
    ]


def _events(patients: Patients, parameters: ResponseParameters) -> pl.DataFrame:
    """Day of death and of the first additional systemic treatment; whether a day is unknown."""
    event, day = pl.col("event"), pl.col("day")
    death, treatment = event == "death", event == "systemic_gvhd_treatment"
    later = treatment & (day > parameters.baseline_day)
    return (
        patients.events.filter(death | treatment)
        .group_by("subject")
        .agg(
            pl.when(death).then(day).min().alias("death_day"),
            (death & day.is_null()).any().alias("death_undated"),
            pl.when(later).then(day).min().alias("treatment_day"),
            (treatment & day.is_null()).any().alias("treatment_undated"),
        )
    )


def _interruption(parameters: ResponseParameters) -> list[pl.Expr]:
    """Why there was nothing left to assess, in words; null where nothing came before."""
    end = pl.lit(parameters.day + parameters.after)
    assessed = pl.col("has_now")

    def before(name: str) -> pl.Expr:
        day = pl.col(name)
        return pl.when(assessed).then(day < pl.col("now_day")).otherwise(day <= end)

    undated = pl.col("death_undated").fill_null(value=False) & ~assessed
    stopped = (
        pl.when(before("treatment_day"))
        .then(
            pl.format(
                "additional systemic treatment on day {} before the assessment",
                _whole("treatment_day"),
            )
        )
        .when(before("death_day"))
        .then(pl.format("died on day {} before the assessment", _whole("death_day")))
        .when(undated)
        .then(pl.lit("died on a day not recorded, not assessed"))
    )
    return [stopped.alias("stopped")]


def _whole(name: str) -> pl.Expr:
    """A day as a person writes it: 12, or 12.5."""
    return pl.col(name).cast(pl.String).str.strip_suffix(".0")


def _criteria(_: ResponseParameters) -> Criteria:
    return read_criteria("acute_gvhd_response")


def _needs(parameters: ResponseParameters) -> tuple[Need, ...]:
    if parameters.assessed_by == "investigator":
        return (Need("assessments", ("investigator.acute_gvhd_response",)),)
    return parameters.stage_needs


ACUTE_GVHD_RESPONSE = Endpoint(
    name="acute_gvhd_response",
    title="Response of acute GVHD",
    kind="response",
    parameters=ResponseParameters,
    derive=derive_acute_gvhd_response,
    needs=_needs,
    criteria=_criteria,
    labels=_LABELS,
)
