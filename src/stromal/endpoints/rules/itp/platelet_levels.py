"""Platelet counts of immune thrombocytopenia: the level of each, and runs that hold one."""

from __future__ import annotations

import math

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Parameters
from stromal.endpoints.records.labs import derive_daily_values
from stromal.endpoints.records.words import after_words, window_words
from stromal.tables.labs import DOWN, UP
from stromal.tables.patients import Patients
from stromal.tables.windows import Day, Window, find_nearest, within

CRITERIA = "iwg_2009"


def read_default(name: str) -> float:
    """Read a number of the criteria.

    Examples
    --------
    >>> read_default("confirmation_days")
    7.0
    """
    return float(read_criteria(CRITERIA).rules[name])


class ItpResponseParameters(Parameters):
    """Baseline, window of the search, confirmation, and what counts against a response.

    Parameters
    ----------
    baseline
        Day [d] of the baseline, and the days around it that still count; a visit gives it. The
        count nearest to the day is taken.
    from_day
        First day [d] of the search, included; none: after the baseline.
    to_day
        Last day [d] of the search, included; none: open.
    confirmation_days
        Days [d] over which a response must hold; 0 takes one count, for series that print one.
    rescue_events
        Events that make the subject a non-responder from the baseline day to the end of the search.
    exclusion_events
        Events that raise the count for a while.
    exclusion_days
        Days [d] after such an event, its own day included, whose counts are left out.
    bleeding_required
        Leave a subject unjudged whose bleeding was never recorded in the search.
    """

    baseline: Window = Window(day=0.0, before=7.0)
    from_day: Day | None = None
    to_day: Day | None = None
    confirmation_days: float = Field(
        default_factory=lambda: read_default("confirmation_days"), ge=0
    )
    rescue_events: tuple[str, ...] = ("rescue_therapy",)
    exclusion_events: tuple[str, ...] = ("transfusion_platelets", "ivig")
    exclusion_days: float = Field(default_factory=lambda: read_default("exclusion_days"), ge=0)
    bleeding_required: bool = False

    @property
    def search(self) -> str:
        """Write the days of the search."""
        if self.from_day is None:
            return after_words("baseline", self.to_day)
        return window_words(self.from_day, self.to_day)


