"""The outcome of every patient under every endpoint."""

from __future__ import annotations

from collections.abc import Mapping

from stromal.protocol.protocol import Protocol
from stromal.report.content import Cohort
from stromal.report.groups import label_endpoint, label_group
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import MISSING, join_unit, render_number

_MARKS = {0: "+", 1: "", 2: "†"}
_LONG_FROM = 20


def render_outcomes(protocol: Protocol, cohort: Cohort) -> View:
    """Return one row per patient, one column per endpoint; a mark says how a time ended."""
    outcomes = cohort.outcomes
    known = set(outcomes["endpoint"].to_list())
    uses = [use for use in protocol.endpoints if use.name in known]
    found = {(row["subject"], row["endpoint"]): row for row in outcomes.iter_rows(named=True)}
    arms = len(protocol.arms) > 1
    cells = []
    for subject, arm in cohort.patients.subjects.select("subject", "arm").iter_rows():
        row = [Cell(subject)] + ([Cell(label_group(protocol, arm or ""))] if arms else [])
        cells.append([*row, *(_outcome(found.get((subject, use.name))) for use in uses)])
    times = set(outcomes.filter(outcomes["kind"] == "time")["endpoint"].to_list())
    headings = [Heading("Patient"), *([Heading("Arm")] if arms else [])]
    for use in uses:
        label = label_endpoint(protocol, use.name)
        is_time = use.name in times
        dated = is_time and not label.lower().startswith("day")
        headings.append(Heading(f"{label}, day" if dated else label, numeric=is_time))
    return view_of(
        "Outcomes of every patient",
        headings,
        cells,
        _explain(cohort, times),
        long=len(cells) > _LONG_FROM,
    )


def _explain(cohort: Cohort, times: set[str]) -> str:
    """Return what the marks say that occur."""
    statuses = cohort.outcomes.filter(cohort.outcomes["endpoint"].is_in(sorted(times)))["status"]
    words = []
    if 0 in statuses:
        words.append("+ no event by that day, the last of follow-up")
    if 2 in statuses:
        words.append("† a competing event on that day")
    dash = f"{MISSING} could not be judged, for the reasons under Patients"
    judged = cohort.outcomes.select("value", "label", "status")
    missing = any(all(cell is None for cell in row) for row in judged.iter_rows())
    return "; ".join([*words, *([dash] if missing else [])])


def _outcome(row: Mapping[str, object] | None) -> Cell:
    """An outcome in a few characters; a dash where it could not be judged."""
    if row is None:
        return Cell(MISSING, "muted")
    if row["kind"] == "time" and row["status"] is not None:
        status = int(str(row["status"]))
        day = render_number(None if row["day"] is None else float(str(row["day"])))
        return Cell(f"{day}{_MARKS.get(status, '†')}", "muted" if status == 0 else "")
    if row["label"] is not None:
        return Cell(str(row["label"]))
    if row["value"] is not None:
        number = render_number(float(str(row["value"])))
        return Cell(join_unit(number, str(row["unit"] or "")))
    return Cell(MISSING, "muted")
