"""Courses of simulated patients over time, as figures of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from stromal.protocol.simulation import SimulatedFigure
from stromal.report.figures.bands import Courses, Look, plot_bands
from stromal.report.figures.figure import Figure
from stromal.report.words import capitalise, count_noun, render_unit, typeset
from stromal.simulate.follow import follow_outputs
from stromal.simulate.trial import Trial
from stromal.tables.cohort import KEY

FOLLOWED = 600
"""Patients who are solved once more where a figure shows what no table holds."""

LINES = 8
"""Single patients of an arm."""

READINGS = 81
"""Days, or hours, that an output of the model is read at."""

_LEGEND = (
    "Line: median; bands: half and nine tenths of patients; thin lines: the first patients of an "
    "arm of the first trial."
)
_WEEK = 7.0
_QUANTILES = {"low": 0.05, "lower": 0.25, "median": 0.5, "upper": 0.75, "high": 0.95}


@dataclass(frozen=True, slots=True)
class Kept:
    """Tables of the first trials: `subjects`, `labs`, `events`; and how many trials."""

    tables: Mapping[str, pl.DataFrame]
    replicates: int


def list_arms(trial: Trial, wanted: SimulatedFigure) -> dict[str, str]:
    """Return the arms of a figure with their labels."""
    arms = trial.protocol.arms
    return {name: arms[name].label for name in wanted.arms or arms}


def slug_of(wanted: SimulatedFigure) -> str:
    """Return the name of a figure on the page and as a file."""
    return f"simulated-{wanted.name.replace('_', '-')}"


def tell_uncertainty(trial: Trial) -> str:
    """Say whether parameters are uncertain in these trials."""
    if trial.cohort.uncertain:
        group = trial.numbering.per_study * trial.numbering.per_draw
        return (
            f"What is uncertain in parameters is drawn anew for every {count_noun(group, 'trial')}."
        )
    return "Parameters are held at their middle, so that bands are too narrow."


def draw_course(trial: Trial, wanted: SimulatedFigure, kept: Kept) -> Figure:
    """Draw quantities over time: measured ones from tables, others by solving some patients again.

    One quantity has a panel for each arm, several have a panel each with all arms in it.
    """
    arms = list_arms(trial, wanted)
    rows, counted = _read_labs(wanted, kept) if wanted.analytes else _follow(trial, wanted)
    rows = rows.filter(pl.col("arm").is_in(list(arms)))
    quantities = _name_quantities(trial, wanted)
    single = len(quantities) == 1
    named = rows.with_columns(panel=pl.col("arm" if single else "quantity"))
    bands = find_bands(named)
    lines = _choose_lines(named, LINES if single else max(LINES // len(arms), 2))
    events = trial.protocol.vocabulary.events
    words = {name: _shorten(events[name]) for name in wanted.events}
    done = kept.tables["events"].filter(pl.col("event").is_in(list(words)))
    courses = Courses(
        bands,
        lines,
        _mark(lines, done) if single else pl.DataFrame(),
        _share(trial, wanted, kept, done) if single else pl.DataFrame(),
    )
    units = {name: typeset(said) for name, (_, said) in quantities.items()}
    look = Look(
        titles=arms if single else {name: label for name, (label, _) in quantities.items()},
        series=arms,
        events=words if single else {},
        units=dict.fromkeys(arms, next(iter(units.values()))) if single else units,
        thresholds=wanted.thresholds,
        since=_name_day_zero(trial),
        axis=wanted.axis,
    )
    svg = plot_bands(courses, look, name=slug_of(wanted), title=wanted.label)
    caption = " ".join((counted, *_explain_course(trial, wanted, look), wanted.note)).strip()
    return Figure(slug_of(wanted), svg, wanted.label, caption, bands)


def _name_day_zero(trial: Trial) -> str:
    return (
        trial.protocol.study.day_zero.replace("_", " ")
        .replace("car t", "CAR-T")
        .replace("msc", "MSC")
    )


def _shorten(label: str) -> str:
    return "G-CSF" if label.startswith("granulocyte colony") else label


def _name_quantities(trial: Trial, wanted: SimulatedFigure) -> dict[str, tuple[str, str]]:
    """Return the title and the words of the vertical axis of each quantity."""
    known, courses = trial.protocol.vocabulary.analytes, trial.model.ports.courses
    found = {}
    for name in wanted.analytes:
        label, unit = capitalise(known[name].label), render_unit(known[name].unit)
        found[name] = (label, f"{label}, {unit}" if len(wanted.analytes) == 1 else unit)
    for name in wanted.outputs:
        port = courses[name]
        found[name] = (
            port.label,
            f"{port.label}, {port.unit}" if len(wanted.outputs) == 1 else port.unit,
        )
    return found


def _read_labs(wanted: SimulatedFigure, kept: Kept) -> tuple[pl.DataFrame, str]:
    """Return values as they were measured, and who they are of."""
    first = -np.inf if wanted.from_day is None else wanted.from_day
    last = np.inf if wanted.to_day is None else wanted.to_day
    chosen = pl.col("analyte").is_in(list(wanted.analytes)) & pl.col("day").is_between(first, last)
    arms = kept.tables["subjects"].select(*KEY, "arm")
    labs = kept.tables["labs"].filter(chosen).join(arms, on=list(KEY), maintain_order="left")
    rows = labs.select("arm", "replicate", "subject", "day", "value", quantity="analyte")
    people = kept.tables["subjects"].height
    return rows, (
        f"Simulated patients: {people} of {count_noun(kept.replicates, 'trial')}, as a ward would "
        "have measured them, with error and missed samples."
    )


def _follow(trial: Trial, wanted: SimulatedFigure) -> tuple[pl.DataFrame, str]:
    """Return outputs of the model of the first patients, and who they are of."""
    first = max(0.0 if wanted.from_day is None else wanted.from_day, trial.simulation.start_day)
    last = min(trial.simulation.end_day, wanted.to_day or trial.simulation.end_day)
    size = trial.numbering.trial
    trials = min(max(FOLLOWED // size, 1), trial.numbering.replicates)
    names = {name: trial.model.ports.courses[name].output for name in wanted.outputs}
    days = np.linspace(first, last, READINGS).tolist()
    found = follow_outputs(trial, tuple(names.values()), days, trials * size)
    keys = found.subjects.select("arm", "replicate", "subject")
    parts = []
    for name, output in names.items():
        values = found.outputs[output]
        people, places = np.divmod(np.arange(values.size), len(days))
        parts.append(
            keys[people].with_columns(
                day=pl.Series(days).gather(places),
                value=pl.Series(values.ravel()).fill_nan(None),
                quantity=pl.lit(name),
            )
        )
    return pl.concat(parts), (
        "Simulated: quantities of the model itself, without error of measurement, in "
        f"{trials * size} patients of {count_noun(trials, 'trial')}, until death."
    )


def find_bands(rows: pl.DataFrame) -> pl.DataFrame:
    """Return medians and quantiles of each panel, series and day, of those who have a value.

    Examples
    --------
    >>> rows = pl.DataFrame(
    ...     {"panel": ["p"] * 3, "arm": ["a"] * 3, "day": [0.0] * 3, "value": [1.0, None, 3.0]}
    ... )
    >>> find_bands(rows).select("n", "median", "low").rows()
    [(2, 2.0, 1.1)]
    """
    found = rows.drop_nulls("value").group_by("panel", "arm", "day", maintain_order=True)
    quantiles = {
        name: pl.col("value").quantile(share, "linear") for name, share in _QUANTILES.items()
    }
    bands = found.agg(n=pl.len(), **quantiles).rename({"arm": "series"})
    return bands.sort("panel", "series", "day", maintain_order=True)


def _choose_lines(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return the first patients of each arm of the first trial, so that nobody chooses them."""
    first = rows.filter(pl.col("replicate") == 1)
    chosen = (
        first.select("arm", "subject")
        .unique(maintain_order=True)
        .group_by("arm", maintain_order=True)
        .head(most)
    )
    own = first.join(chosen, on=["arm", "subject"], how="semi", maintain_order="left")
    return own.select("panel", "subject", "day", "value", series="arm").drop_nulls("value")


