"""`stromal evidence add`: changes on stdout, words on stderr, 1 where the form has errors."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from stromal.cli.main import app

FORM = """\
[study]
study = "Gao2016"
read_in = "own reading"
[[arms]]
n = 62
[[outcomes]]
indication = "acute_gvhd_prophylaxis"
outcome = "death"
scale = "proportion"
printed_events = 9
printed_total = 62
locator = "Table 3"
"""


@pytest.fixture
def form(tmp_path):
    path = tmp_path / "form.toml"
    path.write_text(FORM, "utf-8")
    return path


def call(*words):
    return CliRunner().invoke(app, ["evidence", "add", *map(str, words)])


def test_changes_are_printed_and_rows_written(form, tmp_path):
    done = call(form, "--record", tmp_path / "own")
    assert done.exit_code == 0
    assert done.stdout == (
        "acute_gvhd_prophylaxis, death (proportion), MSC: nothing -> "
        "14.5 % (6.9 to 25.8; 1 study, 62 patients)\n"
    )
    assert "1 of outcomes" in done.stderr
    assert (tmp_path / "own" / "outcomes.csv").exists()


def test_json_holds_rows_and_changes(form):
    told = json.loads(call(form, "--json").stdout)
    assert told["record"] is None
    assert told["changes"][0]["before"] is None
    assert told["rows"]["outcomes"][0]["printed_total"] == 62


def test_a_wrong_form_ends_with_1(form):
    form.write_text(FORM.replace("printed_total = 62", "printed_total = 6"), "utf-8")
    done = call(form)
    assert done.exit_code == 1
    assert "9 events of 6 patients" in done.stderr
    assert done.stdout == ""
