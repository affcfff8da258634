"""Compartments whose sizes are, or may become, no positive numbers."""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from stromal.errors import Issue, Severity
from stromal.models.check.subject import Subject


def check_sizes(subject: Subject) -> Iterator[Issue]:
    """Every compartment has a positive size, wherever states can be."""
    odes, region = subject.odes, subject.region
    if odes is None or region is None:
        return
    for name in sorted(odes.volumes):
        size = odes.outputs[name]
        values = region.bounds().of(size)
        if size == sympy.nan or values.is_positive:
            continue
        never = values.high <= 0
        yield subject.issue(
            f"the size of {name} is never positive"
            if never
            else f"the size of {name} is not shown to stay positive",
            name,
            "give it a positive size"
            if never
            else "a patient ends where it does not; hold it above zero, or write amounts",
            Severity.ERROR if never else Severity.WARNING,
        )
