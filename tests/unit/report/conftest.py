"""A small study with everything on its page, made by hand."""

import dataclasses

import polars as pl
import pytest

from stromal.analyses.bind import read_bound
from stromal.analyses.kind import Answer, Setting
from stromal.analyses.render import render_findings
from stromal.endpoints.bind import bind_endpoint
from stromal.endpoints.criteria import Criteria
from stromal.endpoints.endpoint import Label
from stromal.errors import Issue, Severity
from stromal.estimates.compare import compare_published
from stromal.protocol.protocol import EndpointUse, Protocol
from stromal.report.content import Cohort, Content, Facts
from stromal.tables.curve import Curve
from stromal.tables.estimates import ESTIMATES
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import Patients

PROTOCOL = {
    "format": 2,
    "study": {"name": "two-arms", "title": "Two arms", "day_zero": "first_msc_dose"},
    "population": {"description": "adults"},
    "covariates": {"risk": {"label": "risk", "type": "category", "levels": ["low", "high"]}},
    "products": {"cells": {"kind": "msc", "label": "MSC", "source": "adipose", "donor": "related"}},
    "arms": {
        "msc": {
            "label": "MSC 2 x 10^6/kg",
            "regimen": [{"product": "cells", "dose": 2, "unit": "10^6 cell/kg", "days": [0]}],
        },
        "none": {"label": "No MSC"},
        "empty": {"label": "Nobody"},
    },
    "visits": [{"name": "start", "day": 0, "after": 1}],
    "endpoints": [
        {"name": "response", "rule": "itp_response", "label": "Response", "primary": True},
        {"name": "grade", "rule": "acute_gvhd_grade", "label": "Grade (MAGIC)"},
        {"name": "survival", "rule": "overall_survival", "label": "Survival"},
    ],
    "analyses": [
        {
            "name": "response", "estimate": "proportion", "endpoint": "response", "by": "arm",
            "combine": {"overall_response": ["CR", "PR"]},
        },
        {"name": "survival", "estimate": "survival", "endpoint": "survival", "by": "arm"},
        {"name": "relapse", "estimate": "cumulative_incidence", "endpoint": "survival",
         "by": "arm", "days": [100]},
        {"name": "platelets", "estimate": "trajectory", "analyte": "platelets",
         "thresholds": [30, 50], "endpoint": "response"},
        {"name": "stages", "estimate": "stage_map", "scale": "acute_gvhd_stage", "visit": "start",
         "endpoints": ["grade"]},
        {"name": "agreement", "estimate": "agreement", "endpoint": "grade",
         "scale": "investigator", "item": "acute_gvhd_grade"},
    ],
}  # fmt: skip


LABELS = {
    "grade": tuple(
        Label(name, f"grade {name}", rank, f"severity {rank}", "were")
        for rank, name in enumerate(("0", "I", "II", "III", "IV"))
    ),
    "response": tuple(
        Label(name, words, rank)
        for rank, (name, words) in enumerate(
            {"CR": "a complete response", "R": "a response", "NR": "no response"}.items()
        )
    ),
}


def share(group, label, events, n, analysis="response", endpoint="response", by="arm"):
    return {
        "analysis": analysis, "endpoint": endpoint, "group": group, "origin": "observed",
        "by": None if group is None else by,
        "statistic": "agreement" if analysis == "agreement" else "proportion", "label": label,
        "value": events / n if n else None, "unit": "1", "low": 0.1 if n else None,
        "high": 0.9 if n else None, "level": 0.95, "n": n, "events": events,
        "method": "proportion, Clopper-Pearson interval", "sources": "clopper1934",
    }  # fmt: skip


def curve(group=None, label="", analysis="survival", *, n=3, falling=True):
    values = [1.0, 0.5, 0.5] if falling else [0.0, 0.3, 0.3]
    table = pl.DataFrame(
        {"day": [0.0, 20.0, 90.0], "probability": values, "low": [None, 0.1, 0.1],
         "high": [None, 0.9, 0.9], "at_risk": [n, n, 1], "events": [0, 1, 0],
         "censored": [0, 0, 1]}
    )  # fmt: skip
    return Curve(
        table.clear() if n == 0 else table, "Kaplan-Meier", 0.95, n, group, label, analysis
    )


