"""The group `stromal evidence`: what has been published, of one study or all, and adding to it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup


class _Group(TyperGroup):
    """A group whose other words are those of its command `show`: `stromal evidence STUDY`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - click's
        """Put `show` before what is no command and asks for no help."""
        asks = bool(args) and args[0] in {*self.commands, *self.get_help_option_names(ctx)}
        return super().parse_args(ctx, args if asks else ["show", *args])


evidence = typer.Typer(
    cls=_Group,
    rich_markup_mode=None,
    help="Print what was published, for a study's questions or alone. "
    "`stromal evidence STUDY` and `stromal evidence` alone are `show`.",
)

Record = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Rows of your own, which join those of the record."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
Words = Annotated[list[str] | None, typer.Option(metavar="WORD", help="Only such rows.")]


@evidence.command()
def show(
    study: Annotated[
        Path | None,
        typer.Argument(metavar="[STUDY]", help="Folder of a study with a table [evidence]."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FOLDER",
            help="Where a page with its figures and tables goes; must be new or empty.",
        ),
    ] = None,
    indication: Words = None,
    source: Words = None,
    outcome: Words = None,
    named: Annotated[
        list[str] | None, typer.Option("--study", metavar="WORD", help="Only rows of such studies.")
    ] = None,
    record: Record = None,
    json: Json = False,  # noqa: FBT002 (typer reads options from signatures)
) -> None:
    """Print the answers to a study's questions as CSV, or the rows of the record; `-o`: a page."""
    asked = {
        "indication": indication or [],
        "source": source or [],
        "outcome": outcome or [],
        "study": named or [],
    }
    if study is None:
        from stromal.cli import show_record  # noqa: PLC0415 (help answers at once)

        if output is not None:
            raise typer.Exit(show_record.show_page(asked, output, record, as_json=json))
        raise typer.Exit(show_record.show_record(asked, record, as_json=json))
    if any(asked.values()):
        raise typer.BadParameter("rows are looked up without a STUDY", param_hint="STUDY")
    from stromal.cli import show_evidence  # noqa: PLC0415 (help answers at once)

    raise typer.Exit(show_evidence.show_study(study, output, record, as_json=json))


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
    json: Json = False,  # noqa: FBT002 (typer reads options from signatures)
) -> None:
    """Check a study, add it to a record, print every pooled number that changes."""
    from stromal.cli import add_evidence  # noqa: PLC0415 (help answers at once)

    raise typer.Exit(add_evidence.add_evidence(form, record, as_json=json))
