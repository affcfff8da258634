"""Patients: who was planned, analysed and evaluable, what they were given, who they were."""

from __future__ import annotations

from stromal.report.baseline import render_baseline
from stromal.report.blocks import Section
from stromal.report.cohorts import Cohort, show_apart
from stromal.report.content import Content
from stromal.report.doses_given import render_doses_given
from stromal.report.tables import render_flow


def section(content: Content) -> Section:
    """Return the section on the patients, each origin apart."""
    return show_apart(content, Section("patients", "Patients"), _show)


def _show(cohort: Cohort) -> Section:
    content = cohort.content
    tables = (
        render_flow(content),
        render_doses_given(content.protocol, content.patients),
        render_baseline(content.protocol, content.patients),
    )
    return Section("", "", tables)
