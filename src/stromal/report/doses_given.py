"""The table of doses that were given, beside those that were planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from stromal.errors import UnknownUnit, join_words
from stromal.protocol.dose import Quantity
from stromal.protocol.groups import list_levels
from stromal.protocol.protocol import Protocol
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import (
    MISSING,
    capitalise,
    count_noun,
    join_unit,
    render_count,
    render_name,
    render_number,
    render_range,
    typeset,
)
from stromal.tables.cohorts import name_apart, split_cohorts
from stromal.tables.patients import Patients

CAPTION = "Doses given"
NOT_RECORDED = "Doses given are not recorded."
_CELLS, _CELLS_SHOWN = "cell/kg", "10^6 cell/kg"
_MANY_DAYS, _MANY_LOTS = 6, 4


def render_doses_given(protocol: Protocol, patients: Patients) -> View:
    """Return the doses that patients were given, by arm and product.

    Parameters
    ----------
    protocol
        Gives the arms, their planned products and the labels.
    patients
        After reading: cells in cell/kg. Patients of several origins have a part of the table each.

    Returns
    -------
    View
        For each arm and product: how many patients were dosed, and how many have none recorded
        though it was planned; number of doses, single dose, cumulative dose, days and lots, as
        median and range over the patients who were dosed. Empty where nothing was planned and
        nothing given.

    Examples
    --------
    >>> from stromal.protocol.read import read_protocol
    >>> protocol = read_protocol("studies/itp-dose")
    >>> render_doses_given(protocol, Patients.of()).note
    'Doses given are not recorded.'
    """
    cohorts = {origin: name_apart(own) for origin, own in split_cohorts(patients).items()}
    if patients.doses.is_empty():
        return _render_absent(protocol)
    lines = {origin: _list_lines(protocol, cohort) for origin, cohort in cohorts.items()}
    lots = any(line.lots for own in lines.values() for line in own)
    rows: list[list[Cell]] = []
    for origin, own in lines.items():
        if len(lines) > 1:
            rows.append([Cell(capitalise(origin), "section"), *[Cell("")] * (8 if lots else 7)])
        arm = ""
        for line in own:
            rows.append(line.cells(with_arm=line.arm != arm, with_lots=lots))
            arm = line.arm
    numbers = ("Doses per patient", "Single dose", "Cumulative dose")
    headings = [
        Heading("Arm"),
        Heading("Product"),
        Heading("Patients dosed", numeric=True),
        Heading("No dose recorded", numeric=True),
        *(Heading(text, numeric=True) for text in numbers),
        Heading("Days"),
        *([Heading("Lots")] if lots else []),
    ]
    return view_of(CAPTION, headings, rows, _explain(lines), wordy=True)


def _render_absent(protocol: Protocol) -> View:
    """Return the planned products with the remark that nothing is recorded."""
    rows = [
        [Cell(typeset(arm.label), "strong"), Cell(_label(protocol, name)), Cell("not recorded")]
        for arm in protocol.arms.values()
        for name in dict.fromkeys(regimen.product for regimen in arm.regimen)
    ]
    headings = [Heading("Arm"), Heading("Product"), Heading("Doses")]
    return view_of(CAPTION, headings, rows, NOT_RECORDED)


@dataclass(frozen=True, slots=True)
class _Line:
    """What patients of an arm were given of one product; `arm` and `product` are printed."""

    arm: str
    product: str
    n: int = 0
    planned: bool = True
    doses: pl.DataFrame | None = None
    unit: str | None = None
    units: tuple[str, ...] = ()

    @property
    def dosed(self) -> int:
        """Patients with a dose on record."""
        return 0 if self.doses is None else self.doses["subject"].n_unique()

    @property
    def lots(self) -> list[str]:
        """Lots on record, in order."""
        return (
            [] if self.doses is None else self.doses["lot"].drop_nulls().unique().sort().to_list()
        )

    @property
    def unknown(self) -> int:
        """Patients of whom an amount is not known."""
        if self.doses is None:
            return 0
        return self.doses.filter(pl.col("amount").is_null())["subject"].n_unique()

    def cells(self, *, with_arm: bool, with_lots: bool) -> list[Cell]:
        """The row of the table."""
        head = [Cell(self.arm if with_arm else "", "strong")]
        if not self.product:
            nothing = Cell("none planned, none recorded", "muted")
            return [*head, nothing, *[Cell("")] * (7 if with_lots else 6)]
        lacking = str(self.n - self.dosed) if self.planned else MISSING
        product = self.product if self.planned else f"{self.product} (not planned)"
        counts = [Cell(render_count(self.dosed, self.n)), Cell(lacking)]
        lots = self.lots
        told = join_words(lots) if len(lots) <= _MANY_LOTS else count_noun(len(lots), "lot")
        return [
            *head,
            Cell(product),
            *counts,
            *self._amounts(),
            Cell(self._days()),
            *([Cell(told or MISSING)] if with_lots else []),
        ]

    def _amounts(self) -> list[Cell]:
        """Number of doses of a patient, single dose, cumulative dose."""
        if self.doses is None or self.doses.is_empty():
            return [Cell(MISSING)] * 3
        counts = self.doses.group_by("subject").len()["len"]
        if self.unit is None:
            mixed = Cell(f"in {join_words(self.units)}" if self.units else MISSING, "muted")
            return [Cell(_spread(counts)), mixed, Cell(MISSING)]
        # A patient with an unknown amount has no cumulative dose.
        sums = self.doses.group_by("subject").agg(
            pl.when(pl.col("amount").is_not_null().all()).then(pl.col("amount").sum())
        )["amount"]
        return [
            Cell(_spread(counts)),
            Cell(join_unit(_spread(self.doses["amount"]), self.unit)),
            Cell(join_unit(_spread(sums), self.unit)),
        ]

    def _days(self) -> str:
        if self.doses is None or self.doses["day"].drop_nulls().is_empty():
            return MISSING
        days = self.doses["day"].drop_nulls().unique().sort()
        if len(days) <= _MANY_DAYS:
            return ", ".join(render_number(day) for day in days)
        ends = self.doses.group_by("subject").agg(
            first=pl.col("day").min(), last=pl.col("day").max()
        )
        first, last = _spread(ends["first"]), _spread(ends["last"])
        return f"first {first}, last {last}"


def _list_lines(protocol: Protocol, cohort: Patients) -> list[_Line]:
    """Return a line for each arm and product that was planned or given, in the protocol's order."""
    subjects = cohort.subjects.select("subject", "arm").unique("subject", keep="first")
    doses = cohort.doses.join(subjects, on="subject", maintain_order="left")
    found = subjects["arm"].drop_nulls().unique(maintain_order=True).to_list()
    lines: list[_Line] = []
    for arm in list_levels(protocol, "arm", found):
        n = subjects.filter(pl.col("arm") == arm).height
        own = doses.filter(pl.col("arm") == arm)
        planned = protocol.arms[arm].regimen if arm in protocol.arms else ()
        label = typeset(protocol.arms[arm].label) if arm in protocol.arms else arm
        names = [regimen.product for regimen in planned]
        given = own["product"].drop_nulls().unique(maintain_order=True).to_list()
        if not names and not given:
            lines.append(_Line(label, ""))
        for name in dict.fromkeys((*names, *given)):
            rows = own.filter(pl.col("product") == name)
            wanted = [regimen.unit for regimen in planned if regimen.product == name]
            unit, converted = _in_one_unit(rows, wanted)
            units = tuple(rows["unit"].drop_nulls().unique(maintain_order=True))
            shown = _label(protocol, name)
            lines.append(_Line(label, shown, n, name in names, converted, unit, units))
    return lines


