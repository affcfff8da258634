"""How much of what is given arrives: product attributes to effective doses, by rules that are data.

The rules stand in `effective_doses.csv`. A cell count is what the bag says; of it the viable part
counts. An attribute whose effect nobody measured has the factor 1 and a wide uncertainty, drawn
once for each draw of uncertain parameters; each lot is one draw around it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from stromal.protocol.products import Product
from stromal.simulate.numbering import Numbering, Wholes
from stromal.simulate.streams import Streams

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rule:
    """What an attribute does to a dose: a factor, and standard deviations of its logarithm."""

    attribute: str
    value: str
    kind: str
    factor: float
    uncertainty: float
    between_lots: float
    source: str
    locator: str


@cache
def read_rules() -> tuple[Rule, ...]:
    """Return every rule, in the order of the file.

    Examples
    --------
    >>> read_rules()[0].between_lots
    0.3
    """
    text = (files("stromal.simulate") / "effective_doses.csv").read_text("utf-8")
    return tuple(
        Rule(
            row["attribute"],
            row["value"],
            row["kind"],
            float(row["factor"]),
            float(row["uncertainty"]),
            float(row["between_lots"]),
            row["source"],
            row["locator"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def find_rules(product: Product) -> tuple[Rule, ...]:
    """Return the rules that hold for a product.

    Examples
    --------
    >>> from stromal.protocol.products import MscProduct
    >>> msc = MscProduct(
    ...     kind="msc", label="MSC", source="adipose", donor="related", preparation="fresh"
    ... )
    >>> [rule.value for rule in find_rules(msc)]
    ['any', 'adipose', 'not stated']
    """
    stated = dict(_list_attributes(product))
    return tuple(
        rule
        for rule in read_rules()
        if rule.kind == product.kind and stated.get(rule.attribute) == rule.value
    )


def _list_attributes(product: Product) -> Iterator[tuple[str, str]]:
    yield "lot", "any"
    for name in ("source", "donor", "preparation"):
        if isinstance(found := getattr(product, name, None), str):
            yield name, found
    if hasattr(product, "passage_max"):
        last = product.passage_max
        yield "passage", "not stated" if last is None else "5 or more" if last >= 5 else "early"


def draw_effect(
    name: str, product: Product, patients: Wholes, numbering: Numbering, seed: int
) -> Floats:
    """Draw what a dose of a product is worth in each patient, (N,), 1 for the dose as printed.

    Parameters
    ----------
    name
        Of the product in the protocol.
    product
        With its attributes.
    patients
        Numbers of the patients, (N,).
    numbering
        Which lot and which draw each of them has.
    seed
        Of the simulation.

    Examples
    --------
    >>> from stromal.protocol.products import DrugProduct
    >>> drug = DrugProduct(kind="drug", label="busulfan")
    >>> draw_effect("busulfan", drug, np.arange(3), Numbering({"a": 3}, 1), 1)
    array([1., 1., 1.])
    """
    viable = getattr(product, "viability_percent", None)
    worth = np.full(len(patients), 1.0 if viable is None else viable / 100)
    for rule in find_rules(product):
        worth *= rule.factor
        levels: Mapping[str, tuple[float, Wholes]] = {
            "draw": (rule.uncertainty, numbering.draw(patients)),
            "lot": (rule.between_lots, numbering.lot(patients)),
        }
        for level, (spread, numbers) in levels.items():
            if spread:
                stream = f"dose\0{name}\0{rule.attribute}\0{level}"
                worth *= np.exp(spread * Streams(seed, numbers).normals(stream))
    return worth
