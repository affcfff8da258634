"""`cytopenia_pattern`: prolonged, late-onset and biphasic cytopenia, from episodes of a grade."""

from __future__ import annotations

from typing import Literal

import polars as pl
from pydantic import Field, model_validator

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Parameters
from stromal.endpoints.records.words import number_text
from stromal.endpoints.rules.cytopenia.grading import derive_cytopenia_grades, derive_lowest_of_day
from stromal.endpoints.rules.cytopenia.lineages import CytopeniaCriteria, Lineage, check_lineage
from stromal.tables.events import EVENT_NAMES
from stromal.tables.patients import Patients
from stromal.tables.windows import Day

CRITERIA = "cytopenia_pattern_xia_2024"
CENSORING_EVENTS = ("relapse", "progression", "next_therapy", "death")


def _default(name: str) -> float:
    return float(read_criteria(CRITERIA).rules[name])


class CytopeniaPatternParameters(Parameters):
    """Pattern, lineages, grade, and what makes an episode and its duration.

    Parameters
    ----------
    pattern
        Which pattern.
    lineages
        Which low counts; with several, the pattern in any of them is enough.
    threshold_grade
        The grade from which a count belongs to an episode; 1 is any grade.
    criteria
        Version of CTCAE.
    min_duration
        Days [d] that a prolonged episode lasts at least.
    late_day
        Day [d] on or after which an episode is of late onset, and before which it is early.
    counted_from
        What `min_duration` is counted from: the onset of the episode, or day 0, when the episode
        must have begun before that day and still be there on it.
    recovery_assessments
        Assessments below the grade that make a recovery; none: one is enough.
    recovery_days
        Days [d] below the grade that make a recovery; where both are given either is enough.
    censor_events
        Assessments after the first of these events are left out.
    """

    pattern: Literal["prolonged", "late_onset", "biphasic"]
    lineages: tuple[Lineage, ...] = Field(
        ("anaemia", "thrombocytopenia", "neutropenia", "lymphopenia"), min_length=1
    )
    threshold_grade: int = Field(1, ge=1, le=4)
    criteria: CytopeniaCriteria = "ctcae_v5"
    min_duration: float = Field(default_factory=lambda: _default("min_duration"), gt=0)
    late_day: Day = Field(default_factory=lambda: _default("late_day"))
    counted_from: Literal["onset", "day_zero"] = "onset"
    recovery_assessments: int | None = Field(None, ge=1)
    recovery_days: float | None = Field(None, gt=0)
    censor_events: tuple[str, ...] = CENSORING_EVENTS

    @model_validator(mode="after")
    def _covered(self) -> CytopeniaPatternParameters:
        for lineage in self.lineages:
            highest = check_lineage(self.criteria, lineage).highest_grade
            if self.threshold_grade > highest:
                title = read_criteria(self.criteria).title
                raise ValueError(
                    f"{title} gives a laboratory value for {lineage} grade {highest} at most; "
                    f"lower `threshold_grade`"
                )
        return self


_SERIES = ("subject", "lineage")


def derive_cytopenia_episodes(
    patients: Patients, parameters: CytopeniaPatternParameters
) -> pl.DataFrame:
    """Episodes of cytopenia: maximal runs of assessments at or above the grade.

    An episode starts on its first day at or above the grade, day 0 at the earliest, and ends on the
    first later day below it. One without such a day is open and ends on the last assessment.
    [xia2024]

    Parameters
    ----------
    patients
        The five tables; `labs` and `events` are read.
    parameters
        Lineages, grade, recovery and censoring.

    Returns
    -------
    polars.DataFrame
        One row per episode, in order: `subject`, `lineage`, `start` [d], `end` [d], `open`.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "arm": ["msc"]}),
    ...     labs=pl.DataFrame({"subject": ["1"] * 3, "day": [0.0, 3.0, 35.0],
    ...                        "unit": ["10^9/L"] * 3, "analyte": ["platelets"] * 3,
    ...                        "value": [90.0, 20.0, 80.0]}),
    ... )
    >>> parameters = CytopeniaPatternParameters(
    ...     pattern="prolonged", lineages=["thrombocytopenia"], threshold_grade=3)
    >>> derive_cytopenia_episodes(patients, parameters).rows()
    [('1', 'thrombocytopenia', 3.0, 35.0, False)]
    """
    return _episodes(_assessments(patients, parameters), parameters)


