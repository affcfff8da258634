"""Platelets and haemoglobin about the limit of each patient."""

from __future__ import annotations

import polars as pl
import pytest
from tests.unit.endpoints.counted import lab, table

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.rules.engraftment.pancytopenia import CRITERIA, judge_pancytopenia
from stromal.tables.patients import Patients

LINEAGES = read_criteria(CRITERIA).rules["pancytopenia"]["lineages"]
LIMITS = pl.DataFrame({"subject": ["1"], "limit": [30.0]})


def judge(*labs: dict, given: tuple[tuple[float, str], ...] = ()) -> dict:
    events = pl.DataFrame(
        [("1", *one) for one in given],
        schema={"subject": pl.String, "day": pl.Float64, "event": pl.String},
        orient="row",
    )
    subjects = pl.DataFrame({"subject": ["1"]})
    patients = Patients.of(subjects=subjects, labs=table(*labs) if labs else table({"day": 0.0}))
    patients = Patients.of(subjects=subjects, labs=patients.labs, events=events)
    return judge_pancytopenia(patients, LIMITS).row(0, named=True)


def platelets(count, day=30):
    return lab("platelets", count, "10^9/L", day=day)


def haemoglobin(value, day=30):
    return lab("haemoglobin", value, "g/L", day=day)


@pytest.mark.parametrize(
    ("labs", "expected"),
    [
        ([platelets(9), haemoglobin(60)], True),
        ([platelets(9), haemoglobin(LINEAGES["haemoglobin"]["below"])], False),
        ([platelets(LINEAGES["platelets"]["below"]), haemoglobin(60)], False),
        ([platelets(9)], None),
        ([platelets(99)], False),
        ([platelets("<10"), haemoglobin("<70")], True),
        ([platelets("<30"), haemoglobin(60)], None),
        ([platelets(9, day=22), haemoglobin(60)], None),
        ([platelets(9, day=23), haemoglobin(60, day=37)], True),
        ([platelets(9), haemoglobin(65, day=37.0), haemoglobin(60, day=37.5)], True),
        ([platelets(9), haemoglobin(80, day=37.0), haemoglobin(60, day=37.5)], False),
        ([platelets(9, day=27), platelets(90, day=31), haemoglobin(60)], False),
        ([], None),
    ],
)
def test_both_lineages_are_low_about_the_limit(labs, expected):
    assert judge(*labs)["pancytopenia"] is expected


def test_a_transfusion_before_the_limit_is_a_low_count():
    given = ((25.0, "transfusion_platelets"), (24.0, "transfusion_red_cells"))
    row = judge(platelets(90), given=given)
    assert row["pancytopenia"] is True
    assert row["pancytopenia_words"] == (
        "; with pancytopenia: platelet transfusion on day 25, red-cell transfusion on day 24"
    )
    assert judge(platelets(90), given=((31.0, "transfusion_platelets"),))["pancytopenia"] is False


def test_words_name_what_is_missing():
    assert judge(platelets("<10"))["pancytopenia_words"] == (
        "; pancytopenia not judged: platelets < 10 x 10^9/L on day 30, no haemoglobin"
    )
