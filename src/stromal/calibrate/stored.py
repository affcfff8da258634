"""Results of simulated trials that the repository keeps, with the version that they belong to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from stromal.calibrate.comparisons import MODEL
from stromal.calibrate.credibility import COLUMNS
from stromal.calibrate.probe import find_probe
from stromal.calibrate.trials import digest_version

HOME = Path(__file__).parent / "results"
CREDIBILITY = HOME / "credibility.csv"
VERSION = HOME / "version.json"
LEARNED = HOME / "learned.csv"
FACTS = HOME / "fit.json"
PROBE = HOME / "probe.csv"


def write_credibility(results: pl.DataFrame, folder: Path = HOME) -> None:
    """Write what was found, and the digests of every file that it was found with."""
    folder.mkdir(exist_ok=True)
    numbers = pl.col(pl.Float64).round_sig_figs(5)
    results.with_columns(numbers).write_csv(folder / CREDIBILITY.name)
    told = json.dumps(digest_version(MODEL), indent=2) + "\n"
    (folder / VERSION.name).write_text(told, "utf-8")


def read_credibility() -> pl.DataFrame:
    """Return the results that the repository keeps: one row per target and kind of parameters.

    Examples
    --------
    >>> sorted(set(read_credibility()["role"]))
    ['C', 'H', 'V']
    """
    return pl.read_csv(CREDIBILITY, schema=dict(COLUMNS))


def read_version() -> Mapping[str, str]:
    """Return the digests of the files that the results were found with, by name."""
    found: dict[str, str] = json.loads(VERSION.read_text("utf-8"))
    return found


def list_stale() -> list[str]:
    """Return the files that are not those the results were found with; empty where all are.

    Examples
    --------
    >>> list_stale()
    []
    """
    then, now = read_version(), digest_version(MODEL)
    return sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))


def write_probe(folder: Path = HOME) -> None:
    """Write the numbers of the small trials by the present code."""
    folder.mkdir(exist_ok=True)
    find_probe().with_columns(pl.col("value").round_sig_figs(6)).write_csv(folder / PROBE.name)


def read_probe() -> pl.DataFrame:
    """Return the numbers that the small trials had when the results were found.

    Examples
    --------
    >>> read_probe().columns
    ['id', 'replicate', 'value', 'n']
    """
    types = {"id": pl.String, "replicate": pl.Int64, "value": pl.Float64, "n": pl.Int64}
    return pl.read_csv(PROBE, schema=types)


def write_learned(table: pl.DataFrame, facts: Mapping[str, object], folder: Path = HOME) -> None:
    """Write what a fit learned of each parameter, and how it was run."""
    folder.mkdir(exist_ok=True)
    table.with_columns(pl.col(pl.Float64).round(3)).write_csv(folder / LEARNED.name)
    told = json.dumps(dict(facts), indent=2) + "\n"
    (folder / FACTS.name).write_text(told, "utf-8")


def read_learned() -> tuple[pl.DataFrame, Mapping[str, Any]]:
    """Return what the fit learned of each parameter, and how it was run."""
    facts: dict[str, Any] = json.loads(FACTS.read_text("utf-8"))
    return pl.read_csv(LEARNED), facts
