"""What `stromal evidence` alone does: rows of the record."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

import polars as pl

from stromal.cli.printing import guard, print_json, say
from stromal.evidence.library.find import find_rows
from stromal.evidence.library.join import read_joined
from stromal.tables.escape import write_csv


def show_record(asked: Mapping[str, Sequence[str]], record: Path | None, *, as_json: bool) -> int:
    """`stromal evidence`: rows of the record on stdout, as CSV or JSON."""

    def work() -> None:
        rows = find_rows(read_joined(record), asked)
        _say_rows(rows)
        if as_json:
            print_json(rows.to_dicts())
        else:
            print_csv(rows)

    return guard(work, as_json=as_json)


def show_page(
    asked: Mapping[str, Sequence[str]], output: Path, record: Path | None, *, as_json: bool
) -> int:
    """`stromal evidence -o FOLDER`: a page of the record; its path on stdout."""

    def work() -> None:
        from stromal.study.record import write_record  # noqa: PLC0415 (rows need no report)

        done = write_record(asked, output, record)
        _say_rows(done.rows)
        if as_json:
            print_json({"folder": str(done.folder), "rows": done.rows.to_dicts()})
        else:
            sys.stdout.write(f"{done.folder / 'report.html'}\n")

    return guard(work, as_json=as_json)


def _say_rows(rows: pl.DataFrame) -> None:
    numbers = "1 row" if rows.height == 1 else f"{rows.height} rows"
    say(f"{numbers} of {count_studies(rows['study'].n_unique())}")


def count_studies(studies: int) -> str:
    """Return a number of studies in words.

    Examples
    --------
    >>> count_studies(1), count_studies(12)
    ('1 study', '12 studies')
    """
    return "1 study" if studies == 1 else f"{studies} studies"


def print_csv(table: pl.DataFrame) -> None:
    """Print a table on stdout as CSV."""
    text = BytesIO()
    write_csv(table, text)
    sys.stdout.write(text.getvalue().decode("utf-8"))
