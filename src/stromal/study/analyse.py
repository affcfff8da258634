"""Analyse a study that was read: endpoints and estimates of every cohort, nothing written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from stromal.analyses.guards.guard import guard_answers
from stromal.analyses.kind import Answer, Setting
from stromal.analyses.run import gather_estimates, run_analyses
from stromal.endpoints.derive import derive_outcomes
from stromal.errors import Issue
from stromal.evidence.library.reader import read_library
from stromal.evidence.question.answer import StudyEvidence, answer_protocol
from stromal.evidence.question.estimates import list_estimates
from stromal.progress import TellStage, count_stages
from stromal.protocol.read import locate_issues
from stromal.study.read import Study, need_patients, read_study
from stromal.study.simulated import SimulatedTrials, simulate_trials
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import PATIENT_TABLES, Patients


@dataclass(frozen=True, slots=True)
class CohortFindings:
    """Outcomes and answers of one cohort: patients of one origin and replicate."""

    setting: Setting
    answers: tuple[Answer[Any], ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that an analysis found, as values: nothing is drawn or written.

    Attributes
    ----------
    study
        The study that was analysed.
    cohorts
        One part for each origin and replicate, each with its patients, outcomes and answers; the
        first simulated trial where the study has no patients.
    simulated
        Simulated trials, where the protocol has a simulation and it was asked for.
    outcomes
        The `outcomes` table of all cohorts.
    estimates
        The `estimates` table of all cohorts, and of what was published.
    evidence
        What the record answers to the protocol; None where it asks nothing.
    """

    study: Study
    cohorts: tuple[CohortFindings, ...]
    simulated: SimulatedTrials | None = None
    evidence: StudyEvidence | None = None

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Issues of the study, and what is doubtful in the answers of the first of each cohort."""
        origins: dict[str, CohortFindings] = {}
        for cohort in self.cohorts:
            origins.setdefault(cohort.setting.origin, cohort)
        found = [issue for own in origins.values() for issue in guard_answers(own.answers)]
        return (*self.study.issues, *locate_issues(found, self.study.folder))

    @property
    def outcomes(self) -> pl.DataFrame:
        """The `outcomes` table of all cohorts, told apart by origin and replicate."""
        parts = (cohort.setting.all_outcomes() for cohort in self.cohorts)
        return pl.concat([OUTCOMES.empty(), *parts])

    @property
    def estimates(self) -> pl.DataFrame:
        """The `estimates` table of all cohorts and of the record, told apart by origin."""
        own = gather_estimates(answer for cohort in self.cohorts for answer in cohort.answers)
        if self.evidence is None:
            return own
        return pl.concat([own, list_estimates(self.evidence.answers)])


def analyse_folder(
    folder: Path | str,
    progress: TellStage | None = None,
    *,
    simulate: bool = False,
    seed: int | None = None,
) -> Findings:
    """Read the study in a folder and analyse it, telling the stages of a run as they begin.

    With `simulate`, the trials of the protocol's simulation are run beside real patients, with
    `seed` in place of the protocol's.
    """
    study = read_study(folder)
    simulate = simulate and study.protocol.simulation is not None
    names = ("reading", "simulating", "analysing", "writing")
    stage = count_stages(progress, names if simulate else ("reading", "analysing", "writing"))
    stage("reading")
    simulated = None
    if simulate:
        stage("simulating")
        simulated = simulate_trials(study, seed)
    else:
        study = need_patients(study)
    stage("analysing")
    findings = analyse(study)
    if simulated is not None:
        findings = _beside(findings, simulated)
    stage("writing")
    return findings


def _beside(findings: Findings, simulated: SimulatedTrials) -> Findings:
    """Return findings with simulated trials; the first stands for patients where there are none."""
    first = CohortFindings(simulated.first, run_analyses(findings.study.analyses, simulated.first))
    return replace(findings, cohorts=findings.cohorts or (first,), simulated=simulated)


def analyse(study: Study) -> Findings:
    """Derive the outcomes of every cohort and answer every analysis of the protocol.

    Parameters
    ----------
    study
        A study as `read_study` gives it.

    Returns
    -------
    Findings
        One part for each origin and replicate; patients of different origin are never pooled.

    Examples
    --------
    >>> from stromal import find_study
    >>> findings = analyse(read_study(find_study("itp-dose")))
    >>> findings.outcomes.filter(endpoint="response")["label"].value_counts(sort=True).rows()
    [('R', 10), ('CR', 3)]
    """
    protocol = study.protocol
    labels = {item.name: item.labels for item in study.endpoints}
    found = []
    for origin, patients in study.cohorts.items():
        outcomes = derive_outcomes(patients, study.endpoints)
        for replicate, part, own in _split_replicates(patients, outcomes):
            setting = Setting(protocol, part, own, labels, origin, replicate)
            found.append(CohortFindings(setting, run_analyses(study.analyses, setting)))
    evidence = None if protocol.evidence is None else answer_protocol(protocol, read_library())
    return Findings(study, tuple(found), evidence=evidence)


def _split_replicates(
    patients: Patients, outcomes: pl.DataFrame
) -> Iterator[tuple[int | None, Patients, pl.DataFrame]]:
    """The patients of each replicate with their outcomes; real patients are one part."""
    replicates: list[int | None] = patients.subjects["replicate"].unique().sort().to_list()
    if len(replicates) == 1:
        yield replicates[0], patients, outcomes
        return
    own = pl.col("replicate")
    for replicate in replicates:
        chosen = own.eq_missing(pl.lit(replicate, pl.Int64))
        tables = {name: patients.table(name).filter(chosen) for name in PATIENT_TABLES}
        yield replicate, Patients.of(None, **tables), outcomes.filter(chosen)
