"""Response of acute GVHD on a day against the stages before treatment.

The labels are data (`criteria/acute_gvhd_response.json`). [martin2009]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import polars as pl
from pydantic import model_validator

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need
from stromal.endpoints.records.stages import (
    ORGANS,
    StageParameters,
    derive_nearest_stages,
    has_ties,
)
from stromal.endpoints.records.words import name_window, number_text
from stromal.endpoints.rules.gvhd.ends import UNDATED, find_ends, mark_before
from stromal.endpoints.rules.gvhd.stage_change import (
    compare_stages,
    find_unstaged,
    find_unstaged_before,
    name_organs,
    unite_gut,
    write_changes,
)
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.windows import Window

CRITERIA = "acute_gvhd_response"
LABELS = (
    Label("CR", "a complete response", rank=0, tone="best"),
    Label("PR", "a partial response", rank=1, tone="good"),
    Label("MR", "a mixed response", rank=2, tone="mixed"),
    Label("SD", "stable disease", rank=3, tone="neutral"),
    Label("PD", "progressive disease", rank=5, tone="worst"),
    Label("NR", "no response", rank=4, tone="poor"),
)


_EITHER = ("NR", "CR")
"""The worst and the best answer of a patient who was not assessed."""


class ResponseParameters(StageParameters):
    """Which days are compared, who judged, and what a missing assessment counts as.

    Stages on the day nearest to that of the window are compared with those nearest to the baseline;
    or the response is the investigator's, whatever its day.

    Parameters
    ----------
    window
        Day [d] of the assessment, and the days around it that still count; a visit gives it.
    baseline
        Day [d] of the baseline, and the days around it that still count; a visit gives it.
    assessed_by
        Compare organ stages, or take the investigator's response.
    missing
        Count a missing assessment as no response, as trials do, or as no outcome. A missing
        baseline is always no outcome.
    """

    window: Window = Window(day=28.0, before=3.0, after=3.0)
    baseline: Window = Window(day=0.0)
    assessed_by: Literal["stages", "investigator"] = "stages"
    missing: Literal["no response", "null"] = "no response"

    @model_validator(mode="after")
    def _check_days(self) -> ResponseParameters:
        if self.assessed_by == "stages" and self.window.day <= self.baseline.day:
            raise ValueError("the day of `window` is not after that of `baseline`")
        return self


def derive_acute_gvhd_response(
    patients: Patients, parameters: ResponseParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the response of acute GVHD, one row per patient.

    Death or additional systemic treatment of GVHD before the assessment is no response. A new
    organ counts as worsening. The baseline is never compared with itself. [martin2009]

    Parameters
    ----------
    patients
        `assessments` with organ stages or the investigator's response; `events` with `death` and
        `systemic_gvhd_treatment`.
    parameters
        Days, who judged, and what a missing assessment counts as.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        `subject`, `value` (1 for complete or partial response, else 0), `label` (CR, PR, MR, SD,
        PD, NR), `day` [d] of the assessment, `lowest` and `highest` what missing assessments and
        days equally near leave possible, `reason`, `criteria`, in the order of `subjects`.

    Examples
    --------
    >>> rows = pl.DataFrame({"day": [0.0, 28.0], "value": ["3", "1"]})
    >>> rows = rows.with_columns(
    ...     subject=pl.lit("1"), scale=pl.lit("acute_gvhd_stage"), item=pl.lit("skin")
    ... )
    >>> subjects = pl.DataFrame({"subject": ["1"], "arm": ["msc"]})
    >>> patients = Patients.of(subjects=subjects, assessments=rows)
    >>> derive_acute_gvhd_response(patients, ResponseParameters()).select(
    ...     "label", "day", "reason"
    ... ).row(0)
    ('PR', 28.0, 'PR: skin 3 to 1')
    """
    criteria = read_criteria(CRITERIA)
    rules = criteria.rules
    if parameters.assessed_by == "investigator":
        applied = "as reported by the investigator"
        frame = _reported(patients, parameters, rules["part_of"])
        cases = _reported_cases(parameters, rules)
    else:
        applied = criteria.title
        frame = _compared(patients, parameters, rules)
        cases = _compared_cases(parameters, rules)
    values = {rule["label"]: float(rule["responder"]) for rule in rules["labels"]}
    values |= {rules["not_assessed"]["label"]: float(rules["not_assessed"]["responder"])}
    decided = decide(frame, cases, values, reasons=reasons)
    others = [
        decide(other, cases, values, reasons=False) for other in _choose_ties(patients, parameters)
    ]
    return decided.with_columns(_widen(others)).select(
        "subject",
        "value",
        "label",
        pl.when(pl.col("label").is_not_null()).then(pl.col("day")).alias("day"),
        "lowest",
        "highest",
        "reason",
        pl.lit(applied).alias("criteria"),
    )


