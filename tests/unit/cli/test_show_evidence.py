"""`stromal evidence STUDY`: data on stdout, words on stderr, 1 where a study or a word is wrong."""

import io
import json
import shutil

import polars as pl
import pytest
from typer.testing import CliRunner

from stromal.cli.main import app
from stromal.cli.show_evidence import tell_answer
from stromal.study.evidence import gather_evidence
from stromal.study.library import find_study


def _evidence(*words: object):
    return CliRunner().invoke(app, ["evidence", *map(str, words)])


@pytest.fixture
def study(tmp_path):
    return shutil.copytree(find_study("agvhd-children"), tmp_path / "study")


def test_a_study_prints_published_estimates_and_says_what_they_say(study):
    result = _evidence(study)
    assert result.exit_code == 0, result.stderr
    table = pl.read_csv(io.StringIO(result.stdout))
    assert table["origin"].unique().to_list() == ["published"]
    assert "Overall response on day 28: 66.1 %" in result.stderr
    assert "73 studies left out" in result.stderr


def test_a_folder_holds_tables_estimates_and_manifest(study, tmp_path):
    result = _evidence(study, "-o", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["answers"][0]["name"] == "response_day_28"
    names = {
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*")
    }
    assert names >= {"estimates.csv", "manifest.json", "evidence/pooled.csv", "evidence/flow.csv"}
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert "evidence" in json.dumps(manifest)


def test_every_issue_of_a_wrong_table_has_its_line(study):
    protocol = study / "protocol.toml"
    text = protocol.read_text()
    text = text.replace('["acute_gvhd_treatment"]', '["acute_gvhd_treatmnt"]')
    text = text.replace('outcomes = ["overall_survival"]', 'outcomes = ["overall_surviva"]')
    protocol.write_text(text.replace('study = "Erbey2016"', 'study = "Erbey"'))
    result = _evidence(study)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.count("error: protocol.toml row") == 3
    assert "did you mean `overall_survival`?" in result.stderr
    assert _evidence(study, "--json").exit_code == 1


def test_what_does_not_go_together_is_a_wrong_command_line():
    assert _evidence("STUDY", "--source", "adipose").exit_code == 2


def test_a_study_without_a_question():
    result = _evidence(find_study("mouse-cart"))
    assert result.exit_code == 1
    assert "asks nothing of the record" in result.stderr


def test_what_is_not_estimable_is_said_in_the_line():
    answers = gather_evidence(find_study("hsct-engraftment")).answers
    said = [tell_answer(answer) for answer in answers]
    assert said[0].startswith("Chronic GVHD, MSC against control: risk ratio 0.567")
    assert any("not estimable" in line and "shown without an effect" in line for line in said)
