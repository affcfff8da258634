"""Mappings that are values: nobody changes them, and they can be sent to other processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


def freeze(given: Mapping[Key, Value]) -> Mapping[Key, Value]:
    """What a mapping holds now, to be read and never changed.

    A MappingProxyType does as much, but cannot be pickled or copied.

    Examples
    --------
    >>> freeze({"k": 0.5})["k"]
    0.5
    """
    return _Frozen(MappingProxyType(dict(given)))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Frozen(Mapping[Key, Value]):
    own: MappingProxyType[Key, Value]

    def __getitem__(self, key: Key) -> Value:
        return self.own[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self.own)

    def __len__(self) -> int:
        return len(self.own)

    def __repr__(self) -> str:
        return f"freeze({dict(self.own)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return freeze, (dict(self.own),)
