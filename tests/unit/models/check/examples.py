"""Small models under check, and their issues as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl

from stromal.errors import Issue
from stromal.models.check.subject import Subject
from stromal.models.parameters import PARAMETERS
from stromal.models.parse import read_model

Check = Callable[[Subject], Iterator[Issue]]


def tell(check: Check, text: str, *rows: dict[str, object], outputs: tuple[str, ...] = ()) -> str:
    """What a check says of a model: one paragraph for each issue."""
    frame = PARAMETERS.conform(pl.DataFrame(list(rows), infer_schema_length=None)) if rows else None
    issues = check(Subject(read_model(text), frame, outputs))
    return "\n".join(f"{issue.severity}: {issue}" for issue in issues)
