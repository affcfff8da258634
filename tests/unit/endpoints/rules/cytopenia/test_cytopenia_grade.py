"""The worst grade of a window: baseline, transfusions, what cannot be told."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from pydantic import ValidationError
from tests.unit.endpoints.counted import lab, open_between, platelets, table
from tests.unit.endpoints.rules.cytopenia.in_columns import daily_grades, worst_grades

from stromal.endpoints.rules.cytopenia.cytopenia_grade import (
    CytopeniaGradeParameters,
    derive_cytopenia_grade,
)
from stromal.tables.patients import Patients

SUBJECTS = pl.DataFrame({"subject": ["1"], "arm": ["msc"]})


def _worst(labs: pl.DataFrame, events: pl.DataFrame | None = None, **parameters: object) -> dict:
    tables = {} if events is None else {"events": events}
    patients = Patients.of(subjects=SUBJECTS, labs=labs, **tables)
    given = CytopeniaGradeParameters.model_validate({"lineage": "thrombocytopenia"} | parameters)
    return derive_cytopenia_grade(patients, given).row(0, named=True)


def test_worst_grade_and_its_first_day():
    row = _worst(platelets((0, 5), (3, 60), (8, 40), (15, 30), (40, 10)), to_day=28)
    assert (row["value"], row["label"], row["day"]) == (3.0, "3", 8.0)
    assert row["reason"] == "platelets 40 x 10^9/L on day 8, grade 3"
    assert row["criteria"] == "CTCAE 5.0"


def test_day_zero_counts_only_where_the_window_says_so():
    labs = platelets((0, 5), (3, 60))
    assert _worst(labs)["value"] == 2
    assert _worst(labs, from_day=0)["value"] == 4


def test_without_values_null_with_a_reason():
    row = _worst(platelets((0, 5)), to_day=28)
    assert row["value"] is None
    assert row["reason"] == "no platelets after day 0 up to day 28"


def test_an_ungraded_value_leaves_grade_0_open_but_not_grade_1():
    unlimited = platelets((9, 100), limit=None)
    alone = _worst(unlimited)
    assert alone["value"] is None
    assert "lower limit of normal is missing" in alone["reason"]
    assert _worst(pl.concat([platelets((3, 200)), unlimited]))["value"] is None
    assert _worst(pl.concat([platelets((3, 120)), unlimited]))["value"] == 1


def test_a_value_of_unknown_unit_says_so():
    labs = platelets((1, 10)).with_columns(unit=pl.lit(None, pl.String))
    assert "its unit is unknown" in _worst(labs)["reason"]


@pytest.mark.parametrize(
    ("counts", "value", "bounds"),
    [
        ([(3, 60), (8, "<25")], 4, None),
        ([(3, 60), (8, "<60")], None, (2, 4)),
        ([(3, 20), (8, "<60")], 4, None),
        ([(3, 60), (8, None)], None, (2, 4)),
        ([(3, 60), (8, None), (8.5, 200)], 2, None),
        ([(3, 200), (8, ">30")], None, (0, 3)),
        ([(3, 60), (8, ">80")], 2, None),
        ([(8, None)], None, (0, 4)),
    ],
)
def test_bounds_and_empty_values_leave_the_grade_open_where_they_may_be_worse(
    counts, value, bounds
):
    row = _worst(platelets(*counts))
    assert (row["value"], open_between(row)) == (value, bounds)
    assert row["label"] == (None if value is None else str(value))
    assert (row["day"] is None) == (value is None)


def test_what_leaves_the_grade_open_is_said():
    assert _worst(platelets((3, 45), (8, "<60")))["reason"] == (
        "platelets < 60 x 10^9/L on day 8, which cannot be graded: it is a bound; grade 3 at "
        "least, on day 3"
    )
    assert _worst(platelets((8, "<9")))["reason"] == "platelets < 9 x 10^9/L on day 8, grade 4"


def test_a_value_of_another_unit_may_be_worse():
    known, unknown = platelets((3, 60)), platelets((8, 60)).with_columns(unit=pl.lit("g/L"))
    row = _worst(pl.concat([known, unknown]))
    assert (row["value"], row["lowest"], row["highest"]) == (None, 2, 4)


@pytest.mark.parametrize(
    ("counts", "value", "bounds"),
    [
        ([(-1, "<60"), (8, 20)], None, (0, 4)),
        ([(-1, ">60"), (8, 20)], 4, None),
        ([(-1, 20), (8, "<60")], 0, None),
        ([(-1, 60), (8, "<50")], None, (3, 4)),
        ([(-1, 45), (8, "<50")], None, (0, 4)),
    ],
)
def test_treatment_emergent_grades_of_bounds(counts, value, bounds):
    row = _worst(platelets(*counts), treatment_emergent=True)
    assert (row["value"], open_between(row)) == (value, bounds)


def test_without_reasons_all_else_is_the_same():
    patients = Patients.of(subjects=SUBJECTS, labs=platelets((3, 60), (8, 20)))
    given = CytopeniaGradeParameters(lineage="thrombocytopenia", treatment_emergent=True)
    told = derive_cytopenia_grade(patients, given)
    silent = derive_cytopenia_grade(patients, given, reasons=False)
    assert silent.drop("reason").equals(told.drop("reason"))
    assert silent["reason"].is_null().all()


def test_treatment_emergent_grades_are_above_baseline():
    worse = platelets((-5, 20), (-1, 60), (8, 40))
    row = _worst(worse, treatment_emergent=True)
    assert row["value"] == 3
    assert row["reason"].endswith("grade 3, above grade 2 at baseline on day -1")
    same = _worst(platelets((-1, 45), (8, 40)), treatment_emergent=True)
    assert (same["value"], same["day"]) == (0, 8)
    assert "not above grade 3" in same["reason"]


def test_treatment_emergent_needs_a_baseline():
    row = _worst(platelets((-30, 200), (8, 40)), treatment_emergent=True)
    assert row["value"] is None
    assert row["reason"].endswith("no grade at baseline to compare with")
    assert _worst(platelets((8, 200)), treatment_emergent=True)["value"] == 0


def test_a_baseline_that_can_be_grade_1_at_most_is_enough_for_a_higher_grade():
    labs = pl.concat([platelets((-1, 100), limit=None), platelets((8, 40))])
    assert _worst(labs, treatment_emergent=True)["value"] == 3


def test_transfusions_count_only_where_asked_for():
    labs = table(lab("haemoglobin", 95, "g/L", 120, 5))
    events = pl.DataFrame({"subject": ["1"], "day": [7.0], "event": ["transfusion_red_cells"]})
    assert _worst(labs, events, lineage="anaemia")["value"] == 2
    row = _worst(labs, events, lineage="anaemia", transfusion_counts=True)
    assert (row["value"], row["day"]) == (3, 7)
    assert row["reason"] == "red-cell transfusion on day 7, grade 3"


@pytest.mark.parametrize(("haemoglobin", "value", "bounds"), [(95, None, (2, 3)), (70, 3, (3, 3))])
def test_a_transfusion_without_a_day_leaves_the_grade_open(haemoglobin, value, bounds):
    labs = table(lab("haemoglobin", haemoglobin, "g/L", 120, 5))
    schema = {"subject": pl.String, "day": pl.Float64, "event": pl.String}
    events = pl.DataFrame([("1", None, "transfusion_red_cells")], schema=schema, orient="row")
    row = _worst(labs, events, lineage="anaemia", transfusion_counts=True)
    assert (row["value"], row["lowest"], row["highest"]) == (value, *bounds)
    if value is None:
        assert row["reason"] == (
            "red-cell transfusion on a day that was not recorded: grade 3 is possible; haemoglobin "
            "95 g/L on day 5, grade 2"
        )
    assert _worst(labs, events, lineage="anaemia")["value"] == (value or 2)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"lineage": "lymphopenia", "criteria": "ctcae_v6"}, "CTCAE 6.0 has no term for lymphop"),
        ({"lineage": "thrombocytopenia", "transfusion_counts": True}, "grades no transfusion"),
        ({"lineage": "eosinopenia"}, "lineage"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(parameters, message):
    with pytest.raises(ValidationError, match=message):
        CytopeniaGradeParameters.model_validate(parameters)


@pytest.mark.parametrize(("from_day", "to_day"), [(None, None), (0, 30), (10, 12)])
def test_the_worst_grade_is_that_of_whole_columns(from_day, to_day):
    rng = np.random.default_rng(7)
    names = [f"p{one}" for one in range(30)]
    labs = pl.DataFrame(
        {
            "subject": rng.choice(names, 400),
            "day": rng.integers(-3, 40, 400).astype(float),
            "analyte": "platelets",
            "value": rng.choice([10.0, 30, 60, 90, 200], 400),
            "unit": "10^9/L",
            "lower_limit": rng.choice([150.0, np.nan], 400),
        }
    ).with_columns(pl.col("lower_limit").fill_nan(None))
    patients = Patients.of(subjects=pl.DataFrame({"subject": names}), labs=labs)
    parameters = CytopeniaGradeParameters(
        lineage="thrombocytopenia", from_day=from_day, to_day=to_day
    )
    rows = derive_cytopenia_grade(patients, parameters, reasons=False).with_row_index("number")
    daily = daily_grades(patients, "thrombocytopenia", "ctcae_v5")
    first = 1e-9 if from_day is None else from_day
    worst = worst_grades(daily, first, 1e9 if to_day is None else to_day)
    told = rows.drop_nulls("lowest").select(
        "number",
        pl.col("lowest").cast(pl.Int64).alias("least"),
        pl.col("highest").cast(pl.Int64).alias("worst"),
    )
    assert_frame_equal(told, worst.drop("day"))
    judged = rows.drop_nulls("day").select("number", "day")
    assert_frame_equal(judged, worst.join(judged, on="number", how="semi").select("number", "day"))


def test_a_value_after_the_window_does_not_hide_one_of_its_last_day():
    labs = platelets((26, 90), (28, 40), (28.5, 10))
    assert _worst(labs, from_day=1, to_day=28)["value"] == 3
    assert _worst(labs, from_day=1, to_day=28.5)["value"] == 4
    after = platelets((0, 5), (0.5, 60))
    assert (_worst(after)["value"], _worst(after)["day"]) == (2, 0.5)
    emergent = _worst(platelets((-0.5, 20), (0, 200), (0.5, 5), (3, 60)), treatment_emergent=True)
    assert emergent["value"] == 4
