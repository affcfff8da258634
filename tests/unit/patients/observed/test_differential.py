import polars as pl
import pytest

from stromal.errors import Severity, has_errors
from stromal.patients.check.check import check_patients
from stromal.patients.observed.differential import DERIVED, METHOD, derive_counts
from stromal.tables.labs import LABS
from stromal.tables.patients import TableFile
from stromal.tables.vocabulary.analytes import ANALYTES
from tests.unit.patients.folders import PROTOCOL, read

HEADER = "subject,day,analyte,value,unit\n"
FILE = TableFile("labs.csv", 2)


def counts(tmp_path, rows):
    """Derived counts of neutrophils, and what was said."""
    patients, issues = read(tmp_path, labs=HEADER + rows)
    assert not has_errors(issues)
    derived = patients.labs.filter(pl.col("method") == METHOD)
    found = derived.select("subject", "day", "analyte", "value", "bound").rows()
    return found, [issue.message for issue in issues]


def test_a_count_is_leukocytes_times_the_percentage(tmp_path):
    found, notes = counts(
        tmp_path,
        "1,7,leukocytes,800,/uL\n1,7,neutrophil_percent,25,%\n1,7,lymphocyte_percent,0.5,1\n",
    )
    assert found == [("1", 7, "neutrophils", 0.2, None), ("1", 7, "lymphocytes", 0.4, None)]
    assert notes == [
        f"1 count of neutrophils was derived as {METHOD}",
        f"1 count of lymphocytes was derived as {METHOD}",
    ]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("1,7,neutrophil_percent,25,%\n", "no leukocytes"),
        ("1,7,neutrophil_percent,25,%\n1,8,leukocytes,2,10^9/L\n", "another day"),
        ("1,7,neutrophil_percent,25,%\n1,7.5,leukocytes,2,10^9/L\n", "another sample of the day"),
        ("1,7,neutrophil_percent,25,%\n2,7,leukocytes,2,10^9/L\n", "another subject"),
        ("1,7,neutrophil_percent,25,%\n1,7,leukocytes,,10^9/L\n", "no value"),
        (
            "1,7,neutrophil_percent,25,%\n1,7,leukocytes,2,10^9/L\n1,7,neutrophils,0.6,10^9/L\n",
            "it was counted",
        ),
        ("1,7,neutrophil_percent,<5,%\n1,7,leukocytes,>100,10^9/L\n", "bounds against each other"),
    ],
)
def test_nothing_is_derived_without_one_of_each(tmp_path, rows, why):
    assert counts(tmp_path, rows) == ([], []), why


@pytest.mark.parametrize(
    ("total", "percent", "bound"),
    [
        ("<0.1", "50", "below"),
        ("2", "<5", "below"),
        (">9", "50", "above"),
        ("<0.1", "≤50", "below"),
        ("≤2", "≤5", "at most"),
    ],
)
def test_a_bound_is_a_bound_of_the_count(tmp_path, total, percent, bound):
    found, _ = counts(
        tmp_path, f"1,7,leukocytes,{total},10^9/L\n1,7,neutrophil_percent,{percent},%\n"
    )
    assert [row[-1] for row in found] == [bound]


def test_several_values_of_one_sample_are_not_chosen_from(tmp_path):
    rows = "1,7,neutrophil_percent,25,%\n1,7,leukocytes,2,10^9/L\n1,7,leukocytes,3,10^9/L\n"
    found, notes = counts(tmp_path, rows)
    assert found == []
    assert notes == [
        "1 count of neutrophils was not derived: a sample has several values of one kind"
    ]


def test_derived_rows_stand_after_those_of_the_file_and_have_no_row(tmp_path):
    rows = (
        "1,7,leukocytes,2,10^9/L\n1,7,neutrophil_percent,25,%\n1,7,crp,5,mg/L\n"
        "1,7,haemoglobin,13,g/L\n"
    )
    patients, issues = read(tmp_path, labs=HEADER + rows)
    assert issues[0].severity is Severity.NOTE
    assert patients.labs["analyte"].to_list()[-1] == "neutrophils"
    assert patients.place("labs", 3) == ("labs.csv", 5)
    assert patients.place("labs", 4) == ("labs.csv", None)
    (issue,) = check_patients(patients, PROTOCOL)[:1]
    assert issue.row == 5


def test_tables_without_percentages_are_as_they_were():
    labs = LABS.conform(pl.DataFrame({"subject": ["1"], "analyte": ["leukocytes"]}))
    found, file, notes = derive_counts(labs, FILE)
    assert found is labs
    assert (file, notes) == (FILE, ())


def test_names_and_units_are_of_the_vocabulary():
    for count, percent in DERIVED.items():
        assert ANALYTES[count].unit == ANALYTES["leukocytes"].unit
        assert ANALYTES[percent].unit == "%"
