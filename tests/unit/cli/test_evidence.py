"""The group `stromal evidence`: `show` is what is meant where no command is named."""

from typer.testing import CliRunner

from stromal.cli.main import app


def test_the_group_explains_itself():
    assert "add" in CliRunner().invoke(app, ["evidence", "--help"]).stdout


def test_words_that_are_no_command_are_those_of_show():
    named = CliRunner().invoke(app, ["evidence", "show", "--indication", "itp"])
    bare = CliRunner().invoke(app, ["evidence", "--indication", "itp"])
    assert (named.exit_code, named.stdout) == (0, bare.stdout)