def _assessments(patients: Patients, p: CytopeniaPatternParameters) -> pl.DataFrame:
    """Whether each assessment is at or above the grade; null where that cannot be told."""
    graded = derive_lowest_of_day(derive_cytopenia_grades(patients.labs, p.criteria, p.lineages))
    censored = (
        patients.events.filter(pl.col("event").is_in(p.censor_events))
        .group_by("subject")
        .agg(pl.col("day").min().alias("_censored"))
    )
    return (
        graded.join(censored, on="subject", how="left", maintain_order="left")
        .filter(pl.col("_censored").is_null() | (pl.col("day") <= pl.col("_censored")))
        .select(
            *_SERIES,
            "day",
            pl.when(pl.col("grade").is_not_null())
            .then(pl.col("grade") >= p.threshold_grade)
            .when(pl.col("grade_at_most") < p.threshold_grade)
            .then(pl.lit(value=False))
            .alias("affected"),
        )
    )


def _runs(frame: pl.DataFrame) -> pl.DataFrame:
    """Maximal runs of equal `affected` per series: their start, size and the next run's start."""
    return (
        frame.with_columns(pl.col("affected").rle_id().over(_SERIES).alias("_run"))
        .group_by(*_SERIES, "_run", maintain_order=True)
        .agg(
            pl.col("day").first().alias("start"),
            pl.col("last" if "last" in frame.columns else "day").last().alias("last"),
            pl.len().alias("size") if "size" not in frame.columns else pl.col("size").sum(),
            pl.col("affected").first(),
        )
        .with_columns(pl.col("start").shift(-1).over(_SERIES).alias("next"))
        .drop("_run")
    )


def _episodes(assessments: pl.DataFrame, p: CytopeniaPatternParameters) -> pl.DataFrame:
    runs = _runs(assessments.drop_nulls("affected"))
    if p.recovery_assessments is not None or p.recovery_days is not None:
        runs = _runs(_joined(runs, p).rename({"start": "day"}).drop("next"))
    end = pl.coalesce("next", "last")
    return (
        runs.filter("affected")
        .select(
            *_SERIES,
            pl.max_horizontal(pl.col("start"), 0.0).alias("start"),
            end.alias("end"),
            pl.col("next").is_null().alias("open"),
        )
        .filter(pl.col("end") > 0)
    )


def _joined(runs: pl.DataFrame, p: CytopeniaPatternParameters) -> pl.DataFrame:
    """Runs below the grade that are no recovery are taken as part of the episode before them."""
    enough = pl.lit(value=False)
    if p.recovery_assessments is not None:
        enough |= pl.col("size") >= p.recovery_assessments
    if p.recovery_days is not None:
        enough |= pl.coalesce("next", "last") - pl.col("start") >= p.recovery_days
    first = pl.int_range(pl.len()).over(_SERIES) == 0
    return runs.with_columns(affected=pl.col("affected") | (~enough & ~first))


