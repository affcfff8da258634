"""`dose_limiting_toxicity`: whether a toxicity was reported as dose-limiting in a window."""

from __future__ import annotations

import polars as pl
from pydantic import model_validator

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Parameters
from stromal.endpoints.records.watched import watch_window
from stromal.endpoints.records.words import number_text, window_words
from stromal.endpoints.rules.adverse_events.asked import CRITERIA
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.windows import Day, within

LABELS = (
    Label("no", "no dose-limiting toxicity", rank=0, tone="good"),
    Label("yes", "a dose-limiting toxicity", rank=1, tone="worst"),
)
_VALUES = {"no": 0.0, "yes": 1.0}


class DoseLimitingToxicityParameters(Parameters):
    """The window in which a toxicity limits the dose.

    Parameters
    ----------
    from_day
        First day [d], included.
    to_day
        Last day [d], included; the protocol's window must be given.
    """

    from_day: Day = 0.0
    to_day: Day

    @model_validator(mode="after")
    def _in_order(self) -> DoseLimitingToxicityParameters:
        if self.to_day < self.from_day:
            raise ValueError("`to_day` is before `from_day`; give the later day as `to_day`")
        return self


def derive_dose_limiting_toxicity(
    patients: Patients, parameters: DoseLimitingToxicityParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive whether every patient had a toxicity that was reported as dose-limiting.

    A patient without one is judged only where follow-up reaches the end of the window alive, so
    that the denominator is those who were watched for it.

    Parameters
    ----------
    patients
        The five tables; `subjects` and `events` are read, and all others for follow-up.
    parameters
        The window [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `label` yes or no, `value` 1 or 0, `day` [d] of the toxicity, `lowest`
        and `highest` what stays possible, `reason`.

    Examples
    --------
    >>> events = pl.DataFrame({"subject": ["1"], "day": [9.0], "event": "dose_limiting_toxicity"})
    >>> subjects = pl.DataFrame({"subject": ["1", "2", "3"], "last_day": [90.0, 90.0, 20.0]})
    >>> patients = Patients.of(subjects=subjects, events=events)
    >>> window = DoseLimitingToxicityParameters(to_day=28)
    >>> derive_dose_limiting_toxicity(patients, window)["label"].to_list()
    ['yes', 'no', None]
    """
    p = parameters
    name = read_criteria(CRITERIA).rules["dose_limiting_event"]
    reported = patients.events.filter(pl.col("event") == name)
    days = reported.filter(pl.col("day").is_not_null(), within(p.from_day, p.to_day))
    undated = reported.filter(pl.col("day").is_null())
    rows = watch_window(patients, p.to_day)
    for frame in (
        days.group_by("subject").agg(pl.col("day").min().alias("on")),
        undated.select("subject", pl.lit(value=True).alias("undated")).unique(),
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    decided = decide(rows, _cases(p), _VALUES, reasons=reasons)
    return decided.select(
        "subject",
        "value",
        "label",
        pl.when(pl.col("label") == "yes").then("on").alias("day"),
        "lowest",
        "highest",
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _cases(p: DoseLimitingToxicityParameters) -> list[Case]:
    either = ("no", "yes")
    window = window_words(p.from_day, p.to_day)
    last_day = pl.col("last_day")
    none = pl.format(
        f"no dose-limiting toxicity {window}, followed until day {{}}", number_text("last_day")
    )
    early = pl.col("died") & (last_day.floor() < p.to_day)
    return [
        Case(
            pl.col("on").is_not_null(),
            "yes",
            pl.format("dose-limiting toxicity on day {}", number_text("on")),
        ),
        Case(
            pl.col("undated").is_not_null(),
            None,
            "dose-limiting toxicity recorded without a day",
            possible=either,
        ),
        Case(last_day.is_null(), None, "no follow-up is recorded"),
        Case(early, None, pl.format("{}, died before the window ended", none)),
        Case(pl.col("unseen"), None, pl.format("{} only", none), possible=either),
        Case(pl.lit(value=True), "no", none),
    ]


def _needs(parameters: DoseLimitingToxicityParameters) -> tuple[Need, ...]:
    del parameters
    name = read_criteria(CRITERIA).rules["dose_limiting_event"]
    return (Need("events", (name, "last_follow_up")),)


DOSE_LIMITING_TOXICITY = Endpoint(
    name="dose_limiting_toxicity",
    title="Dose-limiting toxicity",
    kind="flag",
    parameters=DoseLimitingToxicityParameters,
    derive=derive_dose_limiting_toxicity,
    needs=_needs,
    criteria=CRITERIA,
    labels=LABELS,
)
