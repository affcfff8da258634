"""Tables and vocabularies, written from their schemas and files."""

from __future__ import annotations

import inspect
from itertools import groupby

from markdown_text import write_code, write_table

from stromal.tables import (
    assessments,
    doses,
    estimates,
    events,
    labs,
    outcomes,
    predictions,
    published,
    subjects,
)
from stromal.tables.estimates import ESTIMATES
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import PATIENT_TABLES
from stromal.tables.predictions import PREDICTIONS
from stromal.tables.published import PUBLISHED
from stromal.tables.schema import Schema
from stromal.tables.statistics import STATISTICS
from stromal.tables.vocabulary.products import PRODUCT_KINDS
from stromal.tables.vocabulary.scales import Item
from stromal.tables.vocabulary.units import SPELLINGS, UNITS
from stromal.tables.vocabulary.vocabulary import SHARED

_MODULES = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        subjects,
        doses,
        labs,
        assessments,
        events,
        outcomes,
        estimates,
        predictions,
        published,
    )
}
_SCALES = {
    "share": "share of patients, 0 to 1",
    "time": "days",
    "value": "value, in the unit of its endpoint",
    "count": "number of patients",
    "difference": "difference of two shares",
    "ratio": "ratio",
    "test": "test statistic",
    "P": "P value",
}


def _write_unit(unit: str | None) -> str:
    return {None: "", "row": "of its row"}.get(unit, unit or "")


def _write_purpose(schema: Schema) -> str:
    first = (inspect.getdoc(_MODULES[schema.name]) or "").partition("\n\n")[0]
    text = " ".join(first.split()).partition(": ")[2]
    return text[:1].upper() + text[1:]


def write_schema(schema: Schema) -> str:
    """Write one table: what it holds, its columns, its key."""
    rows = [
        (write_code(c.name), c.kind, _write_unit(c.unit), c.presence, c.meaning)
        for c in schema.columns
    ]
    table = write_table(("column", "cells", "unit", "filled", "meaning"), rows)
    key = ", ".join(map(write_code, schema.key))
    return (
        f"### {schema.name}\n\n{_write_purpose(schema)}\n\n{table}\nNo two rows agree in {key}.\n"
    )


def write_patient_tables() -> str:
    """Write the five tables of patients."""
    return "\n".join(map(write_schema, PATIENT_TABLES.values()))


def write_result_tables() -> str:
    """Write the tables that a run gives."""
    return "\n".join(map(write_schema, (OUTCOMES, ESTIMATES, PREDICTIONS)))


def write_published() -> str:
    """Write the table of printed numbers."""
    return write_schema(PUBLISHED)


def write_statistics() -> str:
    """Write every statistic that `estimates` can hold."""
    rows = [
        (write_code(item.name), item.words, _SCALES[item.scale], "yes" if item.dated else "")
        for item in STATISTICS.values()
    ]
    return write_table(("statistic", "meaning", "the number is a", "of a day"), rows)


def _write_values(item: Item) -> str:
    if item.labels:
        return ", ".join(map(write_code, item.labels))
    number = "whole number" if item.whole else "number"
    return f"{number} {_write_ends(item.low, item.high)}"


def write_scales() -> str:
    """Write every scale and its items."""
    header = ("item", "values", "meaning")
    return "\n".join(
        f"### {name}\n\n{scale.label}.\n\n"
        + write_table(
            header, [(write_code(k), _write_values(v), v.label) for k, v in scale.items.items()]
        )
        for name, scale in SHARED.scales.items()
    )


def write_events() -> str:
    """Write every event name."""
    rows = [(write_code(name), meaning) for name, meaning in SHARED.events.items()]
    return write_table(("event", "meaning"), rows)


def write_units() -> str:
    """Write usual units by dimension, and how they are also written."""
    parts = []
    for dimension, group in groupby(UNITS.values(), key=lambda unit: unit.dimension):
        units = list(group)
        rows = [
            (
                write_code(unit.name),
                str(unit.factor / units[0].factor),
                ", ".join(map(write_code, SPELLINGS[unit.name])),
            )
            for unit in units
        ]
        header = ("unit", f"in {units[0].name}", "also written")
        parts.append(f"### {dimension.capitalize()}\n\n{write_table(header, rows)}")
    return "\n".join(parts)


def _write_number(value: float) -> str:
    return f"{value:,.10g}"


def _write_ends(low: float | None, high: float | None) -> str:
    if low is None:
        return "" if high is None else f"up to {_write_number(high)}"
    if high is None:
        return f"from {_write_number(low)}"
    return f"{_write_number(low)} to {_write_number(high)}"


def write_analytes() -> str:
    """Write every analyte, its unit, and the range outside which a value is questioned."""
    rows = [
        (
            write_code(analyte.name),
            analyte.label,
            analyte.unit,
            _write_ends(*analyte.plausible)
            + (f"; mice {_write_ends(*analyte.mouse)}" if analyte.mouse else ""),
            _write_ends(*analyte.normal),
            "" if analyte.per_mole is None else f"{float(analyte.per_mole):.6g}",
            ", ".join(analyte.synonyms),
        )
        for analyte in SHARED.analytes.values()
    ]
    header = (
        "analyte",
        "meaning",
        "unit",
        "questioned outside",
        "normal",
        "g/mol",
        "suggested for",
    )
    return write_table(header, rows)


def write_products() -> str:
    """Write every kind of product, and what its doses are measured in."""
    rows = [
        (write_code(name), kind.label, ", ".join(kind.dimensions))
        for name, kind in PRODUCT_KINDS.items()
    ]
    return write_table(("kind", "meaning", "doses are"), rows)
