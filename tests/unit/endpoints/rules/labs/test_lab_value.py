from __future__ import annotations

import polars as pl
import pytest
from pydantic import ValidationError
from tests.unit.endpoints.counted import platelets

from stromal.endpoints.rules.labs.lab_value import LabValueParameters, derive_lab_value
from stromal.tables.patients import Patients

COUNTS = [(-3.0, 40.0), (1.0, 30.0), (5.0, 20.0), (5.5, 25.0), (9.0, 20.0), (30.0, 90.0)]


@pytest.fixture
def patients() -> Patients:
    labs = pl.DataFrame(COUNTS, schema=["day", "value"], orient="row").with_columns(
        subject=pl.lit("1"), analyte=pl.lit("platelets"), unit=pl.lit("10^9/L")
    )
    subjects = pl.DataFrame({"subject": ["2", "1"], "arm": ["msc", "msc"]})
    return Patients.of(subjects=subjects, labs=labs)


def _row(patients: Patients, **parameters) -> dict:
    given = LabValueParameters(analyte="platelets", **parameters)
    return derive_lab_value(patients, given).row(1, named=True)


@pytest.mark.parametrize(
    ("parameters", "value", "day"),
    [
        ({"window": {"day": 4, "before": 3, "after": 3}}, 20.0, 5.0),
        (
            {"window": {"day": -1, "before": 2, "after": 2}},
            40.0,
            -3.0,
        ),  # as near as day 1, and earlier
        ({"statistic": "minimum"}, 20.0, 5.0),
        ({"statistic": "maximum"}, 90.0, 30.0),
        ({"statistic": "maximum", "from_day": 0, "to_day": 28}, 30.0, 1.0),
        ({"statistic": "first", "from_day": 0}, 30.0, 1.0),
        ({"statistic": "last", "to_day": 28}, 20.0, 9.0),
        ({"statistic": "last", "to_day": 5.9, "same_day": "highest"}, 25.0, 5.5),
    ],
)
def test_value_of_the_statistic(patients, parameters, value, day):
    row = _row(patients, **parameters)
    assert (row["value"], row["day"], row["unit"]) == (value, day, "10^9/L")


def test_reason_names_value_and_day(patients):
    assert _row(patients, statistic="minimum", from_day=0, to_day=28)["reason"] == (
        "platelets 20 x 10^9/L on day 5, the minimum from day 0 to day 28"
    )


def test_without_a_value_null_with_a_reason(patients):
    row = _row(patients, window={"day": 20, "before": 2, "after": 2})
    assert row["value"] is None
    assert row["reason"] == "no platelets from day 18 to day 22"


def test_a_missing_value_on_one_day_is_said_of_that_day(patients):
    assert _row(patients, window={"day": 20})["reason"] == "no platelets on day 20"


def test_one_row_per_subject_in_their_order(patients):
    rows = derive_lab_value(patients, LabValueParameters(analyte="platelets", window={"day": 1}))
    assert rows["subject"].to_list() == ["2", "1"]
    assert rows["value"].to_list() == [None, 30.0]


@pytest.mark.parametrize("unit", [None, "/uL"])
def test_a_number_in_another_unit_is_not_read(patients, unit):
    labs = patients.labs.with_columns(unit=pl.lit(unit, pl.String))
    row = _row(Patients.of(subjects=patients.subjects, labs=labs), window={"day": 1})
    assert row["value"] is None


def test_not_a_number_is_no_value(patients):
    labs = patients.labs.with_columns(value=pl.lit(float("nan")))
    assert (
        _row(Patients.of(subjects=patients.subjects, labs=labs), window={"day": 1})["value"] is None
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"analyte": "platelets"}, "needs `window`"),
        ({"analyte": "White Cells", "window": {"day": 0}}, "pattern"),
        ({"analyte": "platelets", "day": 0}, "day"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(parameters, message):
    with pytest.raises(ValidationError, match=message):
        LabValueParameters.model_validate(parameters)


def _bounded(*counts, **parameters) -> dict:
    subjects = pl.DataFrame({"subject": ["1"], "arm": ["msc"]})
    patients = Patients.of(subjects=subjects, labs=platelets(*counts))
    given = LabValueParameters(analyte="platelets", **parameters)
    return derive_lab_value(patients, given).row(0, named=True)


@pytest.mark.parametrize(
    ("counts", "parameters", "expected"),
    [
        ([(5, "<10")], {"window": {"day": 5}}, (None, "< 10", 0, 10)),
        ([(5, ">900")], {"window": {"day": 5}}, (None, "> 900", 900, None)),
        ([(5, None), (6, 20)], {"window": {"day": 5, "after": 3}}, (20, None, 20, 20)),
        ([(5, "<10"), (6, 20)], {"statistic": "minimum"}, (None, "< 10", 0, 10)),
        ([(5, "<30"), (6, 20)], {"statistic": "minimum"}, (None, None, 0, 20)),
        ([(5, ">30"), (6, 20)], {"statistic": "minimum"}, (20, None, 20, 20)),
        ([(5, None), (6, 20)], {"statistic": "minimum"}, (None, None, 0, 20)),
        ([(5, ">30"), (6, 20)], {"statistic": "maximum"}, (None, "> 30", 30, None)),
        ([(5, "<10"), (6, 20)], {"statistic": "maximum"}, (20, None, 20, 20)),
        ([(5, None), (6, 20)], {"statistic": "maximum"}, (None, None, 20, None)),
        ([(5, "<10"), (6, 20)], {"statistic": "first"}, (None, "< 10", 0, 10)),
    ],
)
def test_a_bound_is_no_number(counts, parameters, expected):
    row = _bounded(*counts, **parameters)
    assert (row["value"], row["label"], row["lowest"], row["highest"]) == expected
    assert row["unit"] == "10^9/L"


def test_words_of_bounds():
    row = _bounded((5, "<10"), (6, 20), statistic="minimum")
    assert row["reason"] == "platelets < 10 x 10^9/L on day 5, the minimum on any day"
    row = _bounded((5, None), (6, 20), statistic="minimum")
    assert row["reason"].endswith("on any day, but a bound or an empty value may be lower")
    assert _bounded((5, None), statistic="minimum")["reason"] == "no platelets on any day"


@pytest.mark.parametrize(
    "parameters",
    [
        {"window": {"day": 28, "before": 3}},
        {"statistic": "minimum", "to_day": 28},
        {"statistic": "last", "to_day": 28},
    ],
)
def test_a_value_after_the_window_does_not_hide_one_of_its_last_day(parameters):
    labs = platelets((26, 90), (28, 40), (28.5, 10))
    subjects = pl.DataFrame({"subject": ["2", "1"], "arm": ["msc", "msc"]})
    row = _row(Patients.of(subjects=subjects, labs=labs), **parameters)
    assert (row["value"], row["day"]) == (40, 28)
