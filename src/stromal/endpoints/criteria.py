"""Criteria: the thresholds of an endpoint as data, one file per version, each with its source."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Criteria(BaseModel):
    """Thresholds as published, with the place they came from.

    `provenance` says how the rule was read: `seen` in the named source, `seen in a secondary
    source`, `not checked against the paper`, or `choice` where sources are silent; `choices` lists
    the conventions that were added and why. Only criteria that are a choice throughout have no
    source.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    version: str
    sources: tuple[str, ...]
    provenance: str
    choices: tuple[str, ...] = ()
    rules: dict[str, Any]

    @model_validator(mode="after")
    def _has_a_source(self) -> Criteria:
        if not self.sources and not self.provenance.startswith("choice"):
            raise ValueError(
                f"criteria `{self.name}` name no source and are not said to be a choice"
            )
        return self


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
