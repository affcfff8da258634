"""A record of a few invented studies, small enough to be answered by hand."""

from __future__ import annotations

import polars as pl

from stromal.evidence.library.reader import Library
from stromal.evidence.library.schemas import ARMS, OUTCOMES, STUDIES
from stromal.protocol.evidence import Evidence

ARM = {
    "arm": "MSC", "subgroup": None, "read_in": "lin2023", "source": "bone_marrow",
    "donor": "third_party", "age_group": "children", "n": 20, "status": "use",
}  # fmt: skip
ROW = {
    "arm": "MSC", "subgroup": None, "read_in": "lin2023", "indication": "acute_gvhd_treatment",
    "outcome": "overall_response", "scale": "proportion", "unit": "%", "total": 20, "value": 50.0,
    "locator": "Table 2", "status": "use",
}  # fmt: skip


def record(*rows, arms=(), designs=None):
    """A record of rows and arms, each told by what it differs in from `ROW` and `ARM`."""
    outcomes = [ROW | {"row": f"R{at}", "events": 10} | row for at, row in enumerate(rows, start=1)]
    keys = ("study", "arm", "subgroup", "read_in")
    given = {tuple((ARM | arm)[key] for key in keys): ARM | arm for arm in arms}
    for row in outcomes:
        key = tuple(row[name] for name in keys)
        own = dict(zip(keys, key, strict=True))
        none = {"source": "none", "donor": "none"} if row["arm"] == "control" else {}
        given.setdefault(key, ARM | none | own)
    names = dict.fromkeys(row["study"] for row in outcomes)
    studies = [
        {
            "study": name, "first_author": name, "year": 2000 + at, "reference": f"{name} 2000",
            "design": (designs or {}).get(name, "single_arm"),
        }
        for at, name in enumerate(names)
    ]  # fmt: skip
    parts = ((STUDIES, studies), (ARMS, list(given.values())), (OUTCOMES, outcomes))
    return Library(
        *(schema.conform(pl.DataFrame(cells, infer_schema_length=None)) for schema, cells in parts)
    )


def ask(question=None, **more):
    """An `[evidence]` table of one question, told by what it differs in."""
    table = {
        "population": {"indications": ("acute_gvhd_treatment",)},
        "questions": ({"name": "response", "outcomes": ("overall_response",)} | (question or {}),),
    }
    found = Evidence.model_validate(table | more)
    return found, found.questions[0]
