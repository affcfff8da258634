"""Products that the protocol does not have, and doses outside the regimen of the arm."""

from __future__ import annotations

import polars as pl

from stromal.errors import Issue, Severity, UnknownUnit
from stromal.protocol.protocol import Protocol, Regimen
from stromal.tables.fold import fold_rows, fold_values
from stromal.tables.header import suggest
from stromal.tables.patients import Patients
from stromal.units import convert, find_unit


def check_products(patients: Patients, protocol: Protocol) -> tuple[Issue, ...]:
    """Doses of a product that the protocol does not have."""
    products = patients.doses["product"]
    names = tuple(protocol.products)

    def say(text: str, position: int) -> Issue:
        table, row = patients.place("doses", position)
        near = suggest(text, names)
        hint = f"is `{near}` meant?" if near else f"the products are {', '.join(names) or 'none'}"
        return Issue(f"product `{text[:60]}` is not in the protocol", table, row, "product", hint)

    return fold_values(products.is_not_null() & ~products.is_in(names), products, say)


def check_amounts(patients: Patients, protocol: Protocol) -> tuple[Issue, ...]:
    """Doses that are not positive, and doses outside what the arm's regimen gives of the product.

    A dose is compared in its own unit; where the regimen's unit measures something else (a drug
    planned per m2 and recorded in mg) nothing can be said.
    """
    arms = patients.subjects.select("subject", "arm").unique("subject", keep="first")
    doses = patients.doses.join(arms, on="subject", how="left", maintain_order="left")
    kinds = doses.select("arm", "product", "unit").unique(maintain_order=True)
    ranges = pl.DataFrame(
        [(*row, *_range(protocol, *row)) for row in kinds.iter_rows()],
        schema={
            **{name: pl.String() for name in ("arm", "product", "unit")},
            **{name: pl.Float64() for name in ("low", "high")},
        },
        orient="row",
    )
    planned = doses.join(
        ranges,
        on=("arm", "product", "unit"),
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    amounts, low, high = planned["amount"], planned["low"], planned["high"]

    def say_negative(position: int) -> Issue:
        table, row = patients.place("doses", position)
        return Issue(f"dose is {amounts[position]:g}; it must be positive", table, row, "amount")

    def say_range(position: int) -> Issue:
        table, row = patients.place("doses", position)
        dose = planned.row(position, named=True)
        limits = f"{dose['low']:g}"
        if dose["high"] != dose["low"]:
            limits += f" to {dose['high']:g}"
        message = (
            f"dose of {dose['product']} is {dose['amount']:g} {dose['unit']}; "
            f"the regimen of {dose['arm']} gives {limits}"
        )
        return Issue(message, table, row, severity=Severity.WARNING)

    # A tenth of a per cent allows for factors that were rounded on the way.
    outside = (amounts > 0) & ((amounts < low * 0.999) | (amounts > high * 1.001))
    return (*fold_rows(amounts <= 0, say_negative), *fold_rows(outside, say_range))


def _range(
    protocol: Protocol, arm: str | None, product: str | None, unit: str | None
) -> tuple[float | None, float | None]:
    """Least and most that the arm's regimens give of the product, in `unit`; None if unknown."""
    if arm not in protocol.arms or unit is None:
        return None, None
    found = [_limits(r, unit) for r in protocol.arms[arm].regimen if r.product == product]
    if not found or any(limits is None for limits in found):
        return None, None
    known = [limits for limits in found if limits is not None]
    return min(low for low, _ in known), max(high for _, high in known)


def _limits(regimen: Regimen, unit: str) -> tuple[float, float] | None:
    low = regimen.dose if regimen.dose is not None else regimen.dose_min
    high = regimen.dose if regimen.dose is not None else regimen.dose_max
    if low is None or high is None:
        return None
    try:
        target = find_unit(unit).name
        return convert(low, regimen.unit, target), convert(high, regimen.unit, target)
    except UnknownUnit:
        return None
