from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from stromal.endpoints.rules.cytopenia.cytopenia_grade import (
    CytopeniaGradeParameters,
    derive_cytopenia_grade,
    derive_cytopenia_grades,
    derive_lowest_of_day,
    read_lineage_rules,
)
from stromal.tables.labs import LABS
from stromal.tables.patients import Patients
from stromal.units import ANALYTES, convert

SUBJECTS = pl.DataFrame({"subject": ["1"], "arm": ["msc"]})
TERMS = [(v, name) for v in ("ctcae_v5", "ctcae_v6") for name in read_lineage_rules(v)]


def _lab(analyte: str, value: float, unit: str, limit: float | None = None, day: float = 1) -> dict:
    """A row of `labs` as a reader makes it."""
    internal = ANALYTES[analyte].unit
    return {
        "subject": "1",
        "day": day,
        "analyte": analyte,
        "value": convert(value, unit, internal, analyte),
        "unit": internal,
        "lower_limit": None if limit is None else convert(limit, unit, internal, analyte),
        "reported_unit": unit,
    }


def _table(*rows: dict) -> pl.DataFrame:
    return LABS.conform(pl.DataFrame(list(rows), infer_schema_length=None))


def _grade(*row: object, criteria: str = "ctcae_v5", **more: float) -> int | None:
    return derive_cytopenia_grades(_table(_lab(*row, **more)), criteria)["grade"].item()


def _worst(labs: pl.DataFrame, events: pl.DataFrame | None = None, **parameters: object) -> dict:
    tables = {} if events is None else {"events": events}
    patients = Patients.of(subjects=SUBJECTS, labs=labs, **tables)
    given = CytopeniaGradeParameters.model_validate({"lineage": "thrombocytopenia"} | parameters)
    return derive_cytopenia_grade(patients, given).row(0, named=True)


def _platelets(*series: tuple[float, float], limit: float | None = 150) -> pl.DataFrame:
    return _table(*(_lab("platelets", count, "10^9/L", limit, day) for day, count in series))


# Cuts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("criteria", "lineage"), TERMS)
def test_a_value_on_a_cut_takes_the_lower_grade(criteria, lineage):
    rule = read_lineage_rules(criteria)[lineage]
    for unit, cuts in rule.below.items():
        for grade, cut in cuts.items():
            on = _grade(rule.analyte, cut, unit, 10 * cut, criteria=criteria)
            under = _grade(rule.analyte, cut * 0.999, unit, 10 * cut, criteria=criteria)
            assert (on, under) == (grade - 1, grade), (unit, grade)


def test_haemoglobin_is_graded_on_the_cut_of_its_own_unit():
    # 4.9 mmol/L is 78.96 g/L, below the cut of 80 g/L but on the one of 4.9 mmol/L
    assert _grade("haemoglobin", 4.9, "mmol/L") == 2
    assert _grade("haemoglobin", 78.96, "g/L") == 3
    assert _grade("haemoglobin", 4900, "umol/L") == 2


def test_the_limit_is_read_in_the_unit_of_the_value():
    assert _grade("haemoglobin", 7.5, "mmol/L", 7.5) == 0
    assert _grade("haemoglobin", 7.4, "mmol/L", 7.5) == 1


def test_version_6_differs_for_platelets_and_neutrophils():
    assert [
        _grade("platelets", 24, "10^9/L", 150, criteria=v) for v in ("ctcae_v5", "ctcae_v6")
    ] == [
        4,
        3,
    ]
    assert _grade("neutrophils", 1.6, "10^9/L", criteria="ctcae_v6") == 0
    assert _grade("neutrophils", 1.6, "10^9/L", criteria="ctcae_v5") is None


def test_without_a_limit_grade_1_cannot_be_told_but_grade_2_can():
    rows = derive_cytopenia_grades(_platelets((1, 75), (2, 74.9), limit=None))
    assert rows.select("grade", "grade_at_most").rows() == [(None, 1), (2, 2)]


def test_an_absolute_cut_wins_over_a_lower_limit_below_it():
    assert _grade("neutrophils", 1.45, "10^9/L", 1.4) == 2


@pytest.mark.parametrize(
    ("unit", "reported"), [(None, None), ("10^9/M", None), ("g/L", None), ("10^9/L", "10^9/M")]
)
def test_an_unknown_unit_gives_no_grade(unit, reported):
    labs = _platelets((1, 10)).with_columns(
        unit=pl.lit(unit, pl.String), reported_unit=pl.lit(reported, pl.String)
    )
    row = derive_cytopenia_grades(labs).row(0, named=True)
    assert (row["grade"], row["grade_at_most"]) == (None, None)
    assert "its unit is unknown" in _worst(labs)["reason"]


