"""Grades of single values: cuts, units, limits, several values on one day."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.unit.endpoints.counted import lab, platelets, table
from tests.unit.endpoints.rules.cytopenia.in_columns import daily_grades
from tests.unit.kernels.series.many import way

from stromal.endpoints.records.lab_series import as_numbered
from stromal.endpoints.rules.cytopenia.grading import (
    SIGNIFICANT_DIGITS,
    DailyGrades,
    derive_cytopenia_grades,
    derive_daily_grades,
    write_graded,
    write_ungraded,
)
from stromal.endpoints.rules.cytopenia.lineages import read_lineage_rules
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.analytes import ANALYTES

__all__ = ["way"]
TERMS = [(v, name) for v in ("ctcae_v5", "ctcae_v6") for name in read_lineage_rules(v)]


BY_ANALYTE = {rule.analyte: name for name, rule in read_lineage_rules("ctcae_v5").items()}


def _graded(labs: pl.DataFrame, lineage: str = "thrombocytopenia") -> pl.DataFrame:
    return derive_cytopenia_grades(labs, lineage)


def _grade(*row: object, criteria: str = "ctcae_v5", **more: float) -> int | None:
    labs = table(lab(*row, **more))
    return derive_cytopenia_grades(labs, BY_ANALYTE[row[0]], criteria)["grade"].item()


def _between(labs: pl.DataFrame, lineage: str = "thrombocytopenia") -> list[tuple]:
    return _graded(labs, lineage).select("grade", "grade_at_least", "grade_at_most").rows()


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


def test_a_value_is_graded_as_it_was_reported():
    labs = table(lab("haemoglobin", 4.9, "mmol/L"), lab("haemoglobin", 4.9, "mmol/L", day=2))
    exact = labs.with_columns(reported_value=pl.Series([4.9, 4.89]))
    graded = derive_cytopenia_grades(exact, "anaemia")
    assert graded["graded_value"].to_list() == [4.9, 4.89]
    # in a unit that the criteria do not print it has to be converted
    other = table(lab("haemoglobin", 4900, "umol/L")).with_columns(reported_value=4900.0)
    assert derive_cytopenia_grades(other, "anaemia")["graded_value"].to_list() == [4.9]


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
    labs = platelets((1, 75), (2, 74.9), limit=None)
    assert _between(labs) == [(None, 0, 1), (2, 2, 2)]


def test_an_absolute_cut_wins_over_a_lower_limit_below_it():
    assert _grade("neutrophils", 1.45, "10^9/L", 1.4) == 2


@pytest.mark.parametrize(
    ("unit", "reported"), [(None, None), ("10^9/M", None), ("g/L", None), ("10^9/L", "10^9/M")]
)
def test_an_unknown_unit_gives_no_grade(unit, reported):
    labs = platelets((1, 10)).with_columns(
        unit=pl.lit(unit, pl.String), reported_unit=pl.lit(reported, pl.String)
    )
    assert _between(labs) == [(None, 0, 4)]


@pytest.mark.parametrize("value", [None, float("nan")])
def test_without_a_value_any_grade_is_possible(value):
    labs = platelets((1, 10.0)).with_columns(value=pl.lit(value, pl.Float64))
    assert _between(labs) == [(None, 0, 4)]
    hb = table(lab("haemoglobin", None, "g/L", 120))
    assert _between(hb, "anaemia") == [(None, 0, 3)]


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        ("<0.1", (4, 4, 4)),
        ("<0.5", (4, 4, 4)),
        ("<0.7", (None, 3, 4)),
        ("<1.5", (None, 2, 4)),
        ("<2", (None, 0, 4)),
        (">0.4", (None, 0, 4)),
        (">0.5", (None, 0, 3)),
        (">1.7", (None, 0, 1)),
        (">1.8", (0, 0, 0)),
        (">9", (0, 0, 0)),
    ],
)
def test_a_bound_is_graded_where_it_decides(count, expected):
    labs = table(lab("neutrophils", count, "10^9/L", 1.8))
    assert _between(labs, "neutropenia") == [expected]


def test_a_bound_is_graded_in_its_own_unit():
    labs = table(lab("haemoglobin", "<4.9", "mmol/L", 7.5), lab("haemoglobin", "<5", "mmol/L"))
    assert _between(labs, "anaemia") == [(3, 3, 3), (None, 2, 3)]


def test_rows_keep_their_order_whatever_their_units():
    labs = table(
        lab("platelets", 20, "10^9/L", 150, 1),
        lab("platelets", 60_000, "/uL", 150_000, 2),
        lab("neutrophils", 1, "10^9/L", 2, 3),
        lab("platelets", 40, "K/uL", 150, 4),
    )
    assert _graded(labs)["grade"].to_list() == [4, 2, 3]
    assert _graded(labs, "leukopenia").is_empty()


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


TRUTHS = {"<0.7": (0.0, 0.3, 0.6), "<0.4": (0.0, 0.3), ">0.4": (0.45, 0.9, 1.6, 9.0)}


@pytest.mark.parametrize("bound", TRUTHS)
@pytest.mark.parametrize("limit", [1.4, 1.8, None])
def test_the_grades_of_a_bound_hold_every_truth(bound, limit):
    labs = table(lab("neutrophils", bound, "10^9/L", limit))
    ((_, least, most),) = _between(labs, "neutropenia")
    for truth in TRUTHS[bound]:
        ((_, low, high),) = _between(
            table(lab("neutrophils", truth, "10^9/L", limit)), "neutropenia"
        )
        assert least <= low
        assert high <= most


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([(1.2, 60), (1.7, 20), (2, 80)], [(1.7, 4), (2, 1)]),
        ([(1.2, None), (1.7, 60)], [(1.7, 2)]),
        ([(1.2, None), (1.7, None)], [(1.2, None)]),
        ([(1.2, 40), (1.7, "<60")], [(1.7, None)]),
        ([(1.2, 40), (1.7, "<20")], [(1.7, 4)]),
    ],
)
def test_of_several_values_on_one_day_the_lowest_is_kept(counts, expected):
    daily = _daily(platelets(*counts))
    grades = daily.tell(daily.frame()).select("day", "grade")
    assert grades.rows() == expected


def test_patients_become_numbers_in_their_order():
    daily = _daily(platelets((5, 60), (1, 20)))
    assert daily.frame().select("number", "day", "grade_at_most").rows() == [(1, 1, 4), (1, 5, 2)]


def _daily(labs: pl.DataFrame) -> DailyGrades:
    subjects = pl.DataFrame({"subject": ["2", "1"]})
    patients = as_numbered(Patients.of(subjects=subjects, labs=labs))
    return derive_daily_grades(patients, "thrombocytopenia", "ctcae_v5")


def test_words_say_value_bound_and_why_there_is_no_grade():
    labs = platelets((1, "<60"), (2, None), (3, 100), limit=None)
    rows = _graded(labs).select(write_graded("platelets"), write_ungraded().alias("why")).rows()
    assert rows == [
        ("platelets < 60 x 10^9/L on day 1", "it is a bound"),
        ("platelets on day 2", "its value is missing"),
        ("platelets 100 x 10^9/L on day 3", "the lower limit of normal is missing"),
    ]


def _draw(seed: int, people: int = 8, rows: int = 220) -> Patients:
    """Counts with everything that tables hold: bounds, gaps, repeats, units, no limits."""
    rng = np.random.default_rng(seed)
    labs = pl.DataFrame(
        {
            "subject": rng.choice([f"p{one}" for one in range(people)] + ["nobody"], rows),
            "day": rng.integers(-9, 45, rows) + rng.choice([0.0, 0.5], rows),
            "analyte": rng.choice(["platelets", "haemoglobin", "neutrophils"], rows),
            "value": rng.choice(
                [0.1, 0.49, 0.5, 1.0, 1.5, 4.9, 25.0, 50.0, 75.0, 79, 80, 99], rows
            ),
            "bound": rng.choice(["", "below", "at most", "above", "at least"], rows, p=_SHARES),
            "lower_limit": rng.choice([np.nan, 1.8, 130.0, 150.0], rows),
            "how": rng.integers(0, 8, rows),
        }
    )
    internal = pl.when(pl.col("analyte") == "haemoglobin").then(pl.lit("g/L"))
    labs = labs.with_columns(
        pl.when(pl.col("how") == 0).then(None).otherwise("value").alias("value"),
        pl.when(pl.col("bound") != "").then("bound").alias("bound"),
        pl.col("lower_limit").fill_nan(None),
        pl.when(pl.col("how") != 1).then(internal.otherwise(pl.lit("10^9/L"))).alias("unit"),
        pl.when((pl.col("how") == 2) & (pl.col("analyte") == "haemoglobin"))
        .then(pl.lit("mmol/L"))
        .when((pl.col("how") == 3) & (pl.col("analyte") != "haemoglobin"))
        .then(pl.lit("/uL"))
        .alias("reported_unit"),
    )
    reported = pl.when(pl.col("reported_unit") == "/uL").then((pl.col("value") * 1000).round(2))
    labs = labs.with_columns(reported.alias("reported_value"))
    subjects = pl.DataFrame({"subject": [f"p{one}" for one in range(people)]})
    return Patients.of(subjects=subjects, labs=labs)


_COUNTS = (0.1, 0.49, 0.5, 1.0, 1.5, 4.9, 25.0, 50.0, 75.0, 79.0, 80.0, 99.0)
_SHARES = (0.8, 0.05, 0.05, 0.05, 0.05)
_ASKED = (
    ("anaemia", "ctcae_v5"),
    ("thrombocytopenia", "ctcae_v5"),
    ("neutropenia", "ctcae_v5"),
    ("thrombocytopenia", "ctcae_v6"),
    ("neutropenia", "ctcae_v6"),
)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(("lineage", "criteria"), _ASKED)
@pytest.mark.parametrize("seed", range(6))
def test_days_are_graded_as_on_whole_columns(seed, lineage, criteria):
    patients = _draw(seed)
    ours = derive_daily_grades(as_numbered(patients), lineage, criteria).frame().drop("row")
    assert_frame_equal(ours, daily_grades(patients, lineage, criteria))


@pytest.mark.parametrize("version", ["ctcae_v5", "ctcae_v6"])
def test_no_cut_changes_when_it_is_rounded(version):
    cuts = [
        cut
        for rule in read_lineage_rules(version).values()
        for grades in rule.below.values()
        for cut in grades.values()
    ]
    rounded = pl.Series(cuts, dtype=pl.Float64).round_sig_figs(SIGNIFICANT_DIGITS)
    assert rounded.to_list() == cuts
