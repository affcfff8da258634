"""References: numbered in the order in which the page cites them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stromal.sources import read_sources


@dataclass(frozen=True, slots=True)
class Reference:
    """A numbered reference: its text without the address, and its DOI where it has one."""

    number: int
    key: str
    text: str
    doi: str = ""


def number_references(keys: Iterable[str]) -> tuple[Reference, ...]:
    """Return the references of the keys, each once, numbered in the order of first use.

    A key that is not in the list of sources is printed as it is, so that nothing is lost.

    Examples
    --------
    >>> [(item.number, item.key) for item in number_references(["b", "a", "b"])]
    [(1, 'b'), (2, 'a')]
    """
    sources = read_sources()
    found = []
    for number, key in enumerate(dict.fromkeys(key for key in keys if key), start=1):
        source = sources.get(key)
        if source is None:
            found.append(Reference(number, key, key))
            continue
        text = source.reference.removesuffix(f"doi:{source.doi}").strip()
        found.append(Reference(number, key, text, source.doi))
    return tuple(found)


def split_keys(cells: Iterable[str | None]) -> tuple[str, ...]:
    """Return the keys of cells that hold several each, every key once.

    Examples
    --------
    >>> split_keys(["a b", None, "b c"])
    ('a', 'b', 'c')
    """
    return tuple(dict.fromkeys(key for cell in cells if cell for key in cell.split()))
