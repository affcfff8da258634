"""Dose records with NONMEM's columns, read as doses of a kernel.

`EVID` 1 is a dose; 0 (an observation) and 2 (another event) give nothing and are passed over.
`ADDL` doses follow the first, each `II` after the one before. `RATE` above zero is an infusion,
zero a dose at once. `SS` 1 is a dose at steady state, the last of a series `II` apart; with `RATE`
and neither `AMT` nor `II`, an infusion without beginning that ends at the record. These are the
conventions of NONMEM and of mrgsolve (User Guide, chapter 3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from stromal.errors import InvalidInput, Issue
from stromal.kernels.timeline import Dose

TABLE = "nonmem"
_NEEDED = ("ID", "TIME", "AMT", "CMT")
_USUAL = {"RATE": 0.0, "II": 0.0, "ADDL": 0.0, "SS": 0.0}


@dataclass(frozen=True, slots=True, eq=False)
class DoseRecords:
    """What dose records say.

    Parameters
    ----------
    subjects
        `ID` of each patient, in order of first rows: patient 0 of the run is the first.
    doses
        For `Schedule`.
    """

    subjects: tuple[int | float, ...]
    doses: tuple[Dose, ...]


def read_dose_records(records: pl.DataFrame, states: Mapping[int, str]) -> DoseRecords:
    """Read the doses of a table with NONMEM's columns.

    Parameters
    ----------
    records
        Columns `ID`, `TIME`, `AMT`, `CMT`, and perhaps `RATE`, `II`, `ADDL`, `SS`, `EVID`; any
        other column is left alone. Without `EVID`, a row with an amount or with `SS` is a dose.
        Times and rates are in the unit of time of the model; a dose with `SS` 1 is at the start of
        the run.
    states
        Name of the state of each compartment number.

    Returns
    -------
    DoseRecords
        Subjects, and one dose for each state.

    Raises
    ------
    InvalidInput
        Every issue with its row and column: columns that lack or hold no numbers, and what is not
        read: resets (`EVID` 3, 4), `SS` 2 and 3, rates or durations that the model decides (`RATE`
        -1, -2), compartments without a state, additional or steady-state doses without an interval,
        what a steady-state dose would reset, a subject whose rows stand apart or whose times run
        backwards.

    Examples
    --------
    >>> records = pl.DataFrame(
    ...     {"ID": [7, 7], "TIME": [0.0, 2.0], "AMT": [100.0, 0.0], "CMT": [1, 1],
    ...      "RATE": [50.0, 0.0], "II": [24.0, 0.0], "ADDL": [5, 0], "EVID": [1, 0]}
    ... )
    >>> found = read_dose_records(records, {1: "central"})
    >>> found.subjects, found.doses[0].count
    ((7,), [6.0])
    """
    _check_columns(records)
    rows = _rows(records)
    subjects = tuple(dict.fromkeys(row["ID"] for row in rows))
    issues = [*_check_order(rows), *_check_resets(rows)]
    for place, row in enumerate(rows, start=2):
        issues += _check_row(place, row, states)
    if issues:
        raise InvalidInput(issues)
    number = {subject: place for place, subject in enumerate(subjects)}
    given = [row for row in rows if row["EVID"] == 1]
    doses = []
    for compartment in dict.fromkeys(row["CMT"] for row in given):
        own = [row for row in given if row["CMT"] == compartment]
        doses.append(
            Dose(
                [row["TIME"] for row in own],
                states[int(compartment)],
                [row["AMT"] for row in own],
                rate=[row["RATE"] for row in own],
                every=[row["II"] for row in own],
                count=[row["ADDL"] + 1.0 for row in own],
                steady_state=[row["SS"] for row in own],
                patients=[number[row["ID"]] for row in own],
            )
        )
    return DoseRecords(subjects, tuple(doses))


def _check_columns(records: pl.DataFrame) -> None:
    """Raise where a column lacks or holds no numbers."""
    issues = [
        Issue(
            f"no column {name}",
            table=TABLE,
            column=name,
            hint=f"it has {', '.join(records.columns) or 'no columns'}",
        )
        for name in _NEEDED
        if name not in records.columns
    ]
    issues += [
        Issue(
            f"column {name} holds no numbers",
            table=TABLE,
            column=name,
            hint="give numbers; times of day as hours or days since the first record",
        )
        for name in (*_NEEDED, *_USUAL, "EVID")
        if name in records.columns
        and not (records.schema[name].is_numeric() or records.schema[name] == pl.Null())
    ]
    if issues:
        raise InvalidInput(issues)


def _rows(records: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows with every column that is read; what is not given has its usual value."""
    amount = pl.col("AMT").cast(pl.Float64).fill_null(0.0)
    usual = {
        name: (pl.col(name) if name in records.columns else pl.lit(None, pl.Float64))
        .cast(pl.Float64)
        .fill_null(value)
        for name, value in _USUAL.items()
    }
    gives = (amount != 0.0) | (usual["SS"] != 0.0)
    event = pl.col("EVID") if "EVID" in records.columns else gives.cast(pl.Int64)
    time = pl.col("TIME").cast(pl.Float64)
    chosen = records.select("ID", time, amount, "CMT", event.alias("EVID"), **usual)
    return list(chosen.iter_rows(named=True))


