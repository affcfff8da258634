"""Courses of patients through states: alive without GVHD, with it, relapse, death."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import Field

from stromal.analyses.checks import check_days, check_known, check_reference
from stromal.analyses.effects import name_contrast, render_effect
from stromal.analyses.groups import Group, count_left_out, find_landmark, split_outcomes
from stromal.analyses.hazards import choose_reference
from stromal.analyses.kind import AnalysisKind, Answer, Estimated, Row, Setting
from stromal.analyses.number_effects import NO_NUMBER
from stromal.analyses.rows import count_not_evaluable, make_row
from stromal.analyses.sentences import name_group
from stromal.analyses.states import Stays, read_stays
from stromal.analyses.table import order_groups
from stromal.analyses.tests import find_test, is_test
from stromal.errors import Issue, join_words
from stromal.estimates.estimate import Estimate
from stromal.estimates.state_occupation import StateOccupation, estimate_state_occupation
from stromal.estimates.time_in_states import (
    TimeInStates,
    compare_time_in_state,
    compare_times_in_state,
    estimate_time_in_states,
)
from stromal.estimates.times import read_off
from stromal.protocol.protocol import AnalysisPart, Protocol
from stromal.report.figures.cumulative_incidence import plot_cumulative_incidence
from stromal.report.figures.curves import frame_curves
from stromal.report.figures.figure import Figure
from stromal.report.groups import label_analysis, label_day_zero, label_group
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import (
    MISSING,
    capitalise,
    render_interval,
    render_number,
    render_percent,
)
from stromal.tables.curve import Curve
from stromal.tables.statistics import (
    CHI_SQUARED,
    STATE_PROBABILITY,
    TEST_P,
    TIME_IN_STATE,
    TIME_IN_STATE_DIFFERENCE,
)
from stromal.tables.windows import Day
from stromal.toml.part import Name


class MultiStateUse(AnalysisPart):
    """Probability of being in each of several states, day by day, and mean times in them.

    Everybody begins in one state and moves into another on the day of its endpoint's event, more
    than once where several events come; a final state ends the course. Probabilities are those of
    Aalen and Johansen, their variance that of the infinitesimal jackknife. Between groups, the
    difference of the mean time in one state within a number of days, with its interval, and one
    test. A competing event that is no state would leave nobody knows whom out; then nothing is
    estimated.

    Parameters
    ----------
    start
        The state of the beginning, in words.
    states
        The other states in words, each with the endpoint that gives the time to it:
        `states = { "GVHD" = "acute_gvhd", "relapse or death" = "disease_free_survival" }`. Of
        events on one day the last counts.
    final
        States that nobody leaves; empty: the last of them.
    by
        `arm`, `sex`, `species`, a covariate that is a category or a flag, an endpoint that gives
        a grade, a flag or a response, or a grouping of the protocol.
    reference
        Group that the others are compared with; empty: the last of the protocol that has patients.
    restricted_mean
        Day [d] up to which mean times in the states are estimated; groups need one.
    compare
        State whose mean time is compared between groups; empty: that of the beginning.
    level
        Level of the intervals.
    days
        Days [d] at which probabilities are printed, in order.

    Examples
    --------
    A protocol writes::

        [[analyses]]
        name = "course"
        label = "Course after transplantation"
        estimate = "multi_state"
        start = "alive in remission"
        states = { "chronic GVHD" = "chronic_gvhd", "relapse or death" = "disease_free_survival" }
        by = "arm"
        restricted_mean = 730
        days = [100, 365, 730]
    """

    estimate: Literal["multi_state"]
    start: Annotated[str, Field(min_length=1)]
    states: Annotated[dict[str, Name], Field(min_length=1)]
    final: tuple[str, ...] = ()
    by: str | None = None
    reference: str = ""
    restricted_mean: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    compare: str = ""
    level: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    days: tuple[Day, ...] = ()

    @property
    def ends(self) -> tuple[str, ...]:
        """The states that nobody leaves."""
        return self.final or (list(self.states)[-1],)

    @property
    def ordered(self) -> tuple[str, ...]:
        """Every state: that of the beginning, then the others in order."""
        return (self.start, *self.states)


def estimate_states(use: MultiStateUse, setting: Setting) -> Estimated:
    """Estimate probabilities and mean times of all states in every group, and compare them."""
    last = list(use.states.values())[-1]
    own = {"endpoint": last}
    groups = split_outcomes(setting, last, use.by)
    landmark = find_landmark(setting, use.by) or 0.0
    rows: list[Row] = []
    curves: list[Curve] = []
    times: dict[str | None, TimeInStates] = {}
    for group in groups:
        stays = read_stays(setting, group.outcomes, use.start, use.states, use.ends)
        found = _occupy(stays, landmark, use.level)
        rows += _list_probabilities(use, group, found)
        curves += (replace(curve, group=group.name) for curve in _list_curves(use, found))
        rows += count_not_evaluable(group, stays.rows["subject"].n_unique())
        if use.restricted_mean is not None:
            time = _spend(stays, use.restricted_mean, landmark, use.level)
            times[group.name] = time
            rows += _list_times(use, group, time)
    rows += _compare(use, groups, times)
    rows += count_left_out(setting, last, use.by)
    curves = [replace(curve, analysis=use.name) for curve in curves]
    return Estimated(tuple(row | own for row in rows), tuple(curves))


def _unmatched(stays: Stays) -> str:
    who = "patients have" if stays.unmatched > 1 else "patient has"
    return f"{stays.unmatched} {who} a competing event that is no state" if stays.unmatched else ""


def _occupy(stays: Stays, start_day: float, level: float) -> StateOccupation:
    reason = _unmatched(stays)
    rows = stays.rows.clear() if reason else stays.rows
    found = estimate_state_occupation(rows, start_day=start_day, level=level)
    return replace(found, reason=reason or found.reason)


def _spend(stays: Stays, until: float, start_day: float, level: float) -> TimeInStates:
    reason = _unmatched(stays)
    rows = stays.rows.clear() if reason else stays.rows
    found = estimate_time_in_states(rows, until, start_day=start_day, level=level)
    return replace(found, reason=reason or found.reason)


def _list_curves(use: MultiStateUse, found: StateOccupation) -> Iterator[Curve]:
    """The probability of each state as a step function, but that of the beginning: the rest."""
    for state in use.states if not found.reason else ():
        yield Curve(
            _tabulate_state(use, found, state),
            found.method,
            found.level,
            found.n,
            label=state,
            interval=found.interval,
            sources=found.sources,
        )


def _tabulate_state(use: MultiStateUse, found: StateOccupation, state: str) -> pl.DataFrame:
    """The table of one state; at risk and censored are patients in all states together."""
    over = pl.col("state").is_in(use.ends)
    whole = found.table.group_by("day", maintain_order=True).agg(
        pl.col("at_risk").sum(), ended=pl.col("entered").filter(over).sum()
    )
    # Who was there on a day and is not on the next, in no final state, was censored on it.
    later = pl.col("at_risk").shift(-1).fill_null(0)
    left = pl.col("at_risk") - later - pl.col("ended")
    whole = whole.with_columns(censored=left.clip(lower_bound=0))
    mine = found.table.filter(pl.col("state") == state).drop("at_risk", "error", "state")
    if mine.is_empty():
        mine = whole.select("day", probability=pl.lit(0.0), low=pl.lit(None, pl.Float64),
                            high=pl.lit(None, pl.Float64), entered=pl.lit(0, pl.Int64))  # fmt: skip
    joined = mine.join(whole.select("day", "at_risk", "censored"), on="day", maintain_order="left")
    events = pl.col("entered")
    return joined.with_columns(events=events, entered=pl.lit(0, pl.Int64))


def _list_probabilities(use: MultiStateUse, group: Group, found: StateOccupation) -> Iterator[Row]:
    """Rows of every state on the days asked for; one that is not estimable says why."""
    for state in use.ordered:
        for day in use.days:
            if found.reason:
                told = f"{found.method}{NO_NUMBER}{found.reason}"
                nothing = Estimate(None, n=found.n, method=told, sources=found.sources)
                yield make_row(group, STATE_PROBABILITY, nothing, label=state, day=day)
                continue
            curve = Curve(
                _tabulate_state(use, found, state),
                found.method,
                found.level,
                found.n,
                interval=found.interval,
                sources=found.sources,
            )
            began = 1.0 if state == use.start else 0.0
            estimate = read_off(curve, day, began)
            yield make_row(group, STATE_PROBABILITY, estimate, label=state, day=day)


def _list_times(use: MultiStateUse, group: Group, found: TimeInStates) -> Iterator[Row]:
    """Rows of the mean time in every state up to the day asked for."""
    for state in use.ordered:
        nothing = Estimate(0.0, n=found.n, events=found.events, method=found.method,
                           sources=found.sources)  # fmt: skip
        estimate = found.times.get(state, nothing)
        if found.reason:
            told = f"{found.method}{NO_NUMBER}{found.reason}"
            estimate = replace(nothing, value=None, method=told)
        yield make_row(
            group, TIME_IN_STATE, estimate, label=state, day=use.restricted_mean, unit="day"
        )


def _compare(
    use: MultiStateUse, groups: Sequence[Group], times: Mapping[str | None, TimeInStates]
) -> Iterator[Row]:
    """The difference of mean times in one state from the reference, and the test of all groups."""
    reference = choose_reference(tuple(groups), use.reference)
    named = [group.name for group in groups if group.name is not None]
    if use.restricted_mean is None or reference is None or len(named) < 2:
        return
    state = use.compare or use.start
    until = use.restricted_mean
    for name in named:
        if name != reference:
            effect, reason = compare_time_in_state(times[name], times[reference], state, use.level)
            row = make_row(
                None, TIME_IN_STATE_DIFFERENCE, effect, label=state, day=until, unit="day"
            )
            row |= {"method": f"{row['method']}{NO_NUMBER}{reason}"} if reason else {}
            yield row | {"by": use.by, "term": name, "reference": reference}
    test = compare_times_in_state([times[name] for name in named], state)
    method = f"{test.method}{NO_NUMBER}{test.reason}" if test.reason else test.method
    for statistic, value in ((CHI_SQUARED, test.statistic), (TEST_P, test.p_value)):
        if value is not None or statistic is TEST_P:
            found = Estimate(
                value,
                n=test.n,
                events=test.events,
                method=method,
                sources=test.sources,
                degrees=test.degrees,
            )
            yield make_row(None, statistic, found, label=state, day=until) | {"by": use.by}


def describe_states(answer: Answer[MultiStateUse]) -> list[str]:
    """Say how many are in which state on the last day asked for, and how groups differ."""
    rows = answer.estimates
    shares = rows.filter(statistic=STATE_PROBABILITY.name).drop_nulls("value")
    sentences: list[str] = []
    if shares.height:
        day = max(shares["day"].to_list())
        at = shares.filter(pl.col("day") == day)
        groups = at["group"].unique(maintain_order=True).to_list()
        for group in groups if len(groups) < 2 else [name for name in groups if name is not None]:
            own = at.filter(pl.col("group").eq_missing(pl.lit(group))).to_dicts()
            parts = [f"{row['label']} {render_percent(row['value'], row['n'])}" for row in own]
            whom = "" if len(groups) < 2 else f" in {name_group(answer, own[0])}"
            sentences.append(f"On day {render_number(day)}{whom}: {join_words(parts)}.")
    effects = rows.filter(statistic=TIME_IN_STATE_DIFFERENCE.name).drop_nulls("value")
    sentences += [_say_difference(answer, row) for row in effects.iter_rows(named=True)]
    test = find_test(rows)
    if test is not None:
        sentences.append(f"{capitalise(test.name)}: {test.words}.")
    return sentences


def _say_difference(answer: Answer[MultiStateUse], row: Mapping[str, Any]) -> str:
    """The difference of mean times as days more or less than the reference."""
    term, reference = (
        label_group(answer.protocol, row[name], row["by"]) for name in ("term", "reference")
    )
    _, ends = render_effect(row)
    less = row["value"] < 0
    days = f"{render_number(abs(row['value']), 0)} days {'less' if less else 'more'}"
    within = f"Within {render_number(row['day'])} days"
    level = f"{100 * (row['level'] or 0.95):g}"
    interval = "" if ends == MISSING else f" (difference, {level} % CI {ends})"
    return f"{within}, {term} spent {days} {row['label']} than {reference}{interval}."


def tabulate_states(answer: Answer[MultiStateUse]) -> View:
    """Return a line for each state of each group: probabilities on the days, and the mean time."""
    rows, use = answer.estimates, answer.use
    found = {
        (row["group"], row["label"], row["statistic"], row["day"]): row
        for row in rows.filter(pl.col("term").is_null()).iter_rows(named=True)
    }
    columns = [(STATE_PROBABILITY.name, day) for day in use.days]
    columns += [(TIME_IN_STATE.name, use.restricted_mean)] if use.restricted_mean else []
    titles = [f"Day {render_number(day)}" for day in use.days]
    if use.restricted_mean:
        titles.append(f"Mean days in it, of {render_number(use.restricted_mean)}")
    headings = [Heading(""), *(Heading(title, numeric=True) for title in titles)]
    cells: list[list[Cell]] = []
    groups = order_groups(rows.filter(pl.col("label").is_not_null() & pl.col("term").is_null()
                                      & ~is_test()))  # fmt: skip
    for group in groups:
        own = [row for key, row in found.items() if key[0] == group and row["n"]]
        size = max((row["n"] for row in own if row["statistic"] == columns[0][0]), default=0)
        if size:
            by = None if group is None else use.by
            name = f"{label_group(answer.protocol, group, by)}, n = {size}"
            cells.append([Cell(name, "section"), *[Cell("")] * len(columns)])
            for state in use.ordered:
                mine = (found.get((group, state, *column)) for column in columns)
                cells.append([Cell(capitalise(state), "strong"), *(Cell(_write(r)) for r in mine)])
    effects = rows.filter(statistic=TIME_IN_STATE_DIFFERENCE.name).to_dicts() if cells else []
    for row in effects:
        value, ends = render_effect(row)
        what = f"{name_contrast(answer, row)}, difference of mean days {row['label']}"
        told = value if ends == MISSING else f"{value} ({ends})"
        cells.append([Cell(what), *[Cell("")] * (len(columns) - 1), Cell(told)])
    test = find_test(rows)
    if test is not None:
        cells.append([Cell("Between groups"), *[Cell("")] * (len(columns) - 1), Cell(test.words)])
    methods = "; ".join(dict.fromkeys(rows["method"].drop_nulls()))
    return view_of(label_analysis(answer.protocol, use.name), headings, cells,
                   f"{capitalise(methods)}.")  # fmt: skip


def _write(row: Mapping[str, Any] | None) -> str:
    """A share or a number of days with its interval."""
    if row is None or row["value"] is None:
        return MISSING
    ends = render_interval(row["low"], row["high"], row["unit"], row["n"])
    share = row["unit"] == "1"
    number = render_percent(row["value"], row["n"]) if share else render_number(row["value"], 0)
    return number if ends == MISSING else f"{number} ({ends})"


def plot_states(answer: Answer[MultiStateUse]) -> Figure | None:
    """Return the probabilities of the states on each other, a panel for each group."""
    use, protocol = answer.use, answer.protocol
    curves = [curve for curve in answer.curves if curve.group is not None] or list(answer.curves)
    if not curves:
        return None
    # Final states stand at the bottom, so that what is left above them is who lives on.
    order = [*use.ends, *(name for name in use.states if name not in use.ends)]
    curves.sort(key=lambda curve: order.index(curve.label))
    names = list(dict.fromkeys(group for c in answer.curves if (group := c.group) is not None))
    curves.sort(key=lambda curve: names.index(curve.group) if curve.group in names else -1)
    frame = frame_curves(curves)
    name, title = answer.figure_name, label_analysis(protocol, use.name)
    until = (use.restricted_mean,) if use.restricted_mean is not None else ()
    svg = plot_cumulative_incidence(
        frame,
        name=name,
        title=title,
        since=label_day_zero(protocol),
        days=use.days or until,
        labels={group: label_group(protocol, group, use.by) for group in names},
        rest=use.start,
    )
    caption = (
        "The height of a colour on a day is the probability of being in that state. "
        f"{curves[0].method}."
    )
    return Figure(name, svg, title, caption, frame, use.name)


def check_named(use: MultiStateUse) -> Iterator[Issue]:
    """Check that states are known to each other, and that something is asked for."""
    if use.start in use.states:
        hint = "give the state of the beginning a name of its own"
        yield Issue(f"`{use.start}` is the start and another state", column="start", hint=hint)
    for place, name in enumerate(use.final):
        yield from check_known("state", name, f"final[{place}]", list(use.states))
    if use.compare:
        yield from check_known("state", use.compare, "compare", use.ordered)
    if not use.days and use.restricted_mean is None:
        hint = "write `days = [100, 365]`, `restricted_mean = 365`, or both"
        yield Issue("nothing is asked for", column="days", hint=hint)
    if use.by is not None and use.restricted_mean is None:
        hint = "write `restricted_mean = 365`: the days within which mean times are compared"
        yield Issue("groups have nothing to be compared by", column="restricted_mean", hint=hint)


def check_states(
    use: MultiStateUse, protocol: Protocol, labels: Mapping[str, tuple[str, ...]]
) -> Iterator[Issue]:
    """Check endpoints, days and the reference."""
    endpoints = [item.name for item in protocol.endpoints]
    for state, endpoint in use.states.items():
        yield from check_known("endpoint", endpoint, f"states.{state}", endpoints)
    yield from check_days(use, protocol, labels)
    yield from check_reference(use.reference, use.by, protocol)


KIND = AnalysisKind(
    name="multi_state",
    title="Courses through several states",
    use=MultiStateUse,
    estimate=estimate_states,
    describe=describe_states,
    tabulate=tabulate_states,
    plot=plot_states,
    check=check_states,
    check_keys=check_named,
)
