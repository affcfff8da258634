"""Published versus ours: printed numbers beside those of this run."""

from __future__ import annotations

from stromal.report.blocks import Section, prose
from stromal.report.comparison import describe_comparison, render_comparison
from stromal.report.content import Content


def section(content: Content) -> Section | None:
    """Return the section on the printed numbers; None where none was given."""
    if content.comparison.is_empty():
        return None
    blocks = (prose(describe_comparison(content)), render_comparison(content))
    return Section("published", "Published versus ours", blocks)
