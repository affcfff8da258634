"""Primary graft failure by the limit of each graft, and who is not evaluable."""

from __future__ import annotations

import polars as pl
import pytest
from pydantic import ValidationError
from tests.unit.endpoints.counted import lab, open_between, table
from tests.unit.endpoints.followed import followed

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.rules.engraftment.primary_graft_failure import (
    PRIMARY_GRAFT_FAILURE,
    PrimaryGraftFailureParameters,
    derive_primary_graft_failure,
)
from stromal.tables.patients import Patients

LIMITS = read_criteria("graft_failure_astct_2021").rules["limit_day"]


def reported(last_day, *events, **parameters):
    patients = followed({"1": last_day}, [("1", day, event) for event, day in events])
    given = {"graft": "bone marrow", "source": "reported"} | parameters
    return derive_primary_graft_failure(patients, PrimaryGraftFailureParameters(**given)).row(
        0, named=True
    )


def counted(last_day, *counts, events=()):
    patients = followed(
        {"1": last_day},
        [("1", day, event) for event, day in events],
        [("1", day, value) for day, value in counts],
    )
    parameters = PrimaryGraftFailureParameters(graft="bone marrow")
    return derive_primary_graft_failure(patients, parameters).row(0, named=True)


@pytest.mark.parametrize(("graft", "limit"), LIMITS.items())
def test_recovery_on_the_limit_is_engraftment_and_a_day_later_is_failure(graft, limit):
    last, late = ("neutrophil_recovery", limit), ("neutrophil_recovery", limit + 1)
    row = reported(90, last, graft=graft)
    assert (row["label"], row["value"], row["day"]) == ("engrafted", 0, limit)
    row = reported(90, late, graft=graft)
    assert (row["label"], row["value"], row["day"]) == ("primary graft failure", 1, limit)
    assert row["reason"] == (
        f"no neutrophil recovery by day {limit}, recovery on day {limit + 1}; pancytopenia not "
        "judged: no platelets, no haemoglobin"
    )


@pytest.mark.parametrize(
    ("last_day", "events", "reason"),
    [
        (20, [("death", 20)], "not evaluable (early death): death on day 20, before day 30"),
        (90, [("relapse", 25)], "not evaluable (relapse): relapse on day 25, before day 30"),
        (
            90,
            [("second_transplant", 14), ("neutrophil_recovery", 28)],
            "not evaluable (second transplant): second transplant on day 14, before day 30",
        ),
        (
            12,
            [],
            (
                "not evaluable (follow-up too short): last day under observation is day 12,"
                " before day 30"
            ),
        ),
        (None, [], "no follow-up is recorded"),
        (90, [("death", None)], "death recorded without a day"),
        (90, [("neutrophil_recovery", None)], "neutrophil recovery recorded without a day"),
        (
            90,
            [("neutrophil_recovery", 12), ("second_transplant", None)],
            "second transplant recorded without a day",
        ),
    ],
)
def test_not_evaluable_is_null_with_the_reason(last_day, events, reason):
    row = reported(last_day, *events)
    assert (row["label"], row["value"], row["day"]) == (None, None, None)
    assert row["reason"] == reason


@pytest.mark.parametrize(
    ("events", "label"),
    [
        ([("neutrophil_recovery", 17), ("death", 22)], "engrafted"),
        ([("neutrophil_recovery", 17), ("death", None)], "engrafted"),
        ([("death", 30)], "primary graft failure"),
        ([("death", 45)], "primary graft failure"),
        ([("relapse", 40)], "primary graft failure"),
    ],
)
def test_what_comes_after_recovery_or_after_the_limit_changes_nothing(events, label):
    assert reported(None, *events)["label"] == label


