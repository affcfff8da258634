"""Doses, jumps and changes of parameters as they are given: tables, or values of their own kind.

Tables have columns `patient` (a number from 0; without the column, or where it is null, every
patient), `day` (or `time`), then `state` and `amount` for doses; `state`, `factor` and perhaps
`amount` for jumps; `parameter` and `value` for changes of parameters. A table of doses names the
states of the model, never products: which state a product feeds is said by the ports of a model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeAlias, TypeVar

import polars as pl

from stromal.errors import InvalidInput, Issue, IssueList
from stromal.frozen import freeze
from stromal.kernels.arguments import is_listed
from stromal.kernels.kernel import closest
from stromal.kernels.timeline import Dose, Event, Jump, ParameterChange, apart, part_of, settle

Given: TypeAlias = Any  # whatever somebody gave for a table of events


Kind = TypeVar("Kind", bound=Event)


@dataclass(frozen=True, slots=True)
class EventTable(Generic[Kind]):
    """A table of events: its name, its column of names, and what a row becomes.

    A value that is `optional` has the number given here where it is null or has no column.
    """

    name: str
    key: str
    kind: type[Kind]
    optional: Mapping[str, float] = field(default_factory=lambda: freeze({}))

    @property
    def values(self) -> tuple[str, ...]:
        """Columns of numbers beside the day."""
        return self.kind.numbers[1:]

    def issue(self, message: str, hint: str) -> Issue:
        """What is wrong with the table."""
        return Issue(message, table=self.name, hint=hint)


_STEADY = "steady_state"
_PLAIN = {"duration": 0.0, "rate": 0.0, "every": 0.0, "count": 1.0, "lag": 0.0, "fraction": 1.0}
DOSES = EventTable("doses", "state", Dose, freeze(_PLAIN | {_STEADY: 0.0}))
JUMPS = EventTable("jumps", "state", Jump, freeze({"amount": 0.0}))
CHANGES = EventTable("parameter_changes", "parameter", ParameterChange)
_OLD_KEY = "product"
_NO_PRODUCT = "write the state of the model that is dosed in a column `state`"


def read_events(table: EventTable[Kind], given: Given, patients: int) -> list[Kind]:
    """Events with their numbers as arrays, as given, or made from a table.

    Parameters
    ----------
    table
        Which table it is.
    given
        A Polars table, events of the table's own kind, or None.
    patients
        How many there are.

    Raises
    ------
    InvalidInput
        Columns that lack or are of the wrong kind, patients that are not there, missing values,
        anything that is no event.

    Examples
    --------
    >>> rows = pl.DataFrame({"day": [1.0, 8.0], "state": ["drug"] * 2, "amount": [5.0, 2.0]})
    >>> [(dose.time, dose.amount) for dose in read_events(DOSES, rows, 3)]
    [(1.0, 5.0), (8.0, 2.0)]
    """
    if not isinstance(given, pl.DataFrame):
        return _settle(table, given, patients)
    tidy = _tidy(table, given, patients)
    events: list[Kind] = [
        _make(table, row["day"], row["name"], {value: row[value] for value in table.values})
        for row in tidy.filter(pl.col("patient").is_null()).iter_rows(named=True)
    ]
    named = tidy.filter(pl.col("patient").is_not_null()).partition_by("name", as_dict=True)
    return events + [_gather(table, str(name), rows) for (name,), rows in sorted(named.items())]


def settle_events(
    table: EventTable[Kind], given: Given, patients: int
) -> pl.DataFrame | list[Kind]:
    """Events that `part_of_events` can be taken of more than once, of patients that are there."""
    if isinstance(given, pl.DataFrame):
        _tidy(table, given, patients)
        return given
    return _settle(table, given, patients)


def part_of_events(given: pl.DataFrame | list[Kind], rows: range) -> pl.DataFrame | list[Kind]:
    """Events of some patients, and those of every patient; patients are numbered from 0."""
    if not isinstance(given, pl.DataFrame):
        return [part_of(event, rows) for event in given]
    if "patient" not in given.columns:
        return given
    patient = pl.col("patient")
    own = patient.is_null() | patient.is_between(rows.start, rows.stop - 1)
    return given.filter(own).with_columns(patient - rows.start)


def holds_numbers(frame: pl.DataFrame, column: str) -> bool:
    """Whether a column is of numbers, or of nothing at all; one that is not there is."""
    kind = frame.schema.get(column, pl.Null())
    return kind.is_numeric() or kind == pl.Null


def _holds(frame: pl.DataFrame, column: str) -> bool:
    """Whether a column holds numbers, or truth values where those are meant."""
    truths = column == _STEADY and frame.schema.get(column) == pl.Boolean
    return truths or holds_numbers(frame, column)


def no_numbers(column: str, table: str) -> Issue:
    """The issue of a column that should hold numbers."""
    return Issue(f"column `{column}` holds no numbers", table=table, hint="give numbers")


def _settle(table: EventTable[Kind], given: Given, patients: int) -> list[Kind]:
    """Events of the table's own kind, with their numbers as arrays."""
    found = IssueList()
    single = [found.of(apart, event) for event in _check_kinds(table, given)]
    events = [found.of(settle, one, patients) for each in single if each for one in each]
    if found.issues:
        raise InvalidInput([replace(issue, table=table.name) for issue in found.issues])
    return events


