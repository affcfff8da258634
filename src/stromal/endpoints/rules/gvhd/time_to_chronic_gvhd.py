"""`time_to_chronic_gvhd`: the onset of chronic GVHD of a severity, with competing events."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Statuses
from stromal.endpoints.records.chronic_scores import ORGAN_LABELS, RECORDED, derive_score_days
from stromal.endpoints.records.occurrences import OCCURRENCES, name_events, pick_occurrences
from stromal.endpoints.records.times import FollowedUntil, derive_times, time_needs
from stromal.endpoints.records.words import number_text
from stromal.endpoints.rules.gvhd.chronic_gvhd_severity import SeverityParameters, grade
from stromal.tables.outcomes import EVENT
from stromal.tables.patients import Patients

CRITERIA = "chronic_gvhd_times"


def _rules(name: str) -> Any:  # noqa: ANN401 - what the criteria hold is data
    return read_criteria(CRITERIA).rules[name]


class TimeToChronicGvhdParameters(SeverityParameters, FollowedUntil):
    """From which severity, what competes, and until when.

    Parameters
    ----------
    from_severity
        The least severity that counts: `mild` is any chronic GVHD.
    scores
        Organ scores show it beside recorded events (`read`), or are `ignored`.
    competing
        Names of the events after which it can no longer happen, status 2.
    """

    from_severity: Literal["mild", "moderate", "severe"] = "mild"
    scores: Literal["read", "ignored"] = "read"
    competing: tuple[str, ...] = Field(default_factory=lambda: tuple(_rules("default_competing")))


def derive_time_to_chronic_gvhd(
    patients: Patients, parameters: TimeToChronicGvhdParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the time to chronic GVHD of a severity, recorded or shown by organ scores.

    Relapse, second transplant and death without it compete: estimate it as cumulative incidence.

    Parameters
    ----------
    patients
        The five tables; `events`, and `assessments` and `labs` where scores are read.
    parameters
        Severity, competing events, and until when [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        Outcome rows in the order of `subjects`.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": ["1"], "day": [150.0], "scale": ["chronic_gvhd_score"]})
    >>> rows = rows.with_columns(item=pl.lit("lungs"), value=pl.lit("1"))
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "last_day": [365]}), assessments=rows
    ... )
    >>> moderate = TimeToChronicGvhdParameters(from_severity="moderate")
    >>> derive_time_to_chronic_gvhd(patients, moderate)["reason"].item()
    'moderate or severe chronic GVHD on day 150, by organ scores'
    """
    p = parameters
    recorded = _recorded(patients, p)
    found, open_ = [recorded, pick_occurrences(patients, (), p.competing)], None
    if p.scores == "read":
        days = derive_score_days(patients, p, ORGAN_LABELS)
        found.append(_shown(days, p))
        open_ = _open(patients, days, recorded, p)
    return derive_times(
        patients,
        pl.concat(found),
        name_statuses(p),
        read_criteria(CRITERIA),
        p,
        open_,
        reasons=reasons,
    )


def name_statuses(parameters: TimeToChronicGvhdParameters) -> Statuses:
    """Name the statuses by the severity that is asked for."""
    label = str(_rules("words")[parameters.from_severity])
    return Statuses(label, name_events(parameters.competing) if parameters.competing else "")


def _recorded(patients: Patients, p: TimeToChronicGvhdParameters) -> pl.DataFrame:
    """Recorded events of the severity or of a higher one."""
    return pick_occurrences(patients, _rules("recorded")[p.from_severity])


def _least(p: TimeToChronicGvhdParameters) -> int:
    value: int = _rules("from_value")[p.from_severity]
    return value


def _shown(days: pl.DataFrame, p: TimeToChronicGvhdParameters) -> pl.DataFrame:
    """Days on which organ scores surely reach the severity."""
    reached = days.filter(pl.col("day") >= 0, grade("least", 0) >= _least(p))
    name = _rules("recorded")[p.from_severity][0]
    return reached.select(
        "subject",
        "day",
        pl.lit(name).alias("event"),
        pl.lit(EVENT, OCCURRENCES["status"]).alias("status"),
        pl.lit(0, OCCURRENCES["rank"]).alias("rank"),
        pl.lit(", by organ scores").alias("note"),
    )


def _open(
    patients: Patients,
    days: pl.DataFrame,
    recorded: pl.DataFrame,
    p: TimeToChronicGvhdParameters,
) -> pl.DataFrame:
    """Patients whose scores leave the severity open, and from which day on."""
    by_hand = (
        patients.assessments.filter(pl.col("scale") == RECORDED)
        .select("subject", pl.col("day").floor())
        .drop_nulls()
        .unique()
    )
    scored = [organ for organ in ORGAN_LABELS if organ not in p.derived]
    # what signs and values do not show on a day is no record that anybody left empty
    filled = days.with_columns(
        pl.col(f"most_{organ}").fill_null(p.most_unscored if organ in scored else 0)
        for organ in ORGAN_LABELS
    )
    label = _rules("words")[p.from_severity]
    return (
        filled.join(by_hand, on=["subject", "day"], how="semi")
        .filter(pl.col("day") >= 0, grade("most", 0) >= _least(p))
        .join(recorded.select("subject"), on="subject", how="anti")
        .sort("subject", "day")
        .unique("subject", keep="first", maintain_order=True)
        .select(
            "subject",
            pl.col("day").alias("from_day"),
            pl.format(
                f"not every organ was scored on day {{}}: {label} is possible", number_text("day")
            ).alias("excluded"),
        )
    )


def _needs(parameters: TimeToChronicGvhdParameters) -> tuple[Need, ...]:
    return time_needs(*_rules("recorded")[parameters.from_severity], *parameters.competing)


TIME_TO_CHRONIC_GVHD: Endpoint[TimeToChronicGvhdParameters] = Endpoint(
    name="time_to_chronic_gvhd",
    title="Onset of chronic GVHD of a severity",
    kind="time",
    parameters=TimeToChronicGvhdParameters,
    derive=derive_time_to_chronic_gvhd,
    needs=_needs,
    criteria=CRITERIA,
    statuses=name_statuses,
)