def derive_cytopenia_pattern(
    patients: Patients, parameters: CytopeniaPatternParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive whether a pattern of cytopenia occurred in any of the lineages, for every subject.

    Parameters
    ----------
    patients
        The five tables; `subjects`, `labs` and `events` are read.
    parameters
        Pattern, lineages, grade, days [d], recovery and censoring.
    reasons
        Whether reasons are written.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` 1 or 0 with `label` yes or no, `day` [d] the onset of the first
        episode that makes the pattern, `reason`. Null where a lineage was not assessed and no other
        has the pattern.

    Examples
    --------
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "arm": ["msc"]}),
    ...     labs=pl.DataFrame({"subject": ["1"] * 3, "day": [0.0, 3.0, 35.0],
    ...                        "unit": ["10^9/L"] * 3, "analyte": ["platelets"] * 3,
    ...                        "value": [90.0, 20.0, 80.0]}),
    ... )
    >>> parameters = CytopeniaPatternParameters(
    ...     pattern="prolonged", lineages=["thrombocytopenia"], threshold_grade=3)
    >>> derive_cytopenia_pattern(patients, parameters)["reason"].item()
    'thrombocytopenia grade >= 3 from day 3 to day 35, 32 days'
    """
    p = parameters
    assessments = _assessments(patients, p)
    chosen = _chosen(_episodes(assessments, p), p)
    series = patients.subjects.select("subject").join(
        pl.DataFrame({"lineage": list(p.lineages)}, schema={"lineage": pl.String}), how="cross"
    )
    by_series = (
        series.join(_followed(assessments), on=_SERIES, how="left", maintain_order="left")
        .join(chosen, on=_SERIES, how="left", maintain_order="left")
        .join(_support(patients, chosen), on=_SERIES, how="left", maintain_order="left")
        .with_columns(
            # Kleene: without assessments unknown, without episodes no
            pl.when(pl.col("assessed").is_null())
            .then(None)
            .otherwise(pl.col("shows").fill_null(value=False))
            .alias("shows"),
        )
        .with_columns(
            (
                pl.concat_str(_reason(p), pl.col("support").fill_null(""))
                if reasons
                else pl.lit(None, pl.String)
            ).alias("reason"),
        )
    )
    return (
        by_series.with_columns(pl.col("shows").any(ignore_nulls=False).over("subject").alias("any"))
        .filter(pl.col("shows").eq_missing(pl.col("any")))
        .group_by("subject", maintain_order=True)
        .agg(
            pl.col("any").first().cast(pl.Float64).alias("value"),
            pl.when(pl.col("any")).then("start").min().alias("day"),
            pl.col("reason").str.join("; ") if reasons else pl.col("reason").first(),
        )
        .with_columns(
            pl.col("value").replace_strict({1.0: "yes", 0.0: "no"}, default=None).alias("label"),
            pl.lit(_title(p)).alias("criteria"),
        )
    )


def _title(p: CytopeniaPatternParameters) -> str:
    return f"{read_criteria(CRITERIA).title}, {read_criteria(p.criteria).title}"


def _followed(assessments: pl.DataFrame) -> pl.DataFrame:
    """Number of assessments from day 0 on per series, and the last of them."""
    return (
        assessments.drop_nulls("affected")
        .filter(pl.col("day") >= 0)
        .group_by(_SERIES)
        .agg(pl.len().alias("assessed"), pl.col("day").max().alias("last_assessed"))
    )


def _chosen(episodes: pl.DataFrame, p: CytopeniaPatternParameters) -> pl.DataFrame:
    """Per series the episode that shows the pattern, or else the one that comes nearest to it."""
    start, end = pl.col("start"), pl.col("end")
    first = start.min().over(_SERIES)
    duration = end if p.counted_from == "day_zero" else end - start
    duration = duration.round_sig_figs(15)
    if p.pattern == "prolonged":
        shows = duration >= p.min_duration
        if p.counted_from == "day_zero":
            shows &= start < p.min_duration
        order = pl.when(shows).then(start).otherwise(-duration)
    elif p.pattern == "late_onset":
        shows = start >= p.late_day
        order = pl.when(shows).then(start).otherwise(-start)
    else:
        shows = (start > first) & (first < p.late_day)
        order = start
    return (
        episodes.with_columns(
            shows.alias("shows"),
            duration.alias("duration"),
            end.shift(1).over(_SERIES).alias("recovered"),
            order.alias("_order"),
        )
        .sort(*_SERIES, ~pl.col("shows"), "_order")
        .unique(_SERIES, keep="first", maintain_order=True)
        .drop("_order")
    )


def _support(patients: Patients, chosen: pl.DataFrame) -> pl.DataFrame:
    """On how many days of an episode its lineage was supported, in words: `support` per series."""
    events = read_criteria(CRITERIA).rules["support"]
    by_event = pl.DataFrame(
        {
            "lineage": list(events),
            "event": list(events.values()),
            "what": [EVENT_NAMES[event] for event in events.values()],
        }
    )
    given = patients.events.join(by_event, on="event").select(*_SERIES, "what", "day")
    number = pl.col("day").floor().n_unique()
    return (
        chosen.join(given, on=_SERIES)
        .filter(pl.col("day").is_between("start", "end"))
        .group_by(*_SERIES, "what")
        .agg(number.alias("_days"))
        .select(*_SERIES, pl.format("; {} on {} of its days", "what", "_days").alias("support"))
    )


def _reason(p: CytopeniaPatternParameters) -> pl.Expr:
    """What was seen in one lineage, in words."""
    grade = "of any grade" if p.threshold_grade == 1 else f"grade >= {p.threshold_grade}"
    condition = pl.format(f"{{}} {grade}", "lineage")
    day = {name: number_text(pl.col(name)) for name in ("start", "end", "recovered", "duration")}
    since = " after day 0" if p.counted_from == "day_zero" else ""
    still_open = pl.when("open").then(pl.lit(", still open at the last assessment"))
    episode = pl.format(
        f"{{}} from day {{}} to day {{}}, {{}} days{since}{{}}",
        condition,
        day["start"],
        day["end"],
        day["duration"],
        still_open.otherwise(pl.lit("")),
    )
    last = number_text(pl.col("last_assessed"))
    none = pl.format(
        "no {} in {} {}, the last on day {}",
        condition,
        pl.col("assessed"),
        pl.when(pl.col("assessed") == 1)
        .then(pl.lit("assessment"))
        .otherwise(pl.lit("assessments")),
        last,
    )
    yes = {
        "prolonged": episode,
        "late_onset": episode,
        "biphasic": pl.format(
            "{} again from day {}, after recovery on day {}",
            condition,
            day["start"],
            day["recovered"],
        ),
    }[p.pattern]
    no = {
        "prolonged": pl.format(f"{{}} (under {p.min_duration:g})", episode),
        "late_onset": pl.format(
            f"no {{}} that began on or after day {p.late_day:g} (the last from day {{}})",
            condition,
            day["start"],
        ),
        "biphasic": pl.format(
            f"{{}} (no second episode after recovery from one before day {p.late_day:g})", episode
        ),
    }[p.pattern]
    return (
        pl.when(pl.col("assessed").is_null())
        .then(pl.format("no assessment of {} on or after day 0 that can be graded", "lineage"))
        .when(pl.col("shows"))
        .then(yes)
        .when(pl.col("start").is_null())
        .then(none)
        .otherwise(no)
    )


def _needs(parameters: CytopeniaPatternParameters) -> tuple[Need, ...]:
    rules = [check_lineage(parameters.criteria, name) for name in parameters.lineages]
    return tuple(Need("labs", (rule.analyte,)) for rule in rules)


def _criteria(parameters: CytopeniaPatternParameters) -> Criteria:
    pattern, grades = read_criteria(CRITERIA), read_criteria(parameters.criteria)
    return pattern.model_copy(update={"sources": pattern.sources + grades.sources})


CYTOPENIA_PATTERN = Endpoint(
    name="cytopenia_pattern",
    title="Prolonged, late-onset or biphasic cytopenia",
    kind="flag",
    parameters=CytopeniaPatternParameters,
    derive=derive_cytopenia_pattern,
    needs=_needs,
    criteria=_criteria,
    labels=(
        Label("yes", "the pattern", rank=1, tone="poor"),
        Label("no", "no such pattern", rank=0, tone="neutral"),
    ),
)
