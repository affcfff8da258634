"""A small study: two arms, one of them empty, and a covariate."""

import polars as pl

from stromal.analyses.bind import read_bound
from stromal.analyses.kind import Setting
from stromal.analyses.run import run_analyses
from stromal.endpoints.endpoint import Label
from stromal.protocol.protocol import Protocol
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import Patients

RESPONSE = (
    Label("CR", "a complete response", rank=0, tone="best"),
    Label("R", "a response", rank=1, tone="good"),
    Label("NR", "no response", rank=2, tone="poor"),
)


def protocol(*analyses, endpoints=("response", "relapse", "platelets"), **parts):
    return Protocol.model_validate(
        {
            "format": 2,
            "study": {"name": "x", "title": "X", "day_zero": "graft"},
            "population": {"description": "adults"},
            "arms": {"msc": {"label": "MSC"}, "control": {"label": "Control"}},
            "covariates": {
                "stage": {"label": "stage", "type": "category", "levels": ["late", "early"]},
                "fever": {"label": "fever", "type": "flag"},
            },
            "endpoints": [{"name": name, "rule": "x"} for name in endpoints],
            "analyses": [{"name": f"a{i}", **analysis} for i, analysis in enumerate(analyses)],
            **parts,
        }
    )


def patients(**columns):
    subjects = {
        "subject": ["1", "2", "3", "4"],
        "arm": ["msc"] * 4,
        "stage": ["early", "late", "early", None],
        "fever": ["no", "yes", "yes", "no"],
    }
    assessments = pl.DataFrame(
        {
            "subject": ["1", "2", "3"],
            "day": [0.0, 0.0, 0.0],
            "scale": "investigator",
            "item": "itp_response",
            "value": ["CR", "NR", "R"],
        }
    )
    return Patients.of(subjects=pl.DataFrame({**subjects, **columns}), assessments=assessments)


def outcomes():
    return OUTCOMES.conform(
        pl.DataFrame(
            [
                ("1", "response", "response", None, "CR", None, None, "rose to 120", None),
                ("2", "response", "response", None, "R", None, None, "rose to 60", None),
                ("3", "response", "response", None, None, None, None, "no platelets", None),
                ("4", "response", "response", None, "CR", None, None, "rose to 200", None),
                ("1", "relapse", "time", None, "relapse", 10.0, 1, "relapse", None),
                ("2", "relapse", "time", None, "death without relapse", 20.0, 2, "death", None),
                ("3", "relapse", "time", None, "relapse", 30.0, 1, "relapse", None),
                ("4", "relapse", "time", None, "censored", 40.0, 0, "alive", None),
                ("1", "platelets", "value", 12.0, None, 0.0, None, "day 0", "10^9/L"),
                ("2", "platelets", "value", 30.0, None, 0.0, None, "day 0", "10^9/L"),
                ("3", "platelets", "value", None, None, None, None, "none", "10^9/L"),
                ("4", "platelets", "value", 18.0, None, 0.0, None, "day 0", "10^9/L"),
            ],
            schema=[
                "subject",
                "endpoint",
                "kind",
                "value",
                "label",
                "day",
                "status",
                "reason",
                "unit",
            ],
            orient="row",
        )
    )


def answer(analysis, *, outcomes=True, entry=None, labs=None, assessments=None, **parts):
    """The kind of one analysis, and its answer on the small study."""
    asked = protocol(analysis, **parts)
    frame = _outcomes() if outcomes is True else _outcomes().clear()
    if entry is not None:
        day = pl.col("subject").replace_strict(entry, default=None, return_dtype=pl.Float64)
        frame = frame.with_columns(day.alias("entry_day"))
    people = patients()
    people = Patients.of(
        None,
        subjects=people.subjects,
        labs=people.labs if labs is None else labs,
        assessments=people.assessments if assessments is None else assessments,
    )
    setting = Setting(asked, people, frame, {"response": RESPONSE})
    (bound,) = read_bound(asked)
    (found,) = run_analyses([bound], setting)
    return bound.kind, found


_outcomes = outcomes
