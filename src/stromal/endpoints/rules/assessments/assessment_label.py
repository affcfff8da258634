"""`assessment_label`: a category of any scale, as it was recorded."""

from __future__ import annotations

from typing import Literal

import polars as pl
from pydantic import model_validator

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label
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
from stromal.tables.vocabulary.scales import SCALES


class AssessmentLabelParameters(ItemParameters):
    """Which item of which scale, which of its categories, and on which days.

    Parameters
    ----------
    labels
        The categories from the best to the worst, as they are recorded; empty: those of an item
        that every study knows, in the order of the vocabulary.
    statistic
        `at_day` takes the record nearest to the day of the window, the earlier of two equally near
        ones; the others look at all days from `from_day` to `to_day`.
    """

    labels: tuple[str, ...] = ()
    statistic: Literal["at_day", "best", "worst", "first", "last"] = "at_day"

    @model_validator(mode="after")
    def _days_fit(self) -> AssessmentLabelParameters:
        check_window(self.statistic, self.window)
        if not self.categories:
            raise ValueError(
                f"the categories of {self.scale} {self.item} are not known here; give them as "
                "`labels`, from the best to the worst"
            )
        if len(set(self.categories)) < len(self.categories):
            raise ValueError("`labels` names a category twice; name each once")
        return self

    @property
    def categories(self) -> tuple[str, ...]:
        """Return the categories from the best to the worst."""
        if self.labels:
            return self.labels
        known = SCALES.get(self.scale)
        item = None if known is None else known.items.get(self.item)
        return () if item is None else item.labels


def name_labels(parameters: AssessmentLabelParameters) -> tuple[Label, ...]:
    """Name the labels: the categories as they are recorded."""
    return tuple(
        Label(name, f"{parameters.what} {name}", rank=rank)
        for rank, name in enumerate(parameters.categories)
    )


def derive_assessment_label(
    patients: Patients, parameters: AssessmentLabelParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive one recorded category of every patient.

    A best or worst category is open where the item was listed without a value on some day, unless
    no category lies beyond it.

    Parameters
    ----------
    patients
        The five tables; `subjects` and `assessments` are read.
    parameters
        Scale, item, categories, statistic and days [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `label` the category, `value` its place from the worst (0) up, `day`
        [d], `lowest` and `highest` what stays possible, `reason`.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": "1", "day": [28.0, 90.0], "scale": "tumour",
    ...                      "item": "response", "value": ["PR", "CR"]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> last = AssessmentLabelParameters(scale="tumour", item="response", statistic="last")
    >>> derive_assessment_label(patients, last)["reason"].item()
    'response at a visit, as assessed CR on day 90, the last on any day'
    """
    p = parameters
    top = len(p.categories) - 1
    values = {name: float(top - place) for place, name in enumerate(p.categories)}
    recorded = read_item(patients, p)
    rank = pl.col("value").replace_strict(values, default=None, return_dtype=pl.Float64)
    ranked = recorded.with_columns(rank.alias("place"))
    if p.statistic in {"best", "worst"}:
        ordered = ranked.drop_nulls("value").sort(
            "place", "day", descending=[p.statistic == "best", False], nulls_last=True
        )
        found = ordered.unique("subject", keep="first", maintain_order=True)
    else:
        found = pick_row(ranked, p.statistic, p.window)
    unread = pl.col("place").is_null()
    gaps = ranked.group_by("subject").agg(unread.any().alias("empty"))
    rows = patients.subjects.select("subject")
    for frame in (found.rename({"value": "recorded"}), gaps):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    decided = decide(rows, _cases(p, top), values, reasons=reasons)
    place = pl.col("place")
    judged = pl.col("label").is_not_null()
    ends = {"best": (place, pl.lit(float(top))), "worst": (pl.lit(0.0), place)}
    low, high = ends.get(p.statistic, (pl.lit(None), pl.lit(None)))
    known = ~judged & place.is_not_null()
    return decided.select(
        "subject",
        "value",
        "label",
        pl.when(judged).then("day").alias("day"),
        pl.when(known).then(low).otherwise("lowest").cast(pl.Float64).alias("lowest"),
        pl.when(known).then(high).otherwise("highest").cast(pl.Float64).alias("highest"),
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _cases(p: AssessmentLabelParameters, top: int) -> list[Case]:
    value, place = pl.col("recorded"), pl.col("place")
    kind = "" if p.statistic == "at_day" else f", the {p.statistic} {p.days}"
    said = pl.format(f"{p.what} {{}} on day {{}}", value, number_text("day"))
    unknown = pl.format(
        f"{p.what} `{{}}` on day {{}} is none of the labels", value, number_text("day")
    )
    beyond = pl.format("{}, but a day without a category may hold another", said)
    last = {"best": top, "worst": 0}.get(p.statistic)
    open_ = pl.lit(value=False) if last is None else pl.col("empty") & (place != last)
    return [
        Case(value.is_null(), None, f"no {p.what} recorded {p.days}"),
        Case(place.is_null(), None, unknown),
        Case(open_, None, beyond),
        Case(pl.lit(value=True), value, pl.format(f"{{}}{kind}", said)),
    ]


ASSESSMENT_LABEL = Endpoint(
    name="assessment_label",
    title="Category of a scale, as recorded",
    kind="response",
    parameters=AssessmentLabelParameters,
    derive=derive_assessment_label,
    needs=list_needs,
    criteria=CRITERIA,
    labels_with=name_labels,
)