def _in_one_unit(rows: pl.DataFrame, wanted: Sequence[str]) -> tuple[str | None, pl.DataFrame]:
    """Return doses in one unit that all of them convert to without a body weight.

    The unit of the regimen is tried first, then millions of cells per kg, then the recorded ones.
    """
    recorded = rows["unit"].drop_nulls().unique(maintain_order=True).to_list()
    usual = [_CELLS_SHOWN] if _CELLS in recorded else []
    for unit in (*wanted, *usual, *recorded):
        factors = {one: _factor(one, unit) for one in recorded}
        if factors and None not in factors.values():
            factor = pl.col("unit").replace_strict(factors, default=None, return_dtype=pl.Float64)
            amount = (pl.col("amount") * factor).round_sig_figs(12)
            return unit, rows.with_columns(amount)
    return None, rows


def _factor(unit: str, to: str) -> float | None:
    """Return what a dose is multiplied by; None where a weight is needed, or there is no way."""
    try:
        dose, power = Quantity(1.0, 1.0, unit).convert(to)
    except UnknownUnit:
        return None
    return dose.low if power == 0 else None


def _spread(values: pl.Series) -> str:
    """Return median and range, or the one value that all have."""
    known = values.drop_nulls().cast(pl.Float64)
    if known.is_empty():
        return MISSING
    low, middle, high = (_number(end) for end in (known.min(), known.median(), known.max()))
    if low == high:
        return render_number(low)
    return f"{render_number(middle)} ({render_range(low, high)})"


def _number(value: Any) -> float:  # noqa: ANN401 - what a Polars aggregate gives
    return float(value)


def _label(protocol: Protocol, name: str) -> str:
    product = protocol.products.get(name)
    return typeset(product.label) if product else render_name(name)


def _explain(lines: dict[str, list[_Line]]) -> str:
    """Return the note below the table."""
    parts = ["Median (range) over the patients who were dosed."]
    unknown = sum(line.unknown for own in lines.values() for line in own)
    if unknown:
        parts.append(
            f"{count_noun(unknown, 'patient')} with an amount that is not known "
            f"{'has' if unknown == 1 else 'have'} no cumulative dose."
        )
    return " ".join(parts)
