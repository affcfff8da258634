import os
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import stromal
from stromal.cli.main import app
from stromal.study.library import find_study

COMMANDS = ("run", "analyse", "simulate", "check", "demo")


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


MAIN = "import sys; from stromal.cli.main import main; main()"
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def _start(words, **options):
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *map(str, words)], stderr=subprocess.PIPE, **options
    )


def test_a_locale_without_accents_runs_a_study_whose_path_has_them(tmp_path):
    study = shutil.copytree(find_study("itp-dose"), tmp_path / "étude")
    words = ("run", study, "-o", tmp_path / "été")
    with _start(words, stdout=subprocess.PIPE, env=os.environ | ASCII) as process:
        said, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors.decode()
    assert said.decode() == f"{tmp_path / 'été' / 'report.html'}\n"


@pytest.mark.parametrize("words", [["check"], ["check", "--json"], ["analyse"]])
def test_a_reader_who_stops_reading_is_no_error(words, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    output = ["-o", tmp_path / "out"] if words == ["analyse"] else []
    with _start([*words, find_study("itp-dose"), *output], stdout=writing) as process:
        os.close(writing)
        errors = process.communicate(timeout=120)[1].decode()
    assert process.returncode == 0, errors
    assert "Broken pipe" not in errors


def test_no_stdout_at_all_is_no_error(tmp_path):
    command = f'exec "$0" -c "{MAIN}" analyse "$1" -o "$2" >&-'
    words = ["sh", "-c", command, sys.executable, find_study("itp-dose"), tmp_path / "out"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupted_run_leaves_nothing(tmp_path):
    program = (
        "import os, signal, sys\n"
        "from stromal.study import write as module\n"
        "module.write_csv = lambda *_: os.kill(os.getpid(), signal.SIGINT)\n"
        f"{MAIN}"
    )
    words = [sys.executable, "-c", program, "run", find_study("itp-dose"), "-o", tmp_path / "out"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode not in {0, 1, 2}
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
