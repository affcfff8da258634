"""Products that the protocol does not have, and doses outside the regimen of the arm."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from stromal.errors import Issue, Severity, UnknownUnit
from stromal.likeness import find_nearest
from stromal.protocol.protocol import Protocol
from stromal.tables.fold import fold_rows, fold_values
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.products import PRODUCT_KINDS, ProductKind
from stromal.tables.vocabulary.units import list_units
from stromal.units import find_unit

_KIND = ("arm", "product", "unit")


def check_products(patients: Patients, protocol: Protocol) -> tuple[Issue, ...]:
    """Doses of a product that the protocol does not have."""
    products = patients.doses["product"]
    names = tuple(protocol.products)

    def say(text: str, position: int) -> Issue:
        table, row = patients.place("doses", position)
        near = find_nearest(text, names)
        hint = f"is `{near}` meant?" if near else f"the products are {', '.join(names) or 'none'}"
        return Issue(f"product `{text[:60]}` is not in the protocol", table, row, "product", hint)

    return fold_values(products.is_not_null() & ~products.is_in(names), products, say)


def check_units(patients: Patients, protocol: Protocol) -> tuple[Issue, ...]:
    """Find doses in a unit that does not measure their product: cells in mg, a drug in cells."""
    kinds = {name: PRODUCT_KINDS[product.kind] for name, product in protocol.products.items()}
    pairs = patients.doses.select("product", "unit")
    wrong = [
        (product, unit)
        for product, unit in pairs.unique().drop_nulls().iter_rows()
        if product in kinds and not _measures(unit, kinds[product])
    ]
    schema = {"product": pl.String(), "unit": pl.String()}
    known = pl.DataFrame(wrong, schema=schema, orient="row").with_columns(wrong=True)
    judged = pairs.join(known, on=("product", "unit"), how="left", maintain_order="left")

    def say(_text: str, position: int) -> Issue:
        table, row = patients.place("doses", position)
        product, unit = pairs.row(position)
        listed = ", ".join(list_units(*kinds[product].dimensions))
        kind = protocol.products[product].kind
        message = f"{unit} does not measure {product}, a product of kind {kind}"
        return Issue(message, table, row, "unit", f"units that do: {listed}")

    texts = pairs.select(pl.concat_str("product", "unit", separator=" ")).to_series()
    return fold_values(judged["wrong"], texts, say)


def _measures(unit: str, kind: ProductKind) -> bool:
    try:
        return find_unit(unit).dimension in kind.dimensions
    except UnknownUnit:
        return True


def check_amounts(patients: Patients, protocol: Protocol) -> tuple[Issue, ...]:
    """Find doses that are not positive, and doses outside what the arm's regimen gives.

    A dose is compared in its own unit. Between a dose per kg and one for the whole body stands the
    body weight: without it nothing can be said of the patient, and between a dose per m2 and one in
    mg nothing can be said at all. Both are noted, once for each arm and product.
    """
    planned = _with_plan(patients, protocol)
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
        if dose["by_weight"]:
            limits += f" at {dose['weight_kg']:g} kg"
        message = (
            f"dose of {dose['product']} is {dose['amount']:g} {dose['unit']}; "
            f"the regimen of {dose['arm']} gives {limits}"
        )
        return Issue(message, table, row, severity=Severity.WARNING)

    # A tenth of a per cent allows for factors that were rounded on the way.
    outside = (amounts > 0) & ((amounts < low * 0.999) | (amounts > high * 1.001))
    return (
        *fold_rows(amounts <= 0, say_negative),
        *fold_rows(outside, say_range),
        *_note_unjudged(patients, planned),
    )


def _with_plan(patients: Patients, protocol: Protocol) -> pl.DataFrame:
    """Return the doses with arm, weight, and the least and most that the regimen gives.

    `low` and `high` are in the dose's own unit and null where nothing can be said; `why` then
    holds the unit that cannot be compared, and `weightless` is true where the weight is missing.
    """
    subjects = patients.subjects.select("subject", "arm", "weight_kg")
    subjects = subjects.unique("subject", keep="first")
    doses = patients.doses.join(subjects, on="subject", how="left", maintain_order="left")
    kinds = doses.select(_KIND).unique(maintain_order=True)
    plans = pl.DataFrame(
        [(*row, *_plan(protocol, *row).values()) for row in kinds.iter_rows()],
        schema={
            **dict.fromkeys(_KIND, pl.String()),
            **dict.fromkeys(("same_low", "same_high"), pl.Float64()),
            **dict.fromkeys(("whole_low", "whole_high"), pl.Float64()),
            "power": pl.Int64(),
            "why": pl.String(),
        },
        orient="row",
    )
    doses = doses.join(plans, on=_KIND, how="left", nulls_equal=True, maintain_order="left")
    weight = pl.when(pl.col("weight_kg") > 0).then(pl.col("weight_kg"))
    doses = doses.with_columns(
        by_weight=pl.col("whole_low").is_not_null(),
        times=weight.pow(pl.col("power")),
    ).with_columns(weightless=pl.col("by_weight") & pl.col("times").is_null())
    return doses.with_columns(
        pl.when(~pl.col("weightless"))
        .then(pl.min_horizontal("same_low", pl.col("whole_low") * pl.col("times")))
        .alias("low"),
        pl.when(~pl.col("weightless"))
        .then(pl.max_horizontal("same_high", pl.col("whole_high") * pl.col("times")))
        .alias("high"),
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    """What an arm's regimens give of a product, in the unit of the recorded dose.

    `same` are limits for everybody, `whole` those for a body of 1 kg, to be multiplied by the body
    weight to the power of `power`; `why` is the planned unit that cannot be compared.
    """

    same: tuple[float, float] | None = None
    whole: tuple[float, float] | None = None
    power: int | None = None
    why: str | None = None

    def values(self) -> tuple[float | int | str | None, ...]:
        """The plan as cells of a row."""
        nothing = (None, None)
        return (*(self.same or nothing), *(self.whole or nothing), self.power, self.why)


def _plan(protocol: Protocol, arm: str | None, product: str | None, unit: str | None) -> _Plan:
    """Return what the arm's regimens give of the product, in `unit`; nothing where not stated."""
    if arm not in protocol.arms or unit is None:
        return _Plan()
    regimens = [r for r in protocol.arms[arm].regimen if r.product == product]
    limits: dict[int, list[float]] = {}
    for regimen in regimens:
        if regimen.amount is None:
            return _Plan()
        try:
            dose, power = regimen.amount.convert(unit)
        except UnknownUnit:
            return _Plan(why=regimen.unit)
        limits.setdefault(power, []).extend((dose.low, dose.high))
    ends = {power: (min(found), max(found)) for power, found in limits.items()}
    same = ends.pop(0, None)
    # A recorded unit is of one basis, so that at most one power is left.
    for power, whole in ends.items():
        return _Plan(same, whole, power)
    return _Plan(same)