def read_counts(patients: Patients, p: ItpResponseParameters) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read the baseline count of each subject, and the counts of the search.

    Returns
    -------
    tuple of polars.DataFrame
        Per subject `baseline`, its bound, least and most and the day; and the counts of the search
        with `least` and `most` (of an empty one, any), `bounded` where they differ, and `excluded`
        where a transfusion or immunoglobulin raised them.
    """
    after = math.nextafter(p.baseline.day, math.inf)
    marked = _mark_raised(patients, p, (after if p.from_day is None else p.from_day, p.to_day))
    early = _mark_raised(patients, p, (p.baseline.first, p.baseline.last))
    kept = early.filter(pl.col("_since").is_null() | (pl.col("_since") == 0))
    baseline = find_nearest(kept.drop_nulls("value"), p.baseline).select(
        "subject",
        pl.col("value").alias("baseline"),
        pl.col("bound").alias("baseline_bound"),
        pl.col("least").alias("baseline_least"),
        pl.col("most").alias("baseline_most"),
        pl.col("day").alias("baseline_at"),
    )
    start = (
        pl.col("day") > pl.max_horizontal(pl.col("baseline_at"), pl.lit(p.baseline.day))
        if p.from_day is None
        else pl.col("day") >= p.from_day
    )
    counts = (
        marked.join(baseline, on="subject", how="left", maintain_order="left")
        .filter(start & within(None, p.to_day))
        .select(
            *("subject", "day", "value", "bound", "least", "most"),
            *("baseline_least", "baseline_most"),
            pl.any_horizontal(
                pl.col("bound", "baseline_bound").is_not_null(), pl.col("value").is_null()
            ).alias("bounded"),
            pl.col("_since").is_not_null().alias("excluded"),
        )
    )
    return baseline, counts


def _mark_raised(
    patients: Patients, p: ItpResponseParameters, inside: tuple[float | None, float | None]
) -> pl.DataFrame:
    """Counts of some days, one a day, with the days `_since` what raised them."""
    labs = derive_daily_values(patients.labs, "platelets", empty=True, inside=inside)
    daily = labs.with_columns(_least_and_most())
    raised = (
        patients.events.filter(pl.col("event").is_in(p.exclusion_events))
        .drop_nulls("day")
        .select("subject", pl.col("day").alias("_given"))
    )
    since = (
        daily.select("subject", "day")
        .join(raised, on="subject")
        .with_columns((pl.col("day").floor() - pl.col("_given").floor()).alias("_since"))
        .filter(pl.col("_since").is_between(0, p.exclusion_days))
        # nearest last: a count of the day itself is raised as well as those after an earlier one
        .group_by("subject", "day")
        .agg(pl.col("_since").max())
    )
    return daily.join(since, on=["subject", "day"], how="left", maintain_order="left")


def _least_and_most() -> list[pl.Expr]:
    """The least and the most that a count can be: a limit lies beside it, or it is empty."""
    value, bound = pl.col("value"), pl.col("bound")
    # The truth lies below the limit, so that a cut at the limit itself is not reached.
    under = value * (1 - 1e-12)
    return [
        pl.when(value.is_null() | bound.is_in(DOWN)).then(0.0).otherwise(value).alias("least"),
        pl.when(value.is_null() | bound.is_in(UP))
        .then(pl.lit(float("inf")))
        .when(bound == "below")
        .then(under)
        .otherwise(value)
        .alias("most"),
    ]


def find_bleeding(patients: Patients) -> pl.DataFrame:
    """Find days on which bleeding was recorded, as a grade, a sign or the event.

    Returns
    -------
    polars.DataFrame
        `subject`, whole `day` [d], null where not recorded; each day once.
    """
    least = read_default("bleeding_grade")
    grade = pl.col("value").cast(pl.Float64, strict=False)
    graded = patients.assessments.filter(
        pl.col("scale") == "bleeding",
        pl.when(pl.col("item") == "who").then(grade >= least).otherwise(pl.col("value") == "yes"),
    )
    happened = patients.events.filter(pl.col("event") == "bleeding")
    return (
        pl.concat([graded.select("subject", "day"), happened.select("subject", "day")])
        .select("subject", pl.col("day").floor())
        .unique()
    )


def rank_counts(
    counts: pl.DataFrame, bleeding: pl.DataFrame, count: str, before: str
) -> pl.DataFrame:
    """Rank every count that is not excluded: 2 a complete response, 1 a response, 0 neither.

    Parameters
    ----------
    counts, bleeding
        As from `read_counts` and `find_bleeding`; bleeding without a count has a row of its own.
    count, before
        Columns that stand for the count and the baseline: the least or the most that they can be.

    Returns
    -------
    polars.DataFrame
        Sorted by subject and day: the counts with `level`, and `bled`, `complete` and `enough`.
    """
    rules = read_criteria(CRITERIA).rules
    value, baseline = pl.col(count).round_sig_figs(15), pl.col(before)
    complete = value >= rules["complete_response_count"]
    doubled = value >= (baseline * rules["response_ratio"]).round_sig_figs(15)
    enough = (value >= rules["response_count"]) & doubled
    return (
        counts.filter(~pl.col("excluded"))
        .with_columns(pl.col("day").floor().alias("_whole"))
        .join(
            bleeding.with_columns(pl.lit(value=True).alias("bled")),
            left_on=["subject", "_whole"],
            right_on=["subject", "day"],
            how="full",
            coalesce=True,
        )
        .sort("subject", "_whole")
        .with_columns(
            pl.when(pl.col("bled"))
            .then(0)
            .when(complete)
            .then(2)
            .when(enough)
            .then(1)
            .otherwise(0)
            .alias("level"),
            complete.alias("complete"),
            enough.alias("enough"),
        )
    )


def find_confirmed(timeline: pl.DataFrame, level: int, days: float) -> pl.DataFrame:
    """Find the first run of counts at a level that lasts long enough, per subject."""
    return (
        timeline.with_columns((pl.col("level") >= level).alias("_holds"))
        .with_columns(pl.struct("subject", "_holds").rle_id().alias("_run"))
        .filter("_holds")
        .group_by("subject", "_run", maintain_order=True)
        .agg(
            pl.col("day").first().alias("response_day"),
            pl.col("value").first().alias("response_count"),
            pl.col("bound").first().alias("response_bound"),
            pl.col("day").last().alias("confirmed_day"),
        )
        .filter((pl.col("confirmed_day") - pl.col("response_day")).round_sig_figs(15) >= days)
        .unique("subject", keep="first", maintain_order=True)
        .select(pl.exclude("_run"), pl.lit(level).alias("response"))
    )
