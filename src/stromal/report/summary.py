"""The first paragraph of the page: patients, primary endpoint, comparison."""

from __future__ import annotations

from stromal.protocol.groups import list_real_arms
from stromal.protocol.protocol import EndpointUse, Protocol
from stromal.report.cohorts import ShownCohort
from stromal.report.comparison import describe_comparison
from stromal.report.words import count_noun
from stromal.tables.cohort import OBSERVED


def primary_endpoint(protocol: Protocol) -> EndpointUse | None:
    """Return the endpoint marked as primary, else the first; None where there is none."""
    uses = protocol.endpoints
    return next((use for use in uses if use.primary), uses[0] if uses else None)


def render_summary(shown: ShownCohort) -> tuple[str, ...]:
    """Return the sentences on one cohort; printed numbers are compared with the first alone."""
    n = shown.cohort.patients.subjects.height
    own = shown.cohort.origin == OBSERVED
    arms = len(list_real_arms(shown.protocol) if own else shown.protocol.arms)
    where = f" in {arms} arms" if arms > 1 else ""
    kind = "" if own else f"{shown.cohort.origin} "
    were = "was" if n == 1 else "were"
    sentences = [f"{count_noun(n, f'{kind}patient')}{where} {were} analysed{_of_trials(shown)}."]
    endpoint = primary_endpoint(shown.protocol)
    found = [f for f in shown.cohort.findings if endpoint and endpoint.name in f.endpoints]
    sentences += found[0].sentences if found else ()
    compared = describe_comparison(shown.content) if shown.first else ""
    return (*sentences, *([compared] if compared else []))


def _of_trials(shown: ShownCohort) -> str:
    """Say that one of many simulated trials is shown, so that no number passes for a result."""
    trials = shown.content.simulation.replicates
    if shown.cohort.origin != "simulated" or not trials:
        return ""
    return f", one of {count_noun(trials, 'simulated trial')}; nobody was treated"
