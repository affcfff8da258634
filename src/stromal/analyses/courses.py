"""Courses of a laboratory value compared between groups: what is compared, rows and words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from stromal.analyses.effects import describe_effect
from stromal.analyses.groups import (
    Group,
    find_landmark,
    leave_out_simulated,
    name_levels,
    read_levels,
)
from stromal.analyses.kind import Answer, Row, Setting
from stromal.analyses.number_effects import NO_NUMBER
from stromal.analyses.rows import count_not_evaluable, make_row
from stromal.analyses.share_effects import choose_reference
from stromal.analyses.tests import find_test
from stromal.endpoints.records.support import flag_supported
from stromal.errors import join_words
from stromal.estimates.course_comparison import CourseComparison, compare_courses
from stromal.estimates.estimate import Estimate
from stromal.report.groups import label_group
from stromal.report.words import capitalise, count_noun, render_number, render_p_value
from stromal.tables.statistics import GEOMETRIC_MEAN_RATIO, MEAN_DIFFERENCE, PARALLEL_P, TEST_P

FOUND = 0.05
"""P of the check below which the page says that the difference changes; a habit, no boundary."""

USUAL_SUPPORT = 7.0
"""Days [d] after support within which values are said to have been compared as they were."""

_EFFECTS = (GEOMETRIC_MEAN_RATIO.name, MEAN_DIFFERENCE.name)


@dataclass(frozen=True, slots=True)
class Compared:
    """Values that are compared: `rows` for `compare_courses`, and why others are not.

    `people` are all patients with a group. `limits` counts values of which only a limit is known,
    `supported` those near support that stand as they are, `without` patients who have no value
    before.
    """

    rows: pl.DataFrame
    people: pl.DataFrame
    unit: str
    limits: int
    supported: int
    without: int


def read_compared(use: Any, setting: Setting) -> Compared:  # noqa: ANN401
    """Return the values of one analyte that are compared between groups.

    Parameters
    ----------
    use
        Keys of the analysis: `analyte`, `by`, `from_day`, `to_day`, `support_days`, `baseline`.
    setting
        The cohort.
    """
    people = read_levels(setting, use.by).drop_nulls("group")
    people = people if use.by == "arm" else leave_out_simulated(setting, people)
    labs = setting.patients.labs.filter(pl.col("analyte") == use.analyte)
    labs = labs.drop_nulls(["day", "value"]).join(people, on="subject", how="inner")
    landmark = find_landmark(setting, use.by)
    first = max(0.0 if landmark is None else landmark, 0.0)
    later = pl.col("day") > first
    if use.from_day is not None:
        later &= pl.col("day") >= use.from_day
    if use.to_day is not None:
        later &= pl.col("day") <= use.to_day
    rows = labs.filter(later)
    days = USUAL_SUPPORT if use.support_days is None else use.support_days
    near = flag_supported(setting.patients, rows, use.analyte, days)
    supported = int(near.sum())
    if use.support_days is not None:
        rows, supported = rows.filter(~near), 0
    before = labs.filter((pl.col("day") <= 0) & pl.col("bound").is_null()).sort("day", "value")
    before = before.group_by("subject", maintain_order=True).agg(pl.col("value").last())
    rows = rows.join(before.rename({"value": "baseline"}), on="subject", how="left")
    without = rows.filter(pl.col("baseline").is_null())["subject"].n_unique()
    columns = ["baseline"] if use.baseline and not without else []
    return Compared(
        rows.select("subject", "group", "day", "value", *columns),
        people,
        next(iter(rows["unit"].drop_nulls()), "1"),
        int(rows["bound"].is_not_null().sum()),
        supported,
        without,
    )  # fmt: skip


def estimate_courses(use: Any, setting: Setting) -> Iterator[Row]:  # noqa: ANN401
    """Yield the effect of every group, the test of all, and the check that courses are parallel.

    Parameters
    ----------
    use, setting
        Keys of the analysis, and the cohort.
    """
    compared = read_compared(use, setting)
    order = name_levels(setting, use.by, compared.people)
    measured = compared.rows.unique("subject")
    for name in order if measured.height else ():
        group = Group(compared.people.filter(pl.col("group") == name), use.by, name)
        yield from count_not_evaluable(group, measured.filter(pl.col("group") == name).height)
    there = tuple(name for name in order if (measured["group"] == name).any())
    reference = choose_reference(there, use.reference)
    reason = ""
    if not there:
        reason = "nobody has a value"
    elif compared.limits:
        reason = f"of {count_noun(compared.limits, 'value')} only a limit is known"
    elif reference is None:
        reason = f"nobody in {use.reference} has a value"
    if reason:
        told = f"F test of a mixed model{NO_NUMBER}{reason}"
        test = Estimate(None, n=measured.height, method=told)
        yield make_row(None, TEST_P, test) | {"by": use.by}
        return
    found = compare_courses(
        compared.rows, reference=reference or "", scale=use.scale, level=use.level
    )
    yield from _list_effects(found, use, there, compared.unit)
    yield from _list_tests(found, use.by)


def _list_effects(
    found: CourseComparison, use: Any, order: tuple[str, ...], unit: str  # noqa: ANN401
) -> Iterator[Row]:  # fmt: skip
    own = {effect.term.level: effect for effect in found.effects}
    ratio = use.scale == "log"
    for name in order:
        effect = own.get(name)
        if effect is None or effect.term.reference in (None, name):
            continue
        method = f"{found.method}, {count_noun(found.values, 'value')}"
        reason = effect.reason or found.reason
        told = replace(
            effect.estimate,
            n=found.patients,
            method=f"{method}{NO_NUMBER}{reason}" if reason else method,
            sources=found.sources,
        )
        statistic = GEOMETRIC_MEAN_RATIO if ratio else MEAN_DIFFERENCE
        row = make_row(None, statistic, told, unit="1" if ratio else unit)
        yield row | {"by": use.by, "term": name, "reference": effect.term.reference}


def _list_tests(found: CourseComparison, by: str) -> Iterator[Row]:
    names = {TEST_P: "F test of the mixed model", PARALLEL_P: "F test of group by day"}
    for (statistic, name), test in zip(names.items(), (found.test, found.parallel), strict=True):
        told = f"{name}{NO_NUMBER}{found.reason or test.reason}"
        if test.degrees is not None and test.statistic is not None:
            above, below = test.degrees
            told = f"{name}; F = {test.statistic:.2f}, {above} and {below:.1f} degrees of freedom"
        row = Estimate(
            test.p_value,
            n=found.patients,
            method=told,
            sources=found.sources,
            degrees=None if test.degrees is None else test.degrees[1],
        )
        yield make_row(None, statistic, row) | {"by": by}


def describe_courses(answer: Answer[Any]) -> list[str]:
    """Say the effects, the test, and whether the difference changes; or why there are none."""
    rows = answer.estimates
    effects = rows.filter(pl.col("statistic").is_in(_EFFECTS)).to_dicts()
    said = [f"{capitalise(words)}." for row in effects if (words := describe_effect(answer, row))]
    test = find_test(rows)
    if test is not None:
        said.append(f"{capitalise(test.name.partition(';')[0])}: {test.words}.")
    else:
        failed = rows.filter(pl.col("statistic") == TEST_P.name, pl.col("n") > 0)
        reasons = [method.partition(NO_NUMBER)[2] for method in failed["method"]]
        said += [f"Groups are not compared: {reason}." for reason in reasons if reason]
    changing = rows.filter(pl.col("statistic") == PARALLEL_P.name, pl.col("value") < FOUND)
    if said and changing.height:
        p_value = render_p_value(changing["value"][0])
        said.append(
            f"The difference does not stay the same from day to day ({p_value}), so that one "
            "number is an average over the days that were compared."
        )
    return said


def remark_courses(answer: Answer[Any]) -> str:
    """Say which values are compared, who died meanwhile, and what stands as it was measured."""
    if answer.estimates.filter(statistic=TEST_P.name).drop_nulls("value").is_empty():
        return ""
    compared = read_compared(answer.use, answer.setting)
    days = compared.rows["day"]
    first, last = float(days.min() or 0), float(days.max() or 0)  # type: ignore[arg-type]
    said = [f"Compared are the values of day {render_number(first)} to {render_number(last)}."]
    if answer.use.baseline and compared.without:
        who = count_noun(compared.without, "patient")
        verb = "has" if compared.without == 1 else "have"
        said.append(f"They are not adjusted for the value before day 0, which {who} {verb} not.")
    if compared.supported:
        verb = "lies" if compared.supported == 1 else "lie"
        said.append(
            f"{capitalise(count_noun(compared.supported, 'value'))} {verb} within "
            f"{USUAL_SUPPORT:g} days after a transfusion or G-CSF and stand as they were measured; "
            "`support_days` leaves them out."
        )
    return " ".join([*said, *_tell_deaths(answer, compared, last)])


def _tell_deaths(answer: Answer[Any], compared: Compared, last: float) -> list[str]:
    """Who died by the last day that is compared, in each group; empty where nobody did."""
    died = answer.setting.patients.events.filter(
        pl.col("event") == "death", pl.col("day") <= last
    ).unique("subject")
    people = compared.people.with_columns(died=pl.col("subject").is_in(died["subject"].implode()))
    if not people["died"].any():
        return []
    parts = []
    for name in name_levels(answer.setting, answer.use.by, people):
        own = people.filter(pl.col("group") == name)
        if own.height:
            label = label_group(answer.protocol, name, answer.use.by)
            parts.append(f"{int(own['died'].sum())} of {own.height} in {label}")
    told = (
        f"By day {render_number(last)} had died: {join_words(parts)}. Who dies or leaves has no "
        "later values, which the model takes to be missing at random; death is not, so that the "
        "difference is one between patients while they are followed."
    )
    return [told]