def test_failure_is_read_from_counts():
    low = [(day, 0.1) for day in range(3, 33)]
    assert counted(90, *low)["label"] == "primary graft failure"
    assert counted(90, (9, 0.1), (17, 0.5), (18, 0.8), (19, 0.9))["label"] == "engrafted"


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        (
            [(3, 0.1), (12, 0.1)],
            (
                "not evaluable (counts end too early): the last neutrophil count is of day 12,"
                " before day 30"
            ),
        ),
        (
            [(3, 0.1), (29, 0.6), (30, 0.7)],
            "not evaluable (counts end too early): the rise from day 29 is not confirmed",
        ),
        ([(3, 1.0), (29, 2.6)], "not applicable: neutrophils never below 0.5 x 10^9/L"),
        ([], "no count of neutrophils from day 0 on"),
    ],
)
def test_counts_that_show_neither(counts, reason):
    row = counted(90, *counts)
    assert (row["label"], row["reason"]) == (None, reason)


LOW = [(day, 0.1) for day in (3, 6, 9, 12, 15, 18, 21, 24, 27)]
UP = [(day, 1.0) for day in (33, 34, 35)]


@pytest.mark.parametrize(
    ("counts", "label", "bounds"),
    [
        ([(day, "<0.1") for day, _ in LOW] + [(30, "<0.1")], "primary graft failure", None),
        ([*LOW, (30, None)], None, (0, 1)),
        ([(day, None) for day, _ in LOW] + [(30, None)], None, None),
        ([*LOW, (30, "<0.7")], None, (0, 1)),
        ([*LOW, *UP], None, (0, 1)),
        ([*LOW, (30, 0.2), *UP], "primary graft failure", None),
        ([(3, "<0.1"), (17, ">0.5"), (18, ">1"), (19, 2.0)], "engrafted", None),
        ([(3, 0.1), (17, 0.6), (18, None), (19, 0.8), (20, 1), (21, 1)], "engrafted", None),
        ([(3, 0.1), (31, 0.1)], "primary graft failure", (0, 1)),
    ],
    ids=[
        "bounds below the cut",
        "an empty value on the limit",
        "nothing but empty values",
        "a bound that does not decide",
        "days without a count across the limit",
        "a count on the limit",
        "bounds above the cut",
        "in time, whatever the day",
        "weeks without a count",
    ],
)
def test_bounds_gaps_and_empty_values(counts, label, bounds):
    row = counted(90, *counts)
    assert (row["label"], open_between(row)) == (label, bounds)
    assert row["reason"]


def test_a_fall_after_the_limit_is_no_primary_failure():
    high = [(day, 0.7) for day in range(5, 35, 5)]
    row = counted(90, (0, 4), *high, (40, 0.4), (41, 0.7), (42, 0.7), (43, 0.7))
    assert (row["label"], row["lowest"], row["highest"]) == (None, 0, 1)
    assert row["reason"] == (
        "not evaluable (no count below 0.5 x 10^9/L by day 28): the first is of day 40"
    )


@pytest.mark.parametrize("day", [29, 30])
def test_a_fall_after_the_days_of_the_nadir_is_no_primary_failure(day):
    high = [(each, 1.2) for each in range(1, 29, 3)]
    row = counted(90, *high, *((at, 0.1) for at in range(day, day + 6)))
    assert (row["label"], row["lowest"], row["highest"]) == (None, 0, 1)
    assert row["reason"].endswith(f"the first is of day {day}")


@pytest.mark.parametrize(
    ("counts", "label"),
    [
        ([(27, 0.1), (31, 1.2)], None),
        ([(29, 0.1), (40, 1.2)], None),
        ([(29, 0.1), (30, 0.1), (31, 1.2)], "primary graft failure"),
    ],
)
def test_an_unconfirmed_rise_may_have_begun_before_its_first_count(counts, label):
    row = counted(90, *((day, 0.1) for day in range(3, 29, 2)), *counts)
    assert row["label"] == label
    assert open_between(row) == (None if label else (0, 1))


def test_words_of_what_is_open():
    assert counted(90, *LOW, *UP)["reason"] == (
        "not evaluable (no count around the limit): recovery on day 33, and from day 28 on nothing "
        "was counted that would deny it by day 30"
    )
    assert counted(90, (3, 0.1), (31, 0.1))["reason"] == (
        "no neutrophil recovery by day 30; no count between day 3 and day 31; pancytopenia not "
        "judged: no platelets, no haemoglobin"
    )
    row = counted(90, (3, 0.1), (17, 0.6), (18, None), (19, 0.8), (20, 1), (21, 1))
    assert (row["day"], row["reason"]) == (19, "neutrophil recovery between day 4 and day 19")