def _check_order(rows: list[dict[str, Any]]) -> Iterator[Issue]:
    """Yield subjects whose rows stand apart, and times that run backwards.

    Rows are numbered as a spreadsheet does, the header being row 1.
    """
    last: dict[Any, float] = {}
    before: Any = None
    for place, row in enumerate(rows, start=2):
        subject, time = row["ID"], row["TIME"]
        if subject is None or subject != subject:  # noqa: PLR0124 - NaN
            yield _issue(place, "ID", "ID is missing", "number the subject of each row")
            continue
        if subject in last and subject != before:
            hint = "sort the rows by subject; NONMEM takes such rows for another one"
            yield _issue(place, "ID", f"subject {subject:g} comes again", hint)
        elif time is not None and subject in last and time < last[subject]:
            yield _issue(place, "TIME", f"{time:g} is before {last[subject]:g}", "sort the rows")
        before, last[subject] = subject, last.get(subject, -float("inf")) if time is None else time


def _check_resets(rows: list[dict[str, Any]]) -> Iterator[Issue]:
    """Yield steady-state doses that come after other doses of their subject, and reset those."""
    dosed: set[Any] = set()
    for place, row in enumerate(rows, start=2):
        if row["EVID"] == 1:
            if row["SS"] == 1.0 and row["ID"] in dosed:
                hint = (
                    "write doses that are given together with a lag each, or leave out the others"
                )
                yield _issue(place, "SS", "a steady-state dose resets the doses before it", hint)
            dosed.add(row["ID"])


def _lacks_interval(row: dict[str, Any]) -> bool:
    """Whether doses that are repeated have no time between them."""
    if _is_steady_infusion(row):
        return False
    return bool((row["ADDL"] > 0 or row["SS"] == 1.0) and row["II"] <= 0.0)


def _is_steady_infusion(row: dict[str, Any]) -> bool:
    return bool(row["SS"] == 1.0 and row["AMT"] == 0.0 and row["RATE"] > 0.0)


_REFUSED: tuple[tuple[str, Callable[[dict[str, Any]], bool], str, str], ...] = (
    (
        "TIME",
        lambda row: row["TIME"] is None,
        "a dose has no time",
        "give it, or leave the row out",
    ),
    ("RATE", lambda row: row["RATE"] == -1.0, "the model decides the rate", "write the rate"),
    (
        "RATE",
        lambda row: row["RATE"] == -2.0,
        "the model decides the duration",
        "write the rate, which is the amount over the duration",
    ),
    (
        "RATE",
        lambda row: row["RATE"] < 0.0 and row["RATE"] not in (-1.0, -2.0),
        "RATE is negative",
        "give 0 for a dose at once",
    ),
    (
        "SS",
        lambda row: row["SS"] not in (0.0, 1.0),
        "SS is neither 0 nor 1",
        "give 1 for a dose that has led to a steady state; doses that add to one have a lag each",
    ),
    (
        "II",
        lambda row: _is_steady_infusion(row) and row["II"] != 0.0,
        "a steady infusion has an interval",
        "give II 0 where AMT is 0: it ends at the record, and has no beginning",
    ),
    (
        "ADDL",
        lambda row: _is_steady_infusion(row) and row["ADDL"] > 0,
        "a steady infusion has additional doses",
        "write what follows as rows of their own",
    ),
    (
        "ADDL",
        lambda row: row["ADDL"] < 0 or row["ADDL"] % 1 != 0,
        "ADDL is not a whole number from 0 on",
        "it counts the doses after the first",
    ),
    (
        "II",
        _lacks_interval,
        "additional or steady-state doses have no interval",
        "give `II`, the time from one dose to the next",
    ),
    (
        "II",
        lambda row: row["II"] < 0.0 and not _lacks_interval(row) and not _is_steady_infusion(row),
        "II is negative",
        "give 0",
    ),
)


def _check_row(place: int, row: dict[str, Any], states: Mapping[int, str]) -> Iterator[Issue]:
    """Yield what is wrong with a row, and what of it is not read."""
    event = row["EVID"]
    if event in (3, 4):
        what = "a reset" if event == 3 else "a reset with a dose"
        yield _issue(place, "EVID", f"{what} is not read", "give what follows as another run")
        return
    if event not in (0, 1, 2):
        yield _issue(place, "EVID", f"EVID {event} is not known", "0 to 2 are read")
        return
    if event != 1:
        if row["AMT"] != 0.0:
            hint = "a dose has EVID 1"
            yield _issue(place, "AMT", f"an amount stands in a row of EVID {event:g}", hint)
        return
    for column, refuse, message, hint in _REFUSED:
        if refuse(row):
            yield _issue(place, column, message, hint)
    if row["CMT"] not in states:
        known = ", ".join(f"{number}: {name}" for number, name in states.items()) or "none"
        yield _issue(place, "CMT", f"compartment {row['CMT']} has no state", f"states are {known}")


def _issue(row: int, column: str, message: str, hint: str) -> Issue:
    return Issue(message, table=TABLE, row=row, column=column, hint=hint)
