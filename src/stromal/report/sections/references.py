"""References: everything that the page cites, in the order in which it does."""

from __future__ import annotations

from collections.abc import Sequence

from stromal.report.blocks import Listing, Section
from stromal.report.cite import Reference


def section(references: Sequence[Reference]) -> Section | None:
    """Return the numbered references; None where nothing is cited."""
    if not references:
        return None
    return Section("references", "References", (Listing(tuple(references)),))
