import pytest

from stromal.patients.check.days import (
    check_deaths,
    check_follow_up,
    check_last_contact,
    check_records_after_contact,
    check_records_after_death,
    check_records_in_follow_up,
)
from tests.unit.patients.folders import PROTOCOL, read

SUBJECTS = "subject,arm,tissue,steroids,crp_mg_l,first_day,last_day\n"
RECORDS = {
    "doses": "subject,day,product,amount,unit\n1,{},msc,1,10^6 cell/kg\n",
    "labs": "subject,day,analyte,value,unit\n1,{},crp,1,mg/L\n",
    "assessments": "subject,day,scale,item,value\n1,{},bleeding,who,1\n",
    "events": "subject,day,event\n1,{},relapse\n",
}


def test_follow_up_runs_forwards(tmp_path):
    patients, _ = read(tmp_path, subjects=SUBJECTS + "1,msc,cord,yes,1,5,4\n2,msc,cord,yes,1,5,5\n")
    (issue,) = check_follow_up(patients, PROTOCOL)
    assert (issue.message, issue.row) == ("last day 4 is before first day 5", 2)


@pytest.mark.parametrize("table", RECORDS)
@pytest.mark.parametrize(
    ("day", "where"), [(-7, None), (-7.5, "before the first"), (91, "after the last")]
)
def test_records_lie_in_follow_up(tmp_path, table, day, where):
    subjects = SUBJECTS + "1,msc,cord,yes,1,-7,90\n"
    patients, _ = read(tmp_path, subjects=subjects, **{table: RECORDS[table].format(day)})
    issues = check_records_in_follow_up(patients, PROTOCOL)
    assert [where in issue.message for issue in issues] == ([True] if where else [])


def test_nothing_is_said_without_days(tmp_path):
    patients, _ = read(tmp_path, labs=RECORDS["labs"].format(9999))
    assert check_records_in_follow_up(patients, PROTOCOL) == ()


def test_two_deaths(tmp_path):
    events = "subject,day,event\n1,50,death\n2,60,death\n1,50,relapse\n1,70,death\n"
    patients, _ = read(tmp_path, events=events)
    (issue,) = check_deaths(patients, PROTOCOL)
    assert (issue.message, issue.row) == ("subject 1 dies a second time", 5)
    assert check_records_after_death(patients, PROTOCOL) == ()


@pytest.mark.parametrize("table", RECORDS)
@pytest.mark.parametrize(("day", "late"), [(50, False), (51, True)])
def test_nothing_is_recorded_after_death(tmp_path, table, day, late):
    death = "subject,day,event\n1,50,death\n"
    texts = {"events": death, table: RECORDS[table].format(day)}
    if table == "events":
        texts["events"] = death + f"1,{day},relapse\n"
    patients, _ = read(tmp_path, **texts)
    assert bool(check_records_after_death(patients, PROTOCOL)) is late


@pytest.mark.parametrize("table", RECORDS)
@pytest.mark.parametrize(("day", "late"), [(50, False), (51, True)])
def test_nothing_is_recorded_after_the_last_follow_up(tmp_path, table, day, late):
    contact = "subject,day,event\n1,20,last_follow_up\n1,50,last_follow_up\n"
    texts = {"events": contact, table: RECORDS[table].format(day)}
    if table == "events":
        texts["events"] = contact + f"1,{day},relapse\n"
    patients, _ = read(tmp_path, **texts)
    issues = check_records_after_contact(patients, PROTOCOL)
    said = [issue.message for issue in issues]
    told = "day 51 is after the last follow-up of subject 1 on day 50; it counts as contact"
    assert said == ([told] if late else [])


def test_a_death_after_the_last_follow_up_is_no_contradiction(tmp_path):
    events = "subject,day,event\n1,50,last_follow_up\n1,60,death\n"
    patients, _ = read(tmp_path, events=events)
    assert check_records_after_contact(patients, PROTOCOL) == ()


def test_the_last_day_of_subjects_comes_before_the_last_follow_up(tmp_path):
    patients, _ = read(
        tmp_path,
        subjects=SUBJECTS + "1,msc,cord,yes,1,0,90\n",
        events="subject,day,event\n1,50,last_follow_up\n1,60,relapse\n",
    )
    assert check_records_after_contact(patients, PROTOCOL) == ()


@pytest.mark.parametrize(
    ("contact", "death", "asked"), [(40, "", True), (90, "", False), (40, "1,90,death\n", False)]
)
def test_the_last_day_is_not_after_the_last_follow_up(tmp_path, contact, death, asked):
    subjects = SUBJECTS + "1,msc,cord,yes,1,-7,90\n"
    events = f"subject,day,event\n1,{contact},last_follow_up\n{death}"
    patients, _ = read(tmp_path, subjects=subjects, events=events)
    assert [issue.message for issue in check_last_contact(patients, PROTOCOL)] == (
        ["last day 90 is after the last follow-up of subject 1 on day 40; it counts as contact"]
        if asked
        else []
    )
