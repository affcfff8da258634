"""The files of the vocabulary, as rows of text."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

_FOLDER = files("stromal").joinpath("tables", "vocabulary")


def read_rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a CSV file, by column.

    Examples
    --------
    >>> read_rows("events.csv")[0]["name"]
    'death'
    """
    text = _FOLDER.joinpath(name).read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def read_objects(folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return every JSON file of a folder with its name, in the order of names.

    Examples
    --------
    >>> [name for name, _ in read_objects("scales")][:2]
    ['acute_gvhd_signs', 'acute_gvhd_stage']
    """
    for file in sorted(_FOLDER.joinpath(folder).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".json"):
            yield file.name.removesuffix(".json"), json.loads(file.read_text("utf-8"))


def split_list(cell: str) -> tuple[str, ...]:
    """Return the parts of a cell that holds several, parted by semicolons.

    Examples
    --------
    >>> split_list("cells; mass"), split_list("")
    (('cells', 'mass'), ())
    """
    return tuple(part.strip() for part in cell.split(";") if part.strip())
