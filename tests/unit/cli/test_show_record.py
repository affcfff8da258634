"""`stromal evidence` alone: rows of the record on stdout, words on stderr."""

import io
import json
import subprocess
import sys

import polars as pl
from typer.testing import CliRunner

from stromal.cli.main import app


def _evidence(*words: object):
    return CliRunner().invoke(app, ["evidence", *map(str, words)])


def test_the_whole_record_with_filters():
    result = _evidence("--indication", "itp", "--outcome", "overall_response", "--json")
    assert [row["study"] for row in json.loads(result.stdout)] == ["ChenY2024"] * 3
    assert result.stderr == "3 rows of 1 study\n"
    everything = _evidence()
    assert everything.exit_code == 0
    assert pl.read_csv(io.StringIO(everything.stdout), infer_schema_length=None).height == 373


def test_words_that_the_record_does_not_have():
    result = _evidence("--indication", "itpp", "--source", "marrow")
    assert result.exit_code == 1
    assert "2 errors" in result.stderr


def test_rows_are_looked_up_without_the_simulator_and_the_report():
    code = (
        "import sys; from stromal.cli.show_record import show_record; "
        "assert show_record({}, None, as_json=False) == 0; "
        "assert not {'sympy', 'scipy', 'matplotlib', 'jinja2'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_folder_holds_a_page_of_the_rows(tmp_path):
    result = _evidence("--indication", "itp", "-o", tmp_path / "page")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"{tmp_path / 'page' / 'report.html'}\n"
    assert result.stderr.endswith(" of 1 study\n")
    told = _evidence("--indication", "itp", "-o", tmp_path / "again", "--json")
    found = json.loads(told.stdout)
    assert found["folder"] == str(tmp_path / "again")
    assert {row["study"] for row in found["rows"]} == {"ChenY2024"}
    assert _evidence("-o", tmp_path / "page").exit_code == 1
