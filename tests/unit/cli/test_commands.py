import json
import shutil

import pytest
from typer.testing import CliRunner

from stromal.cli.main import app
from stromal.study.library import find_study


def _stromal(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def study(tmp_path):
    return shutil.copytree(find_study("itp-dose"), tmp_path / "itp-dose")


def test_run_prints_the_path_of_the_report_and_nothing_else(study, tmp_path):
    result = _stromal("run", study, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"{tmp_path / 'out' / 'report.html'}\n"
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names >= {"report.html", "outcomes.parquet", "estimates.csv", "figures", "manifest.json"}


def test_a_second_run_never_writes_over_the_first(study, tmp_path):
    assert _stromal("run", study, "-o", tmp_path / "out").exit_code == 0
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    second = _stromal("run", study, "-o", tmp_path / "out")
    assert second.exit_code == 1
    assert "is not empty" in second.stderr
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before


def test_run_as_json_holds_issues_and_estimates(study, tmp_path):
    result = _stromal("run", study, "-o", tmp_path / "out", "--json")
    found = json.loads(result.stdout)
    assert found["study"] == "itp-dose"
    assert found["report"].endswith("report.html")
    assert {"analysis", "value", "low", "high", "n"} <= set(found["estimates"][0])


def test_analyse_prints_the_estimates_and_writes_no_report(study, tmp_path):
    result = _stromal("analyse", study, "-o", tmp_path / "out")
    assert result.stdout == (tmp_path / "out" / "estimates.csv").read_text()
    assert not (tmp_path / "out" / "report.html").exists()


@pytest.mark.parametrize("command", ["run", "analyse", "check"])
def test_a_folder_that_is_not_there_is_an_issue(command, tmp_path):
    result = _stromal(command, tmp_path / "nowhere")
    assert result.exit_code == 1
    assert "no such folder" in result.stdout + result.stderr


def test_a_study_without_patients_can_be_checked_but_not_analysed(tmp_path):
    study = find_study("mouse-cart")
    assert _stromal("check", study).exit_code == 0
    result = _stromal("analyse", study, "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "no patients to analyse" in result.stderr
    assert not (tmp_path / "out").exists()


def test_demo_prints_three_reports(tmp_path):
    result = _stromal("demo", "-o", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    names = [line.split("/")[-2] for line in result.stdout.splitlines()]
    assert names == ["agvhd-children", "hsct-engraftment", "itp-dose"]
