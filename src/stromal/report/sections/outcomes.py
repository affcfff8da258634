"""Outcomes of every patient, folded away."""

from __future__ import annotations

from stromal.report.blocks import Block, Fold, Section, prose
from stromal.report.cohorts import ShownCohort, show_apart
from stromal.report.content import Content
from stromal.report.every_patient import render_outcomes
from stromal.report.words import count_noun

_MOST = 2000
"""Patients of one cohort that are printed one by one; `outcomes.csv` has no such limit."""


def section(content: Content) -> Section | None:
    """Return the section with a row for each patient, each origin apart; None without patients."""
    if not content.cohorts:
        return None
    whole = Section("outcomes", "Outcomes of every patient", short="Every patient")
    return show_apart(content, whole, _show)


def _show(shown: ShownCohort) -> Section:
    height = shown.cohort.patients.subjects.height
    patients = count_noun(height, "patient")
    block: Block
    if height > _MOST:
        block = prose(f"{patients}, too many to print here: `outcomes.csv` lists all of them.")
    elif view := render_outcomes(shown.protocol, shown.cohort):
        block = Fold(patients, (view,))
    else:
        block = prose("No outcome was derived.")
    return Section("", "", (block,))