def _choose_ties(patients: Patients, p: ResponseParameters) -> Iterator[pl.DataFrame]:
    """The comparisons with either of two days that are equally near, where there are such days."""
    rules = read_criteria(CRITERIA).rules
    if p.assessed_by == "investigator":
        yield _reported(patients, p, rules["part_of"], best=True)
        return
    stages = p.read_stages(patients)
    if has_ties(stages, p.window) or has_ties(stages, p.baseline):
        yield _compared(patients, p, rules, "earlier")
        yield _compared(patients, p, rules, "later")


def _widen(others: Sequence[pl.DataFrame]) -> list[pl.Expr]:
    """Widen the least and the most by those of other comparisons of the same patients."""
    ends = {"lowest": pl.min_horizontal, "highest": pl.max_horizontal}
    return [
        pl.when(pl.col(name).is_not_null())
        .then(extreme(name, *(pl.lit(other[name]) for other in others)))
        .alias(name)
        for name, extreme in ends.items()
    ]


def _not_assessed(
    parameters: ResponseParameters, rules: Mapping[str, Any], when: pl.Expr, reason: pl.Expr | str
) -> Case:
    """A missing assessment: no response as trials count it, or no outcome; either is possible."""
    label = rules["not_assessed"]["label"] if parameters.missing == "no response" else None
    return Case(when, label, reason, missing=True, possible=_EITHER)


def _reported(
    patients: Patients,
    parameters: ResponseParameters,
    part_of: Mapping[str, str],
    *,
    best: bool = False,
) -> pl.DataFrame:
    """The investigator's response nearest to the day; of two equally near the worse, or `best`."""
    known = sorted(LABELS, key=lambda label: label.rank)
    order = [*part_of, *(label.name for label in known)]
    rows = (
        patients.assessments.filter(
            pl.col("scale") == "investigator", pl.col("item") == "acute_gvhd_response"
        )
        .drop_nulls("value")
        .with_columns(
            distance=(pl.col("day") - parameters.window.day).abs().round(9),
            rank=pl.col("value").replace_strict(
                {name: place for place, name in enumerate(order)}, default=None
            ),
        )
        .sort("distance", "rank", descending=[False, not best], nulls_last=True)
        .unique("subject", keep="first", maintain_order=True)
        .select("subject", "day", pl.col("value").alias("reported"))
    )
    return patients.subjects.select("subject").join(
        rows, on="subject", how="left", maintain_order="left"
    )


def _reported_cases(parameters: ResponseParameters, rules: Mapping[str, Any]) -> list[Case]:
    value = pl.col("reported")
    part = value.replace_strict(rules["part_of"], default=None, return_dtype=pl.String)
    as_reported = pl.format("{} as reported by the investigator", value)
    part_of = pl.format("{} as reported by the investigator, a part of {}", value, part)
    none = "no response reported by the investigator"
    return [
        _not_assessed(parameters, rules, value.is_null(), none),
        Case(part.is_not_null(), part, part_of),
        Case(pl.lit(value=True), value, as_reported),
    ]


