"""All kinds of analysis by name: every module of `kinds` that holds one is found."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any

from stromal.analyses import kinds
from stromal.analyses.kind import AnalysisKind


@cache
def list_kinds() -> Mapping[str, AnalysisKind[Any]]:
    """Return every kind of analysis by the name that a protocol writes.

    Examples
    --------
    >>> "survival" in list_kinds()
    True
    """
    modules = (
        import_module(f"{kinds.__name__}.{module.name}") for module in iter_modules(kinds.__path__)
    )
    found = [module.KIND for module in modules]
    return MappingProxyType({kind.name: kind for kind in sorted(found, key=lambda kind: kind.name)})
