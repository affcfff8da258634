"""The group `stromal evidence`: what has been published, and adding to it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

evidence = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Work with the record of published arms."
)


@evidence.command()
def add(
    form: Annotated[
        Path,
        typer.Argument(metavar="FORM", help="TOML file: [study], [[arms]] and [[outcomes]]."),
    ],
    record: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Record of your own, which the rows are added to. Without it nothing is written.",
        ),
    ] = None,
    json: Annotated[  # noqa: FBT002 (typer reads options from signatures)
        bool, typer.Option("--json", help="Print the result as JSON on stdout.")
    ] = False,
) -> None:
    """Check a study, add it to a record, print every pooled number that changes."""
    from stromal.cli import commands  # noqa: PLC0415 (help answers at once)

    raise typer.Exit(commands.add_evidence(form, record, as_json=json))