def _compared(
    patients: Patients,
    parameters: ResponseParameters,
    rules: Mapping[str, Any],
    ties: Literal["worse", "earlier", "later"] = "worse",
) -> pl.DataFrame:
    """Organ stages at baseline and now, what changed between them, and what came before."""
    return (
        _pairs(patients, parameters, ties)
        .join(
            find_ends(patients, parameters.baseline.day),
            on="subject",
            how="left",
            maintain_order="left",
        )
        .with_columns(compare_stages(rules["involved_from_stage"]))
        .with_columns(mark_before(parameters.window))
        .with_columns(pl.col("now_day").alias("day"))
    )


def _compared_cases(parameters: ResponseParameters, rules: Mapping[str, Any]) -> list[Case]:
    """Every patient is one of these, in this order."""
    none = rules["not_assessed"]["label"]
    label = _changed(rules)
    changes = pl.format("{}: {}", label, write_changes())
    assessed = parameters.assessed_words(name_window(parameters.window))
    baseline = parameters.assessed_words(f"at baseline, {name_window(parameters.baseline)}")
    treated = pl.format(
        "additional systemic treatment on day {} before the assessment",
        number_text("treatment_day"),
    )
    died = pl.format("died on day {} before the assessment", number_text("death_day"))
    undated_death = pl.col("death_undated").fill_null(value=False) & ~pl.col("has_now")
    unstaged, new = name_organs(find_unstaged()), name_organs(find_unstaged_before())
    return [
        Case(~pl.col("has_baseline"), None, f"no organ {baseline}", possible=_EITHER),
        Case(~pl.col("involved"), None, "no organ involved at baseline"),
        Case(pl.col("treated_before"), none, treated),
        Case(pl.col("died_before"), none, died),
        _not_assessed(parameters, rules, undated_death, "died on a day not recorded, not assessed"),
        Case(pl.col("treatment_undated"), None, UNDATED, possible=_EITHER),
        _not_assessed(parameters, rules, ~pl.col("has_now"), f"not {assessed}"),
        Case(pl.col("improved") & pl.col("worsened"), label, changes),
        _not_assessed(
            parameters, rules, unstaged != "", pl.format("{} not {}", unstaged, pl.lit(assessed))
        ),
        Case(new != "", None, pl.format("{} not staged at baseline", new), possible=_EITHER),
        Case(pl.lit(value=True), label, changes),
    ]


def _changed(rules: Mapping[str, Any]) -> pl.Expr:
    """The label of what changed, by the table of the criteria."""
    label = pl.lit(None, pl.String)
    for rule in rules["labels"]:
        wanted = [
            pl.col(name) == rule[name]
            for name in ("improved", "worsened", "resolved")
            if name in rule
        ]
        label = pl.when(*wanted).then(pl.lit(rule["label"])).otherwise(label)
    return label


def _pairs(
    patients: Patients,
    parameters: ResponseParameters,
    ties: Literal["worse", "earlier", "later"],
) -> pl.DataFrame:
    """Each organ at baseline and now; what counts now was assessed after the whole baseline."""
    stages, unsettled = parameters.read_stages(patients), parameters.read_unsettled(patients)
    baseline = derive_nearest_stages(stages, parameters.baseline, unsettled, ties=ties)
    latest = baseline.select("subject", "latest")
    later, open_ = (
        rows.join(latest, on="subject").filter(pl.col("day") > pl.col("latest")).drop("latest")
        for rows in (stages, unsettled)
    )
    now = derive_nearest_stages(later, parameters.window, open_, ties=ties)
    everyone = patients.subjects.select("subject")
    for frame, prefix in ((baseline, "base"), (now, "now")):
        named = frame.drop("latest").rename({name: f"{prefix}_{name}" for name in ("day", *ORGANS)})
        everyone = everyone.join(named, on="subject", how="left", maintain_order="left")
    return everyone.with_columns(unite_gut())


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
    criteria=CRITERIA,
    labels=LABELS,
)
