"""Printed numbers beside ours, compared at the precision that was printed."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import Any

import polars as pl

from stromal.tables.estimates import ESTIMATES
from stromal.tables.published import PUBLISHED, name_endpoints

YES, DIFFERS, NOT_ESTIMATED = "yes", "differs", "not estimated"
_KEY = PUBLISHED.key
_FACTORS = {("%", "1"): 100.0, ("1", "%"): 0.01}

COMPARISON = {
    **{name: PUBLISHED.dtypes[name] for name in _KEY},
    "unit": pl.String(),
    "printed": pl.Float64(),
    "ours": pl.Float64(),
    "difference": pl.Float64(),
    "decimals": pl.Int64(),
    "printed_events": pl.Int64(),
    "printed_n": pl.Int64(),
    "our_events": pl.Int64(),
    "our_n": pl.Int64(),
    "agrees": pl.String(),
    "same_count": pl.Boolean(),
    "why": pl.String(),
    "source": pl.String(),
    "locator": pl.String(),
}


def compare_published(published: pl.DataFrame, estimates: pl.DataFrame) -> pl.DataFrame:
    """Every printed number with ours beside it, in the printed unit.

    A number agrees when ours, rounded to the decimals that were printed, is the printed one, and
    the printed events and patients, where there are any, are ours too. `same_count` is true
    where it differs only because the same count is divided by another number of patients.

    Parameters
    ----------
    published
        The `published` table.
    estimates
        The `estimates` table; of one cohort; matched on the key of `published`.

    Returns
    -------
    polars.DataFrame
        One row per printed number, in the order of `published`: the columns of the match, `unit`,
        `printed`, `ours`, `difference` (ours minus printed), `decimals`, `printed_events`,
        `printed_n`, `our_events`, `our_n`, `agrees` (yes, differs, not estimated), `same_count`,
        `why`, `source`, `locator`.

    Examples
    --------
    >>> key = {"analysis": ["response"], "statistic": ["proportion"],
    ...        "label": ["CR"]}
    >>> published = pl.DataFrame({**key, "value": [56.0], "unit": ["%"], "source": ["x"],
    ...                           "locator": ["Table 1"]})
    >>> estimates = pl.DataFrame({**key, "value": [0.5625], "unit": ["1"], "method": ["m"],
    ...                           "endpoint": ["response"]})
    >>> compare_published(published, estimates).select("ours", "agrees").row(0)
    (56.25, 'yes')
    """
    printed = name_endpoints(PUBLISHED.conform(published), ESTIMATES.conform(estimates))
    printed = printed.select(PUBLISHED.names)
    ours = ESTIMATES.conform(estimates).select(
        *_KEY, *(pl.col(name).alias(f"our_{name}") for name in ("value", "unit", "events", "n"))
    )
    ours = ours.unique(list(_KEY), keep="first", maintain_order=True)
    ours = ours.with_columns(pl.lit(value=True).alias("found"))
    joined = printed.join(ours, on=list(_KEY), how="left", nulls_equal=True, maintain_order="left")
    rows = [_compare_row(row) for row in joined.iter_rows(named=True)]
    return pl.DataFrame(rows, schema=COMPARISON, orient="row")


def _compare_row(row: dict[str, Any]) -> dict[str, Any]:
    """One printed number and ours."""
    factor = _factor(row["unit"], row["our_unit"])
    value = row["our_value"]
    ours = value * factor if value is not None and factor is not None else None
    printed = row["value"]
    decimals = 0 if printed is None else count_decimals(printed)
    both = ours is not None and printed is not None
    why = row["note"] or ""
    if row["found"] and factor is None:
        note = f"ours is in {row['our_unit'] or 'no unit'}, which does not convert"
        why = f"{why}; {note}" if why else note
    return {
        **{name: row[name] for name in _KEY},
        "unit": row["unit"],
        "printed": printed,
        "ours": ours,
        "difference": ours - printed if both else None,
        "decimals": decimals,
        "printed_events": row["events"],
        "printed_n": row["n"],
        "our_events": row["our_events"],
        "our_n": row["our_n"],
        "agrees": _judge(row, ours, decimals),
        "same_count": _same_count(row, decimals),
        "why": why or None,
        "source": row["source"],
        "locator": row["locator"],
    }


def _factor(printed: str | None, ours: str | None) -> float | None:
    """Return the factor from our unit to the printed one; None where it does not convert."""
    pair = (printed or "1", ours or "1")
    return 1.0 if pair[0] == pair[1] else _FACTORS.get(pair)


def _judge(row: dict[str, Any], ours: float | None, decimals: int) -> str:
    """Tell whether everything that was printed is what we found."""
    printed = row["value"]
    compared = []
    if printed is not None:
        if ours is None or not isfinite(ours):
            return NOT_ESTIMATED
        # Half a unit of the last printed decimal, and a hair for binary fractions.
        compared.append(abs(ours - printed) <= 0.5 * 10.0**-decimals * (1 + 1e-9))
    compared += [
        row[name] == row[f"our_{name}"]
        for name in ("events", "n")
        if row[name] is not None and row[f"our_{name}"] is not None
    ]
    if not compared:
        return NOT_ESTIMATED
    return YES if all(compared) else DIFFERS


def _same_count(row: dict[str, Any], decimals: int) -> bool:
    """Tell whether the same events among other patients explain the printed share."""
    pairs = [(row[name], row[f"our_{name}"]) for name in ("events", "n")]
    if any(None in pair for pair in pairs):
        return False
    (events, our_events), (n, our_n) = pairs
    if events != our_events or n == our_n:
        return False
    if row["value"] is None or not n:
        return True
    # A whole unit of the last decimal, because shares are also printed cut instead of rounded.
    share = events / n * (_factor(row["unit"], "1") or 1.0)
    return bool(abs(share - row["value"]) <= 10.0**-decimals * (1 + 1e-9))


def count_decimals(value: float) -> int:
    """Decimals of a number as it was written.

    Examples
    --------
    >>> [count_decimals(value) for value in (56.0, 13.8, 0.212165, 1e-7)]
    [0, 1, 6, 7]
    """
    exponent = Decimal(f"{value:.15g}").normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
