"""Ordinary numbers that look like codes for missing: 999, 9999, -99, where nothing else is near.

A number is questioned where it stands out from all others of its kind; a study says in its protocol
(`not_missing`) which of them were measured. Codes that cannot be numbers are refused by the reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from stromal.errors import Issue, UnknownUnit
from stromal.patients.check.day_columns import find_days
from stromal.patients.check.plausible_days import FARTHEST
from stromal.protocol.protocol import Protocol
from stromal.tables.fold import fold_values
from stromal.tables.missing_codes import LOUD_CODES, QUIET_CODES
from stromal.tables.patients import Patients
from stromal.tables.subjects import SUBJECTS
from stromal.tables.vocabulary.analytes import Analyte

FAR = 2.0
"""How many times beyond the farthest other number a code stands out."""

_NEGATIVE = tuple(code for code in (*LOUD_CODES, *QUIET_CODES) if code < 0)
_LIMITS = ("lower_limit", "upper_limit")


@dataclass(frozen=True, slots=True)
class _Column:
    """Numbers of one column that may hold codes, and with which others they are compared.

    `kinds` says which numbers are compared with each other; `others` (kind, number) stand beside
    those of the column that are no codes.
    """

    table: str
    name: str
    numbers: pl.Series
    kinds: pl.Series
    codes: tuple[float, ...]
    others: pl.DataFrame


def check_codes(patients: Patients, protocol: Protocol) -> tuple[Issue, ...]:
    """Numbers such as 999 and -99 that stand out from all others of their kind.

    Days are compared with all days of the study, laboratory values and limits with those of the
    same analyte in the same unit, covariates with the other patients'.
    """
    columns = (
        *_find_day_codes(patients),
        *_find_lab_codes(patients, protocol.vocabulary.analytes),
        *_find_covariate_codes(patients),
    )
    measured = protocol.study.not_missing
    return tuple(issue for column in columns for issue in _question(patients, column, measured))


def _question(
    patients: Patients, column: _Column, measured: tuple[float, ...]
) -> tuple[Issue, ...]:
    """One issue for each code of a kind that stands out from the numbers beside it."""
    frame = pl.DataFrame({"kind": column.kinds, "number": column.numbers}).with_columns(
        coded=_among(column.numbers, column.codes)
    )
    plain = pl.concat([frame.filter(~pl.col("coded")).select("kind", "number"), column.others])
    ranges = plain.group_by("kind").agg(low=pl.col("number").min(), high=pl.col("number").max())
    beside = frame.join(ranges, on="kind", how="left", maintain_order="left", nulls_equal=True)
    number, low, high = pl.col("number"), pl.col("low"), pl.col("high")
    beyond = (number > FAR * pl.max_horizontal(high, 0.0)) | (
        number < FAR * pl.min_horizontal(low, 0.0)
    )
    alone = low.is_null() & number.is_in(list(LOUD_CODES))
    unsaid = ~number.is_in(list(measured))
    out = beside.select(
        pl.col("coded") & unsaid & ((beyond & low.is_not_null()) | alone)
    ).to_series()

    def say(_text: str, position: int) -> Issue:
        table, row = patients.place(column.table, position)
        found = beside.row(position, named=True)
        code = f"{found['number']:g}"
        others = "nothing stands beside it"
        if found["low"] is not None:
            span = dict.fromkeys(f"{found[end]:g}" for end in ("low", "high"))
            others = f"the others are {' to '.join(span)}"
        message = f"{_name(column, position)} {code} may be a code for missing: {others}"
        hint = (
            "leave the cell empty where nothing is known; where it was measured write "
            f"`not_missing = [{code}]` under [study] of the protocol"
        )
        return Issue(message, table, row, column.name, hint)

    texts = frame.select(pl.concat_str("kind", "number", separator=" ")).to_series()
    return fold_values(out, texts, say)


def _among(numbers: pl.Series, codes: tuple[float, ...]) -> pl.Series:
    return numbers.is_in(list(codes)).fill_null(value=False)


def _name(column: _Column, position: int) -> str:
    """Return what the number is, for the message."""
    kind = str(column.kinds[position])
    limit = f"{column.name.replace('_', ' ')} of " if column.name in _LIMITS else ""
    return f"{limit}{kind.partition(' in ')[0]}"


def _find_day_codes(patients: Patients) -> Iterator[_Column]:
    """Columns of days with codes, beside all days of the study; impossible days are said apart."""
    codes = (*LOUD_CODES, -99.0)
    columns = list(find_days(patients))
    coded = [_among(days, codes) for _, _, days in columns]
    plain = [
        days.filter(~among & (days.abs() <= FARTHEST))
        for (_, _, days), among in zip(columns, coded, strict=True)
    ]
    others = _others("day", pl.concat(plain)) if any(among.any() for among in coded) else None
    for (name, column, days), among in zip(columns, coded, strict=True):
        if others is not None and among.any():
            within = days.set((days.abs() > FARTHEST).fill_null(value=False), None)
            yield _Column(name, column, within, _repeat("day", days.len()), codes, others)
    # Nobody's observation ends nine days before day 0 where nobody else's does.
    last = patients.subjects["last_day"]
    if _among(last, (-9.0,)).any():
        kinds = _repeat("last day", last.len())
        yield _Column(
            "subjects", "last_day", last, kinds, (-9.0,), _others("last day", last.clear())
        )


def _find_lab_codes(patients: Patients, analytes: Mapping[str, Analyte]) -> Iterator[_Column]:
    """Values and limits with codes, in the unit of the report; impossible values are said apart."""
    # A bound is written by a laboratory: `>999` is the end of its range.
    value = pl.when(pl.col("bound").is_null()).then(pl.col("value"))
    labs = patients.labs.select("analyte", "unit", "reported_unit", value.alias("value"), *_LIMITS)
    codes = {"value": LOUD_CODES} | dict.fromkeys(_LIMITS, (*LOUD_CODES, *_NEGATIVE))
    factors = _find_factors(labs, analytes)
    # Codes as they are after conversion: most tables have none, and are not converted back.
    changed = tuple(
        float(f"{float(Fraction(code) / factor):.15g}")
        for factor in set(factors.values())
        for code in (*LOUD_CODES, *_NEGATIVE)
    )
    if not any(_among(labs[name], changed).any() for name in codes):
        return
    reported = _report(labs, factors)
    kinds = labs.select(
        pl.concat_str("analyte", pl.coalesce("reported_unit", "unit"), separator=" in ")
    ).to_series()
    values = reported["value"].set(~_is_possible(labs, analytes), None)
    beside = pl.DataFrame({"kind": kinds, "number": values}).filter(~_among(values, LOUD_CODES))
    for name in codes:
        if not _among(reported[name], codes[name]).any():
            continue
        if name == "value":
            yield _Column("labs", name, values, kinds, codes[name], beside.clear())
            continue
        limits = reported[name]
        bare = kinds.filter(limits.is_not_null() & ~_among(limits, codes[name])).unique()
        # Limits are compared with limits, and only where there are no others with the values.
        others = beside.filter(~pl.col("kind").is_in(bare.implode()))
        yield _Column("labs", name, limits, kinds, codes[name], others)


_UNITS = ("analyte", "unit", "reported_unit")


def _find_factors(
    labs: pl.DataFrame, analytes: Mapping[str, Analyte]
) -> dict[tuple[str | None, ...], Fraction]:
    """Factor from the internal unit to that of the report, by `_UNITS`."""
    units = labs.select(_UNITS).unique(maintain_order=True)
    return {
        (name, unit, reported): _factor(analytes.get(name), unit, reported)
        for name, unit, reported in units.iter_rows()
    }


def _report(labs: pl.DataFrame, factors: dict[tuple[str | None, ...], Fraction]) -> pl.DataFrame:
    """Values and limits in the unit of the report."""
    rows = [(*row, float(factor)) for row, factor in factors.items()]
    schema = dict.fromkeys(_UNITS, pl.String()) | {"factor": pl.Float64()}
    known = pl.DataFrame(rows, schema=schema, orient="row")
    joined = labs.join(known, on=_UNITS, how="left", nulls_equal=True, maintain_order="left")
    return joined.select(
        pl.when(pl.col("factor") == 1)
        .then(pl.col(name))
        .otherwise((pl.col(name) * pl.col("factor")).round_sig_figs(15))
        .alias(name)
        for name in ("value", *_LIMITS)
    )


def _factor(analyte: Analyte | None, unit: str | None, reported: str | None) -> Fraction:
    if analyte is None or unit is None or reported is None or unit == reported:
        return Fraction(1)
    try:
        return analyte.factor(unit, reported)
    except UnknownUnit:
        return Fraction(1)


def _is_possible(labs: pl.DataFrame, analytes: Mapping[str, Analyte]) -> pl.Series:
    """Tell whether each value is within the range of its analyte, as far as it has one."""
    low, high = (
        labs["analyte"].replace_strict(
            {name: analyte.limits()[end] for name, analyte in analytes.items()},
            default=None,
            return_dtype=pl.Float64,
        )
        for end in (0, 1)
    )
    outside = (labs["value"] < low) | (labs["value"] > high)
    return ~outside.fill_null(value=False)


def _find_covariate_codes(patients: Patients) -> Iterator[_Column]:
    """Covariates that are numbers and have codes."""
    codes = (*LOUD_CODES, *QUIET_CODES)
    for name, kind in patients.subjects.schema.items():
        if name in SUBJECTS.names or not kind.is_numeric():
            continue
        numbers = patients.subjects[name].cast(pl.Float64)
        if _among(numbers, codes).any():
            kinds = _repeat(name, numbers.len())
            yield _Column("subjects", name, numbers, kinds, codes, _others(name, numbers.clear()))


def _others(kind: str, numbers: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"kind": _repeat(kind, numbers.len()), "number": numbers.cast(pl.Float64)})


def _repeat(kind: str, times: int) -> pl.Series:
    return pl.Series([kind], dtype=pl.String).new_from_index(0, times)
