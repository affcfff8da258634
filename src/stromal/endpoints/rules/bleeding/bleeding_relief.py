"""`bleeding_relief`: whether bleeding at baseline had stopped at a visit."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.endpoint import Endpoint, Label, Need
from stromal.endpoints.records.graded_signs import GRADES
from stromal.endpoints.records.sign_rules import list_needs, read_sign_rule
from stromal.endpoints.records.words import name_window, number_text
from stromal.endpoints.rules.bleeding.changes import (
    ChangeParameters,
    compare_grades,
    describe_change,
)
from stromal.endpoints.verdict import Case, decide, report_change
from stromal.tables.patients import Patients

CRITERIA = "who_bleeding"
LABELS = (
    Label("yes", "complete relief of bleeding", rank=0, tone="best"),
    Label("no", "no complete relief of bleeding", rank=1, tone="poor"),
)
_VALUES = {"no": 0.0, "yes": 1.0}


def derive_bleeding_relief(
    patients: Patients, parameters: ChangeParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive whether patients who bled at baseline had WHO grade 0 at the visit.

    Patients without bleeding at baseline are not judged, so that the denominator is those who bled.

    Parameters
    ----------
    patients
        The five tables; `subjects`, `assessments` and `events` are read.
    parameters
        Baseline, window [d], and what a sign that nobody recorded means.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `label` yes or no, `value` 1 or 0, `day` [d] of the assessment,
        `lowest` and `highest` what stays possible, `reason`.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": "1", "day": [0.0, 28.0], "scale": "bleeding",
    ...                      "item": "who", "value": ["2", "0"]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> derive_bleeding_relief(patients, ChangeParameters())["reason"].item()
    'WHO grade 2 on day 0, 0 on day 28'
    """
    p = parameters
    shown = list(read_sign_rule(CRITERIA).events)
    undated = patients.events.filter(pl.col("event").is_in(shown), pl.col("day").is_null())
    rows = compare_grades(patients, CRITERIA, p).join(
        undated.select("subject", pl.lit(value=True).alias("undated")).unique(),
        on="subject",
        how="left",
        maintain_order="left",
    )
    decided = decide(rows, _cases(p), _VALUES, reasons=reasons)
    return report_change(decided, CRITERIA)


def _cases(p: ChangeParameters) -> list[Case]:
    before, now = pl.col("before_most"), pl.col("now_most")
    either = ("no", "yes")
    at_baseline, both = describe_change(GRADES, "WHO grade")
    missing = f"no record of bleeding {name_window(p.window)}"
    return [
        Case(before.is_null(), None, f"no record of bleeding {name_window(p.baseline)}"),
        Case(before == 0, None, pl.format("{}: no bleeding to be relieved", at_baseline)),
        Case(pl.col("before_least") == 0, None, at_baseline),
        Case(
            now.is_null() & pl.col("death_day").is_not_null(),
            "no",
            pl.format("{}, death on day {}", at_baseline, number_text("death_day")),
        ),
        Case(now.is_null(), None, pl.format(f"{{}}, {missing}", at_baseline), possible=either),
        Case(
            (now == 0) & pl.col("undated"),
            None,
            pl.format("{}, and bleeding recorded without a day", both),
            possible=either,
        ),
        Case(now == 0, "yes", both),
        Case(pl.col("now_least") >= 1, "no", both),
        Case(pl.lit(value=True), None, both, possible=either),
    ]


def _needs(parameters: ChangeParameters) -> tuple[Need, ...]:
    del parameters
    return list_needs(CRITERIA)


BLEEDING_RELIEF = Endpoint(
    name="bleeding_relief",
    title="Complete relief of bleeding (WHO)",
    kind="flag",
    parameters=ChangeParameters,
    derive=derive_bleeding_relief,
    needs=_needs,
    criteria=CRITERIA,
    labels=LABELS,
)
