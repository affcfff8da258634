import random

import pytest

from stromal.patients.check.check import check_patients
from stromal.patients.check.codes import check_codes
from tests.unit.patients.folders import PROTOCOL, read

SUBJECTS = "subject,arm,tissue,steroids,crp_mg_l,first_day,last_day\n"
LABS = "subject,day,analyte,value,unit,lower_limit,upper_limit\n"


def found(tmp_path, protocol=PROTOCOL, **tables):
    patients, issues = read(tmp_path, **tables)
    assert not issues
    return [(i.table, i.row, i.column) for i in check_codes(patients, protocol)]


def subjects(*spans):
    return SUBJECTS + "".join(
        f"{number},msc,cord,yes,1,{first},{last}\n" for number, (first, last) in enumerate(spans, 1)
    )


@pytest.mark.parametrize(
    ("first", "last", "column"),
    [
        ("", 999, "last_day"),
        ("", 9999, "last_day"),
        ("", "9999.0", "last_day"),
        ("", -99, "last_day"),
        ("", -9, "last_day"),
        (-999, 60, "first_day"),
    ],
)
def test_a_code_that_stands_out_from_all_days_is_questioned(tmp_path, first, last, column):
    tables = {"subjects": subjects((first, last), ("", 40), ("", 60))}
    assert found(tmp_path, **tables) == [("subjects.csv", 2, column)]


def test_a_code_among_numbers_of_its_size_is_a_number(tmp_path):
    assert found(tmp_path, subjects=subjects((-60, 999), (-99, 1200), ("", 600))) == []


def test_a_code_alone_is_questioned(tmp_path):
    assert found(tmp_path, subjects=subjects(("", 999))) == [("subjects.csv", 2, "last_day")]


def test_every_code_is_one_issue_of_a_column(tmp_path):
    events = "subject,day,event\n1,5,relapse\n1,999,bleeding\n2,999,bleeding\n"
    patients, _ = read(tmp_path, events=events)
    first, rest = check_codes(patients, PROTOCOL)
    assert first.message == "day 999 may be a code for missing: the others are 5"
    assert "`not_missing = [999]`" in first.hint
    assert rest.message == "and 1 more row like this"


def test_what_the_protocol_calls_measured_is_not_questioned(tmp_path):
    study = PROTOCOL.study.model_copy(update={"not_missing": (999.0,)})
    protocol = PROTOCOL.model_copy(update={"study": study})
    tables = {"subjects": subjects(("", 999), ("", 40), ("", 9999))}
    assert found(tmp_path, protocol, **tables) == [("subjects.csv", 4, "last_day")]


def test_values_are_compared_with_their_analyte_in_the_unit_of_the_report(tmp_path):
    labs = (
        LABS + "1,1,platelets,20,10^9/L,,\n1,2,platelets,999,10^9/L,,\n"
        "1,3,ferritin,9999,ng/mL,,\n1,4,ferritin,6000,ng/mL,,\n"
        "1,5,leukocytes,9999,/uL,,\n1,6,leukocytes,800,/uL,,\n"
    )
    assert found(tmp_path, labs=labs) == [("labs.csv", 3, "value"), ("labs.csv", 6, "value")]


def test_the_end_of_a_range_is_no_code(tmp_path):
    labs = LABS + "1,1,platelets,20,10^9/L,,\n1,2,platelets,>999,10^9/L,,\n"
    assert found(tmp_path, labs=labs) == []


def test_limits_are_compared_with_limits_and_else_with_values(tmp_path):
    labs = (
        LABS + "1,1,platelets,20,10^9/L,150,400\n1,2,platelets,30,10^9/L,-9,999\n"
        "1,3,haemoglobin,9,g/dL,12,999\n1,4,crp,500,mg/L,,999\n1,5,crp,5,mg/L,-99,\n"
    )
    assert found(tmp_path, labs=labs) == [
        ("labs.csv", 3, "lower_limit"),
        ("labs.csv", 6, "lower_limit"),
        ("labs.csv", 3, "upper_limit"),
        ("labs.csv", 4, "upper_limit"),
    ]


def test_values_that_cannot_be_are_said_once(tmp_path):
    labs = LABS + "1,1,haemoglobin,999,g/dL,,\n1,1,haemoglobin,9,g/dL,,\n"
    patients, _ = read(tmp_path, labs=labs)
    assert check_codes(patients, PROTOCOL) == ()
    (issue,) = [i for i in check_patients(patients, PROTOCOL) if "outside" in i.message]
    assert issue.hint.startswith("this may be a code for missing")


def test_covariates_are_compared_with_other_patients(tmp_path):
    rows = "".join(f"{n},msc,cord,yes,{crp},,\n" for n, crp in enumerate([5, 7, 99, -9, 3], 1))
    assert found(tmp_path, subjects=SUBJECTS + rows) == [
        ("subjects.csv", 4, "crp_mg_l"),
        ("subjects.csv", 5, "crp_mg_l"),
    ]


@pytest.mark.parametrize("seed", range(20))
def test_plausible_studies_are_not_questioned(tmp_path, seed):
    """Studies of whole days and whole values, with every number that may pass for a code."""
    draw = random.Random(seed)
    people = range(1, draw.randint(5, 40))
    spans = [(-draw.randint(0, 120), draw.randint(600, 1500)) for _ in people]
    rows = [
        f"{who},{day},{analyte},{draw.randint(*span)},{unit},,\n"
        for who, (first, last) in zip(people, spans, strict=True)
        for day in {0, *draw.sample(range(first, last), 6)}
        for analyte, span, unit in (
            ("platelets", (1, 1000), "10^9/L"),
            ("ferritin", (100, 10000), "ng/mL"),
            ("crp", (0, 300), "mg/L"),
        )
    ]
    patients, issues = read(tmp_path, subjects=subjects(*spans), labs=LABS + "".join(rows))
    assert not issues
    questions = [
        issue
        for issue in check_patients(patients, PROTOCOL)
        if "code" in issue.message or "day" in str(issue.column)
    ]
    assert questions == []
