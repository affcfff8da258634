"""How an endpoint is defined: criteria, conventions, parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stromal.report.blocks import Block, Cite, Items, Strong, prose
from stromal.report.content import Content, Definition
from stromal.report.groups import label_endpoint
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import MISSING, render_name, render_sentence


def describe_definition(item: Definition) -> tuple[Block, ...]:
    """Return criteria with version and provenance, conventions, and parameters that are set."""
    provenance = render_sentence(f"read: {item.provenance}")
    version = f", version {item.version}"
    blocks: list[Block] = [
        prose(Strong(item.criteria), version, Cite(item.sources), f". {provenance}")
    ]
    if item.choices:
        blocks.append(prose("Conventions where the sources are silent:"))
        blocks.append(Items(tuple(render_sentence(choice) for choice in item.choices)))
    settings = render_settings(item.parameters)
    if settings:
        blocks.append(prose(render_sentence(f"parameters: {'; '.join(settings)}")))
    return tuple(blocks)


def render_definitions(content: Content) -> View:
    """Return a table of every endpoint with its rule, criteria and parameters."""
    rows = [
        [
            Cell(label_endpoint(content.protocol, item.name), "strong"),
            Cell(item.title),
            Cell(f"{item.criteria}, version {item.version}", "", item.sources),
            Cell("; ".join(render_settings(item.parameters)) or MISSING),
        ]
        for item in content.definitions
    ]
    headings = [Heading(text) for text in ("Endpoint", "Rule", "Criteria", "Parameters")]
    return view_of("Endpoints", headings, rows, wordy=True)


def render_settings(parameters: Mapping[str, Any]) -> list[str]:
    """Return parameters as `name value`, those that are not set left out.

    Examples
    --------
    >>> render_settings({"system": "magic", "day": 28.0, "confirm": None, "needs": ["CR", "PR"]})
    ['system magic', 'day 28', 'needs CR, PR']
    """
    return [
        f"{render_name(name)} {_setting(value)}"
        for name, value in parameters.items()
        if value is not None and value not in ("", [], {}, ())
    ]


def _setting(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}".replace("-", "\u2212")
    if isinstance(value, str):
        return render_name(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{render_name(key)} {_setting(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_setting(item) for item in value)
    return str(value)
