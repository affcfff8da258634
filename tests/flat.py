"""Arguments of `solve` from one flat table, as tests that share and mix them write them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from stromal.kernels.door import Accuracy, Read, Schedule, Work

GROUPS = {"read": Read, "schedule": Schedule, "accuracy": Accuracy, "work": Work}


def grouped(**flat: Any) -> dict[str, Any]:
    """The groups that `times=..., doses=..., rtol=...` belong to; other arguments as they are."""
    found: dict[str, Any] = {}
    for name, group in GROUPS.items():
        found[name] = group(
            **{one.name: flat.pop(one.name) for one in fields(group) if one.name in flat}
        )
    return {**found, **flat}
