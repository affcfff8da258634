"""Units as laboratories print them, and units that a value gives away (`clinic/unit-*`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from stromal.errors import InvalidInput, Severity
from stromal.patients.check.check import check_patients
from stromal.patients.observed.read import read_patients
from stromal.protocol.read import read_protocol
from stromal.study.read import read_study
from stromal.study.run import run_study

CLINIC = Path(__file__).parent / "clinic"


def read(case):
    protocol = read_protocol(CLINIC / case)
    return *read_patients(CLINIC / case / "patients", protocol), protocol


def test_every_spelling_is_the_same_count_and_giga_is_no_gram():
    patients, issues, _ = read("unit-spellings")
    labs = patients.labs
    platelets = labs.filter(labs["analyte"] == "platelets")["value"]
    assert platelets.to_list() == [45.0] * 10 + [None] + [45.0] * 3
    assert labs.filter(labs["analyte"] == "haemoglobin")["value"].to_list() == [90.0]
    (issue,) = (each for each in issues if each.column == "unit")
    assert (issue.row, issue.message) == (13, "`g/l` is not a unit of platelets")
    assert issue.hint.startswith("`g/l` is grams per litre; giga per litre is `G/L`")


def test_no_unit_is_ten_times_another():
    labs = read("unit-spellings-as-hinted")[0].labs
    assert labs["value"].to_list() == [4.5, 45.0]


def test_a_unit_that_drifts_stops_the_study():
    with pytest.raises(InvalidInput) as caught:
        read_study(CLINIC / "unit-drift")
    asked = [issue for issue in caught.value.issues if issue.severity is Severity.ERROR]
    assert [(issue.row, issue.column) for issue in asked] == [(4, "unit"), (5, "unit"), (9, "unit")]
    assert all("the unit of this row?" in issue.hint for issue in asked)


def test_without_limits_the_neighbours_give_the_unit_away(tmp_path):
    for file in ("subjects.csv", "labs.csv"):
        text = (CLINIC / "unit-drift" / "patients" / file).read_text("utf-8")
        lines = [",".join(line.split(",")[:5]) for line in text.splitlines()]
        (tmp_path / file).write_text("\n".join(lines) + "\n", "utf-8")
    protocol = read_protocol(CLINIC / "unit-drift")
    patients, _ = read_patients(tmp_path, protocol)
    asked = [each for each in check_patients(patients, protocol) if each.column == "unit"]
    assert [issue.row for issue in asked] == [4, 5, 9]
    assert "neutrophils is 2.1 /uL between 1.9 and 3 10^3/uL" in asked[0].message


def test_the_right_unit_is_no_question(tmp_path):
    source = CLINIC / "unit-drift"
    (tmp_path / "patients").mkdir()
    for file in ("protocol.toml", "patients/subjects.csv", "patients/labs.csv"):
        text = (
            (source / file).read_text("utf-8").replace("cells/uL", "K/uL").replace(",/uL", ",K/uL")
        )
        (tmp_path / file).write_text(text, "utf-8")
    assert not [each for each in read_study(tmp_path).issues if each.column == "unit"]


DECLARED = """
format = 2
[study]
name = "t-cells"
title = "T cells"
day_zero = "graft"
[population]
description = "made-up patients"
[arms.a]
label = "arm A"
[analytes.regulatory_t_cells]
label = "regulatory T cells"
unit = "/uL"
low = 0
high = 500
[scales.mucositis.items.oral]
label = "WHO grade of oral mucositis"
low = 0
high = 4
[scales.chimerism.items.t_cells]
label = "donor cells among T cells"
low = 0
high = 100
whole = false
[[endpoints]]
name = "treg_nadir"
rule = "lab_value"
primary = true
parameters = { analyte = "regulatory_t_cells", statistic = "minimum" }
[[analyses]]
name = "treg_nadir"
estimate = "median"
endpoint = "treg_nadir"
[[analyses]]
name = "treg"
estimate = "trajectory"
analyte = "regulatory_t_cells"
"""


def declared(folder, labs, assessments="1,0,mucositis,oral,3\n1,0,chimerism,t_cells,97.5\n"):
    (folder / "patients").mkdir()
    (folder / "protocol.toml").write_text(DECLARED, "utf-8")
    tables = {
        "subjects": "subject,arm,last_day\n1,a,60\n2,a,60\n",
        "labs": f"subject,day,analyte,value,unit\n{labs}",
        "assessments": f"subject,day,scale,item,value\n{assessments}",
    }
    for name, text in tables.items():
        (folder / "patients" / f"{name}.csv").write_text(text, "utf-8")
    return folder


def test_a_study_declares_its_own_analytes_and_scales(tmp_path):
    labs = "1,7,regulatory_t_cells,0.02,10^9/L\n1,9,regulatory_t_cells,35,cells/mcL\n"
    folder = declared(tmp_path, labs)
    study = read_study(folder)
    assert study.issues == ()
    run = run_study(folder, tmp_path / "run")
    outcomes = run.outcomes.filter(endpoint="treg_nadir")
    assert outcomes.select("value", "unit").rows()[0] == (20.0, "/uL")
    assert "regulatory t cells 20 /uL on day 7" in outcomes["reason"][0]
    page = (run.folder / "report.html").read_text("utf-8")
    assert "Regulatory T cells" in page


def test_what_a_study_declares_is_checked(tmp_path):
    labs = "1,7,regulatory_t_cells,900,/uL\n1,8,regulatory_t_cells,1,g/L\n1,9,tregs,1,/uL\n"
    folder = declared(tmp_path, labs, "1,0,mucositis,oral,7\n1,0,mucositis,skin,1\n")
    with pytest.raises(InvalidInput) as caught:
        read_study(folder)
    assert [issue.message for issue in caught.value.issues] == [
        "`tregs` is not an analyte",
        "`g/L` is not a unit of regulatory_t_cells",
        "`skin` is not an item of mucositis",
        "mucositis oral is `7`",
        "regulatory T cells is 900 /uL, outside 0 to 500 /uL",
    ]
