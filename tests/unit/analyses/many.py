"""Forty patients with a flag, a grade and a time, two covariates and one that separates."""

import polars as pl

from stromal.analyses.bind import read_bound
from stromal.analyses.kind import Setting
from stromal.analyses.run import run_analyses
from stromal.endpoints.endpoint import Label
from stromal.protocol.protocol import Protocol
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import Patients

FLAG = (Label("yes", "it", rank=1), Label("no", "no it", rank=0))
N = 40


def protocol(*analyses, **parts):
    return Protocol.model_validate(
        {
            "format": 2,
            "study": {"name": "x", "title": "X", "day_zero": "graft"},
            "population": {"description": "adults"},
            "arms": {"msc": {"label": "MSC"}},
            "covariates": {
                "marker": {"label": "marker", "type": "flag"},
                "late": {"label": "late", "type": "flag", "baseline": False},
                "certain": {"label": "certain", "type": "flag"},
                "nobody": {"label": "nobody's", "type": "number"},
            },
            "endpoints": [
                {"name": "infection", "rule": "x"},
                {"name": "survival", "rule": "x"},
            ],
            "analyses": [{"name": f"a{i}", **analysis} for i, analysis in enumerate(analyses)],
            **parts,
        }
    )


def patients():
    numbers = range(N)
    ill = [i % 3 == 0 or i % 7 == 1 for i in numbers]
    return Patients.of(
        subjects=pl.DataFrame(
            {
                "subject": [str(i) for i in numbers],
                "arm": ["msc"] * N,
                "age_years": [30.0 + (i * 7) % 40 for i in numbers],
                "marker": ["yes" if i % 2 else "no" for i in numbers],
                "late": ["yes" if i % 5 else "no" for i in numbers],
                "certain": ["yes" if each else "no" for each in ill],
                "nobody": [None] * N,
            },
            schema_overrides={"nobody": pl.Float64},
        )
    )


def outcomes():
    ill = [i % 3 == 0 or i % 7 == 1 for i in range(N)]
    base = {"unit": None, "reason": "r", "origin": "observed"}
    rows = [
        base | {"subject": str(i), "endpoint": "infection", "kind": "flag",
                "value": float(each), "label": "yes" if each else "no"}
        for i, each in enumerate(ill)
    ]  # fmt: skip
    rows += [
        base | {"subject": str(i), "endpoint": "survival", "kind": "time",
                "day": 20.0 + 9 * ((i * 13) % N), "status": int(i % 4 != 0),
                "label": "death" if i % 4 else "censored"}
        for i in range(N)
    ]  # fmt: skip
    return OUTCOMES.conform(pl.DataFrame(rows))


def setting(*analyses, frame=None, **parts):
    asked = protocol(*analyses, **parts)
    found = outcomes() if frame is None else frame
    return Setting(asked, patients(), found, {"infection": FLAG})


def answers(*analyses, frame=None, **parts):
    """The answers of analyses on the forty patients, and their setting."""
    own = setting(*analyses, frame=frame, **parts)
    return run_analyses(read_bound(own.protocol), own)
