"""The tables of the page, from the tables of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from stromal.protocol.protocol import Analysis, Protocol, Regimen
from stromal.report.content import Content
from stromal.report.figures.palette import order_labels
from stromal.report.groups import (
    ALL,
    Group,
    label_analysis,
    label_endpoint,
    label_group,
    list_groups,
)
from stromal.report.log_rank import find_test, is_test
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import (
    MISSING,
    capitalise,
    join_unit,
    name_statistic,
    render_interval,
    render_name,
    render_number,
    render_percent,
    render_range,
    render_unit,
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


def render_flow(content: Content) -> View:
    """Patients in the file, by arm, and how many of them each endpoint could judge."""
    protocol, patients = content.protocol, content.patients
    groups = list_groups(protocol, patients, "arm")
    if len(groups) > 1:
        groups = (*groups, *list_groups(protocol, patients, None))
    rows = [*_planned_row(protocol, groups)]
    rows += [[Cell("Patients in the data", "strong"), *(Cell(str(g.n)) for g in groups), Cell("")]]
    for endpoint in protocol.endpoints:
        own = content.outcomes.filter(pl.col("endpoint") == endpoint.name)
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
    planned = [total if group.name == ALL else arms.get(group.name) for group in groups]
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


def render_estimates(content: Content, analysis: Analysis) -> View:
    """The estimates of one analysis: value, interval, and the patients behind it."""
    rows = content.estimates.filter(pl.col("analysis") == analysis.name)
    if analysis.estimate == "median":
        return _render_medians(content, rows, analysis)
    rows, absent = _drop_absent(rows, analysis)
    labels = order_labels([label for label in rows["label"].unique(maintain_order=True) if label])
    ranks = {label: place for place, label in enumerate(labels)}
    order = rows.filter(~is_test()).to_dicts()
    groups = list(dict.fromkeys(row["group"] for row in order))
    groups = [*(g for g in groups if g != ALL), *(g for g in groups if g == ALL)]
    statistics = list(dict.fromkeys(row["statistic"] for row in order))
    order.sort(
        key=lambda row: (
            groups.index(row["group"]),
            statistics.index(row["statistic"]),
            ranks.get(row["label"], -1),
            row["day"] if row["day"] is not None else -1.0,
        )
    )
    cells: list[list[Cell]] = []
    seen = ""
    for row in order:
        group = label_group(content.protocol, row["group"])
        cells.append(
            [
                Cell(group if group != seen else "", "strong"),
                Cell(name_statistic(row)),
                Cell(render_value(row["value"], row["unit"], row["n"])),
                Cell(_interval(row)),
                Cell(_count(row)),
            ]
        )
        seen = group
    test = find_test(rows)
    if test is not None:
        line = [Cell("Between groups", "strong"), Cell("log-rank test"), Cell(test.words)]
        cells.append([*line, Cell(""), Cell(f"{test.events}/{test.n}")])
    title = label_analysis(content.protocol, analysis.name)
    return view_of(title, _headings(rows, analysis), cells, _explain(rows, absent))


def _interval(row: Mapping[str, Any]) -> str:
    """The interval with its unit where the estimate has one."""
    text = render_interval(row["low"], row["high"], row["unit"], row["n"])
    share = row["unit"] == "1" and row["value"] is not None and 0 <= row["value"] <= 1
    return f"{text} %" if share and text != MISSING else text


def _headings(rows: pl.DataFrame, analysis: Analysis) -> list[Heading]:
    level = next((value for value in rows["level"].drop_nulls()), 0.95)
    dated = analysis.estimate in ("survival", "cumulative_incidence")
    counted = "Events by then/N" if dated else "n/N"
    return [
        Heading("Group"),
        Heading("What"),
        Heading("Estimate", numeric=True),
        Heading(f"{100 * level:g} % interval", numeric=True),
        Heading(counted, numeric=True),
    ]


def _explain(rows: pl.DataFrame, absent: list[str]) -> str:
    """Methods, labels that nobody has, and what a dash means, as far as there is any."""
    methods = "; ".join(dict.fromkeys(rows["method"].drop_nulls()))
    parts = [f"{capitalise(methods)}."] if methods else []
    if absent:
        parts.append(f"No patient had: {', '.join(absent)}.")
    without = rows.filter(~is_test() & pl.col("value").is_not_null() & pl.col("low").is_null())
    if without.filter(pl.col("high").is_null() & (pl.col("events") == 0)).height:
        parts.append("An interval is not defined before the first event.")
    return " ".join(parts)


def _render_medians(content: Content, rows: pl.DataFrame, analysis: Analysis) -> View:
    """One line per group: median, quartiles and range."""
    groups = list(dict.fromkeys(rows["group"]))
    cells = []
    for name in [*(g for g in groups if g != ALL), *(g for g in groups if g == ALL)]:
        own = {r["statistic"]: r for r in rows.filter(pl.col("group") == name).to_dicts()}
        value = {key: own[key]["value"] if key in own else None for key in _SPREAD}
        first = next(iter(own.values()))
        cells.append(
            [
                Cell(label_group(content.protocol, name), "strong"),
                Cell(str(first["n"] or 0)),
                Cell(render_number(value["median"])),
                Cell(render_range(value["lower quartile"], value["upper quartile"])),
                Cell(render_range(value["minimum"], value["maximum"])),
            ]
        )
    unit = next((unit for unit in rows["unit"].drop_nulls() if unit != "1"), "")
    name = "days" if unit == "day" else render_unit(unit)
    headings = [Heading("Group")] + [
        Heading(text, numeric=True)
        for text in ("Patients", f"Median, {name}" if name else "Median", "Quartiles", "Range")
    ]
    methods = ", ".join(dict.fromkeys(rows["method"].drop_nulls()))
    title = label_analysis(content.protocol, analysis.name)
    return view_of(title, headings, cells, f"{capitalise(methods)}." if methods else "")


_SPREAD = ("median", "lower quartile", "upper quartile", "minimum", "maximum")


def _drop_absent(rows: pl.DataFrame, analysis: Analysis) -> tuple[pl.DataFrame, list[str]]:
    """The rows without the labels that no patient of any group has, and these labels."""
    if analysis.estimate != "proportion":
        return rows, []
    counts = rows.drop_nulls(["label", "events"]).group_by("label").agg(pl.col("events").sum())
    absent = counts.filter(pl.col("events") == 0)["label"].sort().to_list()
    absent = [label for label in absent if label not in analysis.combine]
    kept = pl.col("label").is_null() | ~pl.col("label").is_in(absent)
    return rows.filter(kept), order_labels(absent)


def render_value(value: float | None, unit: str | None, n: int | None = None) -> str:
    """An estimate with its unit; proportions as per cent.

    Examples
    --------
    >>> render_value(0.5625, "1", 32), render_value(418.0, "day")
    ('56 %', '418\u00a0days')
    """
    if value is None:
        return MISSING
    if unit == "1" and 0 <= value <= 1:
        return render_percent(value, n)
    return join_unit(render_number(value), unit, plural=value != 1)


def _count(row: Mapping[str, object]) -> str:
    events, n = row["events"], row["n"]
    if n is None:
        return MISSING
    return f"{events}/{n}" if events is not None else str(n)


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
