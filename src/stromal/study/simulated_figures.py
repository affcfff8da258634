"""Figures that a protocol asks for of its simulated trials."""

from __future__ import annotations

import polars as pl

from stromal.protocol.simulation import SimulatedFigure
from stromal.report.figures.dose_response import plot_dose_response
from stromal.report.figures.figure import Figure
from stromal.report.figures.waterfall import plot_waterfall
from stromal.report.words import capitalise, count_noun, render_unit
from stromal.simulate.trial import Trial
from stromal.study.simulated_courses import (
    Kept,
    draw_course,
    list_arms,
    slug_of,
    tell_uncertainty,
)

BANDS_OF = 4000
"""Patients, of whole trials, whose tables are kept for bands."""


def draw_figures(
    trial: Trial, kept: Kept, predictions: pl.DataFrame, published: pl.DataFrame
) -> tuple[Figure, ...]:
    """Draw every figure of the protocol's simulation, in its order.

    Parameters
    ----------
    trial
        That was simulated.
    kept
        Tables of its first patients.
    predictions, published
        What all trials say, and what was printed.
    """
    drawn = []
    for wanted in trial.simulation.figures:
        if wanted.show == "dose_response":
            drawn.append(_draw_doses(trial, wanted, predictions, published))
        elif wanted.show == "best_change":
            drawn.append(_draw_changes(trial, wanted, kept))
        else:
            drawn.append(draw_course(trial, wanted, kept))
    return tuple(drawn)


def _draw_changes(trial: Trial, wanted: SimulatedFigure, kept: Kept) -> Figure:
    arms = list_arms(trial, wanted)
    (analyte,) = wanted.analytes
    people = kept.tables["subjects"].filter(
        pl.col("replicate") == 1, pl.col("arm").is_in(list(arms))
    )
    labs = kept.tables["labs"].filter(pl.col("replicate") == 1, pl.col("analyte") == analyte)
    start = 0.0 if wanted.from_day is None else wanted.from_day
    before = (
        labs.filter(pl.col("day") <= start)
        .group_by("subject")
        .agg(base=pl.col("value").sort_by("day").last())
    )
    after = labs.filter(pl.col("day") > start).group_by("subject").agg(best=pl.col("value").min())
    frame = (
        people.select("subject", group="arm")
        .join(before, on="subject", how="left", maintain_order="left")
        .join(after, on="subject", how="left", maintain_order="left")
        .with_columns(
            change=pl.when(pl.col("base") > 0).then(100 * (pl.col("best") / pl.col("base") - 1))
        )
    )
    label = trial.protocol.vocabulary.analytes[analyte].label
    svg = plot_waterfall(
        frame, name=slug_of(wanted), title=wanted.label,
        ylabel=f"{capitalise(label)}, best change, %", labels=arms,
    )  # fmt: skip
    same = "Arms have the same patients. " if trial.simulation.same_patients else ""
    trials = count_noun(trial.numbering.replicates, "trial")
    caption = (
        f"Simulated patients of the first of {trials}: the lowest {label} after day {start:g} "
        f"against the last until then. {same}Dashed: a fall by half; arrows: growth beyond 100 %. "
        "A volume is no response: nothing here is staged, and how long it lasts is not shown. "
        f"{tell_uncertainty(trial)} {wanted.note}"
    )
    return Figure(slug_of(wanted), svg, wanted.label, caption.strip(), frame)


def _draw_doses(
    trial: Trial, wanted: SimulatedFigure, predictions: pl.DataFrame, published: pl.DataFrame
) -> Figure:
    arms = list_arms(trial, wanted)
    chosen = (
        pl.col("analysis") == wanted.analysis,
        pl.col("label") == wanted.category,
        pl.col("statistic") == "proportion",
    )
    rows, unit = [], ""
    for arm, label in arms.items():
        given = [
            one
            for one in trial.protocol.arms[arm].regimen
            if one.product == wanted.product or not wanted.product
        ]
        own = predictions.filter(*chosen, pl.col("group") == arm)
        printed = published.filter(*chosen, pl.col("group") == arm)
        if not given or own.is_empty():
            continue
        unit = given[0].unit
        found = own.row(0, named=True)
        row = {"arm": label, "dose": given[0].dose or 0.0}
        row |= {name: found[name] for name in ("value", "low", "high", "replicates")}
        known = printed.drop_nulls(["events", "n"])
        row |= {name: known[name][0] if known.height else None for name in ("events", "n")}
        rows.append(row)
    kinds = {"arm": pl.String, "dose": pl.Float64, "events": pl.Int64, "n": pl.Int64}
    frame = pl.DataFrame(rows, schema_overrides=kinds)
    svg = plot_dose_response(
        frame, name=slug_of(wanted), title=wanted.label,
        xlabel=f"Dose of an infusion, {render_unit(unit)}",
        ylabel=f"{capitalise(str(wanted.category).replace('_', ' '))}, % of patients",
    )  # fmt: skip
    trials = count_noun(trial.numbering.replicates, "simulated trial")
    caption = (
        f"Point: mean of {trials} of the planned size; line: where 90 % of such trials lie; open "
        "marks: printed counts. Between doses nothing was simulated. "
        f"{tell_uncertainty(trial)} {wanted.note}"
    )
    return Figure(slug_of(wanted), svg, wanted.label, caption.strip(), frame)
