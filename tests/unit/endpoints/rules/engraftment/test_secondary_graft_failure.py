"""Secondary graft failure: after recovery, with support, before anything that explains it."""

from __future__ import annotations

import pytest
from tests.unit.endpoints.rules.gvhd.staged import bounded, outcome, patient

RULE = "secondary_graft_failure"
YES, NO = "secondary graft failure", "no secondary graft failure"
RECOVERED = [(15, "neutrophil_recovery"), (20, "platelet_recovery")]
LOW = {60: 0.2, 61: 0.3, 64: 0.1}


def failure(
    counts=None, events=(), recovered=RECOVERED, analyte="neutrophils", unit="10^9/L", **given
):
    values = [(day, analyte, count, unit) for day, count in (counts or {}).items()]
    known = patient(events=[*recovered, *events], values=values, last_day=200)
    return outcome(known, RULE, **{"source": "reported", **given})


@pytest.mark.parametrize(
    ("counts", "events", "expected"),
    [
        (LOW, [(62, "g_csf")], (YES, 1, 1)),
        (LOW, [(71, "g_csf")], (YES, 1, 1)),
        (LOW, [(72, "g_csf")], (NO, 0, 0)),
        (LOW, [(59, "g_csf")], (NO, 0, 0)),
        (LOW, [(62, "transfusion_platelets")], (NO, 0, 0)),
        (LOW, [(None, "g_csf")], (None, 0, 1)),
        (LOW, [], (NO, 0, 0)),
        ({60: 0.2, 61: 0.3, 62: 0.5, 63: 0.2}, [(62, "g_csf")], (NO, 0, 0)),
        ({60: 0.2, 61: "<0.6", 64: 0.1}, [(62, "g_csf")], (None, 0, 1)),
        (LOW, [(62, "g_csf"), (55, "relapse")], (NO, 0, 0)),
        (LOW, [(62, "g_csf"), (62, "relapse")], (NO, 0, 0)),
        ({60: 0.2, 61: 0.3, 62: None, 64: 0.1}, [(62, "g_csf")], (None, 0, 1)),
        ({60: 0.2, 61: 0.3, 62: None, 63: 0.7, 64: 0.1}, [(62, "g_csf")], (None, 0, 1)),
        ({60: 0.2, 61: None, 62: 0.7, 64: 0.1}, [(62, "g_csf")], (NO, 0, 0)),
        (LOW, [(62, "g_csf"), (65, "relapse")], (YES, 1, 1)),
        (LOW, [(62, "g_csf"), (64, "relapse")], (NO, 0, 0)),
        (LOW, [(62, "g_csf"), (64.5, "relapse")], (NO, 0, 0)),
        (LOW, [(62, "g_csf"), (None, "relapse")], (None, 0, 1)),
        (LOW, [(62, "g_csf"), (None, "death")], (YES, 1, 1)),
        ({}, [(90, "graft_failure")], (YES, 1, 1)),
        ({}, [(18, "graft_failure")], (None, 0, 1)),
        ({}, [], (None, 0, 1)),
    ],
)
def test_a_decline_after_recovery_that_needed_support(counts, events, expected):
    assert bounded(failure(counts, events)) == expected


@pytest.mark.parametrize(
    ("analyte", "low", "unit", "support"),
    [
        ("platelets", 19, "10^9/L", "transfusion_platelets"),
        ("haemoglobin", 6.9, "g/dL", "transfusion_red_cells"),
    ],
)
def test_every_lineage_can_fail(analyte, low, unit, support):
    counts = dict.fromkeys((60, 61, 62), low)
    row = failure(counts, [(61, support)], analyte=analyte, unit=unit)
    assert (row["label"], row["day"]) == (YES, 60)
    assert row["reason"] == (
        f"decline of {analyte} from day 60, with support, after recovery by day 20"
    )


