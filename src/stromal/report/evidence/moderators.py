"""What pooled effects hang on: dose, source, year; noted rows; single studies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from stromal.evidence.question.answer import EvidenceAnswer
from stromal.evidence.question.pooling import Told
from stromal.evidence.question.sensitivity import Moderated
from stromal.report.evidence.names import name_word
from stromal.report.evidence.shown import ModeratorLine
from stromal.report.figures.forest import Forest, write_effect, write_interval
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import (
    MISSING,
    SPACE,
    capitalise,
    count_noun,
    render_number,
    render_p_value,
    render_range,
)

_UNITS = {
    "dose": "each time the dose is e-fold",
    "year": "each year later",
    "grade": "each tenth more of patients above grade II",
}
_NUMBERS = tuple(_UNITS)
_NAMES = {"source": "Source of the cells", "age_group": "Age of the patients"}


def list_moderators(found: Iterable[Moderated]) -> tuple[ModeratorLine, ...]:
    """Return a line for each coefficient of a regression, or the reason why there is none.

    Examples
    --------
    >>> list_moderators([Moderated("dose", None, "few")])[0].reason
    'few'
    """
    lines: list[ModeratorLine] = []
    for item in found:
        fit = item.regression
        if fit is None:
            lines.append(ModeratorLine(item.name, reason=item.reason))
            continue
        for place, term in enumerate(fit.names[1:], start=1):
            lines.append(
                ModeratorLine(
                    item.name, "" if item.name in _NUMBERS else term, float(fit.values[place]),
                    float(fit.low[place]), float(fit.high[place]), float(fit.p[place]), fit.studies,
                )
            )  # fmt: skip
    return tuple(lines)


def render_moderators(lines: Sequence[ModeratorLine], forest: Forest) -> View:
    """Return the regressions of an outcome; coefficients are on the scale of pooling."""
    if all(line.value is None for line in lines):
        return view_of("", [], [])
    kind = {"ratio": "log ratio", "share": "log odds"}.get(forest.scale, "difference")
    rows = [_write_line(line) for line in lines]
    headings = [
        Heading("Moderator"),
        Heading(f"Change of the {kind}", numeric=True),
        Heading("95 % interval", numeric=True),
        Heading("P", numeric=True),
        Heading("Studies", numeric=True),
        Heading("Remark", wide=True),
    ]
    note = "Studies are compared, not patients: no line says what a patient would gain."
    return view_of("What the differences go with", headings, rows, note if rows else "", wordy=True)


def _write_line(line: ModeratorLine) -> list[Cell]:
    name = _NAMES.get(line.name) or capitalise(line.name)
    name = f"{name}: {name_word(line.term)}" if line.term else name
    if line.value is None:
        blank = [Cell(MISSING)] * 4
        return [Cell(name, "strong"), *blank, Cell(f"not estimable: {line.reason}", "muted")]
    p = render_p_value(line.p).removeprefix("P = ").removeprefix("P ")
    return [
        Cell(name, "strong"),
        Cell(render_number(line.value, 2)),
        Cell(render_range(line.low, line.high, 2)),
        Cell(p),
        Cell(str(line.studies)),
        Cell("beside the commonest" if line.term else _UNITS.get(line.name, "")),
    ]


def describe_sensitivity(
    answer: EvidenceAnswer, forest: Forest, labels: Mapping[str, str]
) -> tuple[str, ...]:
    """Say how what is told moves without noted rows, and without each study in turn.

    Parameters
    ----------
    answer, forest
        The outcome, and how its numbers are written.
    labels
        Studies in words.
    """
    said: list[str] = []
    found = answer.sensitivity
    if found.without_notes is not None and found.without_notes.value is not None:
        said.append(
            f"Without the numbers that bear a note: {_write(found.without_notes, forest)} over "
            f"{count_noun(found.without_notes.studies, 'study', 'studies')}."
        )
    values = [(told.value, study) for study, told in found.leave_one_out if told.value is not None]
    if values:
        (low, first), (high, last) = min(values), max(values)
        said.append(
            f"With one study left out it lies between {write_effect(low, forest)} (without "
            f"{labels.get(first, first)}) and {write_effect(high, forest)}{_unit(forest)} (without "
            f"{labels.get(last, last)})."
        )
    if answer.predictive is not None:
        said.append(_describe_predictive(answer, forest))
    return tuple(said)


def _describe_predictive(answer: EvidenceAnswer, forest: Forest) -> str:
    told = answer.predictive
    assert told is not None  # noqa: S101 - asked by the caller
    size = "" if told.size is None else f", as much as {told.size:.0f} patients would tell"
    ends = write_interval((told.low, told.high), forest).strip("()")
    return (
        f"Bayesian random effects predict {write_effect(told.value, forest)}{_unit(forest)} "
        f"({ends}) in a new study{size}."
    )


def _write(told: Told, forest: Forest) -> str:
    return f"{write_effect(told.value, forest)}{_unit(forest)}"


def _unit(forest: Forest) -> str:
    return f"{SPACE}%" if forest.scale == "share" else ""
