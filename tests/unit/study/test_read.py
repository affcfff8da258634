import shutil

import pytest

from stromal.errors import InvalidInput, Severity
from stromal.study.check import check_study
from stromal.study.library import find_study
from stromal.study.read import read_study


@pytest.fixture
def study(tmp_path):
    return shutil.copytree(find_study("itp-dose"), tmp_path / "itp-dose")


def _edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def _messages(folder):
    return "\n".join(str(issue) for issue in check_study(folder))


def test_a_good_study_is_read_without_issues(study):
    found = read_study(study)
    assert found.issues == ()
    assert {path.name for path in found.inputs} >= {"protocol.toml", "subjects.csv", "labs.csv"}


def test_a_study_without_patients_is_read():
    assert read_study(find_study("mouse-cart")).cohorts == {}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("format = 2", "format = = 2", "protocol.toml row"),
        ('rule = "itp_response"', 'rule = "itp_respond"', "itp_response"),
        ('unit = "10^6 cell/kg"', 'unit = "10^6 cell/lb"', "10^6 cell/lb"),
        ("[study]", "[study]\nflavour = 1", "flavour"),
    ],
)
def test_a_broken_protocol_is_explained(study, old, new, words):
    _edit(study / "protocol.toml", old, new)
    assert words in _messages(study)
    assert "hint:" in _messages(study)


def test_issues_of_a_protocol_name_the_line(study):
    _edit(study / "protocol.toml", 'rule = "itp_response"', 'rule = "itp_respond"')
    rows = [issue.row for issue in check_study(study) if "itp_respond" in issue.message]
    lines = (study / "protocol.toml").read_text("utf-8").splitlines()
    assert rows
    assert all('"itp_respond"' in lines[row - 1] for row in rows)


def test_issues_of_all_files_come_together(study):
    _edit(study / "protocol.toml", 'unit = "10^6 cell/kg"', 'unit = "10^6 cell/lb"')
    _edit(study / "patients" / "labs.csv", "10^9/L", "10^9/M")
    _edit(study / "published.csv", "source", "origin")
    tables = {issue.table for issue in check_study(study) if issue.severity is Severity.ERROR}
    assert tables == {"protocol.toml", "labs.csv", "published.csv"}


def test_an_empty_folder_of_patients_is_an_issue(study):
    shutil.rmtree(study / "patients")
    (study / "patients").mkdir()
    assert "subjects" in _messages(study)


def test_a_missing_table_is_an_issue(study):
    (study / "patients" / "subjects.csv").unlink()
    assert "subjects" in _messages(study)


def test_an_empty_study_folder_is_an_issue(tmp_path):
    with pytest.raises(InvalidInput) as caught:
        read_study(tmp_path)
    assert "protocol.toml" in str(caught.value)


def test_a_file_is_not_a_study(tmp_path):
    (tmp_path / "file").write_text("x")
    assert "is a file, not a folder" in _messages(tmp_path / "file")


def test_dialects_of_a_spreadsheet_give_the_same_study(study):
    plain = read_study(study).cohorts["observed"]
    for path in (study / "patients").glob("*.csv"):
        cells = path.read_text("utf-8").replace(",", ";").replace(".", ",").replace("\n", "\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + cells.encode())
    other = read_study(study).cohorts["observed"]
    assert other.labs.equals(plain.labs)
    assert other.subjects.equals(plain.subjects)
    assert other.doses.equals(plain.doses)


def test_a_broken_protocol_says_why_the_names_it_declares_are_unknown(study):
    (study / "protocol.toml").write_text("format = ")
    notes = [issue for issue in check_study(study) if issue.severity == Severity.NOTE]
    assert ["the protocol cannot be read" in issue.message for issue in notes] == [True]


def test_keys_of_analyses_are_checked_beside_a_broken_protocol(study):
    path = study / "protocol.toml"
    text = path.read_text("utf-8").replace('day_zero = "first_msc_dose"', 'day_zero = "today"')
    path.write_text(
        text + '\n[[analyses]]\nname = "x"\nestimate = "cumulative_incidence"\nlevel = 2\n', "utf-8"
    )
    found = {issue.column for issue in check_study(study)}
    last = text.count("[[analyses]]")
    assert {"study.day_zero", f"analyses[{last}].level", f"analyses[{last}].endpoint"} <= found


def test_a_protocol_that_is_no_toml_has_no_more_to_say(study):
    (study / "protocol.toml").write_text("format = = 2", "utf-8")
    assert len([issue for issue in check_study(study) if issue.table == "protocol.toml"]) == 1
