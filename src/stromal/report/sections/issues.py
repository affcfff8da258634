"""Issues: everything that was found wrong with the input."""

from __future__ import annotations

from stromal.errors import join_words
from stromal.report.blocks import Section, fold_long, prose
from stromal.report.content import Content
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import count_noun

_MOST = 2
"""Issues from which their table is folded away; how many there are is always said."""


def section(content: Content) -> Section:
    """Return the section on the issues; it says so where there are none."""
    blocks = (
        (prose(_count_issues(content)), fold_long(render_issues(content), _MOST))
        if content.issues
        else (prose("No issues were found."),)
    )
    return Section("issues", "Issues found in the input", blocks, short="Issues")


def _count_issues(content: Content) -> str:
    """Return how many errors, warnings and notes there are, as a sentence."""
    counts = {
        noun: sum(issue.severity.value == noun for issue in content.issues)
        for noun in ("error", "warning", "note")
    }
    return f"{join_words([count_noun(n, noun) for noun, n in counts.items() if n])}."


def render_issues(content: Content) -> View:
    """Return everything that was found wrong with the input, as it was said."""
    cells = [
        [
            Cell(issue.severity.value, "bad" if issue.severity.value == "error" else ""),
            Cell(issue.place),
            Cell(f"{issue.message}."),
            Cell(issue.hint or ""),
        ]
        for issue in content.issues
    ]
    headings = [
        Heading("Severity"), Heading("Where", wide=True), Heading("What", wide=True),
        Heading("Hint", wide=True),
    ]  # fmt: skip
    return view_of("Issues found in the input", headings, cells, wordy=True)
