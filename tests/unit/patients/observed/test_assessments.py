import polars as pl
import pytest

from stromal.patients.observed.assessments import read_assessments
from stromal.tables.patients import TableFile


def read(scale, item, value):
    frame = pl.DataFrame(
        {"scale": [scale], "item": [item], "value": [value]},
        schema=dict.fromkeys(("scale", "item", "value"), pl.String),
    )
    frame, issues = read_assessments(frame, TableFile("assessments.csv", 2))
    return frame["value"][0], issues


@pytest.mark.parametrize(
    ("scale", "item", "given", "expected"),
    [
        ("acute_gvhd_stage", "skin", "4", "4"),
        ("acute_gvhd_stage", "skin", "2.0", "2"),
        ("acute_gvhd_stage", "skin", None, None),
        ("chimerism", "myeloid", "97.5", "97.5"),
        ("performance", "extreme_decrease", "Yes", "yes"),
        ("investigator", "acute_gvhd_grade", "iv", "IV"),
        ("acute_gvhd_signs", "stool_ml_per_day", "1500", "1500"),
    ],
)
def test_values_on_their_scale(scale, item, given, expected):
    assert read(scale, item, given) == (expected, ())


@pytest.mark.parametrize(
    ("scale", "item", "value", "column"),
    [
        ("acute_gvhd_stage", "upper_gi", "2", "value"),
        ("acute_gvhd_stage", "skin", "-1", "value"),
        ("acute_gvhd_stage", "skin", "1.5", "value"),
        ("acute_gvhd_stage", "skin", "III", "value"),
        ("chimerism", "myeloid", "101", "value"),
        ("chimerism", "myeloid", "nan%", "value"),
        ("acute_gvhd_signs", "stool_ml_per_day", "-5", "value"),
        ("acute_gvhd_stage", "sking", "1", "item"),
        ("gvhd", "skin", "1", "scale"),
    ],
)
def test_what_is_off_its_scale_is_an_issue_and_null(scale, item, value, column):
    read_value, (issue,) = read(scale, item, value)
    assert read_value is None
    assert (issue.row, issue.column) == (2, column)
    assert issue.hint


def test_decimal_commas_are_read_where_the_file_has_them_and_thousands_are_not_guessed():
    frame = pl.DataFrame(
        {
            "scale": ["investigator"] * 3,
            "item": ["response_duration_months"] * 3,
            "value": ["8,5", "8.5", "8,500"],
        }
    )
    commas = TableFile("assessments.csv", 2, decimal_commas=True)
    read, issues = read_assessments(frame, commas)
    assert read["value"].to_list() == ["8.5", "8.5", None]
    assert [issue.row for issue in issues] == [4]
    read, issues = read_assessments(frame, TableFile("assessments.csv", 2))
    assert read["value"].to_list() == [None, "8.5", None]
