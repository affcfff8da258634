"""Poor graft function: frequent support or low counts, explanations, chimerism."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.rules.gvhd.staged import bounded, outcome, patient, scored

RULE = "poor_graft_function"
YES, NO = "poor graft function", "no poor graft function"
ENGRAFTED = (15, "neutrophil_recovery")


def function(events=(), engrafted=True, rows=(), values=(), last_day=200, **given):
    own = [ENGRAFTED] if engrafted else []
    known = patient(rows, [*own, *events], values, last_day)
    return outcome(known, RULE, **{"source": "reported", **given})


def on(event, *days):
    return [(day, event) for day in days]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (on("g_csf", 40, 44, 48), (YES, 1, 1)),
        (on("g_csf", 40, 44), (NO, 0, 0)),
        (on("g_csf", 40, 40, 44), (NO, 0, 0)),
        (on("g_csf", 40, 50, 70), (NO, 0, 0)),
        (on("g_csf", 40, 50, 69), (YES, 1, 1)),
        (on("g_csf", 20, 24, 28), (NO, 0, 0)),
        (on("g_csf", 28, 29, 30), (YES, 1, 1)),
        (on("transfusion_platelets", 40, 42, 44), (NO, 0, 0)),
        (on("transfusion_platelets", 40, 42, 44, 46), (YES, 1, 1)),
        ([*on("g_csf", 40, 44, 48), (38, "relapse")], (NO, 0, 0)),
        ([*on("g_csf", 40, 44, 48.6), (48.2, "relapse")], (NO, 0, 0)),
        ([*on("g_csf", 40, 44, 48), (60, "relapse")], (YES, 1, 1)),
        ([*on("g_csf", 40, 44, 48), (None, "relapse")], (None, 0, 1)),
        ([*on("g_csf", 40, 44), (None, "g_csf")], (None, 0, 1)),
    ],
)
def test_frequent_support_from_day_28_before_another_explanation(events, expected):
    assert bounded(function(events)) == expected


def test_reasons():
    assert function(on("g_csf", 40, 44, 48))["reason"] == (
        "granulocyte colony-stimulating factor on 3 days from day 40 to day 48"
    )
    assert function()["reason"] == (
        "no frequent support from day 28 to the last day under observation, day 200"
    )
    assert function([(38, "relapse")])["reason"] == (
        "no frequent support from day 28 on before relapse on day 38"
    )
    assert function(engrafted=False)["reason"] == "neutrophils have not recovered"
    short = function(last_day=20)
    assert bounded(short) == (None, 0, 1)
    assert short["reason"] == "last day under observation is day 20, before day 28"


def test_other_explanations_can_be_named():
    events = [*on("g_csf", 40, 44, 48), (39, "bleeding")]
    assert function(events)["label"] == YES
    assert function(events, explained_by=["bleeding"])["label"] == NO


def low(days, neutrophils=0.3, platelets=10, haemoglobin=60):
    return [
        row
        for day in days
        for row in (
            (day, "neutrophils", neutrophils, "10^9/L"),
            (day, "platelets", platelets, "10^9/L"),
            (day, "haemoglobin", haemoglobin, "g/L"),
        )
    ]


@pytest.mark.parametrize(
    ("values", "given", "expected"),
    [
        (low([30, 31, 32]), {}, (YES, 1, 1)),
        (low([26, 27, 28]), {}, (NO, 0, 0)),
        (low([30, 31, 32], platelets=25), {}, (NO, 0, 0)),
        (low([30, 31, 32], platelets="<30"), {}, (None, 0, 1)),
        (low([30, 31, 32], platelets=25, neutrophils=2), {"cuts": "looser"}, (YES, 1, 1)),
        (low([30, 31], platelets=25), {"cuts": "looser"}, (NO, 0, 0)),
    ],
)
def test_low_counts_on_three_successive_days(values, given, expected):
    assert bounded(function(values=values, shown_by="counts", **given)) == expected


def test_full_donor_chimerism_can_be_required():
    events = on("g_csf", 40, 44, 48)
    full = scored("chimerism", 45, myeloid=99, lymphoid=98)
    mixed = scored("chimerism", 45, myeloid=99, lymphoid=50)
    assert function(events, rows=full, chimerism="required")["label"] == YES
    assert function(events, rows=mixed, chimerism="required")["label"] == NO
    assert bounded(function(events, chimerism="required")) == (None, 0, 1)
    assert function(events, rows=mixed)["label"] == YES


def test_recovery_is_read_from_counts():
    values = [(3, "neutrophils", 0.1, "10^9/L")]
    values += [(day, "neutrophils", 1.0, "10^9/L") for day in (14, 15, 16)]
    events = on("g_csf", 40, 44, 48)
    known = patient(events=events, values=values, last_day=100)
    assert outcome(known, RULE)["label"] == YES
    unknown = outcome(patient(events=events, last_day=100), RULE)
    assert (unknown["label"], unknown["lowest"]) == (None, None)
