"""Kinds of products that `doses` can name, and what their doses are measured in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_CELLS = ("cells per body weight", "cells")


@dataclass(frozen=True, slots=True)
class ProductKind:
    """A kind of product: its meaning, and the dimensions of units that measure its doses."""

    meaning: str
    dimensions: tuple[str, ...]


PRODUCT_KINDS: Mapping[str, ProductKind] = MappingProxyType(
    {
        "msc": ProductKind("mesenchymal stromal cells", _CELLS),
        "car_t": ProductKind("chimeric antigen receptor T cells", _CELLS),
        "graft": ProductKind("haematopoietic graft", _CELLS),
        "cells": ProductKind("cells that are neither treatment nor graft", _CELLS),
        "drug": ProductKind("drug", ("drug per body weight", "drug per body surface", "mass")),
        "irradiation": ProductKind("irradiation", ("absorbed dose",)),
    }
)

DOSE_DIMENSIONS = tuple(
    dict.fromkeys(one for kind in PRODUCT_KINDS.values() for one in kind.dimensions)
)
