"""Verdicts: one table of cases decides label and reason, on whole columns.

A rule lists its cases in order; the first that holds for a patient decides. Conditions and labels
are columns of all patients at once. Words are written only for those who ask for them, each
patient's from the one case that decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from stromal.endpoints.criteria import read_criteria


@dataclass(frozen=True, slots=True)
class Case:
    """A condition, the label it gives, and why, in words.

    Parameters
    ----------
    when
        Condition on the columns of the frame; null does not hold.
    label
        Label as text or as a column; None: the patient cannot be judged.
    reason
        Words as text or as a column.
    missing
        True where the label stands for an assessment that is missing.
    possible
        Labels that stay possible, for the best and the worst answer; empty: the label alone.
    maybe
        Where `when` cannot be told: such a patient is decided by a later case, and this case's
        answer stays possible.
    """

    when: pl.Expr
    label: pl.Expr | str | None
    reason: pl.Expr | str
    missing: bool = False
    possible: tuple[str, ...] = ()
    maybe: pl.Expr | None = None


def decide(
    frame: pl.DataFrame,
    cases: Sequence[Case],
    values: Mapping[str, float] | None = None,
    *,
    reasons: bool = True,
) -> pl.DataFrame:
    """Decide every row by the first case that holds.

    Parameters
    ----------
    frame
        One row per patient, with the columns that the cases look at.
    cases
        In order; the last one usually holds always.
    values
        Number of each label. Where given, `value` is added, and with `lowest` and `highest` the
        least and the most that possible labels and cases that may hold allow.
    reasons
        Write the words; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        The frame with `case` (position of the case, null where none holds), `label`, `missing`,
        `reason` and, with `values`, `value`, `lowest` and `highest`.

    Examples
    --------
    >>> count = pl.col("count")
    >>> cases = [
    ...     Case(count.is_null(), None, "no count", possible=("NR", "R")),
    ...     Case(count >= 30, "R", pl.format("count of {}", count)),
    ...     Case(pl.lit(True), "NR", pl.format("count of {} only", count)),
    ... ]
    >>> frame = pl.DataFrame({"count": [50, 9, None]})
    >>> decide(frame, cases, {"NR": 0, "R": 1}).select("label", "lowest", "highest").rows()
    [('R', 1.0, 1.0), ('NR', 0.0, 0.0), (None, 0.0, 1.0)]
    >>> decide(frame, cases)["reason"].to_list()
    ['count of 50', 'count of 9 only', 'no count']
    """
    names = [f"_when_{position}" for position in range(len(cases))]
    tested = frame.with_columns(
        case.when.alias(name) for name, case in zip(names, cases, strict=True)
    )
    code = pl.coalesce(
        pl.when(pl.col(name)).then(pl.lit(position, pl.UInt8))
        for position, name in enumerate(names)
    )
    if _is_fixed(cases):
        decided = _look_up(tested, tested.select(code.alias("case"))["case"], cases, values)
    else:
        decided = tested.with_columns(
            code.alias("case"),
            _choose(names, [_column(case.label) for case in cases]).alias("label"),
            _choose(names, [pl.lit(case.missing) for case in cases]).alias("missing"),
        )
        if values is not None:
            number = pl.col("label").replace_strict(values, default=None, return_dtype=pl.Float64)
            decided = _with_bounds(
                decided.with_columns(number.alias("value")), names, cases, values
            )
    decided = decided.drop(names)
    return decided.with_columns(
        write_reasons(decided, cases) if reasons else pl.lit(None, pl.String).alias("reason")
    )


def write_reasons(
    decided: pl.DataFrame, cases: Sequence[Case], rows: pl.Expr | None = None
) -> pl.Series:
    """Write the words of decided rows, each by its own case.

    Parameters
    ----------
    decided
        A frame from `decide`.
    cases
        The cases that it was decided by.
    rows
        Which rows ask for words; None: all.

    Returns
    -------
    polars.Series
        `reason` in the order of the rows, null where nobody asked or no case decided.

    Examples
    --------
    >>> cases = [Case(pl.col("x") > 0, "yes", pl.format("x is {}", "x")),
    ...          Case(pl.lit(True), "no", "x is too small")]
    >>> decided = decide(pl.DataFrame({"x": [1, -1, 2]}), cases, reasons=False)
    >>> write_reasons(decided, cases, pl.col("label") == "yes").to_list()
    ['x is 1', None, 'x is 2']
    """
    asking = decided.lazy().with_row_index("_row")
    if rows is not None:
        asking = asking.filter(rows)
    parts = [
        asking.filter(pl.col("case") == position).select(
            "_row", _column(case.reason).alias("reason")
        )
        for position, case in enumerate(cases)
    ]
    written = pl.concat(pl.collect_all(parts)).sort("_row")
    everyone = pl.DataFrame({"_row": pl.int_range(decided.height, dtype=pl.UInt32, eager=True)})
    return everyone.join(written, on="_row", how="left", maintain_order="left")["reason"]


def report_change(decided: pl.DataFrame, criteria: str) -> pl.DataFrame:
    """Return the outcomes of a verdict on a change, on the day of the assessment where judged.

    Parameters
    ----------
    decided
        As `decide` returns it, with `subject` and `now_day` [d].
    criteria
        Name of the criteria whose title the outcomes bear.

    Examples
    --------
    >>> decided = pl.DataFrame(
    ...     {"subject": ["1", "2"], "now_day": [28.0, 28.0], "label": ["VGPR", None],
    ...      "value": [1.0, None], "lowest": [1.0, 0.0], "highest": [1.0, 1.0], "reason": ["", ""]}
    ... )
    >>> report_change(decided, "vgpr_2009")["day"].to_list()
    [28.0, None]
    """
    return decided.select(
        "subject",
        "value",
        "label",
        pl.when(pl.col("label").is_not_null()).then("now_day").alias("day"),
        "lowest",
        "highest",
        "reason",
        pl.lit(read_criteria(criteria).title).alias("criteria"),
    )


def _is_fixed(cases: Sequence[Case]) -> bool:
    """Whether what a case gives is the same for every patient whom it decides."""
    return all(not isinstance(case.label, pl.Expr) and case.maybe is None for case in cases)


def _look_up(
    tested: pl.DataFrame,
    code: pl.Series,
    cases: Sequence[Case],
    values: Mapping[str, float] | None,
) -> pl.DataFrame:
    """Add what the deciding case gives, where it is the same for every patient."""
    columns = {
        "label": pl.Series([case.label for case in cases], dtype=pl.String),
        "missing": pl.Series([case.missing for case in cases], dtype=pl.Boolean),
    }
    if values is not None:
        numbers = [None if case.label is None else values.get(str(case.label)) for case in cases]
        columns["value"] = pl.Series(numbers, dtype=pl.Float64)
        for name, extreme in (("lowest", min), ("highest", max)):
            ends = [
                extreme((values[label] for label in case.possible), default=number)
                for case, number in zip(cases, numbers, strict=True)
            ]
            columns[name] = pl.Series(ends, dtype=pl.Float64)
    given = [column.gather(code).alias(name) for name, column in columns.items()]
    return tested.with_columns(code, *given)


def _column(given: pl.Expr | str | None) -> pl.Expr:
    return given if isinstance(given, pl.Expr) else pl.lit(given, pl.String)


def _choose(names: Sequence[str], answers: Sequence[pl.Expr]) -> pl.Expr:
    """The answer of the first condition that holds."""
    chosen: pl.Expr = pl.lit(None)
    for name, answer in reversed(list(zip(names, answers, strict=True))):
        chosen = pl.when(pl.col(name)).then(answer).otherwise(chosen)
    return chosen


def _with_bounds(
    tested: pl.DataFrame,
    names: Sequence[str],
    cases: Sequence[Case],
    values: Mapping[str, float],
) -> pl.DataFrame:
    """Add `lowest` and `highest`: of the deciding case and of those before it that may hold."""
    low, high = pl.col("lowest"), pl.col("highest")
    unknown = pl.lit(None, pl.Float64)
    rows = tested.lazy().with_columns(unknown.alias("lowest"), unknown.alias("highest"))
    # One step a case: an expression that holds its own past twice would double at each.
    for name, case in reversed(list(zip(names, cases, strict=True))):
        least, most = _range(case, values)
        holds = pl.col(name)
        maybe = pl.lit(value=False) if case.maybe is None else case.maybe
        # A minimum over columns skips nulls; an answer without bounds must stay without.
        bounded = least.is_not_null() & low.is_not_null()
        rows = rows.with_columns(
            pl.when(holds)
            .then(least)
            .when(maybe)
            .then(pl.when(bounded).then(pl.min_horizontal(least, low)))
            .otherwise(low)
            .alias("lowest"),
            pl.when(holds)
            .then(most)
            .when(maybe)
            .then(pl.when(bounded).then(pl.max_horizontal(most, high)))
            .otherwise(high)
            .alias("highest"),
        )
    return rows.collect()


def _range(case: Case, values: Mapping[str, float]) -> tuple[pl.Expr, pl.Expr]:
    """The least and the most that a case can mean."""
    numbers = [values[label] for label in case.possible]
    if numbers or case.label is None:
        return (
            pl.lit(min(numbers, default=None), pl.Float64),
            pl.lit(max(numbers, default=None), pl.Float64),
        )
    value = _column(case.label).replace_strict(values, default=None, return_dtype=pl.Float64)
    return value, value
