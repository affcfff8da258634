"""Patients: who was planned, analysed and evaluable, what they were given, who they were."""

from __future__ import annotations

from stromal.report.baseline import render_baseline
from stromal.report.blocks import Section
from stromal.report.cohorts import ShownCohort, show_apart
from stromal.report.content import Content
from stromal.report.doses_given import render_doses_given
from stromal.report.tables import render_flow


def section(content: Content) -> Section:
    """Return the section on the patients, each origin apart."""
    return show_apart(content, Section("patients", "Patients"), _show)


def _show(shown: ShownCohort) -> Section:
    protocol, cohort = shown.protocol, shown.cohort
    tables = (
        render_flow(protocol, cohort),
        render_doses_given(protocol, cohort.patients),
        render_baseline(protocol, cohort.patients),
    )
    return Section("", "", tables)
