import subprocess
import sys

import pytest
from typer.testing import CliRunner

import stromal
from stromal.cli.main import app

COMMANDS = ("run", "analyse", "check", "demo")


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_every_command_explains_itself(command):
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_help_lists_every_command_in_whole_sentences():
    text = CliRunner().invoke(app, ["--help"]).stdout
    assert all(name in text for name in COMMANDS)
    assert "..." not in text.split("Commands:")[1]


def test_version():
    assert CliRunner().invoke(app, ["--version"]).stdout.strip() == stromal.__version__


@pytest.mark.parametrize(
    "words", [["fly"], ["run"], ["run", "a", "--seed", "-1"], ["check", "a", "--unknown"]]
)
def test_a_wrong_command_line_ends_with_2(words):
    assert CliRunner().invoke(app, words).exit_code == 2


def test_help_imports_neither_polars_nor_matplotlib():
    code = (
        "import sys; heavy = ('polars', 'matplotlib', 'scipy', 'numpy')\n"
        "from typer.testing import CliRunner; from stromal.cli.main import app\n"
        "CliRunner().invoke(app, ['--help'])\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