def make_content(hostile="p3"):
    protocol = Protocol.model_validate(PROTOCOL)
    people = ["p1", "p2", hostile]
    patients = Patients.of(
        subjects=pl.DataFrame(
            {"subject": people, "arm": ["msc", "msc", "none"], "sex": ["female", None, "male"],
             "age_years": [31.0, None, 50.0], "risk": ["low", "high", None]}
        ),
        labs=pl.DataFrame(
            {"subject": ["p1", "p1", "p2", "p2"], "day": [0.0, 9.0, 0.0, 9.0],
             "analyte": ["platelets"] * 4, "value": [9.0, 180.0, 12.0, None],
             "unit": ["10^9/L"] * 4}
        ),
        assessments=pl.DataFrame(
            {"subject": ["p1", "p1", "p2"], "day": [0.0] * 3,
             "scale": ["acute_gvhd_stage", "investigator", "acute_gvhd_stage"],
             "item": ["skin", "acute_gvhd_grade", "skin"], "value": ["4", "III", "0"]}
        ),
    )  # fmt: skip
    outcomes = OUTCOMES.conform(
        pl.DataFrame(
            {"subject": people * 2, "endpoint": ["response"] * 3 + ["grade"] * 3,
             "kind": ["response"] * 3 + ["grade"] * 3,
             "label": ["CR", "NR", None, "IV", "0", None],
             "reason": ["count reached 100"] * 2 + ["no count after day 0", "skin stage 4"]
             + ["no organ involved", "no stages"]}
        )
    )  # fmt: skip
    rows = [
        share(group, label, events, n)
        for group, n in (("msc", 2), ("none", 1), ("empty", 0), (None, 3))
        for label, events in (("CR", min(1, n)), ("NR", max(n - 1, 0)), ("PR", 0))
    ]
    rows += [share(None, "overall_response", 1, 3)]
    rows += [share(None, None, 0, 1, "agreement", "grade")]
    test = {"analysis": "survival", "endpoint": "survival", "by": "arm", "unit": "1",
            "statistic": "log-rank p", "value": 0.0004, "method": "log-rank test", "n": 3,
            "events": 2, "degrees": 1.0}  # fmt: skip
    chi = {**test, "statistic": "log-rank chi-squared", "value": 12.5}
    estimates = ESTIMATES.conform(pl.DataFrame([*rows, test, chi], infer_schema_length=None))
    curves = (
        curve("msc"), curve("none"), curve("empty", n=0),
        *(curve("msc", cause, "relapse", falling=False) for cause in ("relapse", "death")),
        *(curve("empty", cause, "relapse", n=0) for cause in ("relapse", "death")),
    )  # fmt: skip
    published = pl.DataFrame(
        {"analysis": ["response"], "statistic": ["proportion"], "label": ["CR"],
         "value": [40.0], "unit": ["%"], "source": ["harris2016"], "locator": ["Table 2"],
         "note": ["<b>one</b> patient is missing"]}
    )  # fmt: skip
    differing = pl.DataFrame(
        [("agreement", "p1", "IV", "III", "skin stage 4")], orient="row",
        schema=["analysis", "subject", "ours", "reported", "reason"],
    )  # fmt: skip
    setting = Setting(protocol, patients, outcomes, LABELS)
    answers = answer_all(setting, estimates, curves, differing)
    findings = render_findings(answers)
    return Content(
        protocol,
        (Cohort(patients, outcomes=outcomes, estimates=estimates, findings=findings),),
        (Issue("age is missing", "subjects.csv", 3, hint="add it", severity=Severity.WARNING),),
        published, compare_published(published, estimates),
        (make_bound(),),
        Facts({"stromal": "0.1.0"}, 7, {"protocol.toml": "ab" * 32}, "run"),
    )  # fmt: skip


def answer_all(setting, estimates, curves=(), differing=None):
    """Answers of the protocol's analyses made of rows, curves and disagreements at hand."""
    nobody = pl.DataFrame(schema=["analysis", "subject", "ours", "reported", "reason"])
    return tuple(
        Answer(
            bound.use,
            setting,
            estimates.filter(analysis=bound.use.name),
            tuple(curve for curve in curves if curve.analysis == bound.use.name),
            differing
            if differing is not None and bound.use.estimate == "agreement"
            else nobody.cast(pl.String),
        )
        for bound in read_bound(setting.protocol)
    )


def make_bound():
    """A grade by criteria of which no more is said than the page needs."""
    use = EndpointUse(name="grade", rule="acute_gvhd_grade", parameters={"window": {"day": 0}})
    criteria = Criteria(
        name="magic", title="MAGIC (Harris 2016)", version="2016", sources=("harris2016",),
        provenance="seen", choices=("day 0 counts",), rules={},
    )  # fmt: skip
    return dataclasses.replace(bind_endpoint(use), criteria=criteria)


@pytest.fixture
def content():
    return make_content()


@pytest.fixture
def two_origins(content):
    """The same study with two simulated patients beside the observed ones."""
    protocol = content.protocol
    subjects = pl.DataFrame({"subject": ["p1", "p2"], "arm": "msc", "origin": "simulated"})
    patients = Patients.of(None, subjects=subjects)
    outcomes = OUTCOMES.conform(
        pl.DataFrame({"subject": ["p1", "p2"], "origin": "simulated", "endpoint": "response",
                      "kind": "response", "label": "CR"})
    )  # fmt: skip
    estimates = ESTIMATES.conform(pl.DataFrame([share(None, "CR", 2, 2) | {"origin": "simulated"}]))
    setting = Setting(protocol, patients, outcomes, LABELS, "simulated")
    findings = render_findings(answer_all(setting, estimates))
    simulated = Cohort(patients, "simulated", None, outcomes, estimates, findings)
    return dataclasses.replace(content, cohorts=(*content.cohorts, simulated))


def bare_of(content):
    """The same page without anything that was found."""
    (cohort,) = content.cohorts
    empty = Setting(content.protocol, cohort.patients, OUTCOMES.empty())
    findings = render_findings(answer_all(empty, ESTIMATES.empty()))
    return Content(content.protocol, (Cohort(cohort.patients, findings=findings),))
