"""`assessment_value`: a number of any scale, as it was recorded."""

from __future__ import annotations

from typing import Literal

import polars as pl
from pydantic import model_validator

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint
from stromal.endpoints.records.words import number_text
from stromal.endpoints.rules.assessments.picked import (
    CRITERIA,
    ItemParameters,
    check_window,
    list_needs,
    pick_row,
    read_item,
)
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients


class AssessmentValueParameters(ItemParameters):
    """Which item of which scale, which of its numbers, and on which days.

    Parameters
    ----------
    statistic
        `at_day` takes the record nearest to the day of the window, the earlier of two equally near
        ones; the others look at all days from `from_day` to `to_day`.
    """

    statistic: Literal["at_day", "minimum", "maximum", "first", "last"] = "at_day"

    @model_validator(mode="after")
    def _days_fit(self) -> AssessmentValueParameters:
        check_window(self.statistic, self.window)
        return self


def derive_assessment_value(
    patients: Patients, parameters: AssessmentValueParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive one recorded number of every patient.

    A minimum or maximum is open where the item was listed without a value on some day.

    Parameters
    ----------
    patients
        The five tables; `subjects` and `assessments` are read.
    parameters
        Scale, item, statistic and days [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value`, `day` [d] and `reason`; null where not recorded.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": ["1"], "day": [28.0], "scale": "tumour",
    ...                      "item": "deauville", "value": ["4"]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> highest = AssessmentValueParameters(scale="tumour", item="deauville", statistic="maximum")
    >>> derive_assessment_value(patients, highest)["reason"].item()
    'Deauville score 4 on day 28, the maximum on any day'
    """
    p = parameters
    recorded = read_item(patients, p)
    extreme = p.statistic in {"minimum", "maximum"}
    if extreme:
        least = p.statistic == "minimum"
        number = pl.col("value").cast(pl.Float64, strict=False)
        ordered = recorded.drop_nulls("value").sort(number, "day", descending=[not least, False])
        found = ordered.unique("subject", keep="first", maintain_order=True)
    else:
        found = pick_row(recorded, p.statistic, p.window)
    told = pl.col("value").cast(pl.Float64, strict=False).fill_nan(None)
    empty = recorded.group_by("subject").agg(pl.col("value").is_null().any().alias("empty"))
    rows = patients.subjects.select("subject")
    for frame in (found.with_columns(told.alias("number")), empty):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    decided = decide(rows, _cases(p, extreme=extreme), reasons=reasons)
    value = pl.when(pl.col("label") == "number").then("number").alias("value")
    return decided.select(
        "subject",
        value,
        pl.lit("1").alias("unit"),
        "day",
        value.alias("lowest"),
        value.alias("highest"),
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _cases(p: AssessmentValueParameters, *, extreme: bool) -> list[Case]:
    kind = "" if p.statistic == "at_day" else f", the {p.statistic} {p.days}"
    said = pl.format(f"{p.what} {{}} on day {{}}", number_text("number"), number_text("day"))
    text = pl.format(f"{p.what} `{{}}` on day {{}} is no number", "value", number_text("day"))
    beyond = pl.format("{}, but a day without a value may lie beyond it", said)
    return [
        Case(pl.col("value").is_null(), None, f"no {p.what} recorded {p.days}"),
        Case(pl.col("number").is_null(), None, text),
        Case(pl.lit(extreme) & pl.col("empty"), None, beyond),
        Case(pl.lit(value=True), "number", pl.format(f"{{}}{kind}", said)),
    ]


ASSESSMENT_VALUE = Endpoint(
    name="assessment_value",
    title="Number of a scale, as recorded",
    kind="value",
    parameters=AssessmentValueParameters,
    derive=derive_assessment_value,
    needs=list_needs,
    criteria=CRITERIA,
)
