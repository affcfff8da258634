from stromal.errors import Severity
from stromal.patients.observed.folder import find_tables


def test_no_folder_and_an_empty_one_are_said(tmp_path):
    assert find_tables(tmp_path / "none")[1][0].message == "there is no such folder"
    (tmp_path / "patients").mkdir()
    assert find_tables(tmp_path / "patients")[1][0].message == "the folder is empty"


def test_tables_are_found_and_hidden_files_passed_over(tmp_path):
    for name in ("subjects.csv", "labs.parquet", ".DS_Store"):
        (tmp_path / name).touch()
    tables, issues = find_tables(tmp_path)
    assert {name: path.name for name, path in tables.items()} == {
        "labs": "labs.parquet",
        "subjects": "subjects.csv",
    }
    assert issues == ()


def test_one_table_in_two_files_is_an_error(tmp_path):
    for name in ("subjects.csv", "labs.csv", "labs.parquet"):
        (tmp_path / name).touch()
    (issue,) = find_tables(tmp_path)[1]
    assert str(issue) == "labs.parquet: labs.csv is there too.\nhint: keep one of them"


def test_an_unknown_file_is_a_warning(tmp_path):
    for name in ("subjects.csv", "lab.xlsx", "readme.txt"):
        (tmp_path / name).touch()
    issues = find_tables(tmp_path)[1]
    assert {issue.severity for issue in issues} == {Severity.WARNING}
    assert issues[0].hint == "is `labs.csv` meant?"
    assert issues[1].hint is None


def test_subjects_are_required(tmp_path):
    (tmp_path / "labs.csv").touch()
    assert find_tables(tmp_path)[1][0].table == "subjects.csv"


def test_a_file_in_place_of_the_folder_is_said(tmp_path):
    (tmp_path / "patients").write_text("subject")
    assert find_tables(tmp_path / "patients")[1][0].message == "is a file, not a folder"