def _mark(lines: pl.DataFrame, done: pl.DataFrame) -> pl.DataFrame:
    """Return where on the lines something was done: on the day itself, at the value of that day."""
    own = done.filter(pl.col("replicate") == 1).select("subject", "day", "event")
    return lines.join(own, on=["subject", "day"], how="inner", maintain_order="left")


def _share(trial: Trial, wanted: SimulatedFigure, kept: Kept, done: pl.DataFrame) -> pl.DataFrame:
    """Return the share of patients with an event in each week, of those under observation in it."""
    people = kept.tables["subjects"].drop_nulls("last_day")
    start = wanted.from_day if wanted.from_day is not None else 0.0
    end = trial.simulation.end_day if wanted.to_day is None else wanted.to_day
    arms = done.join(people.select(*KEY, "arm"), on=list(KEY), maintain_order="left")
    rows = []
    for arm in people["arm"].unique(maintain_order=True):
        own, last = (
            arms.filter(pl.col("arm") == arm),
            people.filter(pl.col("arm") == arm)["last_day"],
        )
        for day in np.arange(start, end, _WEEK).tolist():
            there = int((last >= day).sum())
            week = own.filter(pl.col("day").is_between(day, day + _WEEK, closed="left"))
            for event in wanted.events:
                had = week.filter(pl.col("event") == event).unique(list(KEY)).height
                if there:
                    rows.append((arm, event, day, min(day + _WEEK, end), had / there))
    columns = {"panel": pl.String, "event": pl.String, "day": pl.Float64, "until": pl.Float64}
    return pl.DataFrame(rows, schema=columns | {"share": pl.Float64}, orient="row")


def _explain_course(trial: Trial, wanted: SimulatedFigure, look: Look) -> Sequence[str]:
    said = [_LEGEND]
    if wanted.thresholds:
        said.append(f"Dashed: {', '.join(f'{value:g}' for value in wanted.thresholds)}.")
    if look.events:
        said.append(
            "Marks stand on the thin lines; below, the share of patients under observation who had "
            "each event in a week, drawn up to the largest share of all arms."
        )
    said.append(tell_uncertainty(trial))
    if wanted.outputs:
        said.append(
            "No quantity here was compared with measurements of these patients; only their "
            "consequences for counts and stages were."
        )
    else:
        said.append("Bands are the spread of patients, not how well the median is known.")
    return said
