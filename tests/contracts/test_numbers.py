"""Any number in any column of numbers is analysed, or is an issue: it never is a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stromal.errors import InvalidInput, has_errors
from stromal.study.check import check_study
from stromal.study.run import analyse_study, run_study

PROTOCOL = """
format = 2
[study]
name = "numbers"
title = "Any number"
day_zero = "graft"
[population]
description = "made-up patients"
[covariates.score]
label = "a score"
type = "number"
[products.graft]
kind = "graft"
label = "graft"
source = "bone marrow"
donor = "haploidentical"
[arms.a]
label = "arm A"
[[arms.a.regimen]]
product = "graft"
dose = 2
unit = "10^6 cell/kg"
days = [0]
[[endpoints]]
name = "thrombocytopenia"
rule = "cytopenia_grade"
parameters = { lineage = "thrombocytopenia" }
[[endpoints]]
name = "engraftment"
rule = "neutrophil_engraftment"
[[endpoints]]
name = "survival"
rule = "overall_survival"
primary = true
[[analyses]]
name = "survival"
estimate = "survival"
endpoint = "survival"
days = [30]
[[analyses]]
name = "engraftment"
estimate = "cumulative_incidence"
endpoint = "engraftment"
days = [28]
[[analyses]]
name = "thrombocytopenia"
estimate = "proportion"
endpoint = "thrombocytopenia"
[[analyses]]
name = "course"
estimate = "trajectory"
analyte = "platelets"
"""
TABLES = {
    "subjects": (
        "subject,arm,age_years,weight_kg,first_day,last_day,score",
        "1,a,50,60,0,60,1\n2,a,60,70,0,,2\n3,a,40,,0,90,3",
    ),
    "doses": (
        "subject,day,product,amount,unit",
        "1,0,graft,2,10^6 cell/kg\n2,0,graft,140,10^6 cells",
    ),
    "labs": (
        "subject,day,analyte,value,unit,lower_limit,upper_limit",
        """1,7,platelets,20,10^9/L,150,400
1,14,platelets,60,10^9/L,150,400
2,7,neutrophils,0.2,10^9/L,1.5,7
2,14,neutrophils,900,/uL,1500,7000
2,15,neutrophils,1.2,10^9/L,1.5,7
2,16,neutrophils,1.2,10^9/L,1.5,7""",
    ),
    "events": ("subject,day,event", "1,60,death\n2,80,last_follow_up\n3,90,last_follow_up"),
}
PLACES = [
    (table, column)
    for table, (header, _) in TABLES.items()
    for column in header.split(",")
    if column in ("day", "value", "amount", "score")
    or column.endswith(("_day", "_years", "_kg", "_limit"))
]
ODD = [5e-324, 9.99e14, 21915.0]


@pytest.mark.parametrize(("table", "column"), PLACES)
@settings(max_examples=3, deadline=None)
@given(number=st.floats(allow_nan=False, allow_infinity=False), row=st.integers(0, 5))
def test_any_number_is_analysed_or_is_an_issue(tmp_path_factory, table, column, number, row):
    folder = tmp_path_factory.mktemp("study")
    write(folder, table, column, number, row)
    look(analyse_study, folder)


@pytest.mark.parametrize("number", ODD)
def test_odd_numbers_are_reported_or_are_issues(tmp_path_factory, number):
    for table, column in PLACES:
        folder = tmp_path_factory.mktemp("study")
        write(folder, table, column, number, 0)
        look(run_study, folder)


def look(work, folder):
    if has_errors(check_study(folder)):
        with pytest.raises(InvalidInput):
            work(folder, folder / "run")
        return
    values = work(folder, folder / "run").estimates["value"].drop_nulls()
    assert values.is_finite().all()


def write(folder: Path, table: str, column: str, number: float, row: int) -> None:
    (folder / "patients").mkdir()
    (folder / "protocol.toml").write_text(PROTOCOL)
    for name, (header, body) in TABLES.items():
        rows = [line.split(",") for line in body.split("\n")]
        if name == table:
            rows[row % len(rows)][header.split(",").index(column)] = repr(number)
        text = "\n".join([header, *(",".join(cells) for cells in rows)])
        (folder / "patients" / f"{name}.csv").write_text(text + "\n")


def test_the_study_itself_has_no_issue(tmp_path):
    write(tmp_path, "subjects", "score", 1.0, 0)
    assert not analyse_study(tmp_path, tmp_path / "run").issues
