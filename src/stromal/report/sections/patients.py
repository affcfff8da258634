"""Patients: who was planned, analysed and evaluable, what they were given, who they were."""

from __future__ import annotations

from stromal.report.baseline import render_baseline
from stromal.report.blocks import Block, Section, fold_long, prose
from stromal.report.cohorts import ShownCohort, show_apart
from stromal.report.content import Content
from stromal.report.doses_given import NOT_RECORDED, render_doses_given
from stromal.report.flow import render_flow, render_reasons

_MOST = 6
"""Rows of a table beside that of the baseline from which it is folded away."""


def section(content: Content) -> Section:
    """Return the section on the patients, each origin apart."""
    return show_apart(content, Section("patients", "Patients"), _show)


def _show(shown: ShownCohort) -> Section:
    protocol, cohort = shown.protocol, shown.cohort
    doses = render_doses_given(protocol, cohort.patients)
    # A table of planned products that says "not recorded" in every row is better said once.
    absent = bool(doses) and cohort.patients.doses.is_empty()
    given: Block = prose(NOT_RECORDED, tone="muted") if absent else fold_long(doses, _MOST)
    blocks = (
        render_baseline(protocol, cohort.patients),
        fold_long(render_flow(protocol, cohort), _MOST),
        fold_long(render_reasons(protocol, cohort), _MOST),
        given,
    )
    return Section("", "", blocks)