def _check_kinds(table: EventTable[Kind], given: Given) -> list[Kind]:
    """Events of the table's own kind, with names; anything else is an issue."""
    if given is None:
        return []
    kind = table.kind.__name__
    events = list(given) if is_listed(given) else [given]
    strange = [event for event in events if not isinstance(event, table.kind)]
    if strange:
        message = f"{type(strange[0]).__name__} stands where a {kind} is meant"
        raise InvalidInput([table.issue(message, f"give a Polars table, or a list of {kind}")])
    names = [event.name for event in events]
    issues = [
        table.issue(f"a {kind} is of {name!r}, which is no name", f"name the {table.key}")
        for name in names
        if not isinstance(name, str)
    ]
    if issues:
        raise InvalidInput(issues)
    return events


def _gather(table: EventTable[Kind], name: str, rows: pl.DataFrame) -> Kind:
    """One event of one name, with a number for each row."""
    numbers = {column: rows[column].to_numpy() for column in table.values}
    who = rows["patient"].to_numpy()
    return _make(table, rows["day"].to_numpy(), name, numbers, patients=who)


def _make(
    table: EventTable[Kind], day: Given, name: str, numbers: Mapping[str, Given], **more: Given
) -> Kind:
    """An event of the table's kind."""
    return table.kind(day, name, **numbers, **more)


def _tidy(table: EventTable[Any], frame: pl.DataFrame, patients: int) -> pl.DataFrame:
    """The table with columns patient, day, name and values."""
    day = _find_columns(table, frame)
    values = [_number(table, frame, value).alias(value) for value in table.values]
    patient = pl.col("patient") if "patient" in frame.columns else pl.lit(None)
    tidy = frame.select(
        patient.alias("patient"),
        pl.col(day).cast(pl.Float64).alias("day"),
        pl.col(table.key).cast(pl.String).alias("name"),
        *values,
    )
    issues = [*_find_absent(table, tidy["patient"], patients)]
    numbers = ["day", *table.values]
    if tidy.select(pl.any_horizontal(pl.col("name", *numbers).is_null().any())).item():
        hint = "every row has a day, a name and numbers; leave a row out where nothing happens"
        issues.append(table.issue("a value is missing", hint))
    uncounted = "every" in frame.columns and "count" not in frame.columns
    if uncounted and tidy.filter(pl.col("every") != 0, pl.col(_STEADY) == 0).height:
        hint = "give a column `count`: how many doses there are, with the first"
        issues.append(table.issue("every is given without a count", hint))
    if issues:
        raise InvalidInput(issues)
    return tidy.with_columns(pl.col("patient").cast(pl.Int64))


def _number(table: EventTable[Any], frame: pl.DataFrame, value: str) -> pl.Expr:
    """A column of numbers, with what is usual where nothing is said."""
    usual = table.optional.get(value)
    if value not in frame.columns:
        return pl.lit(usual, pl.Float64)
    column = pl.col(value).cast(pl.Float64)
    return column if usual is None else column.fill_null(usual)


def _find_columns(table: EventTable[Any], frame: pl.DataFrame) -> str:
    """Name of the column of days, in a table that has all columns, each of its kind."""
    day = next((name for name in ("day", "time") if name in frame.columns), None)
    lacking = [name for name in table.values if name not in (*frame.columns, *table.optional)]
    renamed = table.key == "state" and _OLD_KEY in frame.columns
    lacking += [table.key] * (table.key not in frame.columns and not renamed)
    lacking += ["day"] * (day is None)
    uncounted = "every" in frame.columns and "count" not in frame.columns
    lacking += ["count"] * (uncounted and _STEADY not in frame.columns)
    issues = []
    if renamed:
        issues.append(table.issue(f"column `{_OLD_KEY}` is not known", _NO_PRODUCT))
    if lacking:
        hint = f"it has {', '.join(frame.columns) or 'no columns'}"
        issues.append(table.issue(f"no column {', '.join(lacking)}", hint))
    known = {"patient", day or "day", table.key, *table.values}
    told = {*known, _OLD_KEY} if renamed else known
    strange = [name for name in frame.columns if name not in told]
    if strange:
        hint = closest(strange[0], known, f"it may have {', '.join(sorted(known))}")
        listed = ", ".join(f"`{name}`" for name in strange)
        issues.append(table.issue(f"column {listed} is not known", hint))
    issues += [
        no_numbers(name, table.name)
        for name in ("patient", day, *table.values)
        if name is not None and not _holds(frame, name)
    ]
    if table.key in frame.columns and not holds_names(frame, table.key):
        issues.append(table.issue(f"column `{table.key}` holds no names", "give names"))
    if issues or day is None:
        raise InvalidInput(issues)
    return day


def holds_names(frame: pl.DataFrame, column: str) -> bool:
    """Whether a column is of names, or of nothing at all."""
    return frame.schema[column] in (pl.String, pl.Categorical, pl.Enum, pl.Null)


def _find_absent(table: EventTable[Any], numbers: pl.Series, patients: int) -> Sequence[Issue]:
    """The issue of a column that names a patient who is not there, by no whole number from 0 on."""
    given = numbers.drop_nulls().cast(pl.Float64)
    lost = given.filter(~given.is_between(0, patients - 1) | (given != given.floor()))
    if not len(lost):
        return ()
    hint = f"patients are numbered from 0 to {patients - 1}" if patients else "there are none"
    return (table.issue(f"there is no patient {lost[0]:g}", hint),)
