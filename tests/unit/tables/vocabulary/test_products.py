"""Kinds of products agree with the products that a protocol can declare."""

from __future__ import annotations

from typing import get_args

from stromal.protocol.products import Product
from stromal.tables.vocabulary.products import DOSE_DIMENSIONS, PRODUCT_KINDS
from stromal.tables.vocabulary.units import UNITS


def test_every_kind_can_be_declared() -> None:
    models = get_args(get_args(Product)[0])
    kinds = [get_args(model.model_fields["kind"].annotation)[0] for model in models]
    assert sorted(kinds) == sorted(PRODUCT_KINDS)


def test_every_dimension_has_a_unit() -> None:
    assert set(DOSE_DIMENSIONS) <= {unit.dimension for unit in UNITS.values()}
