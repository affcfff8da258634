"""Criteria: the thresholds of an endpoint as data, one file per version, each with its source."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Criteria(BaseModel):
    """Thresholds as published, with the place they came from.

    `provenance` says how the rule was read: `seen` in the named source, `seen in a secondary
    source`, `from memory`, or `choice` where sources are silent; `choices` lists the conventions
    that were added and why.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    version: str
    sources: tuple[str, ...] = Field(min_length=1)
    provenance: str
    choices: tuple[str, ...] = ()
    rules: dict[str, Any]


@cache
def read_criteria(name: str) -> Criteria:
    """The criteria file of that name.

    Examples
    --------
    >>> read_criteria("magic_2016").title
    'MAGIC (Harris 2016)'
    """
    text = files("stromal.endpoints").joinpath(f"criteria/{name}.json").read_text("utf-8")
    return Criteria.model_validate(json.loads(text))
