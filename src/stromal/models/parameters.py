"""A model's parameters.csv: a value, a unit and a source for every number of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from stromal.errors import Issue, UnknownSource
from stromal.models.model import Model
from stromal.sources import find_source
from stromal.tables.patients import TableFile
from stromal.tables.read_table import read_table
from stromal.tables.schema import Column, Kind, Presence, Schema

ASSUMED = "assumed"
DISTRIBUTIONS = ("fixed", "lognormal", "normal", "uniform")

PARAMETERS = Schema(
    "parameters",
    (
        Column("name", Kind.TEXT, "as in the model's text", None, Presence.EVERY_CELL),
        Column("value", Kind.NUMBER, "the number, in `unit`", "row", Presence.EVERY_CELL),
        Column(
            "unit", Kind.TEXT, "unit of the row; 1 for a pure number", None, Presence.EVERY_CELL
        ),
        Column("meaning", Kind.TEXT, "what it is, in words", None, Presence.EVERY_CELL),
        Column(
            "source",
            Kind.TEXT,
            "citation key, or `assumed` with the reason in `locator`",
            None,
            Presence.EVERY_CELL,
        ),
        Column(
            "locator",
            Kind.TEXT,
            "table, figure or page of the source; the reason where the value is assumed",
            None,
            Presence.COLUMN,
        ),
        Column("low", Kind.NUMBER, "lowest value that is possible", "row"),
        Column("high", Kind.NUMBER, "highest value that is possible", "row"),
        Column(
            "distribution",
            Kind.TEXT,
            "how patients vary: fixed, lognormal, normal or uniform (between low and high)",
        ),
        Column(
            "sd",
            Kind.NUMBER,
            "standard deviation between patients: of the logarithm where lognormal, else in `unit`",
            "row",
        ),
    ),
    key=("name",),
)

Check = Callable[[dict[str, object]], Iterator[tuple[str, str, str]]]


def read_parameters(path: Path) -> tuple[pl.DataFrame | None, tuple[Issue, ...]]:
    r"""The parameter table of a model, with every issue that was found in it.

    Parameters
    ----------
    path
        A CSV (or Parquet) file with the columns of `PARAMETERS`.

    Returns
    -------
    frame
        One row per parameter, columns in the order of `PARAMETERS`; None where the file has no
        table to speak of. An empty `distribution` is `fixed`.
    issues
        With file, row, column and hint.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "parameters.csv"
    ...     _ = path.write_text(
    ...         "name,value,unit,meaning,source,locator\n"
    ...         "k,0.5,1/day,loss of cells,assumed,half-life of 33 h in mice\n"
    ...         "r,2,1/day,growth,nobody1900,Table 1\n"
    ...     )
    ...     frame, issues = read_parameters(path)
    >>> frame["value"].to_list(), frame["distribution"].to_list()
    ([0.5, 2.0], ['fixed', 'fixed'])
    >>> print(issues[0])
    parameters.csv row 3 column source: `nobody1900` is not among the sources.
    hint: write a citation key of the references, or `assumed` with the reason in `locator`
    """
    frame, issues, file = read_table(path, PARAMETERS)
    if frame is None:
        return None, issues
    found = [*issues, *_check_repeats(frame, file)]
    for position, row in enumerate(frame.iter_rows(named=True)):
        for check in ROW_CHECKS:
            for message, column, hint in check(row):
                found.append(Issue(message, file.name, file.row(position), column, hint))
    return frame.with_columns(pl.col("distribution").fill_null("fixed")), tuple(found)


def set_parameters(model: Model, parameters: pl.DataFrame) -> Model:
    """The model with the values of its parameter table, where its own text gives none.

    Examples
    --------
    >>> from stromal.models.parse import read_model
    >>> frame = PARAMETERS.conform(pl.DataFrame({"name": ["k"], "value": [2.0]}))
    >>> set_parameters(read_model("x = 1; x' = -k*x"), frame).parameters[-1].value
    2.0
    """
    open_names = {item.name for item in model.parameters if item.value is None}
    open_names |= {item.name for item in model.compartments if item.size is None}
    ruled = {*model.assignment_rules, *model.initial_assignments}
    values = {
        name: value
        for name, value in parameters.select("name", "value").iter_rows()
        if name in open_names - ruled and value is not None
    }
    return model.with_values(values)


def _check_repeats(frame: pl.DataFrame, file: TableFile) -> Iterator[Issue]:
    first: dict[str, int] = {}
    for position, name in enumerate(frame["name"]):
        if name in first:
            yield Issue(
                f"`{name}` stands in row {file.row(first[name])} already",
                file.name,
                file.row(position),
                "name",
                "write each parameter once",
            )
        elif name is not None:
            first[name] = position


def _check_source(row: dict[str, object]) -> Iterator[tuple[str, str, str]]:
    source = row["source"]
    if source == ASSUMED:
        if not row["locator"]:
            yield (
                "the value is assumed, and no reason is given",
                "locator",
                "say in a few words why this value",
            )
        return
    try:
        if source is not None:
            find_source(str(source))
    except UnknownSource:
        yield (
            f"`{source}` is not among the sources",
            "source",
            "write a citation key of the references, or `assumed` with the reason in `locator`",
        )


def _check_limits(row: dict[str, object]) -> Iterator[tuple[str, str, str]]:
    value, low, high = (row[name] for name in ("value", "low", "high"))
    if isinstance(low, float) and isinstance(high, float) and low > high:
        yield f"low ({low:g}) is above high ({high:g})", "low", "exchange the two"
    elif isinstance(value, float) and (
        (isinstance(low, float) and value < low) or (isinstance(high, float) and value > high)
    ):
        yield (
            f"the value ({value:g}) is not between low and high",
            "value",
            "check the three, and their unit",
        )


def _check_distribution(row: dict[str, object]) -> Iterator[tuple[str, str, str]]:
    kind, value, sd = row["distribution"], row["value"], row["sd"]
    if kind is not None and kind not in DISTRIBUTIONS:
        yield f"`{kind}` is not a distribution", "distribution", f"write {', '.join(DISTRIBUTIONS)}"
        return
    if isinstance(sd, float) and sd < 0:
        yield f"sd is {sd:g}, less than zero", "sd", "write a number that is not negative"
    if kind in ("lognormal", "normal") and sd is None:
        yield f"a {kind} parameter needs sd", "sd", "write the standard deviation, or `fixed`"
    if kind == "lognormal" and isinstance(value, float) and value <= 0:
        yield (
            f"a lognormal parameter is positive, and this is {value:g}",
            "value",
            "write a positive value, or another distribution",
        )
    if kind == "uniform" and (row["low"] is None or row["high"] is None):
        yield "a uniform parameter needs low and high", "low", "write both, or `fixed`"


ROW_CHECKS: tuple[Check, ...] = (_check_source, _check_limits, _check_distribution)
