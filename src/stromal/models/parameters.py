"""A model's parameters.csv: a value, a unit and a source for every number of the model.

It says too how patients vary; `kernels.draws.derive_distributions` makes distributions of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from stromal.errors import InvalidInput, Issue, UnknownSource, join_words
from stromal.models.model import Model
from stromal.sources import find_source
from stromal.tables.patients import TableFile
from stromal.tables.read_table import read_table
from stromal.tables.schema import Column, Kind, Presence, Schema

ASSUMED = "assumed"
ON_A_SCALE = ("lognormal", "normal", "logitnormal")
"""Distributions that are normal on a scale: deviations of a level add on it."""

DISTRIBUTIONS = ("fixed", *ON_A_SCALE, "beta", "uniform", "two_values")
CONFIDENCES = ("high", "medium", "low")
SPECIES = {"human": "value", "mouse": "mouse"}
"""Column with the values of each species; where the mouse has none, those of man hold."""

PARAMETERS = Schema(
    "parameters",
    (
        Column("name", Kind.TEXT, "as in the model's text", None, Presence.EVERY_CELL),
        Column("value", Kind.NUMBER, "the number in man, in `unit`", "row", Presence.EVERY_CELL),
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
            "how patients vary: fixed, lognormal, normal, logitnormal (a number between low and "
            "high, or 0 and 1), beta (a share), uniform (between low and high) or two_values (low "
            "or high); of lognormal, normal and beta nothing lies beyond low and high",
        ),
        Column(
            "sd",
            Kind.NUMBER,
            "standard deviation between patients: of the logarithm where lognormal, of the logit "
            "where logitnormal, else in `unit`",
            "row",
        ),
        Column("mouse", Kind.NUMBER, "the number in the mouse, if not as in man", "row"),
        Column("share", Kind.NUMBER, "share of patients who have `high`, where two_values", "1"),
        Column(
            "level",
            Kind.TEXT,
            "what patients share whose numbers are alike, such as lot or study; empty if each "
            "patient has one of its own",
        ),
        Column(
            "level_sd",
            Kind.NUMBER,
            "standard deviation between levels, on the scale of `sd`; `sd` is that within a level",
            "row",
        ),
        Column("confidence", Kind.TEXT, "in the number: high, medium or low"),
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


def find_values(parameters: pl.DataFrame, species: str = "human") -> dict[str, float]:
    """Return the value of each parameter in a species.

    Parameters
    ----------
    parameters
        As `read_parameters` gives them.
    species
        `human` or `mouse`; where the mouse has no value of its own, that of man holds.

    Raises
    ------
    InvalidInput
        Any other species.

    Examples
    --------
    >>> rows = {"name": ["k", "r"], "value": [2.0, 1.0], "mouse": [5.0, None]}
    >>> find_values(PARAMETERS.conform(pl.DataFrame(rows)), "mouse")
    {'k': 5.0, 'r': 1.0}
    """
    if species not in SPECIES:
        hint = f"give {join_words(SPECIES, 'or')}"
        raise InvalidInput([Issue(f"species is {species!r}", hint=hint)])
    own = pl.coalesce(SPECIES[species], "value")
    return {
        name: value
        for name, value in parameters.select("name", own).iter_rows()
        if name is not None and value is not None
    }


def set_parameters(model: Model, parameters: pl.DataFrame, species: str = "human") -> Model:
    """Return the model with the values of its parameter table, where its own text gives none.

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
        for name, value in find_values(parameters, species).items()
        if name in open_names - ruled
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
    low, high = row["low"], row["high"]
    if isinstance(low, float) and isinstance(high, float) and low > high:
        yield f"low ({low:g}) is above high ({high:g})", "low", "exchange the two"
        return
    for column in SPECIES.values():
        value = row[column]
        if isinstance(value, float) and (
            (isinstance(low, float) and value < low) or (isinstance(high, float) and value > high)
        ):
            yield (
                f"the value ({value:g}) is not between low and high",
                column,
                "check the three, and their unit",
            )


