"""Files of a library model that say what is not known: `uncertain.csv` and `posterior.csv`."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from stromal.simulate.uncertain import Members

UNCERTAIN_FILE, POSTERIOR_FILE = "uncertain.csv", "posterior.csv"
WEIGHT = "weight"


def read_limits(folder: Path) -> Mapping[str, tuple[float, float]]:
    """Return the parameters that all patients share and whose value is uncertain, with limits.

    Examples
    --------
    >>> from stromal.models.library.read import find_folder
    >>> read_limits(find_folder("physiology"))["progenitor_gain"]
    (0.0, inf)
    """
    path = folder / UNCERTAIN_FILE
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as opened:
        return {
            row["name"]: (float(row["low"] or 0.0), float(row["high"] or np.inf))
            for row in csv.DictReader(opened)
        }


def read_posterior(folder: Path) -> Members | None:
    """Return the weighted set of vectors of log factors that a fit left; None without a fit."""
    path = folder / POSTERIOR_FILE
    if not path.exists():
        return None
    table = pl.read_csv(path)
    names = tuple(name for name in table.columns if name != WEIGHT)
    shifts = table.select(names).to_numpy().astype(np.float64)
    return Members(names, shifts, table[WEIGHT].to_numpy().astype(np.float64))


def write_posterior(members: Members, path: Path) -> None:
    """Write a weighted set of vectors, a row each: the weight, and the logarithm of each factor."""
    columns = {WEIGHT: members.weights.round(6)}
    columns |= {name: members.shifts[:, at].round(4) for at, name in enumerate(members.names)}
    pl.DataFrame(columns).write_csv(path)
