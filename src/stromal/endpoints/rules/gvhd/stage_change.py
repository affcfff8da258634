"""What changed between two stagings of acute GVHD, organ by organ.

The two stand side by side: columns `base_skin`, `now_skin` and so on, null where an organ was not
staged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from stromal.endpoints.records.stages import ORGAN_LABELS, ORGANS

BASE = {item: pl.col(f"base_{item}") for item in ORGANS}
NOW = {item: pl.col(f"now_{item}") for item in ORGANS}


def unite_gut() -> list[pl.Expr]:
    """Take upper and lower gut as one where only one of the two assessments staged them apart."""
    lower = pl.col("base_lower_gi").is_not_null() & pl.col("now_lower_gi").is_not_null()
    gut = pl.any_horizontal(pl.col("base_gut", "now_gut").is_not_null())
    together = gut & ~lower
    both_gut = pl.all_horizontal(pl.col("base_gut", "now_gut").is_not_null())
    columns = []
    for prefix in ("base", "now"):
        upper_stage, lower_stage = pl.col(f"{prefix}_upper_gi"), pl.col(f"{prefix}_lower_gi")
        settled = upper_stage.is_not_null() | (lower_stage >= ORGANS["upper_gi"])
        worse = pl.when(settled & lower_stage.is_not_null()).then(
            pl.max_horizontal(upper_stage, lower_stage)
        )
        one = pl.coalesce(f"{prefix}_gut", worse)
        columns += [
            pl.when(together)
            .then(one)
            .when(both_gut)
            .then(pl.col(f"{prefix}_gut"))
            .alias(f"{prefix}_gut"),
            pl.when(~together).then(upper_stage).alias(f"{prefix}_upper_gi"),
            pl.when(~together).then(lower_stage).alias(f"{prefix}_lower_gi"),
        ]
    return columns


def compare_stages(involved_from: int) -> list[pl.Expr]:
    """Compare the two assessments, organs that both staged.

    Parameters
    ----------
    involved_from
        The least stage of an organ that is involved.

    Returns
    -------
    list of polars.Expr
        `has_baseline`, `has_now`, `involved` at baseline, `improved`, `worsened` (some organ did),
        `resolved` (no organ is involved now); never null.

    Examples
    --------
    >>> columns = [f"{when}_{item}" for when in ("base", "now") for item in ORGANS]
    >>> rows = pl.DataFrame(schema=dict.fromkeys(columns, pl.Int8))
    >>> rows = pl.concat(
    ...     [rows, pl.DataFrame({"base_skin": [3], "now_skin": [1]}, schema_overrides=rows.schema)],
    ...     how="diagonal",
    ... )
    >>> rows.select(compare_stages(1)).select("improved", "worsened", "resolved").row(0)
    (True, False, False)
    """

    def some(conditions: Iterable[pl.Expr]) -> pl.Expr:
        return pl.any_horizontal([each.fill_null(value=False) for each in conditions])

    return [
        some(each.is_not_null() for each in BASE.values()).alias("has_baseline"),
        some(each.is_not_null() for each in NOW.values()).alias("has_now"),
        some(each >= involved_from for each in BASE.values()).alias("involved"),
        some(NOW[item] < BASE[item] for item in ORGANS).alias("improved"),
        some(NOW[item] > BASE[item] for item in ORGANS).alias("worsened"),
        (~some(each > 0 for each in NOW.values())).alias("resolved"),
    ]


def find_unstaged() -> dict[str, pl.Expr]:
    """Find organs staged at baseline and not again."""
    return {item: BASE[item].is_not_null() & NOW[item].is_null() for item in ORGANS}


def find_unstaged_before() -> dict[str, pl.Expr]:
    """Find organs involved now that were not staged at baseline."""
    return {item: BASE[item].is_null() & (NOW[item] > 0) for item in ORGANS}


def find_possible_changes() -> tuple[pl.Expr, pl.Expr]:
    """Tell whether organs that one assessment left out may have improved, and may have worsened.

    An organ that was not staged at baseline and is not involved now counts as unchanged.

    Examples
    --------
    >>> columns = [f"{when}_{item}" for when in ("base", "now") for item in ORGANS]
    >>> row = pl.DataFrame([dict.fromkeys(columns) | {"base_skin": 4}])
    >>> better, worse = find_possible_changes()
    >>> row.cast(pl.Int8).select(better.alias("better"), worse.alias("worse")).row(0)
    (True, False)
    """
    better, worse = [], []
    for item, highest in ORGANS.items():
        unstaged, new = BASE[item].is_not_null() & NOW[item].is_null(), BASE[item].is_null()
        better += [unstaged & (BASE[item] > 0), new & (NOW[item] > 0) & (NOW[item] < highest)]
        worse += [unstaged & (BASE[item] < highest), new & (NOW[item] > 0)]
    return (
        pl.any_horizontal(each.fill_null(value=False) for each in better),
        pl.any_horizontal(each.fill_null(value=False) for each in worse),
    )


def name_organs(conditions: Mapping[str, pl.Expr]) -> pl.Expr:
    """Name the organs for which a condition holds; empty where there is none."""
    words = [pl.when(when).then(pl.lit(ORGAN_LABELS[item])) for item, when in conditions.items()]
    return pl.concat_str(words, separator=", ", ignore_nulls=True)


def write_changes() -> pl.Expr:
    """Say what changed: `skin 3 to 1`."""
    changes = [
        pl.when(BASE[item] != NOW[item]).then(
            pl.format(f"{ORGAN_LABELS[item]} {{}} to {{}}", BASE[item], NOW[item])
        )
        for item in ORGANS
    ]
    listed = pl.concat_str(changes, separator=", ", ignore_nulls=True)
    return pl.when(listed == "").then(pl.lit("no organ changed")).otherwise(listed)
