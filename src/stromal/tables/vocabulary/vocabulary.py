"""What the tables of a study can name: the shared vocabulary, and what its protocol adds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from stromal.tables.vocabulary.analytes import ANALYTES, Analyte
from stromal.tables.vocabulary.files import read_rows, split_list
from stromal.tables.vocabulary.scales import SCALES, Scale


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Analytes, events and scales by name; passed to whoever reads or checks.

    Examples
    --------
    >>> SHARED.analytes["platelets"].unit
    '10^9/L'
    >>> SHARED.find_event("PLT transfusion")
    'transfusion_platelets'
    """

    analytes: Mapping[str, Analyte]
    events: Mapping[str, str]
    scales: Mapping[str, Scale]
    other_events: Mapping[str, str]

    def extended(
        self,
        analytes: Mapping[str, Analyte],
        events: Mapping[str, str],
        scales: Mapping[str, Scale],
    ) -> Vocabulary:
        """Return this and what a study declares; items join those of a scale that is known."""
        joined = {**scales, **self.scales}
        for name, scale in scales.items():
            known = self.scales.get(name)
            if known is not None:
                joined[name] = replace(known, items={**scale.items, **known.items})
        return replace(
            self,
            analytes={**analytes, **self.analytes},
            events={**events, **self.events},
            scales=joined,
        )

    def find_analyte(self, text: str) -> str | None:
        """Return the analyte that a printed name stands for: `haemoglobin` of `Hb`."""
        folded = _fold(text)
        return next(
            (
                name
                for name, analyte in self.analytes.items()
                if folded in {_fold(other) for other in (name, *analyte.synonyms)}
            ),
            None,
        )

    def find_event(self, text: str) -> str | None:
        """Return the event that another name stands for; None where none does."""
        return self.other_events.get(_fold(text))


def _fold(text: str) -> str:
    """Return a name without capitals, spaces, hyphens, underscores and points."""
    return re.sub(r"[\s_.-]+", "", text.casefold())


_EVENTS = read_rows("events.csv")

SHARED = Vocabulary(
    ANALYTES,
    {row["name"]: row["label"] for row in _EVENTS},
    SCALES,
    {
        _fold(other): row["name"]
        for row in _EVENTS
        for other in (row["name"], *split_list(row["synonyms"]))
    },
)
"""What every study knows."""

EVENT_WORDS: Mapping[str, str] = MappingProxyType(
    {row["name"]: row["words"] or row["name"].replace("_", " ") for row in _EVENTS}
)
"""Shared events as a sentence says them: `no grade III-IV acute GVHD until day 365`."""
