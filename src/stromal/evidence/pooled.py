"""Every number that a record gives when it is pooled, and how two records differ in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from stromal.evidence.library.reader import Library
from stromal.evidence.question.pooling import Told, tell_rows

KEY = ("indication", "outcome", "scale", "day", "of")
"""What names a pooled number; `of` is an arm, or `MSC against control`."""

GROUP = KEY[:-1]

NUMBERS = ("studies", "patients", "value", "low", "high")

SHARES = ("proportion", "survival", "cumulative_incidence")
TOLD_BY_OTHERS = ("review", "meta_analysis", "animal")
"""Designs whose numbers are pooled already, or are of no patients."""

AGAINST = "MSC against control"

SCHEMA = {
    "indication": pl.String(),
    "outcome": pl.String(),
    "scale": pl.String(),
    "day": pl.Float64(),
    "of": pl.String(),
    "measure": pl.String(),
    "studies": pl.Int64(),
    "patients": pl.Int64(),
    "value": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "method": pl.String(),
    "reason": pl.String(),
}


def pool_record(library: Library) -> pl.DataFrame:
    """Pool every outcome of a record whose counts may be used.

    A number for each indication, outcome, scale and day: the share of each arm, and the risk ratio
    of studies that have both arms, each as `pool_rows` tells the answer to a question. Rows of
    status `use` that tell a whole arm count; those of reviews, pooled figures, animals and
    patients before treatment do not.

    Parameters
    ----------
    library
        A record.

    Returns
    -------
    DataFrame
        A row for each: shares and ratios with their interval of 95 %, studies and patients behind
        them, method; null with `reason` where it is not estimable.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> pooled = pool_record(read_library())
    >>> pooled.filter(outcome="overall_response", day=28, of="MSC")["studies"].item()
    4
    """
    return _pool_rows(select_counts(library))


def _pool_rows(rows: pl.DataFrame) -> pl.DataFrame:
    found: list[dict[str, object]] = []
    for key, group in rows.group_by(GROUP, maintain_order=True):
        named = dict(zip(GROUP, key, strict=True))
        found += [named | cells for cells in _pool(group)]
    return pl.DataFrame(found, schema=SCHEMA).sort(KEY, nulls_last=True)


def select_counts(library: Library) -> pl.DataFrame:
    """Select the rows of a record whose counts are pooled: one for each study, arm and outcome.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> rows = select_counts(read_library())
    >>> set(rows["status"]), bool((rows["events"] <= rows["total"]).all())
    ({'use'}, True)
    """
    designs = library.studies.select("study", "design")
    return (
        library.outcomes.join(designs, on="study", how="left", maintain_order="left")
        .filter(
            pl.col("status") == "use",
            pl.col("scale").is_in(SHARES),
            pl.col("arm").is_in(["MSC", "control"]),
            pl.col("subgroup").is_null(),
            pl.col("range_end").is_null(),
            pl.col("events").is_not_null(),
            pl.col("total") > 0,
            ~pl.col("outcome").str.starts_with("baseline_"),
            ~pl.col("design").is_in(TOLD_BY_OTHERS),
        )
        .sort("study", "arm", maintain_order=True)
    )


def _pool(rows: pl.DataFrame) -> Iterator[dict[str, object]]:
    """Give the pooled numbers of one outcome: the share of each arm, and their ratio."""
    known = rows.with_columns(pl.lit(None, pl.String).alias("why"))
    for arm in ("MSC", "control"):
        own = known.filter(arm=arm)
        if own.height:
            yield _tell_cells(arm, "share", tell_rows(own, "proportion"))
    control = known.filter(arm="control").select(
        "study",
        pl.col("events").alias("reference_events"),
        pl.col("total").alias("reference_total"),
    )
    pairs = known.filter(arm="MSC").join(control, on="study", maintain_order="left")
    if pairs.height:
        yield _tell_cells(AGAINST, "risk ratio", tell_rows(pairs, "risk_ratio"))


def _tell_cells(of: str, measure: str, told: Told) -> dict[str, object]:
    return {
        "of": of,
        "measure": measure,
        "studies": told.studies,
        "patients": told.patients,
        "value": told.value,
        "low": told.low,
        "high": told.high,
        "method": told.method,
        "reason": told.reason or None,
    }


@dataclass(frozen=True, slots=True)
class Change:
    """A pooled number before and after; each a row of `pool_record`, None where there was none."""

    before: dict[str, object] | None
    after: dict[str, object] | None

    def __str__(self) -> str:
        """The change in one line."""
        row = self.after or self.before or {}
        day = "" if row["day"] is None else f" on day {row['day']:g}"
        head = f"{row['indication']}, {row['outcome']}{day} ({row['scale']}), {row['of']}"
        return f"{head}: {_tell(self.before)} -> {_tell(self.after)}"


def compare_pooled(before: Library, after: Library) -> tuple[Change, ...]:
    """Compare every pooled number of two records; those that are alike are left out.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> library = read_library()
    >>> compare_pooled(library, library)
    ()
    """
    one, other = select_counts(before), select_counts(after)
    # What rows do not touch is not pooled again: the numbers would be the same.
    counts = [*GROUP, "study", "arm", "events", "total"]
    touched = pl.concat(
        first.join(second, on=counts, how="anti", nulls_equal=True).select(GROUP)
        for first, second in ((one, other), (other, one))
    ).unique()
    old, new = (
        {
            tuple(row[name] for name in KEY): row
            for row in _pool_rows(
                rows.join(touched, on=GROUP, how="semi", nulls_equal=True, maintain_order="left")
            ).iter_rows(named=True)
        }
        for rows in (one, other)
    )
    changes = []
    for key in [*old, *(key for key in new if key not in old)]:
        row, again = old.get(key), new.get(key)
        if row is None or again is None or _numbers(row) != _numbers(again):
            changes.append(Change(row, again))
    return tuple(changes)


def _numbers(row: dict[str, object]) -> tuple[object, ...]:
    return (*(row[name] for name in NUMBERS), row["reason"])


def _tell(row: dict[str, object] | None) -> str:
    if row is None:
        return "nothing"
    studies = "1 study" if row["studies"] == 1 else f"{row['studies']} studies"
    of = f"{studies}, {row['patients']} patients"
    if row["value"] is None:
        return f"not estimable ({of}; {row['reason']})"
    if row["measure"] == "share":
        value, low, high = (f"{100 * float(str(row[name])):.1f}" for name in NUMBERS[2:])
        return f"{value} % ({low} to {high}; {of})"
    value, low, high = (f"{float(str(row[name])):.2f}" for name in NUMBERS[2:])
    return f"{row['measure']} {value} ({low} to {high}; {of})"
