"""References: everything that the page cites, in the order in which it does."""

from __future__ import annotations

from collections.abc import Sequence

from stromal.report.blocks import Block, Fold, Listing, Section
from stromal.report.cite import Reference

_MOST = 6
"""References from which their list is folded away; browsers open it where a number leads there."""


def section(references: Sequence[Reference]) -> Section | None:
    """Return the numbered references; None where nothing is cited."""
    if not references:
        return None
    listing: Block = Listing(tuple(references))
    if len(references) > _MOST:
        listing = Fold(f"All {len(references)} references", (listing,))
    return Section("references", "References", (listing,))
