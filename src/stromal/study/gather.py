"""Put simulated patients together, trial by trial, as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import polars as pl

from stromal.tables.gathered import GatheredOutcomes

Part = tuple[pl.DataFrame, pl.DataFrame]
"""Some patients of one or more trials: rows of `subjects`, and of `outcomes`."""


@dataclass(frozen=True, slots=True)
class GatheredTrial:
    """The patients of one simulated trial: rows of `subjects`, and their outcomes."""

    replicate: int
    subjects: list[pl.DataFrame] = field(default_factory=list)
    outcomes: GatheredOutcomes = field(default_factory=GatheredOutcomes)


def gather_trials(parts: Iterable[Part]) -> Iterator[GatheredTrial]:
    """Yield every trial as soon as the first patients of the next have come.

    No more is held than one trial and one part.

    Parameters
    ----------
    parts
        Patients trial by trial; in a part, outcomes may be patient by patient or endpoint by
        endpoint.

    Examples
    --------
    >>> def make(replicates):
    ...     rows = {"subject": "1", "replicate": replicates}
    ...     outcomes = pl.DataFrame(rows | {"endpoint": "relapse", "kind": "flag"})
    ...     return pl.DataFrame(rows), outcomes
    >>> trials = gather_trials([make([1, 1, 2]), make([2, 3])])
    >>> [(trial.replicate, trial.outcomes.of("relapse").height) for trial in trials]
    [(1, 2), (2, 2), (3, 1)]
    """
    trial: GatheredTrial | None = None
    for subjects, outcomes in parts:
        results = dict(_split(outcomes))
        for replicate, own in _split(subjects):
            if trial is None or trial.replicate != replicate:
                if trial is not None:
                    yield trial
                trial = GatheredTrial(replicate)
            trial.subjects.append(own)
            trial.outcomes.add(results[replicate])
    if trial is not None:
        yield trial


def _split(table: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """Return the rows of each replicate; where they stand together, without a copy of them."""
    if not table["replicate"].is_sorted():
        table = table.sort("replicate", maintain_order=True)
    runs = table["replicate"].rle().struct.unnest()
    first = 0
    for length, replicate in runs.rows():
        yield replicate, table.slice(first, length)
        first += length
