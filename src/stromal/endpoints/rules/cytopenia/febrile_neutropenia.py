"""`febrile_neutropenia`: fever on a day with few neutrophils."""

from __future__ import annotations

from functools import cache
from typing import Literal

import polars as pl
from pydantic import BaseModel, ConfigDict

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Parameters
from stromal.endpoints.records.labs import derive_daily_values, is_below
from stromal.endpoints.records.words import number_text, window_words, write_number
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.analytes import ANALYTES
from stromal.tables.windows import Day, within

LABELS = (
    Label("0", "no febrile neutropenia", rank=0, tone="severity 0"),
    Label("3", "febrile neutropenia", rank=1, tone="severity 3"),
)


class FebrileNeutropeniaParameters(Parameters):
    """Which definition, and the window.

    Parameters
    ----------
    criteria
        CTCAE, or the guidelines for treatment, which draw the cut of neutrophils lower.
    from_day
        First day [d], included.
    to_day
        Last day [d], included; none: open.
    """

    criteria: Literal["febrile_neutropenia_ctcae", "febrile_neutropenia_guideline"] = (
        "febrile_neutropenia_ctcae"
    )
    from_day: Day = 0.0
    to_day: Day | None = None


class FeverRule(BaseModel):
    """What fever is, and how few neutrophils there must be beside it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    neutrophils_below: float
    single_above: float | None
    single_at_least: float | None
    sustained_at_least: float
    sustained_hours: float
    days_around: int
    grade: int

    def is_single(self, reading: pl.Expr) -> pl.Expr:
        """Tell whether one reading is fever."""
        if self.single_above is not None:
            return reading > self.single_above
        return reading >= pl.lit(self.single_at_least)


@cache
def read_fever_rule(criteria: str) -> FeverRule:
    """Read one definition of febrile neutropenia.

    Examples
    --------
    >>> read_fever_rule("febrile_neutropenia_ctcae").neutrophils_below
    1.0
    """
    return FeverRule.model_validate(read_criteria(criteria).rules)


def derive_febrile_neutropenia(
    patients: Patients, parameters: FebrileNeutropeniaParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive whether fever met few neutrophils in a window, one row per patient.

    Days of fever are fractions of days, so that readings of one day can span an hour.

    Parameters
    ----------
    patients
        The five tables; `subjects` and `labs` are read: temperature [degC] and neutrophils.
    parameters
        Definition and window [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` and `label` 3 or 0, `day` [d] of the fever, `reason`. Null
        where no temperature was taken, and where fever has no neutrophil count beside it that
        decides.

    Examples
    --------
    >>> labs = pl.DataFrame({"subject": "1", "day": [5.3, 5.0], "value": [38.6, 0.4],
    ...                      "analyte": ["temperature", "neutrophils"], "unit": ["degC", "10^9/L"]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=labs)
    >>> given = FebrileNeutropeniaParameters()
    >>> derive_febrile_neutropenia(patients, given)["reason"].item()
    '38.6 degC on day 5.3, neutrophils 0.4 x 10^9/L on day 5'
    """
    p, rule = parameters, read_fever_rule(parameters.criteria)
    readings = _read_temperatures(patients).filter(within(p.from_day, p.to_day))
    fevers = _count_beside(_find_fevers(readings, rule), patients, rule)
    low, open_ = pl.col("low"), pl.col("low").is_null()
    met = fevers.filter(low).sort("day").unique("subject", keep="first", maintain_order=True)
    unclear = fevers.filter(open_).sort("day").unique("subject", keep="first", maintain_order=True)
    rows = patients.subjects.select("subject")
    for frame in (
        readings.group_by("subject").agg(pl.col("value").max().alias("highest_reading")),
        fevers.group_by("subject").agg(pl.col("day").min().alias("fever_on")),
        met.select("subject", "day", "reading", "count", "count_day"),
        unclear.select("subject", pl.col("day").alias("unclear_on")),
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    values = {"0": 0.0, str(rule.grade): float(rule.grade)}
    decided = decide(rows, _cases(p, rule), values, reasons=reasons)
    return decided.select(
        "subject",
        "value",
        "label",
        "day",
        "lowest",
        "highest",
        "reason",
        pl.lit(read_criteria(p.criteria).title).alias("criteria"),
    )


def _read_temperatures(patients: Patients) -> pl.DataFrame:
    """All readings in degC that are no bounds, in order of time."""
    known = (
        (pl.col("analyte") == "temperature")
        & (pl.col("unit") == ANALYTES["temperature"].unit)
        & pl.col("bound").is_null()
        & pl.col("day").is_not_null()
    )
    value = pl.col("value").fill_nan(None).round_sig_figs(15)
    rows = patients.labs.filter(known).select("subject", "day", value.alias("value"))
    return rows.drop_nulls("value").sort("subject", "day", "value")


def _find_fevers(readings: pl.DataFrame, rule: FeverRule) -> pl.DataFrame:
    """Days of fever and the readings: single ones, and rows of them that last."""
    single = readings.filter(rule.is_single(pl.col("value")))
    warm = readings.with_columns((pl.col("value") >= rule.sustained_at_least).alias("warm"))
    runs = (
        warm.with_columns(pl.col("warm").rle_id().over("subject").alias("run"))
        .filter("warm")
        .group_by("subject", "run")
        .agg(
            pl.col("day").min(),
            pl.col("day").max().alias("until"),
            pl.col("value").max(),
        )
    )
    # a minute less, because times of day are rounded
    hours = (pl.col("until") - pl.col("day")) * 24 >= rule.sustained_hours - 1 / 60
    return pl.concat(
        [
            single.select("subject", "day", "value"),
            runs.filter(hours).select("subject", "day", "value"),
        ]
    ).rename({"value": "reading"})


def _count_beside(fevers: pl.DataFrame, patients: Patients, rule: FeverRule) -> pl.DataFrame:
    """Whether neutrophils were low beside each fever (`low`); null where that cannot be told."""
    daily = derive_daily_values(patients.labs, "neutrophils", empty=True).select(
        "subject",
        pl.col("day").floor().alias("_whole"),
        pl.col("day").alias("count_day"),
        pl.col("value").alias("count"),
        "most",
        is_below(
            pl.lit(rule.neutrophils_below), pl.col("value").round_sig_figs(15), pl.col("bound")
        ).alias("_below"),
    )
    around = pl.int_ranges(-rule.days_around, rule.days_around + 1).alias("_offset")
    near = (
        fevers.with_row_index("_fever")
        .with_columns(around)
        .explode("_offset")
        .with_columns((pl.col("day").floor() + pl.col("_offset")).alias("_whole"))
        .join(daily, on=["subject", "_whole"], how="left")
    )
    counted = pl.col("count_day").is_not_null()
    surely, possibly = pl.col("_below"), counted & pl.col("_below").is_null()
    lowest = pl.col("count", "count_day").sort_by("most", nulls_last=True).first()
    told = (
        pl.when(surely.any())
        .then(pl.lit(value=True))
        .when(counted.any() & ~possibly.any())
        .then(pl.lit(value=False))
    )
    return near.group_by("_fever", maintain_order=True).agg(
        pl.col("subject", "day", "reading").first(), lowest, told.alias("low")
    )


def _cases(p: FebrileNeutropeniaParameters, rule: FeverRule) -> list[Case]:
    fever = pl.format("{} degC on day {}", number_text("reading"), number_text("day"))
    beside = pl.format(
        "neutrophils {} x 10^9/L on day {}", number_text("count"), number_text("count_day")
    )
    window = window_words(p.from_day, p.to_day)
    open_ = pl.format(
        "fever on day {}, without a neutrophil count beside it that decides",
        number_text("unclear_on"),
    )
    cool = pl.format(f"no fever {window}, highest {{}} degC", number_text("highest_reading"))
    enough = pl.format(
        "fever on day {}, neutrophils not below "
        f"{write_number(rule.neutrophils_below)} x 10^9/L beside it",
        number_text("fever_on"),
    )
    grade = str(rule.grade)
    return [
        Case(
            pl.col("highest_reading").is_null(),
            None,
            f"no temperature {window}",
            possible=("0", grade),
        ),
        Case(pl.col("day").is_not_null(), grade, pl.concat_str(fever, pl.lit(", "), beside)),
        Case(pl.col("unclear_on").is_not_null(), None, open_, possible=("0", grade)),
        Case(pl.col("fever_on").is_not_null(), "0", enough),
        Case(pl.lit(value=True), "0", cool),
    ]


def _needs(parameters: FebrileNeutropeniaParameters) -> tuple[Need, ...]:
    del parameters
    return (Need("labs", ("temperature",)), Need("labs", ("neutrophils",)))


def _criteria(parameters: FebrileNeutropeniaParameters) -> Criteria:
    return read_criteria(parameters.criteria)


FEBRILE_NEUTROPENIA = Endpoint(
    name="febrile_neutropenia",
    title="Febrile neutropenia",
    kind="grade",
    parameters=FebrileNeutropeniaParameters,
    derive=derive_febrile_neutropenia,
    needs=_needs,
    criteria=_criteria,
    labels=LABELS,
)
