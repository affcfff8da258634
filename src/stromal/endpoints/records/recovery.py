"""Recovery of a blood count: the first of several successive values at or above a cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from stromal.endpoints.records.labs import is_below, least_and_most
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.analytes import ANALYTES

CountedFrom = Literal["nadir", "first_below"]
_DIGITS = 15
_UNDER = 1 - 1e-12


@dataclass(frozen=True, slots=True)
class RecoveryRule:
    """How recovery is read from counts.

    Parameters
    ----------
    analyte
        Name of the analyte in `labs`.
    cut
        What the counts must reach [unit of the analyte].
    values
        How many successive counts, on different days, confirm it.
    counted_from
        After which count it can begin: the lowest by `nadir_until_day`, or the first below the cut.
    nadir_until_day
        Last day [d] on which the nadir is looked for; where no count by then is below the cut, the
        first one below it later stands for the nadir.
    free_days
        Days [d] without a transfusion before the first value.
    late_falls
        A first fall below the cut after `nadir_until_day` stands for the nadir; otherwise it is
        none.
    empty_nadirs
        An empty value may be the nadir even after a rise that was confirmed.
    """

    analyte: str
    cut: float
    values: int
    counted_from: CountedFrom = "nadir"
    nadir_until_day: float = 28
    free_days: float = 0
    late_falls: bool = True
    empty_nadirs: bool = False


def derive_recovery(
    patients: Patients, rule: RecoveryRule, transfusions: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Find the first of several successive counts at or above a cut, after the count was below it.

    One count a day is used, the lowest. A bound counts where it decides; a bound that does not, and
    an empty value, neither confirm nor refute, so that the day of recovery lies between two days.
    Days without any count before the first value leave the day open towards the earlier side.
    [cibmtr_manual]

    Parameters
    ----------
    patients
        The five tables; counts are in the internal unit of the analyte.
    rule
        Analyte, cut, and what is counted from where.
    transfusions
        `subject` and `day` [d] of transfusions that lift the count, and stand for a count below the
        cut; one in the `free_days` before the first of the values, or among them, cancels them.

    Returns
    -------
    polars.DataFrame
        One row per subject with a row of the analyte from day 0 on: `subject`; `below`, whether the
        count fell below the cut (null: cannot be told); `recovery_day` [d] (null where there is
        none, or where it cannot be told); `earliest`, `latest` [d], the days between which it lies
        (`earliest` null: there is none; `latest` null: there may be none); `gap_from` [d], the last
        count before `recovery_day` where days without a count lie between; `first_below` [d], the
        first count that is or may be below the cut; `first_low` [d], the first that is, or the
        first transfusion; `last_below` [d]; `rising_from` [d] (first day of a rise unconfirmed at
        the last count), `last_count` [d]; `unclear_on` [d], the first count from day 0 on that does
        not say whether the cut was reached; `unseen_from`, `unseen_to` [d], the first two
        successive counts with days between them that are enough for a recovery nobody saw.

    Examples
    --------
    >>> counts = [(9, 0.3), (10, 0.5), (11, 0.5), (12, 0.5)]
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"]}),
    ...     labs=pl.DataFrame(
    ...         [("1", day, "neutrophils", value) for day, value in counts],
    ...         schema=["subject", "day", "analyte", "value"],
    ...         orient="row",
    ...     ),
    ... )
    >>> derive_recovery(patients, RecoveryRule("neutrophils", 0.5, 3))["recovery_day"].to_list()
    [10.0]
    """
    # Subjects become numbers here: text is slow to sort and to group by the million.
    numbers = patients.subjects.select(pl.col("subject").unique()).with_row_index("number")
    daily = _daily(patients, rule, numbers)
    given = _whole_days(transfusions, numbers)
    rows = daily.group_by("number", maintain_order=True).agg(
        pl.col("day").last().alias("last_count"),
        pl.col("day").filter(~pl.col("reached")).last().alias("last_below"),
        pl.col("day").filter(pl.col("reached").is_null()).first().alias("unclear_on"),
    )
    rows = rows.join(_unseen(daily, rule.values), on="number", how="left")
    transfused = given.filter(pl.col("day") >= 0).group_by("number").agg(given=pl.col("day").min())
    rows = rows.join(transfused, on="number", how="left")
    rows = rows.join(_starts(daily, rule), on="number", how="left")
    for name, start, reached in (
        ("earliest", "starts_from", pl.col("reached").fill_null(value=True)),
        ("latest", "starts_by", pl.col("reached").fill_null(value=False)),
    ):
        runs = _runs(daily, rule.values, reached).join(rows, on="number")
        begun = (pl.col("day") > pl.col(start)) | _transfused(rule, start)
        first = (
            _untransfused(runs.filter(begun), given, rule.free_days)
            .sort("number", "day")
            .unique("number", keep="first", maintain_order=True)
            .select(
                "number",
                pl.col("day").alias(name),
                pl.col("previous", "transfused").name.prefix(f"{name}_"),
            )
        )
        rows = rows.join(first, on="number", how="left")
    rows = rows.join(_rising(daily, rows), on="number", how="left")
    return _conclude(rows, rule.free_days).join(numbers, on="number").drop("number")


