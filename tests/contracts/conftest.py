"""Every back end that this machine has, in every precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from stromal.kernels.backends import why_not


@dataclass(frozen=True)
class BackEnd:
    """How `solve` is asked for it, and at which tolerance it is compared with closed forms."""

    name: str
    precision: str
    tight: float

    @property
    def options(self) -> dict[str, Any]:
        return {"backend": self.name, "precision": self.precision}

    def within(self, rtol: float) -> dict[str, Any]:
        return {**self.options, "rtol": rtol, "atol": 1e-3 * rtol}


BACK_ENDS = (
    BackEnd("numpy", "f64", 1e-8),
    BackEnd("scalar", "f64", 1e-8),
    BackEnd("lanes", "f64", 1e-8),
    BackEnd("lanes", "f32", 1e-5),
    BackEnd("gpu", "f64", 1e-8),
)


@pytest.fixture(params=BACK_ENDS, ids=lambda one: f"{one.name}-{one.precision}")
def back_end(request):
    reason = why_not(request.param.name)
    if reason is not None:
        pytest.skip(f"{request.param.name}: {reason}")
    return request.param
