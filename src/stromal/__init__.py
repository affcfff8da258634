"""Plan, simulate and analyse trials of mesenchymal stromal cells in haematology.

The public names, in the order of the flow; each is imported when it is first used, so that
importing the package costs nothing. Estimators, and what a run of a kernel is given, stand in
`stromal.estimates` and `stromal.kernels`; `docs/reference.md` lists them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stromal.endpoints.derive import derive_outcomes as derive_outcomes
    from stromal.errors import (
        InvalidInput as InvalidInput,
    )
    from stromal.errors import (
        Issue as Issue,
    )
    from stromal.errors import (
        StromalError as StromalError,
    )
    from stromal.kernels.kernel import compile_kernel as compile_kernel
    from stromal.kernels.solve import solve as solve
    from stromal.models.parse import read_model as read_model
    from stromal.patients.check.check import check_patients as check_patients
    from stromal.patients.observed.read import read_patients as read_patients
    from stromal.protocol.check import check_protocol as check_protocol
    from stromal.protocol.protocol import Protocol as Protocol
    from stromal.protocol.read import read_protocol as read_protocol
    from stromal.study.analyse import Findings as Findings
    from stromal.study.analyse import analyse as analyse
    from stromal.study.check import check_study as check_study
    from stromal.study.library import find_study as find_study
    from stromal.study.read import (
        Study as Study,
    )
    from stromal.study.read import (
        read_study as read_study,
    )
    from stromal.study.run import analyse_study as analyse_study
    from stromal.study.run import run_study as run_study
    from stromal.study.write import Run as Run
    from stromal.tables.patients import Patients as Patients

__version__ = "0.1.0"

_HOMES = {
    "find_study": "study.library",
    "read_study": "study.read",
    "check_study": "study.check",
    "run_study": "study.run",
    "analyse_study": "study.run",
    "analyse": "study.analyse",
    "Study": "study.read",
    "Findings": "study.analyse",
    "Run": "study.write",
    "read_protocol": "protocol.read",
    "check_protocol": "protocol.check",
    "Protocol": "protocol.protocol",
    "read_patients": "patients.observed.read",
    "check_patients": "patients.check.check",
    "Patients": "tables.patients",
    "derive_outcomes": "endpoints.derive",
    "read_model": "models.parse",
    "compile_kernel": "kernels.kernel",
    "solve": "kernels.solve",
    "Issue": "errors",
    "InvalidInput": "errors",
    "StromalError": "errors",
}

__all__ = tuple(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
