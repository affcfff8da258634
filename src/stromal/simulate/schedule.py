"""The regimens of a protocol as doses: rows of the doses table, and doses of a kernel.

The table is what a data manager would have written down, so that checks and reports see no
difference; the kernel's doses follow from the table and the ports of the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from stromal.errors import InvalidInput, Issue, Severity, UnknownUnit, has_errors
from stromal.kernels.timeline import Dose
from stromal.models.ports import Ports, ProductPort
from stromal.protocol.dose import Quantity
from stromal.protocol.protocol import Protocol, Regimen
from stromal.tables.cohort import KEY
from stromal.tables.doses import DOSES
from stromal.tables.subjects import SUBJECTS
from stromal.units import find_unit

_PER_KG = "cell/kg"
_KEYS = list(KEY)


def derive_doses(
    protocol: Protocol, subjects: pl.DataFrame
) -> tuple[pl.DataFrame, tuple[Issue, ...]]:
    """Return the doses that patients get if everybody follows the regimen of the arm.

    Parameters
    ----------
    protocol
        Its arms say what is given; days [d] and doses [unit of each regimen] as planned.
    subjects
        One row per patient, as the subjects table has them: `subject`, `arm`, `weight_kg` [kg]
        where a dose depends on it.

    Returns
    -------
    doses
        One row per patient, product and day, in the order of the patients and then of the days;
        cells in cell/kg, other doses in the unit of the regimen, as after reading a file.
    issues
        Warnings: patients who by the protocol got fewer or more doses than there are days.

    Raises
    ------
    InvalidInput
        Every issue: arms that the protocol does not have, doses that are not stated or are a
        range, days that are not stated, repeats by rule, a product that two regimens of an arm
        give on one day, patients without a weight.

    Examples
    --------
    >>> from stromal.protocol.read import read_protocol
    >>> subjects = pl.DataFrame({"subject": ["1"], "arm": ["adipose_2"], "weight_kg": [70.0]})
    >>> doses, _ = derive_doses(read_protocol("studies/itp-dose"), subjects)
    >>> doses.select("subject", "day", "product", "amount", "unit").row(0)
    ('1', 0.0, 'adipose_msc', 2000000.0, 'cell/kg')
    """
    people = SUBJECTS.conform(subjects).with_row_index("patient")
    issues = [*_check_arms(protocol, people)]
    parts: list[pl.DataFrame] = []
    for name, arm in protocol.arms.items():
        own = people.filter(pl.col("arm") == name)
        if own.is_empty():
            continue
        issues += _check_days_once(arm.regimen, f"arms.{name}.regimen")
        for index, regimen in enumerate(arm.regimen):
            column = f"arms.{name}.regimen[{index}]"
            found = [*_check_regimen(regimen, column), *_check_weights(regimen, column, own)]
            issues += found
            if not has_errors(found):
                parts.append(_spread(regimen, own))
    if has_errors(issues):
        raise InvalidInput(issues)
    empty = DOSES.empty().with_columns(patient=pl.lit(0, people.schema["patient"]))
    doses = pl.concat([empty, *(DOSES.conform(part) for part in parts)])
    doses = doses.sort("patient", "day", maintain_order=True)
    return doses.drop("patient"), tuple(issues)


def spread_regimen(regimen: Regimen, subjects: pl.DataFrame) -> pl.DataFrame:
    """Return the doses of one regimen: a row of `doses` for each patient and planned day.

    Examples
    --------
    >>> subjects = pl.DataFrame({"subject": ["1"], "weight_kg": [70.0]})
    >>> regimen = Regimen(product="msc", dose=2.0, unit="10^6 cell/kg", days=[0, 7])
    >>> spread_regimen(regimen, subjects).select("day", "amount").rows()
    [(0.0, 2000000.0), (7.0, 2000000.0)]
    """
    people = SUBJECTS.conform(subjects).with_row_index("patient")
    return DOSES.conform(_spread(regimen, people).drop("patient"))


def _spread(regimen: Regimen, people: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each patient and planned day."""
    dose, power = _as_recorded(regimen)
    amount = _by_weight(pl.lit(dose.low), power)
    return people.select(
        "patient",
        *KEY,
        product=pl.lit(regimen.product),
        amount=amount.round_sig_figs(15),
        unit=pl.lit(dose.unit),
        route=pl.lit(regimen.route or None, pl.String),
    ).join(pl.DataFrame({"day": list(regimen.days)}, {"day": pl.Float64}), how="cross")


def _by_weight(amount: pl.Expr, power: int) -> pl.Expr:
    """Return an amount for a body of 1 kg as one for the weight; null without a weight."""
    weight = pl.when(pl.col("weight_kg") > 0).then(pl.col("weight_kg"))
    return {0: amount, 1: amount * weight, -1: amount / weight}[power]


def _as_recorded(regimen: Regimen) -> tuple[Quantity, int]:
    """Return the dose in the unit that the doses table has, and the power of weight it lacks."""
    if regimen.amount is None:
        raise ValueError(f"the dose of {regimen.product} is not stated")
    unit = find_unit(regimen.unit)
    return regimen.amount.convert(_PER_KG if unit.dimension.startswith("cells") else unit.name)


