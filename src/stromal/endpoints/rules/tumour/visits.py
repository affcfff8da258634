"""Responses of the malignancy by visit, up to its progression."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Label, Need
from stromal.endpoints.records.occurrences import name_event
from stromal.tables.patients import Patients

CRITERIA = "tumour_response"
LABELS = (
    Label("CR", "a complete response", rank=0, tone="best"),
    Label("PR", "a partial response", rank=1, tone="good"),
    Label("SD", "stable disease", rank=2, tone="mixed"),
    Label("PD", "progressive disease", rank=3, tone="poor"),
    Label("NE", "a response that could not be evaluated", rank=4, tone="neutral"),
)
NEEDS = (Need("assessments", ("tumour.response",)),)


def read_ranks() -> dict[str, int]:
    """Read the rank of each category, from progression (0) to a complete response (3).

    Examples
    --------
    >>> read_ranks()["CR"]
    3
    """
    return {name: int(rank) for name, rank in read_criteria(CRITERIA).rules["ranks"].items()}


def read_visits(patients: Patients, from_day: float) -> pl.DataFrame:
    """Read the response of every visit with a day, from a day on.

    Returns
    -------
    polars.DataFrame
        `subject`, `day` [d], `response` (null where the item was listed without one) and `rank`
        (null for that and for NE), sorted by subject and day.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": "1", "day": [28.0, 90.0], "scale": "tumour",
    ...                      "item": "response", "value": ["PR", "NE"]})
    >>> read_visits(Patients.of(assessments=rows), 0)["rank"].to_list()
    [2, None]
    """
    rank = pl.col("value").replace_strict(read_ranks(), default=None, return_dtype=pl.Int64)
    return (
        patients.assessments.filter(
            pl.col("scale") == "tumour", pl.col("item") == "response", pl.col("day") >= from_day
        )
        .select("subject", "day", pl.col("value").alias("response"), rank.alias("rank"))
        .sort("subject", "day")
    )


def find_first(patients: Patients, names: list[str], from_day: float) -> pl.DataFrame:
    """Find the first of some events of each patient from a day on: `subject`, `day`, `what`."""
    happened = patients.events.filter(pl.col("event").is_in(names), pl.col("day") >= from_day)
    return (
        happened.sort("day", "event")
        .unique("subject", keep="first", maintain_order=True)
        .select("subject", "day", name_event().alias("what"))
    )


def find_undated(patients: Patients, names: list[str]) -> pl.DataFrame:
    """Find patients with one of some events without a day: `subject`, `undated`, its name."""
    happened = patients.events.filter(pl.col("event").is_in(names), pl.col("day").is_null())
    return (
        happened.sort("event")
        .unique("subject", keep="first", maintain_order=True)
        .select("subject", name_event().alias("undated"))
    )
