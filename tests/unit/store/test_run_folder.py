from pathlib import Path

import pytest

from stromal.errors import InvalidInput
from stromal.store.run_folder import open_run


def _write(study: str, output: Path | None, text: str = "page") -> Path:
    with open_run(study, output) as run:
        (run.draft / "report.html").write_text(text)
    return run.place


def test_runs_of_a_study_are_numbered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    places = [_write("itp-dose", None) for _ in range(2)]
    assert [place.as_posix() for place in places] == ["runs/itp-dose/0001", "runs/itp-dose/0002"]


def test_an_earlier_run_is_never_written_over(tmp_path):
    place = _write("itp-dose", tmp_path / "out", "first")
    with pytest.raises(InvalidInput) as caught:
        _write("itp-dose", tmp_path / "out", "second")
    assert "is not empty" in caught.value.issues[0].message
    assert (place / "report.html").read_text() == "first"


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "out").mkdir()
    assert (_write("itp-dose", tmp_path / "out") / "report.html").exists()


def test_a_failed_run_leaves_nothing(tmp_path):
    def fail() -> None:
        with open_run("itp-dose", tmp_path / "out") as run:
            (run.draft / "half.csv").write_text("1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_filled_meanwhile_is_kept(tmp_path):
    def race() -> None:
        with open_run("itp-dose", tmp_path / "out") as run:
            (run.draft / "report.html").write_text("late")
            (tmp_path / "out").mkdir()
            (tmp_path / "out" / "report.html").write_text("early")

    with pytest.raises(InvalidInput):
        race()
    assert (tmp_path / "out" / "report.html").read_text() == "early"


def test_an_output_that_is_a_file_is_an_issue(tmp_path):
    (tmp_path / "out").write_text("x")
    with pytest.raises(InvalidInput, match="is a file"):
        _write("itp-dose", tmp_path / "out")


def test_a_parent_that_is_a_file_is_an_issue(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InvalidInput, match="cannot be written"):
        _write("itp-dose", tmp_path / "file" / "out")
