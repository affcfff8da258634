"""Wrong units that make values too small are asked about; true nadirs are not."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stromal.errors import Severity
from stromal.patients.check.drift import check_drift
from stromal.patients.observed.labs import read_labs
from stromal.tables.labs import LABS
from stromal.tables.patients import Patients, TableFile
from tests.unit.patients.folders import PROTOCOL

FILE = TableFile("labs.csv", 2)
NAMES = ("subject", "day", "analyte", "value", "unit", "lower_limit", "upper_limit")


def drift(*rows):
    """Rows that are asked about, counted from 0, and what is said of the first."""
    full = [(*row, *(None,) * (len(NAMES) - len(row))) for row in rows]
    frame = LABS.conform(pl.DataFrame(full, schema=NAMES, orient="row"))
    labs, issues = read_labs(frame, FILE)
    assert not issues
    found = check_drift(Patients.of({"labs": FILE}, labs=labs), PROTOCOL)
    assert all(issue.severity is Severity.ERROR for issue in found)
    return [issue.row - 2 for issue in found], str(found[0]) if found else ""


def series(analyte, *values, subject="1", unit="K/uL"):
    """Weekly values; a pair has its own unit."""
    pairs = [value if isinstance(value, tuple) else (value, unit) for value in values]
    return [(subject, 7.0 * i, analyte, float(v), u) for i, (v, u) in enumerate(pairs)]


def test_a_value_that_the_neighbours_unit_explains_is_a_question_of_the_unit():
    rows, said = drift(*series("neutrophils", 2.4, 1.9, (2.1, "/uL"), (2.6, "/uL"), 3.0))
    assert rows == [2, 3]
    assert said == (
        "labs.csv row 4 column unit: neutrophils is 2.1 /uL between 1.9 and 3 10^3/uL.\n"
        "hint: is /uL right here? if not correct the unit, else write the row in 10^3/uL too"
    )


@pytest.mark.parametrize("unit", ["cells/mcL", "/cumm", "10^6/L"])
def test_other_small_units(unit):
    assert drift(*series("platelets", 180, (150, unit), 172))[0] == [1]
    assert drift(*series("platelets", (150, unit), 172))[0] == [0]
    assert drift(*series("platelets", 172, (150, unit)))[0] == [1]


def test_creatinine_in_the_unit_of_the_other_continent():
    rows = series("creatinine", 1.1, (1.2, "umol/L"), 0.9, unit="mg/dL")
    assert drift(*rows)[0] == [1]
    assert drift(*series("creatinine", 1.1, (106, "umol/L"), 0.9, unit="mg/dL"))[0] == []


@pytest.mark.parametrize(
    "values",
    [
        (2.4, 0.3, 0.05, 0.01, 0.0, 0.02, 0.4, 3.1),
        (3.0, 0.0, 0.0, 2.0),
        (5.0, 0.003, 6.0),
        ((2400, "/uL"), (20, "/uL"), (0, "/uL"), (5, "/uL"), (1900, "/uL")),
        (2.4, (1900, "/uL"), 2.1),
        (2.4, (300, "/uL"), (40, "/uL"), (20, "/uL"), 0.4, 2.0),
        (2.4, (20, "/uL"), 3.0),
        (0.9, (5, "/uL"), 0.6),
        (0.5, (0, "/uL"), 0.6),
        ((10, "/uL"), (20, "/uL"), (10, "/uL")),
    ],
)
def test_a_true_nadir_is_not_questioned(values):
    assert drift(*series("neutrophils", *values)) == ([], "")


def test_a_site_that_reports_in_another_unit_throughout_is_not_questioned():
    one = series("neutrophils", 2.4, 0.1, 0.02, 1.5, 3.0)
    other = series("neutrophils", 1900, 40, 10, 600, 2500, subject="2", unit="/uL")
    nadir = series("neutrophils", 40, 10, 20, subject="3", unit="/uL")
    assert drift(*one, *other, *nadir) == ([], "")
    assert drift(*one, *nadir) == ([], "")


def test_a_site_whose_every_value_is_in_the_wrong_unit_is_questioned():
    one = series("neutrophils", 2.4, 0.1, 0.02, 1.5, 3.0)
    other = series("neutrophils", 2.9, 0.4, 1.6, 2.5, subject="2", unit="/uL")
    rows, said = drift(*one, *other)
    assert rows == [5, 6, 7, 8]
    assert "neutrophils is 2.9 /uL where most rows are in 10^3/uL" in said


def test_limits_of_normal_that_are_impossible_in_the_unit():
    right = [("1", day, "neutrophils", 2.0, "K/uL", 1.5, 7.5) for day in (0.0, 7.0, 14.0)]
    wrong = ("2", 0.0, "neutrophils", 0.4, "/uL", 1.5, 7.5)
    rows, said = drift(*right, wrong)
    assert rows == [3]
    assert said == (
        "labs.csv row 5 column unit: lower limit of normal of neutrophils is 1.5 /uL "
        "(0.0015 10^9/L); usually it is 1.5 10^9/L.\n"
        "hint: is /uL the unit of this row? value and limits share it"
    )
    nadir = ("2", 0.0, "neutrophils", 0.01, "K/uL", 1.8, 7.0)
    site = ("2", 7.0, "neutrophils", 10, "/uL", 1800, 7000)
    assert drift(*right, nadir, site) == ([], "")
    assert drift(*right, ("2", 0.0, "neutrophils", 2.0, "K/uL", None, 7500.0))[0] == [3]


def test_a_study_without_a_value_near_normal_is_warned_of():
    labs = [("1", float(day), "neutrophils", 2.0 + day / 10, "/uL") for day in range(6)]
    frame = LABS.conform(pl.DataFrame(labs, schema=NAMES[:5], orient="row"))
    patients = Patients.of({"labs": FILE}, labs=read_labs(frame, FILE)[0])
    (issue,) = check_drift(patients, PROTOCOL)
    assert issue.severity is Severity.WARNING
    assert issue.message == "no value of neutrophils is above 0.0025 10^9/L, and 1.5 is normal"
    assert drift(*series("neutrophils", 0.02, 0.01, 0.0, 0.05, 0.02)) == ([], "")


def test_no_labs_and_unknown_analytes():
    assert check_drift(Patients.of(), PROTOCOL) == ()
    labs = LABS.conform(pl.DataFrame({"subject": ["1"], "analyte": ["luck"], "value": [1.0]}))
    assert check_drift(Patients.of(labs=labs), PROTOCOL) == ()


def course(rng, days):
    """Neutrophils of a transplanted patient, 10^9/L: a fall, a nadir near zero, a recovery."""
    depth, start, end = rng.uniform(2, 7), rng.uniform(1.5, 7), rng.uniform(0.8, 9)
    fall = np.exp(-depth * np.clip((days + 6) / 8, 0, 1))
    rise = 1 / (1 + np.exp(-(days - rng.uniform(12, 30)) / rng.uniform(1, 4)))
    return (start * fall + end * rise) * rng.lognormal(0, 0.25, days.size)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32 - 1))
def test_realistic_courses_of_sites_with_their_own_units_raise_no_question(seed):
    rng = np.random.default_rng(seed)
    rows = []
    for subject in range(12):
        days = np.sort(rng.choice(np.arange(-7, 61), 25, replace=False)).astype(float)
        unit, per, digits = [("K/uL", 1, 2), ("/uL", 1000, -1), ("10^9/L", 1, 1)][subject % 3]
        values = np.round(course(rng, days) * per, digits)
        rows += [
            (str(subject), d, "neutrophils", float(v), unit)
            for d, v in zip(days, values, strict=True)
        ]
    assert drift(*rows) == ([], "")


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_row_that_loses_its_thousand_is_found(seed):
    rng = np.random.default_rng(seed)
    days = np.arange(0.0, 70.0, 7.0)
    values = np.round(rng.uniform(1.5, 4.0, days.size), 2)
    at = int(rng.integers(days.size))
    rows = [
        ("1", d, "neutrophils", float(v), "/uL" if i == at else "K/uL")
        for i, (d, v) in enumerate(zip(days, values, strict=True))
    ]
    assert drift(*rows)[0] == [at]
