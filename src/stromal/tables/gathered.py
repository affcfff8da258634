"""Outcomes of one trial that arrive some patients at a time, in the memory of a part of a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

import polars as pl

from stromal.tables.outcomes import OUTCOMES

PLAIN = 16_000
"""Patients whose outcomes are kept as they came; those before them are packed."""


@dataclass(slots=True)
class GatheredOutcomes:
    """Outcomes of one trial, endpoint by endpoint, as they arrive.

    A table of all of them repeats names, units and criteria in every row. Here the rows of an
    endpoint are together, and from `plain` patients on they are packed, to about a thirtieth of
    their size; they are unpacked one endpoint at a time, as they were to the bit.

    Parameters
    ----------
    plain
        Patients whose outcomes are kept as they came.

    Examples
    --------
    >>> gathered = GatheredOutcomes(plain=1)
    >>> for subject in ("1", "2", "3"):
    ...     gathered.add(pl.DataFrame({"subject": subject, "endpoint": "relapse", "kind": "flag"}))
    >>> gathered.of("relapse")["subject"].to_list(), gathered.kind_of("relapse")
    (['1', '2', '3'], 'flag')
    """

    plain: int = PLAIN
    _kinds: dict[str, str] = field(default_factory=dict)
    _packed: dict[str, list[bytes]] = field(default_factory=dict)
    _parts: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    _waiting: int = 0

    def add(self, outcomes: pl.DataFrame) -> None:
        """Add the outcomes of some more patients: rows of `outcomes`, every endpoint of each."""
        own = outcomes.partition_by("endpoint", as_dict=True, maintain_order=True)
        for (endpoint,), rows in own.items():
            self._kinds.setdefault(str(endpoint), rows["kind"][0])
            self._parts.setdefault(str(endpoint), []).append(rows)
        self._waiting += max((rows.height for rows in own.values()), default=0)
        if self._waiting > self.plain:
            self._pack()

    def of(self, *endpoints: str) -> pl.DataFrame:
        """Return the rows of `outcomes` of some endpoints, one after the other, as they came."""
        parts = [part for endpoint in endpoints for part in self._list_parts(endpoint)]
        return pl.concat(parts) if parts else OUTCOMES.empty()

    def kind_of(self, endpoint: str) -> str:
        """Return the kind of an endpoint's outcomes; empty where it has none."""
        return self._kinds.get(endpoint, "")

    def table(self) -> pl.DataFrame:
        """Return the `outcomes` table of all endpoints, one after the other."""
        return self.of(*self._kinds)

    def _pack(self) -> None:
        for endpoint, parts in self._parts.items():
            packed = BytesIO()
            pl.concat(parts).write_ipc(packed, compression="zstd")
            self._packed.setdefault(endpoint, []).append(packed.getvalue())
        self._parts.clear()
        self._waiting = 0

    def _list_parts(self, endpoint: str) -> Iterator[pl.DataFrame]:
        for packed in self._packed.get(endpoint, ()):
            yield pl.read_ipc(BytesIO(packed))
        yield from self._parts.get(endpoint, ())