def test_a_decline_before_recovery_is_none():
    early = {16: 0.2, 17: 0.2, 18: 0.2, 60: 2.0}
    row = failure(early, [(17, "g_csf")])
    assert (row["label"], row["reason"]) == (
        NO,
        "no decline after recovery by day 20 by the last count, day 60",
    )


def test_without_recovery_a_failure_is_not_secondary():
    row = failure(LOW, [(62, "g_csf")], recovered=[(15, "neutrophil_recovery")])
    assert (row["label"], row["reason"]) == (
        NO,
        "neutrophils and platelets have not both recovered",
    )


def test_recovery_is_read_from_counts_as_for_engraftment():
    neutrophils = {3: 0.1, 10: 0.6, 11: 0.7, 12: 0.8, **LOW}
    platelets = {3: 10, 15: 30, 16: 30, 17: 30}
    values = [(day, "neutrophils", count, "10^9/L") for day, count in neutrophils.items()]
    values += [(day, "platelets", count, "10^9/L") for day, count in platelets.items()]
    row = outcome(patient(events=[(61, "g_csf")], values=values), RULE)
    assert (row["label"], row["day"]) == (YES, 60)
    assert row["reason"].endswith("after recovery by day 15")
    unknown = outcome(patient(values=values[:7]), RULE)
    assert (unknown["label"], unknown["lowest"]) == (None, None)


def counted_series(series):
    return [(d, name, v, "10^9/L") for name, days in series.items() for d, v in days.items()]


STEADY = dict.fromkeys(range(2, 60, 3), 90.0)
GOOD_COUNTS = dict.fromkeys(range(2, 60, 3), 2.0)


@pytest.mark.parametrize(
    ("series", "support"),
    [
        ({"neutrophils": GOOD_COUNTS | LOW, "platelets": STEADY}, "g_csf"),
        (
            {"neutrophils": GOOD_COUNTS, "platelets": STEADY | dict.fromkeys((60, 61, 62), 5)},
            "transfusion_platelets",
        ),
    ],
)
def test_counts_that_first_fell_late_may_have_recovered_before(series, support):
    known = patient(events=[(62, support)], values=counted_series(series), last_day=200)
    row = outcome(known, RULE)
    assert bounded(row) == (None, 0, 1)
    assert row["reason"].startswith("cannot judge a decline of ")
    well = patient(values=counted_series(series), last_day=200)
    assert bounded(outcome(well, RULE)) == (NO, 0, 0)


def test_a_recorded_failure_is_open_where_the_day_of_the_recovery_is():
    series = {
        "neutrophils": {5: 0.1, 8: 0.6, 9: 0.6, 10: 0.7},
        "platelets": {5: 5, 8: 5, 9: None, 10: 20, 12: 40, 20: 5, 30: 25, 31: 25, 32: 25},
    }
    known = patient(events=[(12, "graft_failure")], values=counted_series(series), last_day=200)
    row = outcome(known, RULE)
    assert bounded(row) == (None, 0, 1)
    assert row["reason"] == "cannot judge whether a recorded graft failure came after recovery"


@pytest.mark.parametrize(("lowest", "expected"), [(None, (None, 0, 1)), (0.9, (YES, 1, 1))])
def test_an_empty_count_that_may_be_the_nadir_leaves_the_recovery_before_it_open(lowest, expected):
    decline = dict.fromkeys((15, 16, 17), 0.3)
    counts = {5: 0.1, 8: 0.6, 9: 0.7, 10: 0.7, **decline, 20: lowest}
    later = {22: 0.9, 23: 0.9, 24: 0.9, 60: 2.0}
    rows = [(day, "platelets", 150, "10^9/L") for day in (1, 9, 20, 60)]
    rows += [(day, "neutrophils", count, "10^9/L") for day, count in (counts | later).items()]
    known = patient(events=[(16, "g_csf")], values=rows, last_day=200)
    assert bounded(outcome(known, RULE)) == expected
