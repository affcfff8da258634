"""`itp_response`: response of immune thrombocytopenia by the 2009 international working group."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need
from stromal.endpoints.records.labs import SIGNS
from stromal.endpoints.records.occurrences import name_event
from stromal.endpoints.records.words import (
    name_window,
    number_text,
    write_number,
)
from stromal.endpoints.rules.itp.platelet_levels import (
    CRITERIA,
    ItpResponseParameters,
    find_bleeding,
    find_confirmed,
    rank_counts,
    read_counts,
)
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.scales import SCALES
from stromal.tables.windows import within

LABELS = (
    Label("CR", "a complete response", rank=0, tone="best"),
    Label("R", "a response", rank=1, tone="good"),
    Label("NR", "no response", rank=2, tone="poor"),
)
_VALUES = {"NR": 0.0, "R": 1.0, "CR": 2.0}
_EITHER = ("NR", "CR")


def derive_itp_response(
    patients: Patients, parameters: ItpResponseParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive complete response, response or no response of every subject, with its first day.

    A response is a run of counts that all reach it, without bleeding, over at least
    `confirmation_days`; a count that fails, or bleeding, ends the run. A count that is only known
    to lie below or above a limit is judged where that decides. [rodeghiero2009]

    Parameters
    ----------
    patients
        The five tables; `subjects`, `labs`, `assessments` and `events` are read.
    parameters
        Baseline, window [d], confirmation [d], rescue and excluded counts.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `label` CR, R or NR, `value` 2, 1 or 0, `day` [d] the first day of the
        response, `lowest` and `highest` value that gaps and bounds allow, `reason`. Null without a
        baseline count or without a count in the search.

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
    baseline, counts = read_counts(patients, p)
    bleeding = find_bleeding(patients).drop_nulls()
    surely = _responses(counts, bleeding, p, "least", "baseline_most")
    # Without bounds the least and the most are one number, and so are the responses.
    possibly = surely
    if counts["bounded"].any():
        possibly = _responses(counts, bleeding, p, "most", "baseline_least")
    rows = patients.subjects.select("subject")
    for frame in (
        baseline,
        _summary(counts),
        surely,
        possibly.select("subject", pl.col("response").fill_null(0).alias("possibly")),
        _rescue(patients, p),
        _recorded(patients, p),
        _undated(patients, p),
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    rows = rows.with_columns(pl.col("response").fill_null(0).alias("surely"))
    decided = decide(rows, _cases(p), _VALUES, reasons=reasons)
    return decided.select(
        "subject",
        "value",
        "label",
        pl.when(pl.col("value") > 0).then("response_day").alias("day"),
        *_bounds(),
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _bounds() -> list[pl.Expr]:
    """The least and the most: of counts that are empty or limits, and of a response still open.

    A response that the last count still has may be confirmed by one that was not taken.
    """
    by_counts = pl.col("rescued_on").is_null() & pl.col("rescued_sometime").is_null()
    unjudged = by_counts & pl.col("lowest").is_null()
    least = pl.when(unjudged).then(pl.col("surely").cast(pl.Float64)).otherwise("lowest")
    most = pl.when(unjudged).then(pl.col("possibly").cast(pl.Float64)).otherwise("highest")
    still = pl.max_horizontal(most, pl.col("open").cast(pl.Float64))
    return [least.alias("lowest"), pl.when(by_counts).then(still).otherwise(most).alias("highest")]


def _responses(
    counts: pl.DataFrame, bleeding: pl.DataFrame, p: ItpResponseParameters, count: str, before: str
) -> pl.DataFrame:
    """Per subject the best confirmed response and its first day, and the best count that is not."""
    timeline = rank_counts(counts, bleeding, count, before)
    best = pl.concat([find_confirmed(timeline, level, p.confirmation_days) for level in (2, 1)])
    top = (
        timeline.drop_nulls("value")
        .group_by("subject")
        .agg(
            pl.col("level").max().alias("reached"),
            pl.col("level").last().alias("open"),
            (pl.col("bled") & (pl.col("complete") | pl.col("enough"))).any().alias("bled"),
        )
    )
    first = best.unique("subject", keep="first", maintain_order=True)
    return top.join(first, on="subject", how="left", maintain_order="left")


def _summary(counts: pl.DataFrame) -> pl.DataFrame:
    """Per subject how many counts there are and the highest of those not excluded."""
    usable = pl.col("value").filter(~pl.col("excluded"))
    return counts.group_by("subject").agg(
        usable.count().alias("counted"),
        pl.col("excluded").sum().alias("excluded"),
        usable.max().alias("highest_count"),
        pl.col("bound").filter(~pl.col("excluded")).sort_by(usable).last().alias("highest_bound"),
    )


def _rescue(patients: Patients, p: ItpResponseParameters) -> pl.DataFrame:
    """Per subject the first rescue of the search, and whether one has no day."""
    start = p.baseline.day if p.from_day is None else min(p.baseline.day, p.from_day)
    rescued = patients.events.filter(pl.col("event").is_in(p.rescue_events))
    day = pl.col("day")
    return (
        rescued.filter(day.is_null() | within(start, p.to_day))
        .group_by("subject")
        .agg(day.min().alias("rescued_on"), day.is_null().any().alias("rescued_sometime"))
    )


def _recorded(patients: Patients, p: ItpResponseParameters) -> pl.DataFrame:
    """Subjects whose bleeding was recorded, present or absent, in the search."""
    start = p.baseline.day if p.from_day is None else p.from_day
    asked = patients.assessments.filter(
        pl.col("scale") == "bleeding", pl.col("value").is_not_null()
    )
    told = patients.events.filter(pl.col("event") == "bleeding")
    return (
        pl.concat([asked.select("subject", "day"), told.select("subject", "day")])
        .filter(pl.col("day").is_null() | within(start, p.to_day))
        .select("subject", pl.lit(value=True).alias("recorded"))
        .unique()
    )


def _undated(patients: Patients, p: ItpResponseParameters) -> pl.DataFrame:
    """Things that happened on a day that was not recorded: what raises counts, and bleeding."""
    raised = patients.events.filter(pl.col("event").is_in(p.exclusion_events))
    bled = find_bleeding(patients).with_columns(event=pl.lit("bleeding"))
    return (
        pl.concat(
            [raised.select("subject", "day", "event"), bled.select("subject", "day", "event")]
        )
        .filter(pl.col("day").is_null())
        .group_by("subject")
        .agg(
            pl.col("event").filter(pl.col("event").is_in(p.exclusion_events)).min().alias("raised"),
            (pl.col("event") == "bleeding").any().alias("bled_sometime"),
        )
    )


def _count(name: str) -> pl.Expr:
    """A count as it was printed: `<2`, `51`."""
    sign = pl.col(f"{name}_bound").replace_strict(SIGNS, default="", return_dtype=pl.String)
    count = name if name == "baseline" else f"{name}_count"
    return pl.concat_str(sign.fill_null(""), number_text(count))


def _cases(p: ItpResponseParameters) -> list[Case]:
    """Every patient is one of these, in this order."""
    baseline, recorded = _count("baseline"), pl.col("recorded").is_not_null()
    confirmed = pl.format(", confirmed and held to day {}", number_text("confirmed_day"))
    if p.confirmation_days == 0:
        confirmed = (
            pl.when(pl.col("confirmed_day") > pl.col("response_day"))
            .then(pl.format(", held to day {}", number_text("confirmed_day")))
            .otherwise(pl.lit(", unconfirmed"))
        )
    silence = pl.when(recorded).then(pl.lit("")).otherwise(pl.lit("; bleeding not recorded"))
    responded = pl.format(
        "platelets {} x 10^9/L on day {}{}, baseline {}{}",
        _count("response"),
        number_text("response_day"),
        confirmed,
        baseline,
        silence,
    )
    unconfirmed = pl.format(
        f"platelets up to {{}} x 10^9/L, no response held for {write_number(p.confirmation_days)} "
        "days, baseline {}{}",
        _count("highest"),
        baseline,
        silence,
    )
    highest = _count("highest")
    failed = pl.format("platelets {} x 10^9/L at most, baseline {}{}", highest, baseline, silence)
    bled = pl.format("platelets up to {} x 10^9/L but bleeding recorded", highest)
    raised = (
        f"every platelet count {p.search} is within {write_number(p.exclusion_days)} days of a "
        "transfusion or immunoglobulin"
    )
    names = {round(value): name for name, value in _VALUES.items()}
    surely, possibly = (
        pl.col(name).replace_strict(names, default=None, return_dtype=pl.String)
        for name in ("surely", "possibly")
    )
    bounds = pl.format(
        "counts are empty or printed as limits: {} to {} is possible", surely, possibly
    )
    counted, excluded = pl.col("counted").fill_null(0), pl.col("excluded").fill_null(0)
    unasked = pl.lit(p.bleeding_required) & ~recorded
    no_baseline = f"no platelet count at baseline ({name_window(p.baseline)})"
    someday = "rescue therapy on a day that was not recorded"
    rescued = pl.format("rescue therapy on day {}", number_text("rescued_on"))
    # Counts below the least count of a response are no response, raised or not.
    enough = read_criteria(CRITERIA).rules["response_count"]
    lower_limit = pl.col("highest_bound").is_in(["above", "at least"]).fill_null(value=False)
    may_count = (pl.col("highest_count") >= enough) | lower_limit
    hidden = pl.format(
        "{} on a day that was not recorded: what it raised is not known",
        name_event("raised"),
    )
    bled_sometime = pl.col("bled_sometime").fill_null(value=False)
    bled_someday = "bleeding on a day that was not recorded: it may have ended the response"
    return [
        Case(pl.col("baseline").is_null(), None, no_baseline, possible=_EITHER),
        Case(counted + excluded == 0, None, f"no platelet count {p.search}", possible=_EITHER),
        Case(counted == 0, None, raised, possible=_EITHER),
        Case(unasked, None, f"bleeding not recorded {p.search}", possible=_EITHER),
        Case(pl.col("rescued_on").is_not_null(), "NR", rescued),
        Case(pl.col("rescued_sometime"), None, someday, possible=_EITHER),
        Case(pl.col("raised").is_not_null() & may_count, None, hidden, possible=_EITHER),
        Case(bled_sometime & (pl.col("possibly") > 0), None, bled_someday, possible=_EITHER),
        Case(surely != possibly, None, bounds),
        Case(pl.col("surely") > 0, surely, responded),
        Case(pl.col("reached") > 0, "NR", unconfirmed),
        Case(pl.col("bled"), "NR", bled),
        Case(pl.lit(value=True), "NR", failed),
    ]


def _needs(parameters: ItpResponseParameters) -> tuple[Need, ...]:
    counts = Need("labs", ("platelets",))
    if not parameters.bleeding_required:
        return (counts,)
    return (
        counts,
        Need("assessments", tuple(f"bleeding.{item}" for item in SCALES["bleeding"].items)),
    )


ITP_RESPONSE = Endpoint(
    name="itp_response",
    title="Response of immune thrombocytopenia",
    kind="response",
    parameters=ItpResponseParameters,
    derive=derive_itp_response,
    needs=_needs,
    criteria=CRITERIA,
    labels=LABELS,
)