def _check_arms(protocol: Protocol, people: pl.DataFrame) -> Iterator[Issue]:
    known = pl.col("arm").is_in(list(protocol.arms))
    for arm, count in (
        people.filter(known.not_() | pl.col("arm").is_null())["arm"]
        .value_counts()
        .sort("arm")
        .iter_rows()
    ):
        who = "1 patient is" if count == 1 else f"{count} patients are"
        where = "in no arm" if arm is None else f"in arm `{arm}`, which the protocol does not have"
        yield Issue(
            f"{who} {where}",
            "subjects",
            column="arm",
            hint=f"the arms are {', '.join(protocol.arms)}",
        )


def _check_regimen(regimen: Regimen, column: str) -> Iterator[Issue]:
    """Yield what a regimen does not say, and what cannot be simulated of it."""
    what = f"the dose of `{regimen.product}`"
    if regimen.amount is None:
        yield _issue(f"{what} is not stated", column, "a simulated arm needs a dose")
    elif regimen.amount.low != regimen.amount.high:
        low, high = regimen.amount.low, regimen.amount.high
        yield _issue(
            f"{what} is a range, {low:g} to {high:g} {regimen.unit}",
            f"{column}.dose_min",
            "a simulated arm needs one dose; write an arm for each",
        )
    if not regimen.days:
        yield _issue(
            f"the days of `{regimen.product}` are not stated", column, "a simulated arm needs days"
        )
    if regimen.repeat is not None:
        yield _issue(
            f"`{regimen.product}` is repeated by a rule, and rules cannot be simulated yet",
            f"{column}.repeat",
            "simulate an arm without the rule, with all days written out",
        )
    counts = {regimen.doses_min, regimen.doses_max} - {None}
    if regimen.days and counts - {len(regimen.days)}:
        few, many = min(c for c in counts if c), max(c for c in counts if c)
        yield _issue(
            f"patients got {few} to {many} doses of `{regimen.product}`; everybody is given "
            f"{len(regimen.days)} here",
            f"{column}.doses_min",
            "simulated patients get a dose on each of the planned days",
            Severity.WARNING,
        )


def _check_days_once(regimens: Sequence[Regimen], column: str) -> Iterator[Issue]:
    first: dict[tuple[str, float], int] = {}
    for index, regimen in enumerate(regimens):
        for day in regimen.days:
            before = first.setdefault((regimen.product, day), index)
            if before != index:
                yield _issue(
                    f"`{regimen.product}` is given on day {day:g} by regimen {before} already",
                    f"{column}[{index}].days",
                    "write one dose for each day",
                )


def _check_weights(regimen: Regimen, column: str, people: pl.DataFrame) -> Iterator[Issue]:
    if regimen.amount is None or not _as_recorded(regimen)[1]:
        return
    light = people.filter((pl.col("weight_kg") > 0).not_() | pl.col("weight_kg").is_null())
    if light.height:
        yield _issue(_without_weight(f"the dose of `{regimen.product}`", light), column, _WEIGH)


_WEIGH = "write `weight_kg` in subjects"


def _without_weight(what: str, people: pl.DataFrame) -> str:
    who = "1 patient" if people.height == 1 else f"{people.height} patients"
    return f"{what} needs the body weight of {who}, the first of them {people['subject'][0]}"


def _issue(message: str, column: str, hint: str, severity: Severity = Severity.ERROR) -> Issue:
    return Issue(message, "protocol.toml", column=column, hint=hint, severity=severity)


