"""The frame of a picture of step curves: one row for each day of each curve."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from stromal.tables.curve import Curve

_SCHEMA: Mapping[str, pl.DataType] = {
    "group": pl.String(),
    "label": pl.String(),
    "n": pl.Int64(),
    "day": pl.Float64(),
    "probability": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "at_risk": pl.Int64(),
    "events": pl.Int64(),
    "censored": pl.Int64(),
}


@dataclass(frozen=True, slots=True)
class Steps:
    """One curve of a frame: whose it is, of how many patients, and its steps by day.

    `table` is empty for a group without patients; `group` is None for all patients together.
    """

    group: str | None
    label: str
    n: int
    table: pl.DataFrame

    @property
    def last_day(self) -> float:
        """The last day [d] that the curve is known on."""
        return float(self.table["day"].max() or 0)  # type: ignore[arg-type]

    def name(self, words: Mapping[str, str]) -> str:
        """Return the group in words."""
        return name_group(self.group, words)


def name_group(group: str | None, words: Mapping[str, str]) -> str:
    """Return a group in words; a group without a name is all patients.

    Examples
    --------
    >>> name_group("msc", {"msc": "MSC"}), name_group(None, {})
    ('MSC', 'All patients')
    """
    return "All patients" if group is None else words.get(group, group)


def frame_curves(curves: Iterable[Curve]) -> pl.DataFrame:
    """Return the steps of several curves as one frame.

    Parameters
    ----------
    curves
        Step functions of time with their group and label.

    Returns
    -------
    polars.DataFrame
        `group`, `label`, `n` (patients), `day` [d], `probability`, `low`, `high` [1], `at_risk`,
        `events`, `censored`; curves in the order given. A curve without steps keeps one row, with
        `n` alone, so that a group without patients is not lost.

    Examples
    --------
    >>> table = pl.DataFrame({"day": [0.0, 9.0], "probability": [1.0, 0.5]})
    >>> frame = frame_curves([Curve(table, "Kaplan-Meier", 0.95, n=2, group="msc")])
    >>> frame.select("group", "n", "day", "probability").rows()
    [('msc', 2, 0.0, 1.0), ('msc', 2, 9.0, 0.5)]
    """
    parts = [pl.DataFrame(schema=_SCHEMA)]
    for curve in curves:
        table = curve.table.sort("day")
        if table.is_empty():
            table = pl.DataFrame({"day": [None]}, schema={"day": pl.Float64()})
        parts.append(
            table.with_columns(
                pl.lit(curve.group, pl.String).alias("group"),
                pl.lit(curve.label, pl.String).alias("label"),
                pl.lit(curve.n, pl.Int64).alias("n"),
            )
        )
    frame = pl.concat(parts, how="diagonal_relaxed")
    return frame.select(pl.col(name).cast(dtype) for name, dtype in _SCHEMA.items())


def split_steps(frame: pl.DataFrame) -> tuple[Steps, ...]:
    """Return the curves of a frame, each with its own steps, in the order of the frame.

    Examples
    --------
    >>> table = pl.DataFrame({"day": [0.0], "probability": [1.0]})
    >>> curves = [Curve(table, "Kaplan-Meier", 0.95, 2, group) for group in ("b", "a")]
    >>> [(steps.group, steps.n) for steps in split_steps(frame_curves(curves))]
    [('b', 2), ('a', 2)]
    """
    parts = frame.partition_by("group", "label", maintain_order=True)
    return tuple(
        Steps(part["group"][0], part["label"][0] or "", int(part["n"][0]), part.drop_nulls("day"))
        for part in parts
    )
