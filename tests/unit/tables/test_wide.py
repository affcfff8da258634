import pytest

from stromal.errors import Severity
from stromal.tables.wide import describe_wide, name_analyte


@pytest.mark.parametrize(
    ("column", "analyte"),
    [
        ("platelets", "platelets"),
        ("WBC", "leukocytes"),
        ("Hb [g/dl] d-7", "haemoglobin"),
        ("ANC (10^9/L)", "neutrophils"),
        ("PLT_14", "platelets"),
        ("plt day 7", "platelets"),
        ("CD34", "cd34_cells"),
        ("Neut%", "neutrophil_percent"),
        ("subject", None),
        ("value", None),
        ("Date death", None),
        ("", None),
    ],
)
def test_columns_are_recognised_with_unit_and_day(column, analyte):
    assert name_analyte(column) == analyte


def test_one_issue_names_a_few_and_counts_the_rest():
    issue = describe_wide([f"PLT d{day}" for day in range(8)], "labs", "labs.csv")
    assert issue.message == (
        "columns `PLT d0`, `PLT d1`, `PLT d2`, `PLT d3`, `PLT d4` and 3 more are analytes, and "
        "labs holds one row for each value"
    )
    assert "`1,7,platelets,150,10^9/L`" in issue.hint
    assert issue.severity is Severity.ERROR


def test_subjects_without_them_are_subjects_all_the_same():
    issue = describe_wide(["PLT"], "subjects", "subjects.csv")
    assert issue.message == "column `PLT` is an analyte, not read from subjects"
    assert issue.severity is Severity.WARNING