def _check_distribution(row: dict[str, object]) -> Iterator[tuple[str, str, str]]:
    kind, sd = row["distribution"], row["sd"]
    if kind is not None and kind not in DISTRIBUTIONS:
        yield f"`{kind}` is not a distribution", "distribution", f"write {', '.join(DISTRIBUTIONS)}"
        return
    if isinstance(sd, float) and sd < 0:
        yield f"sd is {sd:g}, less than zero", "sd", "write a number that is not negative"
    if kind in (*ON_A_SCALE, "beta") and sd is None and row["level_sd"] is None:
        yield f"a {kind} parameter needs sd", "sd", "write the standard deviation, or `fixed`"
    if kind in ("uniform", "two_values") and (row["low"] is None or row["high"] is None):
        yield f"a {kind} parameter needs low and high", "low", "write both, or `fixed`"
    share = row["share"]
    if kind == "two_values" and not (isinstance(share, float) and 0 <= share <= 1):
        told = "has no share" if share is None else f"has the share {share:g}"
        yield f"a two_values parameter {told}", "share", "write the share of patients with `high`"
    for column in SPECIES.values():
        value = row[column]
        if isinstance(value, float):
            yield from _check_value(row, column, value)


def _check_value(
    row: dict[str, object], column: str, value: float
) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with a value that its distribution cannot have."""
    kind, low, high, sd = (row[name] for name in ("distribution", "low", "high", "sd"))
    if kind == "lognormal" and value <= 0:
        yield (
            f"a lognormal parameter is positive, and this is {value:g}",
            column,
            "write a positive value, or another distribution",
        )
    least = low if isinstance(low, float) and kind == "logitnormal" else 0.0
    most = high if isinstance(high, float) and kind == "logitnormal" else 1.0
    if kind in ("logitnormal", "beta") and not least < value < most:
        yield (
            f"a {kind} parameter is between {least:g} and {most:g}, and this is {value:g}",
            column,
            "write a value between them, or another distribution",
        )
    elif kind == "beta" and isinstance(sd, float) and not 0 < sd < math.sqrt(value * (1 - value)):
        yield (
            f"no share with the mean {value:g} has the standard deviation {sd:g}",
            "sd",
            "write one above 0 and below the root of mean times (1 - mean), or `fixed`",
        )


def _check_level(row: dict[str, object]) -> Iterator[tuple[str, str, str]]:
    level, spread, kind = (row[name] for name in ("level", "level_sd", "distribution"))
    if level is not None and kind in (None, "fixed"):
        hint = "write how it varies in `distribution`, or leave `level` empty"
        yield f"the parameter does not vary between numbers of `{level}`", "level", hint
    if not isinstance(spread, float):
        return
    if level is None:
        yield "level_sd stands without a level", "level", "name the level, such as lot or study"
    if spread < 0:
        yield f"level_sd is {spread:g}, less than zero", "level_sd", "write a number of 0 or more"
    if kind is not None and kind not in ("fixed", *ON_A_SCALE):
        hint = "leave it empty, and all of the parameter is drawn once for each number of the level"
        yield f"deviations of a level cannot be added to a {kind} parameter", "level_sd", hint
    elif kind != "logitnormal" and (row["low"] is not None or row["high"] is not None):
        hint = "leave low and high empty, or write `logitnormal`, which ends there"
        yield "deviations of a level cannot be added between limits", "level_sd", hint


def _check_confidence(row: dict[str, object]) -> Iterator[tuple[str, str, str]]:
    confidence = row["confidence"]
    if confidence is not None and confidence not in CONFIDENCES:
        yield (
            f"`{confidence}` is no confidence",
            "confidence",
            f"write {join_words(CONFIDENCES, 'or')}, or leave it empty",
        )


VARIATION_CHECKS: tuple[Check, ...] = (_check_limits, _check_distribution, _check_level)
"""What is wrong with how one row varies, as message, column and hint."""

ROW_CHECKS: tuple[Check, ...] = (_check_source, *VARIATION_CHECKS, _check_confidence)
