"""Kinds of products that `doses` can name, and what their doses are measured in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from stromal.tables.vocabulary.files import read_rows, split_list


@dataclass(frozen=True, slots=True)
class ProductKind:
    """A kind of product: its label, and the dimensions of units that measure its doses."""

    label: str
    dimensions: tuple[str, ...]


PRODUCT_KINDS: Mapping[str, ProductKind] = MappingProxyType(
    {
        row["name"]: ProductKind(row["label"], split_list(row["measured_in"]))
        for row in read_rows("products.csv")
    }
)

DOSE_DIMENSIONS = tuple(
    dict.fromkeys(one for kind in PRODUCT_KINDS.values() for one in kind.dimensions)
)
