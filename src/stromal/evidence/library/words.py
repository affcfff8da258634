"""The words that the record is written in: designs, sources, donors, outcomes, scales."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@cache
def list_words(kind: str) -> Mapping[str, str]:
    """Return the words of one kind with their meanings.

    Examples
    --------
    >>> list_words("status")["exclude"]
    'never pooled; the reason says why'
    """
    file = files("stromal").joinpath("evidence", "library", "data", "vocabulary.csv")
    rows = csv.DictReader(file.read_text("utf-8").splitlines())
    return MappingProxyType({row["word"]: row["meaning"] for row in rows if row["kind"] == kind})
