import pytest

from stromal.errors import Severity
from stromal.patients.check.day_zero import check_day_zero
from tests.unit.patients.folders import PROTOCOL, read

LABS = "subject,day,analyte,value,unit\n"
DOSES = "subject,day,product,amount,unit\n"


def labs(days, subjects=("1", "2", "3")):
    return LABS + "".join(f"{who},{day},crp,1,mg/L\n" for who in subjects for day in days)


def test_days_that_skip_zero_are_questioned(tmp_path):
    patients, _ = read(tmp_path, labs=labs([-2, -1, 1, 2]))
    (issue,) = check_day_zero(patients, PROTOCOL)
    assert issue.severity is Severity.WARNING
    assert issue.message == "3 subjects have a day -1 and a day 1, and nobody a day 0"
    assert "day 1 is the first dose" in issue.hint
    assert "day 0 is the first msc dose" in issue.hint


def test_first_doses_on_day_one_are_questioned(tmp_path):
    doses = DOSES + "1,1,msc,1,10^6 cell/kg\n1,8,msc,1,10^6 cell/kg\n2,1,msc,1,10^6 cell/kg\n"
    patients, _ = read(tmp_path, doses=doses, labs=labs([1, 8, 15], ["1"]))
    (issue,) = check_day_zero(patients, PROTOCOL)
    assert (issue.message, issue.table) == (
        "every first dose is on day 1, and nothing is on day 0",
        "doses.csv",
    )


@pytest.mark.parametrize(
    "tables",
    [
        {"labs": labs([-2, -1, 0, 1, 2])},
        {"labs": labs([-2, -1, 0.3, 1, 2])},
        {"labs": labs([1, 8, 15])},
        {"labs": labs([-7, 7, 14])},
        {"labs": labs([-1, 1], ["1", "2"]) + "3,7,crp,1,mg/L\n"},
        {"doses": DOSES + "1,1,msc,1,10^6 cell/kg\n2,3,msc,1,10^6 cell/kg\n"},
        {"doses": DOSES + "1,1,msc,1,10^6 cell/kg\n", "events": "subject,day,event\n1,0,relapse\n"},
        {},
    ],
)
def test_other_studies_are_not(tmp_path, tables):
    patients, _ = read(tmp_path, **tables)
    assert check_day_zero(patients, PROTOCOL) == ()


def test_a_protocol_that_plans_day_one_is_not_asked(tmp_path):
    planned = PROTOCOL.model_dump()
    planned["arms"]["msc"]["regimen"][0]["days"] = [1]
    patients, _ = read(tmp_path, doses=DOSES + "1,1,msc,1,10^6 cell/kg\n")
    assert check_day_zero(patients, type(PROTOCOL).model_validate(planned)) == ()
