"""The command line: `stromal run | analyse | simulate | check | demo | evidence`.

Only typer is imported here; every command imports what it needs when it is called, so that
`stromal --help` answers at once. Data go to stdout and words to stderr; a command ends with 0 when
it is done, 1 when the study has errors (all of them listed), 2 when the command line is wrong.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

import stromal
from stromal.cli.evidence import evidence

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

StudyFolder = Annotated[
    Path, typer.Argument(metavar="STUDY", help="Folder of the study, with its protocol.toml.")
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FOLDER",
        help="Where the run goes; must be new or empty. Default: runs/<study>/<number>.",
    ),
]
Seed = Annotated[
    int | None, typer.Option(min=0, help="Seed of everything random, instead of the protocol's.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(stromal.__version__)
        raise typer.Exit


@app.callback()
def _describe(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Plan, simulate and analyse trials of mesenchymal stromal cells in haematology.

    Research software: not a medical device, and no advice on any patient.
    """


@app.command()
def run(study: StudyFolder, output: Output = None, seed: Seed = None, json: Json = False) -> None:
    """Analyse a study, write its report, print its path."""
    from stromal.cli import commands

    raise typer.Exit(commands.run(study, output, seed, as_json=json))


@app.command()
def analyse(
    study: StudyFolder, output: Output = None, seed: Seed = None, json: Json = False
) -> None:
    """Derive endpoints, print estimates as CSV."""
    from stromal.cli import commands

    raise typer.Exit(commands.analyse(study, output, seed, as_json=json))


@app.command()
def simulate(
    study: StudyFolder,
    patients: Annotated[
        int | None,
        typer.Option("-n", "--patients", min=1, help="Patients of each arm, instead of planned."),
    ] = None,
    replicates: Annotated[
        int | None, typer.Option(min=1, help="Simulated trials, instead of the protocol's.")
    ] = None,
    outcomes: Annotated[
        bool, typer.Option("--outcomes", help="Write outcomes only, no tables of patients.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FOLDER",
            help="Where patients go; a run that was interrupted there goes on. "
            "Default: runs/<study>/simulated.",
        ),
    ] = None,
    seed: Seed = None,
    json: Json = False,
) -> None:
    """Simulate patients of a study, print where they are."""
    from stromal.cli import commands

    asked = {"patients": patients, "replicates": replicates, "seed": seed}
    asked["outcomes_only"] = outcomes
    raise typer.Exit(commands.simulate(study, output, asked, as_json=json))


@app.command()
def check(study: StudyFolder, json: Json = False) -> None:
    """List every issue of a study; nothing is written."""
    from stromal.cli import check as checking

    raise typer.Exit(checking.check(study, as_json=json))


@app.command()
def demo(output: Output = None, seed: Seed = None, json: Json = False) -> None:
    """Run the shipped studies, print their reports' paths."""
    from stromal.cli import commands

    raise typer.Exit(commands.demo(output, seed, as_json=json))


app.add_typer(evidence, name="evidence")


def main() -> None:
    """Entry point of the `stromal` command."""
    _open_streams()
    app()


def _open_streams() -> None:
    """Let every letter be written in every locale, and let a closed stream swallow what it gets."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  (open to the end)
            setattr(sys, name, nowhere)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
