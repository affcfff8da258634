"""`stromal check`: every issue on stdout, how many on stderr."""

import json
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from stromal.cli.main import app
from stromal.study.library import find_study


def _stromal(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def study(tmp_path):
    return shutil.copytree(find_study("itp-dose"), tmp_path / "itp-dose")


def test_check_of_a_good_study(study):
    result = _stromal("check", study)
    assert result.exit_code == 0
    assert "error" not in result.stdout


def test_check_lists_all_issues_of_a_bad_study_without_a_traceback(study):
    labs = study / "patients" / "labs.csv"
    labs.write_text(labs.read_text().replace("10^9/L", "10^9/M"))
    (study / "patients" / "subjects.csv").write_text("subject,sex\n1,male\n1,robot\n")
    result = _stromal("check", study)
    assert result.exit_code == 1
    assert "Traceback" not in result.stdout + result.stderr
    for words in ("10^9/M", "column `arm` is missing", "robot", "hint:"):
        assert words in result.stdout
    listed = json.loads(_stromal("check", study, "--json").stdout)["issues"]
    assert {issue["table"] for issue in listed} >= {"labs.csv", "subjects.csv"}


def test_a_study_without_a_simulation_needs_no_simulator(study):
    protocol = study / "protocol.toml"
    lines = protocol.read_text("utf-8").partition("[simulation]")[0]
    protocol.write_text(lines, "utf-8")
    code = (
        "import sys; from pathlib import Path; from stromal.cli.check import check; "
        f"assert check(Path({str(study)!r}), as_json=False) == 0; "
        "assert not {'sympy', 'stromal.simulate.prepare'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_simulation_that_is_wrong_is_told(study):
    protocol = study / "protocol.toml"
    text = protocol.read_text("utf-8")
    protocol.write_text(
        text.replace('analytes = ["platelets"]', 'analytes = ["ferritin"]'), "utf-8"
    )
    result = _stromal("check", study)
    assert "the model has no output for `ferritin`" in result.stdout