def _daily(patients: Patients, rule: RecoveryRule, numbers: pl.DataFrame) -> pl.DataFrame:
    """One count of each day from day 0 on: `number`, `day`, `reached`, `least`, `most`."""
    internal = ANALYTES[rule.analyte].unit
    known = pl.col("unit").is_null() | (pl.col("unit") == internal)
    value = pl.when(known).then(pl.col("value").fill_nan(None).round_sig_figs(_DIGITS))
    counts = patients.labs.lazy().filter((pl.col("analyte") == rule.analyte) & (pl.col("day") >= 0))
    least, most = least_and_most(pl.col("value"), pl.col("bound"))
    below = is_below(pl.lit(rule.cut), pl.col("value"), pl.col("bound"))
    rows = (
        counts.select("subject", "day", value.alias("value"), "bound")
        .join(numbers.lazy(), on="subject")
        .select(
            "number",
            pl.col("day").floor(),
            (~below).alias("reached"),
            least.alias("least"),
            # `<0.1` is lower than 0.1, so that it alone is the lowest of the two
            pl.when(pl.col("bound") == "below").then(most * _UNDER).otherwise(most).alias("most"),
            pl.col("value").is_null().alias("empty"),
        )
        .sort("number", "day", "empty", "least")
        .collect()
    )
    begins = (pl.col("number").ne_missing(pl.col("number").shift())) | (
        pl.col("day") != pl.col("day").shift()
    )
    if rows.select(begins.all()).item():
        return rows
    # the lowest of a day: below if any is, unclear if one may be; an empty one beside others, none
    several = rows.with_columns(begins.cum_sum().alias("_day"))
    alone = (~pl.col("empty")) | pl.col("empty").all().over("_day")
    return (
        several.filter(alone)
        .group_by("_day", maintain_order=True)
        .agg(
            pl.col("number", "day").first(),
            pl.col("reached").all(ignore_nulls=False),
            pl.col("least", "most").min(),
            pl.col("empty").first(),
        )
        .drop("_day")
    )


def _starts(daily: pl.DataFrame, rule: RecoveryRule) -> pl.DataFrame:
    """Between which days counting starts: `starts_from`, `starts_by` [d], and what fell when.

    Null where no count is, or may be, below the cut.
    """
    day, unreached = pl.col("day"), pl.col("reached").not_()
    possibly = pl.col("reached").is_null() | unreached
    by_nadir, early = rule.counted_from == "nadir", day <= rule.nadir_until_day
    counts = pl.lit(value=True) if rule.late_falls or not by_nadir else early
    below = daily.group_by("number").agg(
        day.filter(possibly & counts).min().alias("starts_from"),
        day.filter(unreached & counts).min().alias("starts_by"),
        day.filter(possibly & counts).max().alias("last_possible"),
        day.filter(possibly).min().alias("first_below"),
        day.filter(unreached).min().alias("first_low"),
    )
    certain = pl.col("starts_by").is_not_null()
    told = below.select(
        "number",
        "starts_from",
        "first_below",
        "first_low",
        # whatever it was that fell, nothing after the last of them did
        pl.coalesce("starts_by", "last_possible").alias("starts_by"),
        pl.when(certain)
        .then(pl.lit(value=True))
        .when(pl.col("starts_from").is_null())
        .then(pl.lit(value=False))
        .alias("below"),
    )
    if not by_nadir:
        return told
    level = pl.col("most").min().over("number")
    lowest = daily.filter(early).filter(unreached.fill_null(value=False).any().over("number"))
    lowest = lowest.with_columns(level.alias("level"))
    # an equal count is the nadir only where it comes first
    is_first = day == day.filter(pl.col("most") == pl.col("level")).min().over("number")
    may_be = (pl.col("least") < pl.col("level")) | is_first
    # an empty value after a rise that was confirmed does not put the rise in doubt
    told_last = pl.lit(value=True) if rule.empty_nadirs else ~pl.col("empty")
    nadir = (
        lowest.filter(may_be)
        .group_by("number")
        .agg(day.min().alias("nadir_from"), day.filter(told_last).max().alias("nadir_by"))
    )
    return told.join(nadir, on="number", how="left").select(
        "number",
        pl.coalesce("nadir_from", "starts_from").alias("starts_from"),
        pl.coalesce("nadir_by", "starts_by").alias("starts_by"),
        "below",
        "first_below",
        "first_low",
    )


