"""The page of a study: findings as the report shows them."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from stromal.analyses.render import render_findings
from stromal.analyses.run import gather_estimates
from stromal.estimates.compare import compare_published
from stromal.protocol.groups import list_virtual_arms
from stromal.report.content import Cohort, Content, Facts
from stromal.report.evidence.answer import show_evidence
from stromal.report.evidence.record import check_shipped
from stromal.report.evidence.shown import ShownEvidence
from stromal.report.simulation import ShownSimulation
from stromal.store.manifest import Manifest
from stromal.study.analyse import CohortFindings, Findings
from stromal.study.read import Study
from stromal.study.simulated import show_simulation
from stromal.tables.cohort import REAL
from stromal.tables.estimates import ESTIMATES

SHOWN_REPLICATES = 3
"""Replicates of one origin that the page shows; drawing hundreds would hide what they say."""


def gather_content(findings: Findings, manifest: Manifest) -> Content:
    """Return everything on the page; figures are drawn here.

    Published numbers are set beside those of real patients, and beside nothing where the study has
    none. Of many replicates the first `SHOWN_REPLICATES` are on the page; the tables hold them all.
    """
    study = findings.study
    shown = [cohort for cohort in findings.cohorts if _is_shown(cohort, findings.cohorts)]
    cohorts = tuple(_gather_cohort(cohort) for cohort in shown)
    first = cohorts[0] if cohorts else None
    real = first is not None and first.origin in REAL
    return Content(
        protocol=study.protocol,
        cohorts=cohorts,
        issues=findings.issues,
        published=study.published,
        hidden=len(findings.cohorts) - len(cohorts),
        comparison=compare_published(
            _published_of_patients(study) if real else study.published.clear(),
            ESTIMATES.empty() if first is None else first.estimates,
        ),
        endpoints=study.endpoints,
        simulation=_show_simulation(findings),
        evidence=find_evidence(findings),
        facts=Facts(
            manifest.versions, manifest.run["seed"], manifest.inputs, manifest.run["command"]
        ),
    )


def _published_of_patients(study: Study) -> pl.DataFrame:
    """Return printed numbers without those of arms that have virtual patients alone."""
    apart = list_virtual_arms(study.protocol)
    return study.published.filter(
        ~((pl.col("by").fill_null("") == "arm") & pl.col("group").fill_null("").is_in(apart))
    )


def _show_simulation(findings: Findings) -> ShownSimulation:
    """Return what the page says of simulated trials; nothing where there are none."""
    found = findings.simulated
    return ShownSimulation() if found is None else show_simulation(found, findings.study.published)


def find_evidence(findings: Findings) -> ShownEvidence:
    """Return what the page says of published evidence, its numbers beside those of patients.

    Examples
    --------
    >>> from stromal import find_study
    >>> from stromal.study.analyse import analyse_folder
    >>> shown = find_evidence(analyse_folder(find_study("itp-dose")))
    >>> [(answer.title, answer.studies) for answer in shown.answers]
    [('Response', 1)]
    """
    if findings.evidence is None:
        return ShownEvidence()
    shown = show_evidence(findings.evidence, check_shipped())
    return replace(shown, estimates=_with_all_trials(findings))


def _with_all_trials(findings: Findings) -> pl.DataFrame:
    """Return estimates in which all simulated trials stand together, and not the first for them."""
    if findings.simulated is None:
        return findings.estimates
    predicted = findings.simulated.predictions
    own = predicted.select(name for name in predicted.columns if name in ESTIMATES.names)
    together = ESTIMATES.conform(
        own.with_columns(pl.col("n").round(), origin=pl.lit("simulated"))
    ).select(findings.estimates.columns)
    others = findings.estimates.filter(pl.col("origin").ne_missing("simulated"))
    return pl.concat([others, together])


def _is_shown(cohort: CohortFindings, cohorts: tuple[CohortFindings, ...]) -> bool:
    """Tell whether a cohort is one of the first replicates of its origin."""
    own = [other for other in cohorts if other.setting.origin == cohort.setting.origin]
    return any(cohort is other for other in own[:SHOWN_REPLICATES])


def _gather_cohort(cohort: CohortFindings) -> Cohort:
    setting = cohort.setting
    return Cohort(
        patients=setting.patients,
        origin=setting.origin,
        replicate=setting.replicate,
        outcomes=setting.all_outcomes(),
        estimates=gather_estimates(cohort.answers),
        findings=render_findings(cohort.answers),
    )
