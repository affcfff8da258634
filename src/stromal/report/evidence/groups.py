"""Parts of the studies of an outcome, each with its pooled effect, and the test between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stromal.evidence.question.groups import Grouped
from stromal.evidence.question.pooling import Told
from stromal.report.evidence.names import title_word
from stromal.report.evidence.shown import GroupLine
from stromal.report.figures.forest import Forest, write_effect, write_interval
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import MISSING, SPACE, render_number, render_p_value

_BY = {
    "source": "Source of the cells",
    "donor": "Donor of the cells",
    "age_group": "Age of the patients",
    "design": "Design of the study",
}


def list_groups(found: Iterable[Grouped], forest: Forest) -> tuple[GroupLine, ...]:
    """Return a line for each group of studies, and one for each test between groups.

    Examples
    --------
    >>> one = Grouped("source", (), 0, None, None, None, "x", (), "too few")
    >>> list_groups([one], Forest("Share", (), ()))[0].remark
    'not tested: too few'
    """
    lines: list[GroupLine] = []
    for item in found:
        lines += [
            GroupLine(item.by, word, _write(told, forest), told.studies, told.patients, _say(told))
            for word, told in item.groups
        ]
        studies = sum(told.studies for _, told in item.groups)
        lines.append(GroupLine(item.by, None, "", studies, None, _test(item)))
    return tuple(lines)


def render_groups(lines: Sequence[GroupLine]) -> View:
    """Return the groups of an outcome as a table; empty where there are none."""
    rows = [
        [
            Cell(_BY.get(line.by, line.by) if line.group is None else title_word(line.group),
                 "strong"),
            Cell(line.number or MISSING),
            Cell(str(line.studies)),
            Cell(MISSING if line.patients is None else str(line.patients)),
            Cell(line.remark, "" if line.group is None else "muted"),
        ]
        for line in lines
    ]  # fmt: skip
    headings = [
        Heading("Studies of"),
        Heading("Pooled effect (95 % interval)", numeric=True),
        Heading("Studies", numeric=True),
        Heading("Patients", numeric=True),
        Heading("Remark", wide=True),
    ]
    note = (
        "Groups are of studies, not of patients: whatever else differs between those studies is in "
        "the difference too."
    )
    return view_of("Groups of studies", headings, rows, note if rows else "", wordy=True)


def _write(told: Told, forest: Forest) -> str:
    if told.value is None:
        return ""
    unit = f"{SPACE}%" if forest.scale == "share" else ""
    return (
        f"{write_effect(told.value, forest)}{unit} {write_interval((told.low, told.high), forest)}"
    )


def _say(told: Told) -> str:
    return told.reason if told.value is None or told.studies == 1 else told.model


def _test(found: Grouped) -> str:
    unknown = f"; {found.unknown} without a word for it" if found.unknown else ""
    if found.q is None:
        return f"not tested: {found.reason}{unknown}"
    p = render_p_value(found.p)
    kept = f"; {found.reason}" if found.reason else ""
    return (
        f"test between the groups: Q = {render_number(found.q, 2)} with {found.degrees} "
        f"degree{'' if found.degrees == 1 else 's'} of freedom, {p}{kept}{unknown}"
    )
