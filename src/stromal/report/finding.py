"""A finished analysis as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass, field

from stromal.report.figures.figure import Figure
from stromal.report.view import View, view_of


def _no_table() -> View:
    return view_of("", [], [])


@dataclass(frozen=True, slots=True)
class Finding:
    """One analysis of one cohort: sentences, figure, table, and a table of single patients.

    Parameters
    ----------
    analysis
        Name of the analysis in the protocol.
    title
        Its heading.
    sentences
        The finding in words; empty where nothing was estimated.
    figure
        The picture, where there is one.
    table
        The estimates with their intervals.
    details
        Patients that the analysis singles out, such as those in whom two sources disagree.
    remark
        A sentence below the tables.
    note
        The protocol's own note on the analysis.
    endpoints
        Names of the endpoints that it is about.
    primary
        Whether that is the primary endpoint.
    """

    analysis: str
    title: str
    sentences: tuple[str, ...] = ()
    figure: Figure | None = None
    table: View = field(default_factory=_no_table)
    details: View = field(default_factory=_no_table)
    remark: str = ""
    note: str = ""
    endpoints: tuple[str, ...] = ()
    primary: bool = False
