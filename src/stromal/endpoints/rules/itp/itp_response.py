"""`itp_response`: response of immune thrombocytopenia by the 2009 international working group."""

from __future__ import annotations

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Parameters
from stromal.endpoints.records.labs import (
    derive_daily_values,
    derive_nearest_values,
    number_text,
    window_text,
    within,
)
from stromal.protocol.protocol import Day
from stromal.tables.patients import Patients

CRITERIA = "iwg_2009"
LABELS = ("NR", "R", "CR")


def _default(name: str) -> float:
    return float(read_criteria(CRITERIA).rules[name])


class ItpResponseParameters(Parameters):
    """Baseline, window of the search, confirmation, and what counts against a response.

    Parameters
    ----------
    baseline_day
        Day [d] of the baseline; the count nearest to it is taken.
    baseline_before
        Days [d] before `baseline_day` that still count.
    baseline_after
        Days [d] after `baseline_day` that still count.
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
        Whether a subject whose bleeding was never recorded in the search cannot be judged.
    """

    baseline_day: Day = 0.0
    baseline_before: float = Field(7.0, ge=0)
    baseline_after: float = Field(0.0, ge=0)
    from_day: Day | None = None
    to_day: Day | None = None
    confirmation_days: float = Field(default_factory=lambda: _default("confirmation_days"), ge=0)
    rescue_events: tuple[str, ...] = ("rescue_therapy",)
    exclusion_events: tuple[str, ...] = ("transfusion_platelets", "ivig")
    exclusion_days: float = Field(default_factory=lambda: _default("exclusion_days"), ge=0)
    bleeding_required: bool = False


def derive_itp_response(patients: Patients, parameters: ItpResponseParameters) -> pl.DataFrame:
    """Complete response, response or no response of every subject, with the first day of it.

    A response is a run of counts that all reach it, without bleeding, over at least
    `confirmation_days`; a count that fails, or bleeding, ends the run. [rodeghiero2009]

    Parameters
    ----------
    patients
        The five tables; `subjects`, `labs`, `assessments` and `events` are read.
    parameters
        Baseline, window [d], confirmation [d], rescue and excluded counts.

    Returns
    -------
    polars.DataFrame
        One row per subject: `label` CR, R or NR, `value` 2, 1 or 0, `day` [d] the first day of the
        response, `reason`. Null without a baseline count or without a count in the search.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "arm": ["msc"]}),
    ...     labs=pl.DataFrame({"subject": ["1"] * 3, "day": [0.0, 7.0, 14.0],
    ...                        "unit": ["10^9/L"] * 3, "analyte": ["platelets"] * 3,
    ...                        "value": [9.0, 51.0, 60.0]}),
    ... )
    >>> rows = derive_itp_response(patients, ItpResponseParameters())
    >>> rows["label"].item(), rows["day"].item()
    ('R', 7.0)
    """
    p = parameters
    baseline, counts = _baseline_and_counts(patients, p)
    bleeding = _bleeding(patients)
    found = _responses(counts, bleeding, p)
    rows = (
        patients.subjects.select("subject")
        .join(baseline, on="subject", how="left", maintain_order="left")
        .join(_summary(counts), on="subject", how="left", maintain_order="left")
        .join(found, on="subject", how="left", maintain_order="left")
        .join(_rescue(patients, p), on="subject", how="left", maintain_order="left")
        .join(_recorded(patients, p), on="subject", how="left", maintain_order="left")
    )
    return (
        rows.with_columns(_verdict(p))
        .with_columns(_reason(p).alias("reason"))
        .select(
            "subject",
            pl.col("verdict").cast(pl.Float64).alias("value"),
            pl.col("verdict")
            .replace_strict(dict(enumerate(LABELS)), default=None, return_dtype=pl.String)
            .alias("label"),
            pl.when(pl.col("verdict") > 0).then("response_day").alias("day"),
            "reason",
            pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
        )
    )


