"""Names of columns that stand below other text, as the head of a printed report leaves them."""

from __future__ import annotations

import csv
from pathlib import Path

from stromal.tables.delimited import SEPARATORS
from stromal.tables.header import recognise_column
from stromal.tables.schema import Schema

_BYTES = 64 * 2**10
_ROWS = 30
_ENOUGH = 2


def find_late_header(path: Path, schema: Schema) -> tuple[int, tuple[str, ...]] | None:
    r"""Return the row of a CSV file that looks most like names of columns, and the names.

    It is looked for in the first rows; None where none has at least two names that are known.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from stromal.tables.labs import LABS
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "labs.csv"
    ...     _ = path.write_text("Report\n\nPatient ID,Sample date,PLT\n1,2024-01-08,18\n")
    ...     find_late_header(path, LABS)
    (3, ('Patient ID', 'Sample date', 'PLT'))
    """
    with path.open("rb") as file:
        text = file.read(_BYTES).decode("utf-8-sig", errors="replace")
    best: tuple[int, int, tuple[str, ...]] = (0, 0, ())
    for row, line in enumerate(text.splitlines()[:_ROWS], start=1):
        for separator in SEPARATORS:
            names = tuple(cell.strip() for cell in _split(line, separator))
            known = sum(recognise_column(name, schema) for name in names)
            best = max(best, (known, -row, names))
    known, row, names = best
    return (-row, names) if known >= _ENOUGH else None


def _split(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return line.split(separator)