def derive_kernel_doses(
    doses: pl.DataFrame, subjects: pl.DataFrame, protocol: Protocol, ports: Ports
) -> tuple[Dose, ...]:
    """Return the doses of a table as doses of a kernel, through the ports of its model.

    Parameters
    ----------
    doses
        As `derive_doses` gives them, or as read: `amount` in `unit`, `day` [d].
    subjects
        The patients of the run, in its order: patient 0 is the first row.
    protocol
        Says of which kind each product is, and the species of patients who have none.
    ports
        Which state a product goes into, and how much of it makes one there.

    Returns
    -------
    tuple of Dose
        One for each product, in order of their first rows: times [d], amounts in the unit of the
        state, and the patients as numbers from 0.

    Raises
    ------
    InvalidInput
        Every issue: products without a port, doses in a unit that the port cannot take, species
        that the port does not know, patients without a weight, rows of nobody, missing amounts.

    Examples
    --------
    >>> from stromal.protocol.read import read_protocol
    >>> protocol = read_protocol("studies/itp-dose")
    >>> subjects = pl.DataFrame({"subject": ["1"], "arm": ["adipose_2"], "weight_kg": [70.0]})
    >>> port = ProductPort(state="MB", unit="10^6 cell/kg")
    >>> ports = Ports(products={"msc": port})
    >>> doses, _ = derive_doses(protocol, subjects)
    >>> (dose,) = derive_kernel_doses(doses, subjects, protocol, ports)
    >>> dose.state, dose.time.tolist(), dose.amount.tolist(), dose.patients.tolist()
    ('MB', [0.0], [2.0], [0])
    """
    people = SUBJECTS.conform(subjects).with_row_index("patient")
    people = people.with_columns(pl.col("species").fill_null(protocol.study.species))
    rows = DOSES.conform(doses).join(
        people.select("patient", *KEY, "species", "weight_kg"),
        on=_KEYS,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    issues = [*_check_rows(rows)]
    found: list[Dose] = []
    for (name,), own in rows.group_by("product", maintain_order=True):
        giving = _find_port(str(name), protocol, ports)
        if isinstance(giving, Issue):
            issues.append(giving)
            continue
        amounts, said = _in_state(own, giving)
        issues += said
        if not said:
            time = (own["day"] + giving.port.lag).to_numpy()
            patients = own["patient"].to_numpy()
            found.append(Dose(time, giving.port.state, amounts.to_numpy(), patients=patients))
    if issues:
        raise InvalidInput(issues)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Giving:
    """A product and the port that takes it."""

    product: str
    port: ProductPort


def _find_port(name: str, protocol: Protocol, ports: Ports) -> _Giving | Issue:
    product = protocol.products.get(name)
    if product is None:
        hint = f"the products are {', '.join(protocol.products) or 'none'}"
        return Issue(
            f"product `{name[:60]}` is not in the protocol", "doses", column="product", hint=hint
        )
    port = ports.product(name, product.kind)
    if port is None:
        return Issue(
            f"the model has no port for `{name}`, which is of kind {product.kind}",
            ports.table,
            hint=f"write where it goes as `[products.{product.kind}]` or `[products.{name}]`",
        )
    return _Giving(name, port)


def _in_state(rows: pl.DataFrame, giving: _Giving) -> tuple[pl.Series, list[Issue]]:
    """Return the amounts in the unit of the state, and why some of them cannot be."""
    port, issues = giving.port, list[Issue]()
    units: dict[str, tuple[float, int]] = {}
    for unit in rows["unit"].drop_nulls().unique(maintain_order=True):
        try:
            dose, power = Quantity(1.0, 1.0, unit).convert(port.unit)
        except UnknownUnit:
            message = f"doses of `{giving.product}` are in {unit}, and the port takes {port.unit}"
            hint = "there is no way between the two; write a port in the unit of the doses"
            issues.append(Issue(message, "doses", column="unit", hint=hint))
        else:
            units[unit] = (dose.low, power)
    makes_one = {one: port.amount_of(one) for one in rows["species"].unique(maintain_order=True)}
    for species in (one for one, amount in makes_one.items() if amount is None):
        message = f"the port of `{giving.product}` does not say what makes one in a {species}"
        hint = f"write `amount = {{ {species} = ... }}`"
        issues.append(Issue(message, "ports.toml", hint=hint))
    if issues:
        return rows["amount"], issues
    factors = {unit: factor for unit, (factor, _) in units.items()}
    ones = {species: amount for species, amount in makes_one.items() if amount is not None}
    rows = rows.with_columns(
        factor=pl.col("unit").replace_strict(factors, default=None, return_dtype=pl.Float64),
        one=pl.col("species").replace_strict(ones, default=None, return_dtype=pl.Float64),
    )
    amount, weighed = pl.col("amount") * pl.col("factor"), pl.lit(None, pl.Float64)
    for power in (-1, 0, 1):
        such = pl.col("unit").is_in([unit for unit, (_, own) in units.items() if own == power])
        weighed = pl.when(such).then(_by_weight(amount, power)).otherwise(weighed)
    rows = rows.with_columns(weighed=weighed / pl.col("one"))
    light = rows.filter(
        pl.col("weighed").is_null() & pl.all_horizontal(pl.col("amount", "unit").is_not_null())
    )
    light = light.unique(_KEYS, maintain_order=True)
    if light.height:
        message = _without_weight(f"the dose of `{giving.product}`", light)
        issues.append(Issue(message, "subjects", column="weight_kg", hint=_WEIGH))
    return rows["weighed"].round_sig_figs(15), issues


def _check_rows(rows: pl.DataFrame) -> Sequence[Issue]:
    """Return the issues of rows that name nobody or lack a number."""
    issues = []
    lost = rows.filter(pl.col("patient").is_null())["subject"].unique(maintain_order=True)
    if len(lost):
        hint = "give the doses of the patients of the run"
        message = f"{len(lost)} of those dosed are not among the patients, the first {lost[0]}"
        issues.append(Issue(message, "doses", column="subject", hint=hint))
    for column in ("day", "amount", "unit", "product"):
        missing = rows[column].null_count()
        if missing:
            hint = "what is not known cannot be given; leave the row out, or write it"
            told = "1 row has" if missing == 1 else f"{missing} rows have"
            issues.append(Issue(f"{told} no {column}", "doses", column=column, hint=hint))
    return issues
