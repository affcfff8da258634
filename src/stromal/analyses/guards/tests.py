"""Many tests in one study, none of them corrected for their number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from stromal.analyses.kind import Answer
from stromal.errors import Issue, Severity
from stromal.report.summary import primary_endpoint
from stromal.tables.statistics import CORRECTED_P, GRAY_P, LOG_RANK_P, TEST_P

LEVEL = 0.05
_TESTS = [TEST_P.name, LOG_RANK_P.name, GRAY_P.name]


def guard_multiplicity(answers: Sequence[Answer[Any]]) -> Iterator[Issue]:
    """Note several tests without correction, beside that of the primary endpoint."""
    tests = 0
    for answer in answers:
        rows = answer.estimates
        if rows.filter(statistic=CORRECTED_P.name).height:
            continue
        primary = primary_endpoint(answer.protocol)
        marked = primary is not None and primary.primary and primary.name in answer.endpoints
        found = rows.filter(pl.col("statistic").is_in(_TESTS), pl.col("value").is_not_null())
        tests += max(found.height - marked, 0)
    if tests > 1:
        chance = 1 - (1 - LEVEL) ** tests
        yield Issue(
            f"{tests} tests are not corrected for their number: were none of the differences real, "
            f"one or more of them would still be below {LEVEL:g} with probability {chance:.2f} if "
            "they were independent",
            column="analyses",
            hint="name one primary endpoint and take the others as exploration, or correct P",
            severity=Severity.NOTE,
        )
