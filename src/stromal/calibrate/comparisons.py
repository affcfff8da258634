"""What of which simulated trial is compared with which target; `comparisons.csv` holds it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from stromal.models.library.targets import read_targets

MODEL = "physiology"
"""The model that the comparisons speak of."""

DIRECTION = "higher"
"""The statistic that says in what share of trials one arm lies above another."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A target, and how it is read off simulated patients.

    Parameters
    ----------
    id, target, role
        As in the targets of the model.
    trial, arms, against, endpoint
        Which outcome of which patients; `against` is the arm that a ratio divides by.
    statistic
        `share`, `share_below`, `share_fallen`, `median`, `median_value`, `mean`, `free_until`,
        `event_until`, `ratio`, `higher`, `risk_ratio_from`, `risk_ratio_until` or `hazard_ratio`.
    labels, cut, day
        Which labels, below (`risk_ratio_from`: from) which value, until which day [d].
    among
        Endpoint that a patient must have an outcome of, and whose value `share_fallen` compares
        with; where `labels` are given with a day, one of them.
    value, low, high
        What was observed, and its interval where one is printed or exact.
    n
        Patients observed; None where nobody says.
    shares
        Word of the patients, who must not be counted twice.
    note
        What differs from the target, or why it cannot be compared.
    """

    id: str
    target: str
    role: str
    trial: str
    arms: tuple[str, ...]
    against: str
    endpoint: str
    statistic: str
    labels: tuple[str, ...]
    cut: float | None
    day: float | None
    among: str
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    unit: str
    observed_as: str
    shares: str
    note: str


@cache
def read_comparisons(roles: tuple[str, ...] = ("C", "V", "H")) -> tuple[Comparison, ...]:
    """Return the targets of some roles with how each is compared, in the order of the targets.

    Parameters
    ----------
    roles
        Some of `C` (fitted), `V` (checked) and `H` (held out).

    Returns
    -------
    tuple of Comparison
        A target that cannot be compared has an empty `trial` and says why in `note`.

    Examples
    --------
    >>> found = {each.id: each for each in read_comparisons(("C",))}
    >>> found["B1.3b"].endpoint, found["B1.3b"].labels, found["B1.3b"].n
    ('neutropenia', ('3', '4'), 26)
    """
    text = (files("stromal.calibrate") / "comparisons.csv").read_text("utf-8")
    ways = {row["id"]: row for row in csv.DictReader(text.splitlines())}
    return tuple(
        _join(target, ways[target["id"]])
        for target in read_targets(MODEL, roles).iter_rows(named=True)
    )


def _join(target: dict[str, object], way: dict[str, str]) -> Comparison:
    labels = way["labels"]
    return Comparison(
        id=str(target["id"]),
        target=str(target["target"]),
        role=str(target["role"]),
        trial=way["trial"],
        arms=tuple(way["arm"].split()),
        against=way["against"],
        endpoint=way["endpoint"],
        statistic=way["statistic"],
        labels=(labels,) if labels in _WITH_SPACES else tuple(labels.split()),
        cut=_number(way["cut"]),
        day=_number(way["day"]),
        among=way["among"],
        value=_number(target["value"]),
        low=_number(target["low"]),
        high=_number(target["high"]),
        n=None if target["n"] is None else int(float(str(target["n"]))),
        unit=str(target["unit"]),
        observed_as=str(target["statistic"]),
        shares=str(target["shares_patients"] or target["id"]),
        note="; ".join(text for text in (way["note"], str(target["note"] or "")) if text),
    )


_WITH_SPACES = ("primary graft failure",)


def _number(cell: object) -> float | None:
    return None if cell in (None, "") else float(str(cell))
