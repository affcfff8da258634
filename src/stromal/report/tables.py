"""The tables of the page, from the tables of the run."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from stromal.protocol.protocol import Protocol, Regimen
from stromal.report.content import Cohort, Content
from stromal.report.groups import (
    Group,
    label_endpoint,
    list_groups,
)
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import (
    MISSING,
    join_unit,
    render_name,
    render_number,
    render_range,
)


def render_regimens(protocol: Protocol) -> View:
    """Arms and what each is given: product, dose, days, route, rule."""
    rows: list[list[Cell]] = []
    for arm in protocol.arms.values():
        planned = f" (planned n = {arm.planned_n})" if arm.planned_n else ""
        label = Cell(f"{arm.label}{planned}", "strong")
        if not arm.regimen:
            rows.append([label, Cell("observation only", "muted"), *[Cell("")] * 3])
        for place, regimen in enumerate(arm.regimen):
            product = protocol.products.get(regimen.product)
            name = product.label if product else render_name(regimen.product)
            rows.append(
                [
                    label if place == 0 else Cell(""),
                    Cell(name),
                    Cell(_dose(regimen)),
                    Cell(_days(regimen)),
                    Cell(_rule(protocol, regimen)),
                ]
            )
    headings = [Heading(text) for text in ("Arm", "Product", "Dose", "Days", "Route and rules")]
    return view_of("Arms and regimens", headings, rows, wordy=True)


def _dose(regimen: Regimen) -> str:
    amount = regimen.amount
    if amount is None:
        return "not stated"
    if amount.low == amount.high:
        return join_unit(render_number(amount.low), amount.unit)
    return join_unit(render_range(amount.low, amount.high), amount.unit)


def _days(regimen: Regimen) -> str:
    days = ", ".join(render_number(day) for day in regimen.days)
    if regimen.doses_min and regimen.doses_max and regimen.doses_max > 1:
        days += f"; {render_range(regimen.doses_min, regimen.doses_max)} doses"
    return days


def _rule(protocol: Protocol, regimen: Regimen) -> str:
    parts = [regimen.route] if regimen.route else []
    if regimen.repeat:
        rule = regimen.repeat.rule
        parts.append(
            f"from day {render_number(regimen.repeat.from_day)} every "
            f"{render_number(regimen.repeat.every_days)} days, up to {regimen.repeat.count} more, "
            f"while {label_endpoint(protocol, rule.endpoint)} is {' or '.join(rule.labels)}"
        )
    if regimen.note:
        parts.append(regimen.note)
    return "; ".join(parts)


def render_flow(protocol: Protocol, cohort: Cohort) -> View:
    """Return patients in the data, by arm, and how many of them each endpoint could judge."""
    patients = cohort.patients
    groups = list_groups(protocol, patients, "arm")
    if len(groups) > 1:
        groups = (*groups, *list_groups(protocol, patients, None))
    rows = [*_planned_row(protocol, groups)]
    rows += [[Cell("Patients in the data", "strong"), *(Cell(str(g.n)) for g in groups), Cell("")]]
    for endpoint in protocol.endpoints:
        own = cohort.outcomes.filter(pl.col("endpoint") == endpoint.name)
        if own.is_empty():
            continue
        judged = own.filter(is_judged())
        cells = [Cell(f"Evaluable: {label_endpoint(protocol, endpoint.name)}", "indent")]
        cells += [
            Cell(str(judged.filter(pl.col("subject").is_in(list(group.subjects))).height))
            for group in groups
        ]
        rows.append([*cells, Cell(_reasons(own.filter(~is_judged())))])
    headings = [Heading("")] + [Heading(group.label, numeric=True) for group in groups]
    headings.append(Heading("Not evaluable: patients and why", wide=True))
    if not any(row[-1].text for row in rows):
        note = "Every patient in the data is evaluable for every endpoint."
        return view_of("Patient flow", headings[:-1], [row[:-1] for row in rows], note)
    return view_of("Patient flow", headings, rows)


def _planned_row(protocol: Protocol, groups: Sequence[Group]) -> list[list[Cell]]:
    """How many were planned or treated by the protocol, where it says so."""
    arms = {name: arm.planned_n for name, arm in protocol.arms.items()}
    sizes = list(arms.values())
    total = protocol.population.planned_n
    if total is None and None not in sizes:
        total = sum(size or 0 for size in sizes)
    planned = [total if group.name is None else arms.get(group.name) for group in groups]
    if len(groups) == 1:
        planned = [planned[0] or total]
    if not any(planned):
        return []
    cells = [Cell(MISSING if size is None else str(size)) for size in planned]
    return [[Cell("Planned", "strong"), *cells, Cell("")]]


def is_judged() -> pl.Expr:
    """Whether an outcome row says anything: a value, a label or a status."""
    return pl.any_horizontal(pl.col("value", "label", "status").is_not_null())


def _reasons(rows: pl.DataFrame) -> str:
    """Reasons with the number of patients each, the most frequent first."""
    counts = rows.group_by("reason").len().sort(["len", "reason"], descending=[True, False])
    parts = [f"{row['len']}: {row['reason']}" for row in counts.head(4).iter_rows(named=True)]
    rest = counts["len"].slice(4).sum()
    return "; ".join([*parts, *([f"{rest}: other reasons"] if rest else [])])


def render_issues(content: Content) -> View:
    """Everything that was found wrong with the input, as it was said."""
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
        Heading("Severity"), Heading("Where"), Heading("What", wide=True),
        Heading("Hint", wide=True),
    ]  # fmt: skip
    return view_of("Issues found in the input", headings, cells)
