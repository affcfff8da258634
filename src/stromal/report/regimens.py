"""The table of arms and planned regimens."""

from __future__ import annotations

from stromal.errors import join_words
from stromal.protocol.protocol import Protocol, Regimen
from stromal.report.groups import label_endpoint
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import (
    join_unit,
    render_name,
    render_number,
    render_range,
)


def render_regimens(protocol: Protocol) -> View:
    """Return arms and what each is given: product, dose, days, route, rule."""
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
            f"while {label_endpoint(protocol, rule.endpoint)} is {join_words(rule.labels, 'or')}"
        )
    if regimen.note:
        parts.append(regimen.note)
    return "; ".join(parts)
