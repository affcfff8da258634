"""Every acceptance case whose function the library has: input in, expected out.

The cases are JSON lists of `{id, function, input, expected, why}`. The shared file is read where it
lies; a further file can be named in the environment variable STROMAL_CASES. Adapters turn an input
into patients, run the endpoint as a study would, and read the outcome row.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.cases import gvhd, haematology, transplant
from tests.shared import ROOT

ADAPTERS = {**gvhd.ADAPTERS, **haematology.ADAPTERS, **transplant.ADAPTERS}
SHARED = Path(os.environ.get("STROMAL_SHARED", str(ROOT.parent / "shared")))


# What the adapters read that would pass over a key they do not know; the others refuse one.
KEYS = {
    "anc_engraft": {"obs"},
    "ctcae_low": {"lln", "term", "unit", "value", "version"},
    "patterns": {"obs"},
    "plt_engraft": {"cut", "obs", "transfusion_days"},
    "poor_graft_function": {"engrafted", "frequent_support", "relapse"},
    "primary_gf": {"anc_day", "dead_day", "followup_day", "relapse_day", "source"},
    "secondary_gf": {
        "death",
        "decline",
        "needs_blood_or_growth_factor",
        "prior_anc_and_plt_recovery",
        "relapse",
    },
    "tte": {"events", "last_fu"},
}


def _files() -> list[Path]:
    named = os.environ.get("STROMAL_CASES")
    return [SHARED / "acceptance_cases.json", *([Path(named)] if named else [])]


def _cases() -> list[Any]:
    cases = []
    for file in _files():
        if not file.exists():
            missing = pytest.mark.skip(reason=f"{file.name} is not here")
            cases.append(pytest.param({}, id=file.stem, marks=missing))
            continue
        for case in json.loads(file.read_text("utf-8")):
            marks = []
            if case["function"] not in ADAPTERS:
                reason = f"no endpoint for `{case['function']}` yet"
                marks.append(pytest.mark.skip(reason=reason))
            cases.append(pytest.param(case, id=f"{file.stem}-{case['id']}", marks=marks))
    return cases


@pytest.mark.parametrize("case", _cases())
def test_case(case: dict[str, Any]) -> None:
    unread = set(case["input"]) - KEYS.get(case["function"], set(case["input"]))
    assert not unread, f"the adapter of {case['function']} does not read {sorted(unread)}"
    found = ADAPTERS[case["function"]](case["input"])
    assert found == case["expected"], case.get("why", "")
