"""Shares over dose: simulated trials with their interval, printed counts beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from stromal.report.figures.canvas import draw_grid, render_svg
from stromal.report.figures.palette import ACCENT, ALERT, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing


def plot_dose_response(
    frame: pl.DataFrame, *, name: str, title: str, xlabel: str, ylabel: str
) -> str:
    """Plot the share at each dose.

    Parameters
    ----------
    frame
        `dose`, `value`, `low`, `high` [1] of simulated trials, and printed `events` of `n`
        patients, null where none are printed; a row for each arm.
    name, title
        Prefix of the ids in the picture, and what it shows, for a screen reader.
    xlabel, ylabel
        The dose and the share, with units.

    Returns
    -------
    str
        SVG text.

    Examples
    --------
    >>> frame = pl.DataFrame(
    ...     {"dose": [0.5, 1.0], "value": [0.1, 0.4], "low": [0.0, 0.1], "high": [0.3, 0.7],
    ...      "events": [0, None], "n": [3, None]}
    ... )
    >>> svg = plot_dose_response(frame, name="d", title="D", xlabel="Dose", ylabel="Response")
    >>> "printed" in svg, "0/3" in svg
    (True, True)
    """
    rows = frame.sort("dose")

    def paint(drawing: Drawing) -> None:
        axes = drawing.add_axes((0.105, 0.17, 0.87, 0.7))
        _draw_points(axes, rows)
        axes.set_xlabel(xlabel)
        axes.set_ylabel(ylabel)

    return render_svg(paint, name=name, title=title, description=_describe(rows), height=3.0)


def _draw_points(axes: Axes, rows: pl.DataFrame) -> None:
    doses = rows["dose"].to_list()
    middle = [100 * value for value in rows["value"].to_list()]
    known = rows.drop_nulls(["low", "high"])
    for row in known.iter_rows(named=True):
        axes.plot(
            [row["dose"]] * 2,
            [100 * row["low"], 100 * row["high"]],
            color=ACCENT,
            lw=1.6,
            alpha=0.6,
        )
    axes.plot(doses, middle, "o-", color=ACCENT, lw=0.9, ms=5.5, label="simulated, 90 % of trials")
    printed = rows.drop_nulls(["events", "n"])
    shares = [100 * e / n for e, n in zip(printed["events"], printed["n"], strict=True)]
    if shares:
        axes.plot(
            printed["dose"].to_list(), shares, "D", color=ALERT, ms=6, mew=1, mfc="white",
            label="printed", zorder=5,
        )  # fmt: skip
    for dose, share, row in zip(
        printed["dose"], shares, printed.iter_rows(named=True), strict=True
    ):
        axes.annotate(
            f"{row['events']}/{row['n']}", (dose, share), (8, 6), textcoords="offset points",
            color=ALERT, fontsize=8.5,
        )  # fmt: skip
    axes.set_ylim(-4, 104)
    axes.set_yticks([0, 25, 50, 75, 100])
    axes.set_xlim(0, max(doses, default=1.0) * 1.12)
    axes.set_xticks(sorted(set(doses)), [f"{dose:g}" for dose in sorted(set(doses))])
    axes.tick_params(axis="x", labelcolor=INK)
    draw_grid(axes)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=3, borderaxespad=0.2)


def _describe(rows: pl.DataFrame) -> str:
    said = []
    for row in rows.iter_rows(named=True):
        printed = "" if row["events"] is None else f", printed {row['events']} of {row['n']}"
        said.append(f"dose {row['dose']:g}: simulated {100 * row['value']:.0f} %{printed}")
    return "; ".join(said)
