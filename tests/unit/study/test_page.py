from dataclasses import replace
from types import SimpleNamespace

import polars as pl

from stromal.report.report import render_report
from stromal.store.manifest import Manifest
from stromal.study.analyse import analyse, analyse_folder
from stromal.study.library import find_study
from stromal.study.page import SHOWN_REPLICATES, find_evidence, gather_content
from stromal.study.read import read_study
from stromal.tables.predictions import PREDICTIONS

MANIFEST = Manifest(
    run={"study": "x", "command": "run", "seed": 3}, versions={"python": "3"}, inputs={}
)


def test_the_page_holds_every_analysis_and_the_published_numbers_beside_ours():
    study = read_study(find_study("itp-dose"))
    content = gather_content(analyse(study), MANIFEST)
    (cohort,) = content.cohorts
    assert [result.analysis for result in cohort.findings] == [
        analysis.name for analysis in study.protocol.analyses
    ]
    # Three printed numbers are of arms that have virtual patients alone.
    virtual = study.published["group"].fill_null("").str.starts_with("weekly").sum()
    assert virtual == 3
    assert content.comparison.height == study.published.height - virtual
    assert content.facts.seed == 3


def _replicated(origin: str, replicates: int):
    """Findings of a study with so many replicates of one small cohort."""
    findings = analyse(read_study(find_study("itp-dose")))
    (cohort,) = findings.cohorts
    cohorts = tuple(
        replace(cohort, setting=replace(cohort.setting, origin=origin, replicate=number))
        for number in range(1, replicates + 1)
    )
    return replace(findings, cohorts=cohorts)


def test_of_many_replicates_the_first_are_on_the_page():
    content = gather_content(_replicated("simulated", SHOWN_REPLICATES + 2), MANIFEST)
    assert len(content.cohorts) == SHOWN_REPLICATES
    assert content.hidden == 2
    assert "2 more replicates were analysed" in render_report(content)


def test_printed_numbers_are_never_set_beside_simulated_patients():
    assert gather_content(_replicated("simulated", 1), MANIFEST).comparison.is_empty()
    assert not gather_content(_replicated("reconstructed", 1), MANIFEST).comparison.is_empty()


def test_published_evidence_is_shown_where_the_protocol_asks_for_it():
    findings = analyse(read_study(find_study("agvhd-children")))
    shown = find_evidence(findings)
    asked = [question.name for question in findings.study.protocol.evidence.questions]
    assert [answer.name for answer in shown.answers] == asked
    assert shown.contradictions
    assert set(shown.estimates["origin"]) == {"observed", "published"}
    assert not find_evidence(replace(findings, evidence=None)).answers


def test_all_simulated_trials_stand_beside_published_numbers():
    findings = analyse_folder("studies/itp-dose")
    (row, *_) = findings.estimates.filter(pl.col("statistic") == "proportion").iter_rows(named=True)
    wanted = {name: row[name] for name in PREDICTIONS.names if name in row}
    mean = wanted | {"value": 0.25, "low": 0.1, "high": 0.4, "level": 0.9, "n": 5.6, "method": "x"}
    predictions = PREDICTIONS.conform(pl.DataFrame([mean], infer_schema_length=None))
    first = findings.cohorts[0]
    virtual = replace(first, setting=replace(first.setting, origin="simulated", replicate=1))
    simulated = SimpleNamespace(predictions=predictions)
    both = replace(findings, cohorts=(virtual,), simulated=simulated)
    told = find_evidence(both).estimates.filter(pl.col("origin") == "simulated")
    assert told.select("value", "low", "high", "level", "n").rows() == [(0.25, 0.1, 0.4, 0.9, 6)]
    assert told["replicate"].to_list() == [None]