def _note_unjudged(patients: Patients, planned: pl.DataFrame) -> tuple[Issue, ...]:
    """Return a note for each arm and product whose doses could not be compared with the plan."""
    rows = planned.with_row_index("position").filter(pl.col("amount") > 0)
    foreign = rows.filter(pl.col("why").is_not_null()).group_by(_KIND, maintain_order=True)
    light = rows.filter("weightless").group_by(_KIND, maintain_order=True)
    notes = [
        *(_say_foreign(patients, group) for _, group in foreign),
        *(_say_weightless(patients, group) for _, group in light),
    ]
    return tuple(sorted(notes, key=lambda note: note.row or 0))


def _say_foreign(patients: Patients, group: pl.DataFrame) -> Issue:
    first = group.row(0, named=True)
    table, row = patients.place("doses", first["position"])
    message = (
        f"doses of {first['product']} are in {first['unit']} and the regimen of {first['arm']} "
        f"in {first['why']}: they are not compared"
    )
    hint = "record doses in the unit of the regimen to have them compared"
    return Issue(message, table, row, "unit", hint, Severity.NOTE)


def _say_weightless(patients: Patients, group: pl.DataFrame) -> Issue:
    first = group.row(0, named=True)
    table, row = patients.place("doses", first["position"])
    count = group["subject"].n_unique()
    who = f"{count} patients" if count > 1 else f"subject {first['subject']}"
    message = (
        f"doses of {first['product']} to {who} of {first['arm']} are not compared with the "
        "regimen: no body weight"
    )
    return Issue(message, table, row, None, "write `weight_kg` in subjects", Severity.NOTE)
