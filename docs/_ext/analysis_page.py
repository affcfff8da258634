"""The kinds of analysis: what each estimates, the endpoints it takes, its keys, an example."""

from __future__ import annotations

from typing import Any

from docstrings import read_example, read_lead, write_keys
from markdown_text import join_or, write_code, write_link, write_table

from stromal.analyses.kind import AnalysisKind, estimate_nothing
from stromal.analyses.registry import list_kinds
from stromal.protocol.protocol import AnalysisUse

COMMON = frozenset(AnalysisUse.model_fields)


def order_kinds() -> list[AnalysisKind[Any]]:
    """Return the kinds by name, those that only show data last."""
    return sorted(list_kinds().values(), key=lambda kind: kind.estimate is estimate_nothing)


def _write_fits(kind: AnalysisKind[Any]) -> str:
    return join_or(kind.fits) if kind.fits else ""


def write_kinds() -> str:
    """Write one row for each kind."""
    rows = [
        (write_code(kind.name), write_link(kind.title), _write_fits(kind)) for kind in order_kinds()
    ]
    return write_table(("`estimate =`", "gives", "takes an endpoint that gives a"), rows)


def write_kind(kind: AnalysisKind[Any]) -> str:
    """Write one kind of analysis."""
    takes = (
        f" takes an endpoint that gives a {_write_fits(kind)}"
        if kind.fits
        else " needs no endpoint"
    )
    parts = [
        f"## {kind.title}\n",
        f'`estimate = "{kind.name}"`{takes}.\n',
        f"{read_lead(kind.use)}\n",
        write_keys(kind.use, "key", COMMON),
        f"```toml\n{read_example(kind.use)}\n```\n",
    ]
    return "\n".join(parts)


def write_analyses() -> str:
    """Write every kind of analysis of the registry."""
    return "\n".join(map(write_kind, order_kinds()))
