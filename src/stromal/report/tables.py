"""The tables of the page, from the tables of the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from stromal.protocol.protocol import Analysis, Protocol, Regimen
from stromal.report.compare import DIFFERS, NOT_ESTIMATED, YES
from stromal.report.content import Content
from stromal.report.figures.draw import render_unit
from stromal.report.figures.palette import order_labels
from stromal.report.groups import ALL, label_analysis, label_endpoint, label_group, list_groups
from stromal.report.view import Cell, Heading, Tone, View, view_of
from stromal.report.words import (
    MISSING,
    capitalise,
    render_count,
    render_name,
    render_number,
    render_percent,
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
    return view_of("Arms and regimens", headings, rows)


def _dose(regimen: Regimen) -> str:
    unit = render_unit(regimen.unit)
    if regimen.dose is not None:
        return f"{render_number(regimen.dose)} {unit}"
    if regimen.dose_min is not None or regimen.dose_max is not None:
        return f"{render_range(regimen.dose_min, regimen.dose_max)} {unit}"
    return "not stated"


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
    rows = [[Cell("Patients in the file", "strong"), *(Cell(str(g.n)) for g in groups), Cell("")]]
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
        rows.append([*cells, Cell(_reasons(own.filter(~is_judged())), "muted")])
    headings = [Heading("")] + [Heading(group.label, numeric=True) for group in groups]
    return view_of("Patient flow", [*headings, Heading("Why not evaluable", wide=True)], rows)


def is_judged() -> pl.Expr:
    """Whether an outcome row says anything: a value, a label or a status."""
    return pl.any_horizontal(pl.col("value", "label", "status").is_not_null())


def _reasons(rows: pl.DataFrame) -> str:
    """Reasons with the number of patients each, the most frequent first."""
    counts = rows.group_by("reason").len().sort(["len", "reason"], descending=[True, False])
    parts = [f"{row['reason']} ({row['len']})" for row in counts.head(4).iter_rows(named=True)]
    rest = counts["len"].slice(4).sum()
    return "; ".join([*parts, *([f"other reasons ({rest})"] if rest else [])])


def render_estimates(content: Content, analysis: Analysis) -> View:
    """The estimates of one analysis: value, interval, and the patients behind it."""
    rows = content.estimates.filter(pl.col("analysis") == analysis.name)
    if analysis.estimate == "median":
        return _render_medians(content, rows, analysis)
    rows, absent = _drop_absent(rows, analysis)
    labels = order_labels([label for label in rows["label"].unique().to_list() if label])
    ranks = {label: place for place, label in enumerate(labels)}
    order = [(row, ranks.get(row["label"], -1)) for row in rows.iter_rows(named=True)]
    groups = list(dict.fromkeys(row["group"] for row, _ in order))
    groups = [*(g for g in groups if g != ALL), *(g for g in groups if g == ALL)]
    statistics = list(dict.fromkeys(row["statistic"] for row, _ in order))
    order.sort(
        key=lambda pair: (
            groups.index(pair[0]["group"]),
            statistics.index(pair[0]["statistic"]),
            pair[1],
            pair[0]["day"] if pair[0]["day"] is not None else -1.0,
        )
    )
    cells: list[list[Cell]] = []
    seen = ""
    for row, _ in order:
        group = label_group(content.protocol, row["group"])
        cells.append(
            [
                Cell(group if group != seen else "", "strong"),
                Cell(_what(row)),
                Cell(render_value(row["value"], row["unit"], row["n"])),
                Cell(_interval(row)),
                Cell(_count(row)),
            ]
        )
        seen = group
    level = next((value for value in rows["level"].drop_nulls()), 0.95)
    headings = [
        Heading("Group"),
        Heading("What"),
        Heading("Estimate", numeric=True),
        Heading(f"{100 * level:g} % interval", numeric=True),
        Heading("Events/patients", numeric=True),
    ]
    methods = ", ".join(dict.fromkeys(rows["method"].drop_nulls()))
    note = f"{capitalise(methods)}." if methods else ""
    note += f" No patient had: {', '.join(absent)}." if absent else ""
    return view_of(label_analysis(content.protocol, analysis.name), headings, cells, note)


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
                Cell(render_value(value["median"], first["unit"])),
                Cell(render_range(value["lower quartile"], value["upper quartile"])),
                Cell(render_range(value["minimum"], value["maximum"])),
            ]
        )
    headings = [Heading("Group")] + [
        Heading(text, numeric=True) for text in ("Patients", "Median", "Quartiles", "Range")
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
    absent = counts.filter(pl.col("events") == 0)["label"].to_list()
    absent = [label for label in absent if label not in analysis.combine]
    kept = pl.col("label").is_null() | ~pl.col("label").is_in(absent)
    return rows.filter(kept), order_labels(absent)


def _what(row: Mapping[str, object]) -> str:
    statistic = str(row["statistic"])
    words = render_name(statistic).replace("log-rank p", "log-rank P")
    label = row["label"]
    text = words
    if label:
        name = render_name(str(label))
        text = name if statistic == "proportion" else f"{words}, {name}"
    day = row["day"]
    return f"{text}, day {render_number(float(str(day)))}" if day is not None else text


def render_value(value: float | None, unit: str | None, n: int | None = None) -> str:
    """An estimate with its unit; proportions as per cent."""
    if value is None:
        return MISSING
    if unit == "1" and 0 <= value <= 1:
        return render_percent(value, n)
    text = render_number(value)
    return f"{text} {name_unit(unit, value)}" if unit and unit != "1" else text


def name_unit(unit: str, value: float) -> str:
    """A unit as it is printed, days in the plural.

    Examples
    --------
    >>> name_unit("day", 12.0), name_unit("day", 1.0)
    ('days', 'day')
    """
    return f"{unit}s" if unit in ("day", "month", "year") and value != 1 else render_unit(unit)


def _interval(row: Mapping[str, object]) -> str:
    low, high = row["low"], row["high"]
    if low is None and high is None:
        return MISSING
    first = None if low is None else float(str(low))
    last = None if high is None else float(str(high))
    if first is None or last is None:
        return render_range(first, last)
    if row["unit"] == "1" and 0 <= first <= last <= 1:
        return f"{render_range(round(100 * first), round(100 * last))} %"
    return render_range(first, last)


def _count(row: Mapping[str, object]) -> str:
    events, n = row["events"], row["n"]
    if n is None:
        return MISSING
    return f"{events}/{n}" if events is not None else str(n)


def render_disagreements(content: Content, analysis: str) -> View:
    """Patients whose derived outcome is not the reported one, and why."""
    rows = content.disagreements.filter(pl.col("analysis") == analysis)
    cells = [
        [
            Cell(str(row["subject"])),
            Cell(row["reported"] or MISSING),
            Cell(row["ours"] or MISSING),
            Cell(row["reason"] or ""),
        ]
        for row in rows.iter_rows(named=True)
    ]
    headings = [
        Heading("Patient"),
        Heading("Reported"),
        Heading("Derived"),
        Heading("Why", wide=True),
    ]
    return view_of(
        f"Patients who differ: {label_analysis(content.protocol, analysis)}", headings, cells
    )


_TONES: Mapping[str, Tone] = {YES: "good", DIFFERS: "bad", NOT_ESTIMATED: "muted"}


def render_comparison(content: Content) -> View:
    """Printed numbers beside ours, with the difference and why."""
    cells: list[list[Cell]] = []
    seen = ""
    for row in content.comparison.iter_rows(named=True):
        analysis = label_analysis(content.protocol, row["analysis"])
        group = "" if row["group"] == ALL else f", {label_group(content.protocol, row['group'])}"
        digits = max(row["decimals"], 1 if row["agrees"] == DIFFERS else 0)
        what = _what(row) + group
        cells.append(
            [
                Cell(analysis if analysis != seen else "", "strong"),
                Cell(what),
                Cell(_both(row, "printed", row["decimals"])),
                Cell(_both(row, "our", digits)),
                Cell(render_number(row["difference"], digits)),
                Cell(row["agrees"], _TONES[row["agrees"]]),
                Cell(row["why"] or ""),
                Cell(row["locator"], "muted", (row["source"],)),
            ]
        )
        seen = analysis
    headings = [
        Heading("Analysis"),
        Heading("What"),
        Heading("Printed", numeric=True),
        Heading("Ours", numeric=True),
        Heading("Difference", numeric=True),
        Heading("Agrees"),
        Heading("Why", wide=True),
        Heading("Where"),
    ]
    return view_of("Published versus ours", headings, cells)


def _both(row: Mapping[str, Any], whose: str, digits: int) -> str:
    """A number in its unit with the counts behind it; counts alone where no number was printed."""
    value = row["printed" if whose == "printed" else "ours"]
    events, n = row[f"{whose}_events"], row[f"{whose}_n"]
    counted = events is not None and n is not None
    if row["printed"] is None and counted:
        return render_count(events, n)
    text = render_number(value, digits) if value is not None else ""
    if text and row["unit"] not in (None, "1"):
        text += f" {name_unit(row['unit'], value)}"
    count = f"{events}/{n}" if counted else (f"n = {n}" if n is not None else "")
    return f"{text} ({count})" if text and count else text or count or MISSING


def render_outcomes(content: Content) -> View:
    """One row per patient, one column per endpoint."""
    protocol = content.protocol
    uses = [
        use for use in protocol.endpoints if use.name in set(content.outcomes["endpoint"].to_list())
    ]
    found = {
        (row["subject"], row["endpoint"]): row for row in content.outcomes.iter_rows(named=True)
    }
    arms = len(protocol.arms) > 1
    cells = []
    for subject, arm in content.patients.subjects.select("subject", "arm").iter_rows():
        row = [Cell(subject)] + ([Cell(label_group(protocol, arm or ""))] if arms else [])
        cells.append([*row, *(_outcome(found.get((subject, use.name))) for use in uses)])
    headings = [Heading("Patient"), *([Heading("Arm")] if arms else [])]
    headings += [Heading(label_endpoint(protocol, use.name)) for use in uses]
    return view_of("Outcomes of every patient", headings, cells)


def _outcome(row: Mapping[str, object] | None) -> Cell:
    """An outcome in a few characters; a dash where it could not be judged."""
    if row is None:
        return Cell(MISSING, "muted")
    if row["kind"] == "time" and row["status"] is not None:
        what = {0: "censored", 1: "event", 2: "competing"}.get(int(str(row["status"])), "")
        day = row["day"]
        text = f"{what}, day {render_number(float(str(day)))}" if day is not None else what
        return Cell(text, "muted" if row["status"] == 0 else "")
    if row["label"] is not None:
        return Cell(str(row["label"]))
    if row["value"] is not None:
        unit = str(row["unit"] or "")
        return Cell(f"{render_number(float(str(row['value'])))} {render_unit(unit)}".strip())
    return Cell(MISSING, "muted")


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
