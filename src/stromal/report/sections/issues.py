"""Issues: everything that was found wrong with the input."""

from __future__ import annotations

from stromal.report.blocks import Section, prose
from stromal.report.content import Content
from stromal.report.tables import render_issues
from stromal.report.words import count_noun, render_list


def section(content: Content) -> Section:
    """Return the section on the issues; it says so where there are none."""
    blocks = (
        (prose(_count_issues(content)), render_issues(content))
        if content.issues
        else (prose("No issues were found."),)
    )
    return Section("issues", "Issues found in the input", blocks, short="Issues")


def _count_issues(content: Content) -> str:
    """How many errors, warnings and notes there are, as a sentence."""
    counts = {
        noun: sum(issue.severity.value == noun for issue in content.issues)
        for noun in ("error", "warning", "note")
    }
    return f"{render_list([count_noun(n, noun) for noun, n in counts.items() if n])}."
