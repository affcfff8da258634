"""How an endpoint is defined: criteria, conventions, parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stromal.endpoints.bind import Bound
from stromal.endpoints.records.words import name_window
from stromal.report.blocks import Block, Cite, Items, Link, Strong, prose
from stromal.report.content import Content
from stromal.report.groups import label_endpoint
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import MISSING, render_name, render_sentence
from stromal.tables.windows import Window


def describe_definition(item: Bound, seen: Link | None = None) -> tuple[Block, ...]:
    """Return criteria with version and provenance, conventions, and parameters that are set.

    `seen` leads to the place where the page has said all of the criteria before.
    """
    criteria = item.criteria
    name = (Strong(criteria.title), f", version {criteria.version}", Cite(criteria.sources))
    provenance = render_sentence(f"read: {criteria.provenance}")
    blocks: list[Block] = [prose(*name, f". {provenance}")]
    if seen is not None:
        blocks = [prose(*name, ". Provenance and conventions: as for ", seen, ".")]
    elif criteria.choices:
        blocks.append(prose("Conventions where the sources are silent:"))
        blocks.append(Items(tuple(render_sentence(choice) for choice in criteria.choices)))
    settings = render_settings(item.parameters.model_dump())
    if settings:
        blocks.append(prose(render_sentence(f"parameters: {'; '.join(settings)}")))
    return tuple(blocks)


def render_definitions(content: Content) -> View:
    """Return a table of every endpoint with its rule, criteria and parameters."""
    rows = [
        [
            Cell(label_endpoint(content.protocol, item.name), "strong"),
            Cell(item.rule.title),
            Cell(
                f"{item.criteria.title}, version {item.criteria.version}",
                "",
                item.criteria.sources,
            ),
            Cell("; ".join(render_settings(item.parameters.model_dump())) or MISSING),
        ]
        for item in content.endpoints
        if item.known_by is None
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
    if isinstance(value, float | str):
        return render_name(value) if isinstance(value, str) else _number(value)
    if isinstance(value, Mapping):
        if value.keys() == Window.model_fields.keys():
            return name_window(Window.model_validate(value)).replace("-", "\u2212")
        return ", ".join(f"{render_name(key)} {_setting(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_setting(item) for item in value)
    return str(value)


def _number(value: float) -> str:
    return f"{value:g}".replace("-", "\u2212")
