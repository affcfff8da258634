"""Covariates that switch on when something happens, in a regression on hazards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from stromal.analyses.kind import Setting
from stromal.estimates.counting_process import split_times
from stromal.estimates.cox import fit_cox
from stromal.estimates.regression import Regression
from stromal.tables.outcomes import CENSORED, EVENT

CHANGING_SOURCES = ("therneau2000",)


@dataclass(frozen=True, slots=True)
class Changes:
    """Days [d] on which covariates switch on, and up to which those that do not are known.

    Tables have a column for each covariate and a row for each patient.
    """

    on: pl.DataFrame
    ends: pl.DataFrame

    @property
    def names(self) -> tuple[str, ...]:
        """The covariates."""
        return tuple(self.on.columns)

    def keep(self, names: Sequence[str]) -> Changes:
        """Return some of the covariates."""
        return Changes(self.on.select(names), self.ends.select(names))


def read_changes(setting: Setting, subjects: pl.Series, names: Iterable[str]) -> Changes:
    """Return when the events of endpoints came, as covariates of patients.

    A competing event means that the event does not come any more. Where follow-up of the event
    ended, or nothing is known of it, the covariate is not known from then on.

    Parameters
    ----------
    setting
        The cohort.
    subjects
        Patients in the order of the rows.
    names
        Endpoints that give a time.
    """
    on: list[pl.Series] = []
    ends: list[pl.Series] = []
    for name in names:
        own = setting.outcomes_of(name).select("subject", "day", "status")
        rows = subjects.to_frame("subject").join(
            own, on="subject", how="left", maintain_order="left"
        )
        status, day = pl.col("status"), pl.col("day")
        unknown = status.is_null() | day.is_null()
        on.append(rows.select(pl.when(status == EVENT).then(day).alias(name))[name])
        end = pl.when(unknown).then(0.0).when(status == CENSORED).then(day)
        ends.append(rows.select(end.alias(name))[name])
    return Changes(pl.DataFrame(on), pl.DataFrame(ends))


def fit_changing(
    outcomes: pl.DataFrame,
    covariates: pl.DataFrame,
    changes: Changes,
    level: float,
    references: Mapping[str, str],
) -> Regression:
    """Estimate hazard ratios where some covariates switch on with time.

    Parameters
    ----------
    outcomes, covariates
        Patients with a time, and their covariates that do not change.
    changes
        Those that do, of the same patients.
    level, references
        Level of the intervals, and reference of each category.
    """
    # A time that ends as follow-up of the covariate does is known to its end.
    day = outcomes["day"]
    ends = changes.ends.with_columns(
        pl.when(pl.col(name) < day).then(pl.col(name)).alias(name) for name in changes.names
    )
    split = split_times(outcomes, changes.on, ends)
    fixed = covariates.select(pl.all().gather(split.row)) if covariates.width else None
    used = split.covariates if fixed is None else fixed.hstack(split.covariates)
    found = fit_cox(split.outcomes, used, EVENT, level=level, references=references)
    known = split.outcomes["status"].is_not_null() & split.outcomes["day"].is_not_null()
    for column in used.iter_columns():
        known &= column.is_not_null()
    patients = split.row.filter(known).n_unique()
    method = f"{found.method}, covariates that change with time"
    effects = tuple(
        replace(
            effect,
            ratio=replace(
                effect.ratio,
                n=patients,
                method=method,
                sources=(*effect.ratio.sources, *CHANGING_SOURCES),
            ),
        )
        for effect in found.effects
    )
    return replace(found, effects=effects, n=patients, method=method)
