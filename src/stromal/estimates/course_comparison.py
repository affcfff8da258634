"""Comparison of the courses of groups: repeated values after a start, adjusted for the day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from stromal.estimates.intervals import FloatArray
from stromal.estimates.mixed_model import (
    MIXED_SOURCES,
    JointTest,
    MixedEffect,
    MixedModel,
    Scale,
    fit_mixed_model,
)

JOINT_SOURCES = ("fai1996",)
SPLINE_SOURCES = ("durrleman1989",)

MOST_DAYS = 30
"""Different days up to which each has a level of its own; of more, a smooth curve is fitted."""

LEAST_A_DAY = 3
"""Values on a usual day from which each day has a level of its own."""

KNOTS = (0.05, 0.275, 0.5, 0.725, 0.95)
"""Quantiles of the days at which cubic pieces of the curve meet."""


@dataclass(frozen=True, slots=True)
class CourseComparison:
    """How courses of groups differ: effects against the reference, and tests of all groups.

    `effects` are in the order of the groups' names. `test` asks whether groups have one level,
    `parallel` whether their difference stays the same from day to day. `reason` says why nothing is
    estimated, `note` what is odd.
    """

    effects: tuple[MixedEffect, ...]
    test: JointTest
    parallel: JointTest
    patients: int
    values: int
    method: str
    sources: tuple[str, ...]
    reason: str = ""
    note: str = ""


def compare_courses(
    rows: pl.DataFrame,
    *,
    reference: str,
    scale: Scale = "log",
    level: float = 0.95,
) -> CourseComparison:
    """Estimate how the values of groups differ over time, in one mixed model.

    Each patient has an own level; the day is adjusted for, as a level for each day where they are
    few and shared, else as a restricted cubic spline. [durrleman1989] With a `baseline` without
    gaps, that is adjusted for too. On the scale of logarithms effects are ratios of geometric
    means, else differences of means. A second model lets the difference change with the day.

    Parameters
    ----------
    rows
        One row per value: `subject`, `group`, `day` [d], `value` and, where it is adjusted for,
        `baseline` in the unit of the value. Rows without any of them are left out.
    reference
        Group that the others are compared with.
    scale
        Whether logarithms are compared, or values as they are.
    level
        Level of the intervals, between 0 and 1.

    Returns
    -------
    CourseComparison
        Effects, tests, and how many patients and values there were.

    Examples
    --------
    >>> rows = pl.DataFrame({
    ...     "subject": list("aabbccddeeff"), "group": ["msc"] * 6 + ["none"] * 6,
    ...     "day": [7.0, 14.0] * 6,
    ...     "value": [20.0, 31, 26, 44, 15, 27, 11, 19, 9, 16, 15, 20]})
    >>> found = compare_courses(rows, reference="none")
    >>> round(found.effects[0].estimate.value, 2), round(found.test.p_value, 3)
    (1.78, 0.035)

    Witness: R lme4::lmer and lmerTest::anova, tests/reference/course_comparison.
    """
    columns = ["subject", "group", "day", "value"]
    columns += ["baseline"] if "baseline" in rows.columns else []
    held = rows.select(columns).with_columns(pl.col("group").cast(pl.String)).drop_nulls()
    # Means of the days are then the same for any order of the rows.
    held = held.sort(columns)
    day, smooth = _adjust_day(held["day"])
    covariates = day
    if "baseline" in columns:
        covariates = covariates.with_columns(_transform(held["baseline"], scale))
    covariates = covariates.with_columns(held["group"])
    references = {"group": reference}
    asked = {"scale": scale, "level": level, "references": references}
    patients, values = held["subject"].n_unique(), held.height
    reason = _refuse(held, scale)
    if reason:
        held, covariates = held.clear(), covariates.clear()
    model = fit_mixed_model(
        held["value"], covariates, held["subject"], together=["group"], **asked  # type: ignore[arg-type]
    )  # fmt: skip
    parting = _part(held, reference)
    parallel = fit_mixed_model(
        held["value"], covariates.with_columns(parting.iter_columns()), held["subject"],
        together=parting.columns, **asked,  # type: ignore[arg-type]
    ).joint  # fmt: skip
    effects = tuple(effect for effect in model.effects if effect.term.covariate == "group")
    adjusted = "a spline of the day" if smooth else "each day"
    adjusted += " and the value before" if "baseline" in columns else ""
    return CourseComparison(
        effects,
        model.joint or JointTest(reason=model.reason),
        parallel or JointTest(reason="there are no two groups"),
        patients,
        values,
        f"{model.method}, adjusted for {adjusted}",
        (*MIXED_SOURCES, *JOINT_SOURCES, *(SPLINE_SOURCES if smooth else ())),
        reason or _explain(model, effects),
        model.note,
    )


def _explain(model: MixedModel, effects: tuple[MixedEffect, ...]) -> str:
    """Return why there is no effect at all; empty where there is one."""
    if model.reason or any(effect.coefficient is not None for effect in effects):
        return model.reason
    reasons = dict.fromkeys(effect.reason for effect in effects if effect.reason)
    return "; ".join(reasons) or "there are no two groups"


def _refuse(rows: pl.DataFrame, scale: Scale) -> str:
    """Return why groups cannot be compared at all; empty where the model may try."""
    if rows["group"].n_unique() < 2:
        return "there are no two groups with values"
    if scale == "log" and "baseline" in rows.columns and (rows["baseline"] <= 0).any():
        return "a value before is 0 or below, and has no logarithm"
    return ""


def _transform(baseline: pl.Series, scale: Scale) -> pl.Series:
    positive = scale == "log" and bool((baseline > 0).all())
    return baseline.log() if positive else baseline


def _adjust_day(days: pl.Series) -> tuple[pl.DataFrame, bool]:
    """Return the covariates that stand for the day, and whether they are a smooth curve."""
    counts = days.value_counts()["count"]
    usual = float(counts.median() or 0)  # type: ignore[arg-type]
    if counts.len() <= MOST_DAYS and usual >= LEAST_A_DAY:
        return days.cast(pl.String).alias("day").to_frame(), False
    spline = _spread_spline(days.to_numpy().astype(np.float64))
    return pl.DataFrame({f"day {place}": column for place, column in enumerate(spline.T)}), True


def _spread_spline(days: FloatArray) -> FloatArray:
    """Return columns of a restricted cubic spline, straight beyond the outer knots (rows, columns).

    With few different days knots fall together, and the curve has fewer pieces.
    """
    knots = np.unique(np.quantile(days, KNOTS)) if days.size else np.zeros(0)
    columns = [days]
    if knots.size > 2:
        last, before = knots[-1], knots[-2]
        unit = (last - knots[0]) ** 2

        def cube(knot: float) -> FloatArray:
            cubed: FloatArray = np.maximum(days - knot, 0.0) ** 3
            return cubed

        for knot in knots[:-2]:
            bend = cube(knot) - cube(before) * (last - knot) / (last - before)
            columns.append((bend + cube(last) * (before - knot) / (last - before)) / unit)
    return np.stack(columns, axis=1)


def _part(rows: pl.DataFrame, reference: str) -> pl.DataFrame:
    """Return for each group but the reference the day from the middle one, 0 in other groups."""
    groups = [name for name in rows["group"].unique().sort() if name != reference]
    middle = rows["day"].mean()
    away = rows["day"] - (middle if isinstance(middle, float) else 0.0)
    own = {f"{name} by day": (rows["group"] == name).cast(pl.Float64) * away for name in groups}
    return pl.DataFrame(own or {"no group by day": rows["day"] * 0.0})
