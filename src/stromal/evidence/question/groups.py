"""The studies that answer a question, pooled by what they are of: cells, donors, ages, designs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from stromal.evidence.pool.effects import Effects
from stromal.evidence.pool.subgroups import pool_subgroups
from stromal.evidence.question.pooling import Told, tell_rows

NOT_KNOWN = ("unspecified",)
"""Words of the record that name no group."""

EMPTY_CELLS = "studies with an empty cell are not in the test"


@dataclass(frozen=True, slots=True)
class Grouped:
    """What is told of each group of studies by one column of the record, and the test between them.

    `groups` hold a word of the record and what is told of its studies, those of most patients
    first; `unknown` is how many studies name no group. `q`, `degrees` and `p` are None, with
    `reason`, where there is nothing to test; `reason` says also what the test leaves out.
    """

    by: str
    groups: tuple[tuple[str, Told], ...]
    unknown: int
    q: float | None
    degrees: int | None
    p: float | None
    method: str
    sources: tuple[str, ...]
    reason: str = ""


def pool_groups(
    rows: pl.DataFrame, effects: Effects, scale: str, columns: Iterable[str]
) -> tuple[Grouped, ...]:
    """Pool the rows of each group by the rules for all rows, and test the groups.

    Parameters
    ----------
    rows, scale
        As of `pool_rows`, with the columns.
    effects
        Of the rows, in their order.
    columns
        Columns of words: `source`, `donor`, `age_group`, `design`.

    Examples
    --------
    >>> from stromal.evidence.question.pooling import measure_rows
    >>> rows = pl.DataFrame({"source": ["bone_marrow"] * 2 + ["umbilical_cord"] * 2,
    ...     "events": [46, 15, 38, 20], "total": [75, 24, 54, 22], "why": [None] * 4})
    >>> found = pool_groups(rows, measure_rows(rows, "proportion"), "proportion", ["source"])[0]
    >>> [(name, round(told.value, 2)) for name, told in found.groups], round(found.p, 3)
    ([('bone_marrow', 0.62), ('umbilical_cord', 0.81)], 0.193)

    Witness: R metafor::rma of each group and of their means, tests/reference/subgroups.
    """
    return tuple(_pool(rows, effects, scale, column) for column in columns)


def _pool(rows: pl.DataFrame, effects: Effects, scale: str, column: str) -> Grouped:
    words = [None if word in NOT_KNOWN else word for word in rows[column]]
    known = dict.fromkeys(word for word in words if word is not None)
    told = [(word, tell_rows(rows.filter(pl.col(column) == word), scale)) for word in known]
    kept = [item for item in told if item[1].studies]
    kept.sort(key=lambda item: (-item[1].patients, item[0]))
    test = pool_subgroups(effects, words)
    usable = rows["why"].is_null().to_numpy()
    reasons = [test.reason or ""]
    if test.reason is None and bool((usable & ~effects.known).any()):
        reasons.append(EMPTY_CELLS)
    return Grouped(
        by=column,
        groups=tuple(kept),
        unknown=words.count(None),
        q=test.q,
        degrees=test.degrees,
        p=test.p,
        method=test.method,
        sources=test.sources,
        reason="; ".join(filter(None, reasons)),
    )
