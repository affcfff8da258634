"""Citations: every key that the house uses, with its reference, as CSL-JSON under `references/`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field

from stromal.errors import UnknownSource


class Author(BaseModel):
    """An author as CSL-JSON has it: a person's family and given name, or a group's literal name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    family: str = ""
    given: str = ""
    literal: str = ""


class Source(BaseModel):
    """A publication: the fields of CSL-JSON that a reference list prints."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    id: str
    type: str
    title: str
    author: tuple[Author, ...] = ()
    year: int | None = None
    journal: str = Field("", alias="container-title")
    volume: str = ""
    issue: str = ""
    page: str = ""
    publisher: str = ""
    doi: str = Field("", alias="DOI")
    note: str = ""

    @property
    def short(self) -> str:
        """First author and year: `Harris 2016`.

        Examples
        --------
        >>> find_source("harris2016").short
        'Harris 2016'
        """
        first = self.author[0] if self.author else Author(literal=self.id)
        return f"{first.family or first.literal} {self.year or 'undated'}"

    @property
    def reference(self) -> str:
        """The full reference in one line, authors after the sixth as et al."""
        names = [author.literal or f"{author.family} {author.given}" for author in self.author]
        shown = ", ".join(names[:6]) + (" et al" if len(names) > 6 else "")
        place = " ".join(
            part for part in (self.journal or self.publisher, str(self.year or "")) if part
        )
        number = self.volume + (f"({self.issue})" if self.issue else "")
        pages = ":".join(part for part in (number, self.page) if part)
        tail = f";{pages}" if pages else ""
        doi = f" doi:{self.doi}" if self.doi else ""
        said = ". ".join(part for part in (shown, self.title, f"{place}{tail}") if part)
        return f"{said}.{doi}"


@cache
def read_sources() -> Mapping[str, Source]:
    """Every source by its key, from all files under `references/`."""
    found: dict[str, Source] = {}
    for file in sorted(files("stromal").joinpath("references").iterdir(), key=lambda f: f.name):
        for entry in json.loads(file.read_text("utf-8")):
            issued = entry.pop("issued", None)
            source = Source.model_validate(
                {**entry, "year": issued["date-parts"][0][0] if issued else None}
            )
            if source.id in found:
                raise ValueError(f"source {source.id} is written twice")
            found[source.id] = source
    return MappingProxyType(found)


def find_source(key: str) -> Source:
    """The source of that key; UnknownSource where there is none."""
    try:
        return read_sources()[key]
    except KeyError:
        raise UnknownSource(key) from None