def test_not_a_number_is_no_value():
    labs = _platelets((1, float(10))).with_columns(value=pl.lit(float("nan")))
    assert derive_cytopenia_grades(labs).is_empty()


# Properties ---------------------------------------------------------------------------------------

counts = st.floats(0, 500, allow_nan=False)


@settings(deadline=None, max_examples=30)
@given(values=st.tuples(counts, counts), term=st.sampled_from(TERMS))
def test_a_lower_value_never_has_a_lower_grade(values, term):
    criteria, lineage = term
    analyte = read_lineage_rules(criteria)[lineage].analyte
    unit = ANALYTES[analyte].unit
    low, high = (_grade(analyte, value, unit, 600, criteria=criteria) for value in sorted(values))
    assert low >= high


@settings(deadline=None, max_examples=30)
@given(thousands=st.integers(0, 400_000))
def test_the_spelling_of_the_unit_does_not_change_the_grade(thousands):
    per_litre = thousands / 1000
    spelled = [(thousands, 150_000, "/uL"), (thousands, 150_000, "cells/mm3")]
    spelled += [(per_litre, 150, unit) for unit in ("10^9/L", "K/µL", "10^3/mm3", "G/L")]
    grades = {_grade("platelets", value, unit, limit) for value, limit, unit in spelled}
    assert len(grades) == 1


# The worst of a window ----------------------------------------------------------------------------


def test_worst_grade_and_its_first_day():
    row = _worst(_platelets((0, 5), (3, 60), (8, 40), (15, 30), (40, 10)), to_day=28)
    assert (row["value"], row["label"], row["day"]) == (3.0, "3", 8.0)
    assert row["reason"] == "platelets 40 x 10^9/L on day 8, grade 3"
    assert row["criteria"] == "CTCAE 5.0"


def test_day_zero_counts_only_where_the_window_says_so():
    labs = _platelets((0, 5), (3, 60))
    assert _worst(labs)["value"] == 2
    assert _worst(labs, from_day=0)["value"] == 4


def test_without_values_null_with_a_reason():
    row = _worst(_platelets((0, 5)), to_day=28)
    assert row["value"] is None
    assert row["reason"] == "no platelets after day 0 to day 28"


def test_an_ungraded_value_leaves_grade_0_open_but_not_grade_1():
    unlimited = _platelets((9, 100), limit=None)
    alone = _worst(unlimited)
    assert alone["value"] is None
    assert "lower limit of normal is missing" in alone["reason"]
    assert _worst(pl.concat([_platelets((3, 200)), unlimited]))["value"] is None
    assert _worst(pl.concat([_platelets((3, 120)), unlimited]))["value"] == 1


def test_of_several_values_on_one_day_the_lowest_is_kept():
    graded = derive_lowest_of_day(
        derive_cytopenia_grades(_platelets((1.2, 60), (1.7, 20), (2, 80)))
    )
    assert graded.select("day", "grade").rows() == [(1.7, 4), (2.0, 1)]


def test_treatment_emergent_grades_are_above_baseline():
    worse = _platelets((-5, 20), (-1, 60), (8, 40))
    row = _worst(worse, treatment_emergent=True)
    assert row["value"] == 3
    assert row["reason"].endswith("grade 3, above grade 2 at baseline on day -1")
    same = _worst(_platelets((-1, 45), (8, 40)), treatment_emergent=True)
    assert (same["value"], same["day"]) == (0, 8)
    assert "not above grade 3" in same["reason"]


def test_treatment_emergent_needs_a_baseline():
    row = _worst(_platelets((-30, 200), (8, 40)), treatment_emergent=True)
    assert row["value"] is None
    assert row["reason"].endswith("no grade at baseline to compare with")
    assert _worst(_platelets((8, 200)), treatment_emergent=True)["value"] == 0


def test_a_baseline_that_can_be_grade_1_at_most_is_enough_for_a_higher_grade():
    labs = pl.concat([_platelets((-1, 100), limit=None), _platelets((8, 40))])
    assert _worst(labs, treatment_emergent=True)["value"] == 3


def test_transfusions_count_only_where_asked_for():
    labs = _table(_lab("haemoglobin", 95, "g/L", 120, 5))
    events = pl.DataFrame({"subject": ["1"], "day": [7.0], "event": ["transfusion_red_cells"]})
    assert _worst(labs, events, lineage="anaemia")["value"] == 2
    row = _worst(labs, events, lineage="anaemia", transfusion_counts=True)
    assert (row["value"], row["day"]) == (3, 7)
    assert row["reason"] == "red-cell transfusion on day 7, grade 3"


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
