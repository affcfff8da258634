"""The page of a study: findings as the report shows them."""

from __future__ import annotations

from stromal.analyses.render import render_findings
from stromal.analyses.run import gather_estimates
from stromal.estimates.compare import compare_published
from stromal.report.content import Cohort, Content, Facts
from stromal.store.manifest import Manifest
from stromal.study.analyse import CohortFindings, Findings


def gather_content(findings: Findings, manifest: Manifest) -> Content:
    """Return everything on the page; figures are drawn here.

    Published numbers are set beside those of the first cohort, which is the observed one where
    there are observed patients.
    """
    study = findings.study
    cohorts = tuple(_gather_cohort(cohort) for cohort in findings.cohorts)
    return Content(
        protocol=study.protocol,
        cohorts=cohorts,
        issues=study.issues,
        published=study.published,
        comparison=compare_published(study.published, cohorts[0].estimates),
        endpoints=study.endpoints,
        facts=Facts(manifest.versions, manifest.seed, manifest.inputs, manifest.command),
    )


def _gather_cohort(cohort: CohortFindings) -> Cohort:
    setting = cohort.setting
    return Cohort(
        patients=setting.patients,
        origin=setting.origin,
        replicate=setting.replicate,
        outcomes=setting.outcomes,
        estimates=gather_estimates(cohort.answers),
        findings=render_findings(cohort.answers),
    )