def _unseen(daily: pl.DataFrame, values: int) -> pl.DataFrame:
    """The first days without a count that are enough for a recovery: `unseen_from`, `unseen_to`."""
    same = pl.col("number") == pl.col("number").shift()
    before = pl.when(same).then(pl.col("day").shift()).alias("unseen_from")
    spans = daily.select("number", before, pl.col("day").alias("unseen_to"))
    long = pl.col("unseen_to") - pl.col("unseen_from") > values
    return spans.filter(long).unique("number", keep="first", maintain_order=True)


def _transfused(rule: RecoveryRule, start: str) -> pl.Expr:
    """Tell whether a transfusion has started the counting, on its own day already."""
    after = pl.col("day") >= pl.col("given")
    if rule.counted_from == "first_below":
        return after.fill_null(value=False)
    return after.fill_null(value=False) & pl.col(start).is_null()


def _runs(daily: pl.DataFrame, values: int, reached: pl.Expr) -> pl.DataFrame:
    """Days that begin `values` successive counts: `number`, `day`, `until`, `previous` count."""
    number, day = pl.col("number"), pl.col("day")
    marked = daily.select("number", "day", reached.alias("reached"))
    run = pl.col("reached")
    for ahead in range(1, values):
        run = run & (number.shift(-ahead) == number) & pl.col("reached").shift(-ahead)
    return (
        marked.with_columns(
            run.fill_null(value=False).alias("run"),
            day.shift(1 - values).alias("until"),
            pl.when(number.shift() == number).then(day.shift()).alias("previous"),
        )
        .filter("run")
        .select("number", "day", "until", "previous")
    )


def _untransfused(runs: pl.DataFrame, transfusions: pl.DataFrame, free_days: float) -> pl.DataFrame:
    """Those whose last transfusion, up to the last confirming day, lies `free_days` back."""
    if transfusions.is_empty():
        return runs.with_columns(pl.lit(None, pl.Float64).alias("transfused"))
    last = runs.sort("until").join_asof(
        transfusions.select("number", "day", pl.col("day").alias("transfused")).sort("day"),
        left_on="until",
        right_on="day",
        by="number",
        strategy="backward",
        check_sortedness=False,
        suffix="_transfusion",
    )
    clear = pl.col("transfused").is_null() | (pl.col("day") - pl.col("transfused") >= free_days)
    return last.filter(clear)


def _rising(daily: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """First day of a rise that no count confirmed: `number`, `rising_from`."""
    unrecovered = rows.filter(pl.col("latest").is_null())
    return (
        daily.join(unrecovered.select("number", "last_below"), on="number")
        .filter(pl.col("day") > pl.col("last_below"))
        .group_by("number")
        .agg(pl.col("day").min().alias("rising_from"))
    )


def _conclude(rows: pl.DataFrame, free_days: float) -> pl.DataFrame:
    """The day of recovery where it is certain, and the days between which it lies."""
    fell = pl.col("below") | pl.col("given").is_not_null()
    agreed = fell & (pl.col("earliest") == pl.col("latest"))
    # Days without a count before the first value: recovery may have been on any of them.
    uncounted = pl.coalesce(pl.col("earliest_previous") + 1, "given")
    open_from = pl.max_horizontal(uncounted, pl.col("earliest_transfused") + free_days)
    gap = (open_from < pl.col("earliest")).fill_null(value=False)
    return rows.select(
        "number",
        fell.alias("below"),
        pl.when(agreed).then("latest").alias("recovery_day"),
        pl.when(gap).then(open_from).otherwise("earliest").alias("earliest"),
        "latest",
        pl.when(agreed & gap).then("earliest_previous").alias("gap_from"),
        "first_below",
        pl.min_horizontal("first_low", "given").alias("first_low"),
        "last_below",
        "rising_from",
        "last_count",
        "unclear_on",
        "unseen_from",
        "unseen_to",
    )


def _whole_days(transfusions: pl.DataFrame | None, numbers: pl.DataFrame) -> pl.DataFrame:
    if transfusions is None:
        return pl.DataFrame(schema={"number": numbers.schema["number"], "day": pl.Float64()})
    days = transfusions.select("subject", pl.col("day").floor()).drop_nulls()
    return days.join(numbers, on="subject").select("number", "day")
