"""Loops run as written and compiled: both must agree."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stromal.kernels.series import loops


@pytest.fixture(params=[2000, -1], ids=["as written", "compiled"])
def way(request: pytest.FixtureRequest) -> Iterator[int]:
    """Run the loops of a test as they are written, and compiled."""
    before = loops.FEW
    loops.FEW = request.param
    yield request.param
    loops.FEW = before
