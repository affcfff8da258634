"""Check that numbers of a protocol go upwards, each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from stromal.errors import Issue


def check_order(numbers: Iterable[float], column: str) -> Iterator[Issue]:
    """Check that numbers go upwards, each once.

    Examples
    --------
    >>> for issue in check_order([365, 100], "analyses[0].days"):
    ...     print(issue)
    protocol.toml analyses[0].days[1]: 100 follows 365.
    hint: write them in order, each once
    """
    for index, (earlier, later) in enumerate(pairwise(numbers), start=1):
        if later <= earlier:
            yield Issue(
                f"{later:g} follows {earlier:g}",
                table="protocol.toml",
                column=f"{column}[{index}]",
                hint="write them in order, each once",
            )
