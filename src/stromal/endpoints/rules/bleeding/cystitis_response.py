"""`cystitis_response`: response of haemorrhagic cystitis at a visit."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need
from stromal.endpoints.records.sign_rules import list_needs
from stromal.endpoints.records.words import name_window, number_text
from stromal.endpoints.rules.bleeding.changes import (
    ChangeParameters,
    compare_grades,
    derive_grades,
    describe_change,
)
from stromal.endpoints.rules.bleeding.haemorrhagic_cystitis import CRITERIA as GRADING
from stromal.endpoints.rules.bleeding.haemorrhagic_cystitis import GRADES
from stromal.endpoints.verdict import Case, decide, report_change
from stromal.tables.patients import Patients

CRITERIA = "haemorrhagic_cystitis_response"
LABELS = (
    Label("CR", "a complete response", rank=0, tone="best"),
    Label("PR", "a partial response", rank=1, tone="good"),
    Label("NR", "no response", rank=2, tone="poor"),
)
_VALUES = {"NR": 0.0, "PR": 1.0, "CR": 2.0}


def derive_cystitis_response(
    patients: Patients, parameters: ChangeParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the response of haemorrhagic cystitis at a visit against the baseline.

    A complete response needs assessments without haematuria that span 48 hours; one alone leaves
    it open.

    Parameters
    ----------
    patients
        The five tables; `subjects`, `assessments` and deaths are read.
    parameters
        Baseline, window [d], and what a sign that nobody recorded means.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `label` CR, PR or NR, `value` 2, 1 or 0, `day` [d] of the assessment,
        `lowest` and `highest` what stays possible, `reason`. Null without cystitis at baseline.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": "1", "day": [0.0, 26.0, 28.0], "scale": "haematuria",
    ...                      "item": "grade", "value": ["3", "0", "0"]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> derive_cystitis_response(patients, ChangeParameters())["reason"].item()
    'grade III on day 0, 0 on day 28, no haematuria from day 26 to day 28'
    """
    p = parameters
    days = derive_grades(patients, p.unrecorded_signs, GRADING)
    rows = compare_grades(patients, GRADING, p)
    rows = rows.join(
        _clear_spans(days),
        left_on=["subject", "now_day"],
        right_on=["subject", "day"],
        how="left",
        maintain_order="left",
    )
    decided = decide(rows, _cases(p), _VALUES, reasons=reasons)
    return report_change(decided, CRITERIA)


def _clear_spans(days: pl.DataFrame) -> pl.DataFrame:
    """Per day without haematuria the first and the last day of its run."""
    clear = (pl.col("most") == 0).alias("_clear")
    ordered = days.sort("subject", "day").with_columns(clear)
    runs = ordered.with_columns(pl.struct("subject", "_clear").rle_id().alias("_run"))
    return runs.filter("_clear").select(
        "subject",
        "day",
        pl.col("day").min().over("subject", "_run").alias("clear_from"),
        pl.col("day").max().over("subject", "_run").alias("clear_to"),
    )


def _cases(p: ChangeParameters) -> list[Case]:
    clear_days = read_criteria(CRITERIA).rules["clear_days"]
    before, now = pl.col("before_least"), pl.col("now_most")
    at_baseline, both = describe_change(GRADES)
    spanned = pl.format(
        "{}, no haematuria from day {} to day {}",
        both,
        number_text("clear_from"),
        number_text("clear_to"),
    )
    held = pl.col("clear_to") - pl.col("clear_from") >= clear_days
    one = pl.format(f"{{}}: {clear_days} days without haematuria are not shown", both)
    missing = f"no record of haematuria {name_window(p.window)}"
    died = pl.col("death_day").is_not_null()
    any_response = ("NR", "CR")
    return [
        Case(before.is_null(), None, f"no record of haematuria {name_window(p.baseline)}"),
        Case(
            pl.col("before_most") == 0,
            None,
            pl.format("{}: no cystitis to respond", at_baseline),
        ),
        Case(before == 0, None, at_baseline),
        Case(
            now.is_null() & died,
            "NR",
            pl.format("{}, death on day {}", at_baseline, number_text("death_day")),
        ),
        Case(
            now.is_null(), None, pl.format(f"{{}}, {missing}", at_baseline), possible=any_response
        ),
        Case((now == 0) & held, "CR", spanned),
        Case(now == 0, None, one, possible=("PR", "CR")),
        Case(pl.col("now_least") >= pl.col("before_most"), "NR", both),
        Case((pl.col("now_least") > 0) & (now < before), "PR", both),
        Case(pl.col("now_least") > 0, None, both, possible=("NR", "PR")),
        Case(now < before, None, both, possible=("PR", "CR")),
        Case(pl.lit(value=True), None, both, possible=any_response),
    ]


def _needs(parameters: ChangeParameters) -> tuple[Need, ...]:
    del parameters
    return list_needs(GRADING)


CYSTITIS_RESPONSE = Endpoint(
    name="cystitis_response",
    title="Response of haemorrhagic cystitis",
    kind="response",
    parameters=ChangeParameters,
    derive=derive_cystitis_response,
    needs=_needs,
    criteria=CRITERIA,
    labels=LABELS,
)