def pancytopenia(how, *others):
    labs = [lab("neutrophils", 0.1, "10^9/L", day=day) for day in range(3, 33)]
    labs += [lab(analyte, value, unit, day=30) for analyte, value, unit in others]
    subjects = pl.DataFrame({"subject": ["1"], "last_day": [90]})
    patients = Patients.of(subjects=subjects, labs=table(*labs))
    given = PrimaryGraftFailureParameters(graft="bone marrow", pancytopenia=how)
    return derive_primary_graft_failure(patients, given).row(0, named=True)


PLATELETS, ANAEMIC, NORMAL = (
    ("platelets", 9, "10^9/L"),
    ("haemoglobin", 65, "g/L"),
    (
        "haemoglobin",
        130,
        "g/L",
    ),
)


def test_pancytopenia_is_told_required_or_ignored():
    row = pancytopenia("told", PLATELETS, ANAEMIC)
    assert row["reason"] == (
        "no neutrophil recovery by day 30; with pancytopenia: platelets 9 x 10^9/L on day 30, "
        "haemoglobin 65 g/L on day 30"
    )
    assert pancytopenia("ignored", PLATELETS)["reason"] == "no neutrophil recovery by day 30"
    assert pancytopenia("required", PLATELETS, ANAEMIC)["value"] == 1
    row = pancytopenia("required", PLATELETS, NORMAL)
    assert (row["value"], row["label"]) == (0, "neutropenia alone")
    row = pancytopenia("required", PLATELETS)
    assert (row["value"], row["lowest"], row["highest"]) == (None, 0, 1)
    assert row["reason"].startswith("cannot judge pancytopenia: no neutrophil recovery by day 30")


def test_without_reasons_all_else_is_the_same():
    patients = followed({"1": 90}, counts=[("1", *count) for count in LOW])
    given = PrimaryGraftFailureParameters(graft="bone marrow")
    told = derive_primary_graft_failure(patients, given)
    silent = derive_primary_graft_failure(patients, given, reasons=False)
    assert silent.drop("reason").equals(told.drop("reason"))


def test_early_death_goes_before_missing_counts():
    row = counted(12, (3, 0.1), events=[("death", 12)])
    assert row["reason"].startswith("not evaluable (early death)")


def test_each_patient_has_the_limit_of_the_graft():
    events = pl.DataFrame({"subject": list("1234"), "day": [35] * 4}).with_columns(
        event=pl.lit("neutrophil_recovery")
    )
    subjects = pl.DataFrame(
        {"subject": list("1234"), "last_day": [90] * 4, "graft": ["PBSC", "UCB", None, "liver"]}
    )
    patients = Patients.of(subjects=subjects, events=events)
    parameters = PrimaryGraftFailureParameters(graft_column="graft", source="reported")
    rows = derive_primary_graft_failure(patients, parameters)
    assert rows["label"].to_list() == ["primary graft failure", "engrafted", None, None]
    assert rows["reason"].to_list()[2:] == [
        "source of the graft is missing",
        "source of the graft `liver` is unknown",
    ]


def test_a_column_that_is_not_there_is_said():
    row = reported(90, graft=None, graft_column="graft_source")
    assert row["label"] is None
    assert row["reason"] == "`subjects` has no column `graft_source`"


def test_an_older_limit_can_be_asked_for():
    assert reported(90, ("neutrophil_recovery", 29), limit_day=28)["value"] == 1


@pytest.mark.parametrize(
    "given_", [{}, {"graft": "liver"}, {"limit_day": -1}, {"graft": "cord blood", "values": 0}]
)
def test_parameters_that_do_not_fit_are_refused(given_):
    with pytest.raises(ValidationError):
        PrimaryGraftFailureParameters(**given_)


@pytest.mark.parametrize("source", ["counts", "reported"])
def test_needs_follow_the_source(source):
    parameters = PrimaryGraftFailureParameters(graft="bone marrow", source=source)
    (need,) = PRIMARY_GRAFT_FAILURE.needs(parameters)
    assert need.table == {"counts": "labs", "reported": "events"}[source]
