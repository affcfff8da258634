from stromal.errors import Severity
from stromal.patients.check.keys import check_duplicates
from tests.unit.patients.folders import PROTOCOL, SUBJECTS, read


def test_a_repeated_lab_is_only_noted_and_names_the_earlier_row(tmp_path):
    labs = "subject,day,analyte,value,unit\n2,0,crp,5,mg/L\n1,0,crp,5,mg/L\n\n1,0,crp,6,mg/L\n"
    patients, _ = read(tmp_path, labs=labs)
    (issue,) = check_duplicates(patients, PROTOCOL)
    assert (issue.message, issue.row) == ("crp of subject 1 on day 0 is already there in row 3", 5)
    assert issue.severity is Severity.NOTE


def test_a_repeated_subject_is_an_error(tmp_path):
    patients, _ = read(tmp_path, subjects=SUBJECTS + "2,msc,cord,yes,1\n")
    (issue,) = check_duplicates(patients, PROTOCOL)
    assert issue.message == "subject 2 is already there in row 3"
    assert issue.severity is Severity.ERROR


def test_events_without_a_day_may_repeat(tmp_path):
    patients, _ = read(tmp_path, events="subject,day,event\n1,,bleeding\n1,,bleeding\n")
    assert check_duplicates(patients, PROTOCOL) == ()