def _baseline_and_counts(
    patients: Patients, p: ItpResponseParameters
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The baseline count of each subject, and the counts of the search that are not excluded."""
    daily = derive_daily_values(patients.labs, "platelets")
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
    marked = daily.join(since, on=["subject", "day"], how="left", maintain_order="left")
    kept = marked.filter(pl.col("_since").is_null() | (pl.col("_since") == 0))
    nearest = derive_nearest_values(kept, p.baseline_day, p.baseline_before, p.baseline_after)
    baseline = nearest.select(
        "subject", pl.col("value").alias("baseline"), pl.col("day").alias("baseline_at")
    )
    start = (
        pl.col("day") > pl.max_horizontal(pl.col("baseline_at"), pl.lit(p.baseline_day))
        if p.from_day is None
        else pl.col("day") >= p.from_day
    )
    counts = (
        marked.join(baseline, on="subject", how="left", maintain_order="left")
        .filter(start & within(None, p.to_day))
        .select(
            "subject", "day", "value", "baseline", pl.col("_since").is_not_null().alias("excluded")
        )
    )
    return baseline, counts


def _bleeding(patients: Patients) -> pl.DataFrame:
    """Days on which bleeding was recorded: `subject`, whole `day`."""
    least = _default("bleeding_grade")
    graded = patients.assessments.filter(
        (pl.col("scale") == "bleeding")
        & (pl.col("item") == "who")
        & (pl.col("value").cast(pl.Float64, strict=False) >= least)
    )
    happened = patients.events.filter(pl.col("event") == "bleeding")
    return (
        pl.concat([graded.select("subject", "day"), happened.select("subject", "day")])
        .drop_nulls()
        .select("subject", pl.col("day").floor())
        .unique()
    )


def _responses(
    counts: pl.DataFrame, bleeding: pl.DataFrame, p: ItpResponseParameters
) -> pl.DataFrame:
    """Per subject the best confirmed response and its first day, and the best count that is not."""
    rules = read_criteria(CRITERIA).rules
    value, baseline = pl.col("value").round_sig_figs(15), pl.col("baseline")
    complete = value >= rules["complete_response_count"]
    doubled = value >= (baseline * rules["response_ratio"]).round_sig_figs(15)
    enough = (value >= rules["response_count"]) & doubled
    timeline = (
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
            .alias("level")
        )
    )
    best = pl.concat([_confirmed(timeline, level, p.confirmation_days) for level in (2, 1)])
    top = (
        timeline.drop_nulls("value")
        .group_by("subject")
        .agg(
            pl.col("level").max().alias("reached"),
            (pl.col("bled") & (complete | enough)).any().alias("bled"),
        )
    )
    first = best.unique("subject", keep="first", maintain_order=True)
    return top.join(first, on="subject", how="left", maintain_order="left")


def _confirmed(timeline: pl.DataFrame, level: int, days: float) -> pl.DataFrame:
    """The first run of counts at a level that lasts long enough, per subject."""
    return (
        timeline.with_columns((pl.col("level") >= level).alias("_holds"))
        .with_columns(pl.col("_holds").rle_id().over("subject").alias("_run"))
        .filter("_holds")
        .group_by("subject", "_run", maintain_order=True)
        .agg(
            pl.col("day").first().alias("response_day"),
            pl.col("value").first().alias("response_count"),
            pl.col("day").last().alias("confirmed_day"),
        )
        .filter((pl.col("confirmed_day") - pl.col("response_day")).round_sig_figs(15) >= days)
        .unique("subject", keep="first", maintain_order=True)
        .select(pl.exclude("_run"), pl.lit(level).alias("response"))
    )


def _summary(counts: pl.DataFrame) -> pl.DataFrame:
    """Per subject how many counts there are and the highest of those not excluded."""
    usable = pl.col("value").filter(~pl.col("excluded"))
    return counts.group_by("subject").agg(
        usable.len().alias("counted"),
        pl.col("excluded").sum().alias("excluded"),
        usable.max().alias("highest"),
    )


def _rescue(patients: Patients, p: ItpResponseParameters) -> pl.DataFrame:
    """Per subject the first rescue of the search, and whether one has no day."""
    start = p.baseline_day if p.from_day is None else min(p.baseline_day, p.from_day)
    rescued = patients.events.filter(pl.col("event").is_in(p.rescue_events))
    day = pl.col("day")
    return (
        rescued.filter(day.is_null() | within(start, p.to_day))
        .group_by("subject")
        .agg(day.min().alias("rescued_on"), day.is_null().any().alias("rescued_sometime"))
    )


def _recorded(patients: Patients, p: ItpResponseParameters) -> pl.DataFrame:
    """Subjects whose bleeding was recorded, present or absent, in the search."""
    start = p.baseline_day if p.from_day is None else p.from_day
    asked = patients.assessments.filter(
        (pl.col("scale") == "bleeding") & (pl.col("item") == "who") & pl.col("value").is_not_null()
    )
    told = patients.events.filter(pl.col("event") == "bleeding")
    return (
        pl.concat([asked.select("subject", "day"), told.select("subject", "day")])
        .filter(within(start, p.to_day))
        .select("subject", pl.lit(value=True).alias("recorded"))
        .unique()
    )


def _verdict(p: ItpResponseParameters) -> pl.Expr:
    unknown = pl.col("baseline").is_null() | (pl.col("counted").fill_null(0) == 0)
    if p.bleeding_required:
        unknown |= pl.col("recorded").is_null()
    return (
        pl.when(unknown)
        .then(None)
        .when(pl.col("rescued_on").is_not_null())
        .then(0)
        .when(pl.col("rescued_sometime"))
        .then(None)
        .otherwise(pl.col("response").fill_null(0))
        .alias("verdict")
    )


def _reason(p: ItpResponseParameters) -> pl.Expr:
    text = {
        name: number_text(pl.col(name))
        for name in (
            "baseline",
            "response_count",
            "response_day",
            "confirmed_day",
            "highest",
            "rescued_on",
        )
    }
    low, high = p.baseline_day - p.baseline_before, p.baseline_day + p.baseline_after
    confirmed = pl.format(", confirmed and held to day {}", text["confirmed_day"])
    if p.confirmation_days == 0:
        confirmed = (
            pl.when(pl.col("confirmed_day") > pl.col("response_day"))
            .then(pl.format(", held to day {}", text["confirmed_day"]))
            .otherwise(pl.lit(", unconfirmed"))
        )
    silence = (
        pl.when(pl.col("recorded").is_null())
        .then(pl.lit("; bleeding not recorded"))
        .otherwise(pl.lit(""))
    )
    responded = pl.format(
        "platelets {} x 10^9/L on day {}{}, baseline {}{}",
        text["response_count"],
        text["response_day"],
        confirmed,
        text["baseline"],
        silence,
    )
    unconfirmed = pl.format(
        f"platelets up to {{}} x 10^9/L, no response held for {p.confirmation_days:g} days, "
        "baseline {}{}",
        text["highest"],
        text["baseline"],
        silence,
    )
    failed = pl.format(
        "platelets {} x 10^9/L at most, baseline {}{}", text["highest"], text["baseline"], silence
    )
    search = "after baseline" if p.from_day is None else window_text(p.from_day, None)
    search += "" if p.to_day is None else f" to day {p.to_day:g}"
    return (
        pl.when(pl.col("baseline").is_null())
        .then(pl.lit(f"no platelet count at baseline ({window_text(low, high)})"))
        .when(pl.col("excluded").fill_null(0) + pl.col("counted").fill_null(0) == 0)
        .then(pl.lit(f"no platelet count {search}"))
        .when(pl.col("counted") == 0)
        .then(
            pl.lit(
                f"every platelet count {search} is within {p.exclusion_days:g} days of a "
                "transfusion or immunoglobulin"
            )
        )
        .when(pl.lit(p.bleeding_required) & pl.col("recorded").is_null())
        .then(pl.lit(f"bleeding not recorded {search}"))
        .when(pl.col("rescued_on").is_not_null())
        .then(pl.format("rescue therapy on day {}", text["rescued_on"]))
        .when(pl.col("rescued_sometime"))
        .then(pl.lit("rescue therapy on a day that was not recorded"))
        .when(pl.col("response").is_not_null())
        .then(responded)
        .when(pl.col("reached") > 0)
        .then(unconfirmed)
        .when(pl.col("bled"))
        .then(pl.format("platelets up to {} x 10^9/L but bleeding recorded", text["highest"]))
        .otherwise(failed)
    )


def _needs(parameters: ItpResponseParameters) -> tuple[Need, ...]:
    counts = Need("labs", ("platelets",))
    if not parameters.bleeding_required:
        return (counts,)
    return (counts, Need("assessments", ("bleeding.who",)))


def _criteria(_: ItpResponseParameters) -> Criteria:
    return read_criteria(CRITERIA)


ITP_RESPONSE = Endpoint(
    name="itp_response",
    title="Response of immune thrombocytopenia",
    kind="response",
    parameters=ItpResponseParameters,
    derive=derive_itp_response,
    needs=_needs,
    criteria=_criteria,
    labels=("CR", "R", "NR"),
)
