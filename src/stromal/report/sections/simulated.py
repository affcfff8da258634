"""Simulated trials beside published and observed numbers, and what cannot be known of them."""

from __future__ import annotations

from collections.abc import Iterator

from stromal.report.blocks import Block, Fold, Grid, Items, Picture, Section, Strong, prose
from stromal.report.content import Content
from stromal.report.side_by_side import render_side_by_side
from stromal.report.simulation import ShownSimulation
from stromal.report.words import count_noun, render_sentence
from stromal.tables.cohort import REAL
from stromal.tables.estimates import ESTIMATES

_UNPRINTED = "Numbers that no paper printed, of all simulated trials"


def section(content: Content) -> Section | None:
    """Return the section on simulated trials; None where nothing was simulated."""
    shown = content.simulation
    if not shown:
        return None
    real = [cohort.estimates for cohort in content.cohorts if cohort.origin in REAL]
    observed = real[0] if real else ESTIMATES.empty()
    given = (content.protocol, shown, content.published, observed)
    table = render_side_by_side(*given, printed=True)
    others = render_side_by_side(*given, printed=False)
    folded: tuple[Block, ...] = (others,)
    if table and others:
        folded = (Fold(_UNPRINTED, (others,), "screen"),)
    return Section(
        "simulated",
        "Published, observed and simulated",
        (*_introduce(shown), table, *folded),
        (*_list_figures(shown), *_list_caveats(shown)),
        short="Simulated",
    )


def _introduce(shown: ShownSimulation) -> Iterator[Block]:
    yield prose(
        Strong("Research software, not for treating patients. "),
        f"{count_noun(shown.replicates, 'trial')} of {count_noun(shown.patients, 'patient')} "
        f"were simulated with the model {shown.model} (version {shown.version}), seed "
        f"{shown.seed}. Every patient, observed or simulated, was scored by the same rules.",
    )
    if shown.failures:
        total = sum(shown.failures.values())
        reasons = "; ".join(f"{count}: {reason}" for reason, count in shown.failures.items())
        give = "gives" if total == 1 else "give"
        yield prose(
            f"{count_noun(total, 'patient')} of {shown.replicates * shown.patients} {give} no "
            f"number ({reasons})."
        )


def _list_figures(shown: ShownSimulation) -> Iterator[Section]:
    """Yield the figures under one heading, side by side, where there are any."""
    if shown.figures:
        grid = Grid(tuple(Picture(figure) for figure in shown.figures))
        told = f"{count_noun(len(shown.figures), 'figure')} of simulated patients"
        yield Section("simulated-figures", "Courses and doses", (Fold(told, (grid,)),))


def _list_caveats(shown: ShownSimulation) -> Iterator[Section]:
    parts = (
        ("What was assumed", shown.assumed),
        ("What was fitted", shown.fitted),
        ("What is predicted", shown.predicted),
        ("What cannot be known from the data that exist", shown.unknown),
        ("Notes on the simulation", shown.notes),
    )
    folds = [
        Fold(f"{title} ({len(lines)})", (Items(tuple(render_sentence(line) for line in lines)),))
        for title, lines in parts
        if lines
    ]
    if folds:
        yield Section("simulated-rests", "What the simulation rests on", tuple(folds))
