import polars as pl
import pytest

from stromal.patients.observed.doses import read_doses
from stromal.tables.doses import DOSES
from stromal.tables.patients import TableFile
from stromal.tables.subjects import SUBJECTS

FILE = TableFile("doses.csv", 2)
PEOPLE = SUBJECTS.conform(
    pl.DataFrame({"subject": ["1", "2", "3"], "weight_kg": [50.0, None, 0.0]})
)


def read(amount, unit, subject="1"):
    frame = DOSES.conform(pl.DataFrame({"subject": [subject], "amount": [amount], "unit": [unit]}))
    frame, issues = read_doses(frame, FILE, PEOPLE)
    return frame.select("amount", "unit").row(0), issues


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        (2.0, "10^6 cells/kg", (2e6, "cell/kg")),
        (1.1, "1e6/kg", (1.1e6, "cell/kg")),
        (100.0, "10^6 cells", (2e6, "cell/kg")),
        (500.0, "mg/m^2", (500.0, "mg/m2")),
        (2.0, "Gy", (2.0, "Gy")),
        (None, None, (None, None)),
    ],
)
def test_cells_are_per_kg_and_other_units_are_kept(amount, unit, expected):
    assert read(amount, unit) == (expected, ())


@pytest.mark.parametrize("subject", ["2", "3", "nobody"])
def test_a_number_of_cells_needs_a_weight(subject):
    (amount, _), (issue,) = read(100.0, "10^6 cells", subject)
    assert amount is None
    assert "body weight" in issue.message


@pytest.mark.parametrize("unit", [None, "spoons", "g/L"])
def test_a_dose_without_a_unit_of_a_dose_is_an_issue(unit):
    (amount, _), (issue,) = read(2.0, unit)
    assert amount is None
    assert issue.column == "unit"


def test_the_weight_is_that_of_the_origin_and_replicate():
    people = SUBJECTS.conform(
        pl.DataFrame(
            {
                "subject": ["1", "1", "1"],
                "origin": ["observed", "simulated", "simulated"],
                "replicate": [None, 1, 2],
                "weight_kg": [50.0, 80.0, 100.0],
            }
        )
    )
    rows = {"origin": ["simulated", "observed", "simulated"], "replicate": [2, None, 1]}
    frame = DOSES.conform(pl.DataFrame({"subject": "1", "amount": 100.0, "unit": "cell", **rows}))
    read, issues = read_doses(frame, FILE, people)
    assert issues == ()
    assert read["amount"].to_list() == [1.0, 2.0, 1.25]
