"""Arms of the protocol and of the patients, and ages outside the population."""

from __future__ import annotations

import polars as pl

from stromal.errors import Issue, Severity
from stromal.likeness import find_nearest
from stromal.protocol.groups import list_virtual_arms
from stromal.protocol.protocol import Protocol
from stromal.tables.cohort import OBSERVED, REAL
from stromal.tables.fold import fold_rows, fold_values
from stromal.tables.missing_codes import LOUD_CODES, QUIET_CODES
from stromal.tables.patients import Patients

OLDEST = 120.0
WEIGHTS = {"human": (0.2, 400.0), "mouse": (0.0005, 0.2)}
"""Lightest and heaviest body in kg: a preterm child, a newborn mouse."""


def check_arms(patients: Patients, protocol: Protocol) -> tuple[Issue, ...]:
    """Arms that are not in the protocol, are empty, or are virtual and hold real patients."""
    arms = patients.subjects["arm"]
    names = tuple(protocol.arms)

    def say(text: str, position: int) -> Issue:
        table, row = patients.place("subjects", position)
        near = find_nearest(text, names)
        hint = f"is `{near}` meant?" if near else f"the arms are {', '.join(names)}"
        return Issue(f"arm `{text[:60]}` is not in the protocol", table, row, "arm", hint)

    virtual = list_virtual_arms(protocol)

    def say_virtual(text: str, position: int) -> Issue:
        table, row = patients.place("subjects", position)
        message = f"arm `{text}` is of virtual patients alone, and this one is none"
        return Issue(message, table, row, "arm", "leave `simulated_only` of the arm out")

    real = patients.subjects["origin"].fill_null(OBSERVED).is_in(REAL)
    table = patients.place("subjects", 0)[0]
    filled = set(arms.drop_nulls().unique().to_list())
    empty = [
        Issue(f"no patient is in arm `{name}`", table, severity=Severity.WARNING)
        for name in names
        if name not in filled and name not in virtual
    ]
    return (
        *fold_values(arms.is_not_null() & ~arms.is_in(names), arms, say),
        *fold_values(real & arms.is_in(virtual), arms, say_virtual),
        *empty,
    )


def check_ages(patients: Patients, protocol: Protocol) -> tuple[Issue, ...]:
    """Ages and weights that cannot be, and ages outside the limits of the population."""
    subjects = patients.subjects
    ages, weights, species = subjects["age_years"], subjects["weight_kg"], subjects["species"]
    population = protocol.population
    low = population.age_min_years if population.age_min_years is not None else 0.0
    high = population.age_max_years if population.age_max_years is not None else OLDEST

    def say_age(position: int) -> Issue:
        table, row = patients.place("subjects", position)
        limits = f"outside {low:g} to {high:g} of the population"
        message = f"age is {ages[position]:g} years, {limits}"
        return Issue(message, table, row, severity=Severity.WARNING)

    def say_impossible(position: int) -> Issue:
        table, row = patients.place("subjects", position)
        age = ages[position]
        hint = _hint_code(age) or "write the age on day 0 in years"
        return Issue(f"age is {age:g} years", table, row, "age_years", hint)

    def say_weight(position: int) -> Issue:
        table, row = patients.place("subjects", position)
        weight = weights[position]
        hint = _hint_code(weight) or "write body weight in kg"
        return Issue(f"weight is {weight:g} kg", table, row, "weight_kg", hint)

    impossible = (ages < 0) | (ages > OLDEST)
    lightest, heaviest = (
        species.replace_strict(
            {name: span[end] for name, span in WEIGHTS.items()},
            default=WEIGHTS["human"][end],
            return_dtype=pl.Float64,
        )
        for end in (0, 1)
    )
    return (
        *fold_rows(impossible, say_impossible),
        *fold_rows(~impossible & ((ages < low) | (ages > high)), say_age),
        *fold_rows((weights < lightest) | (weights > heaviest), say_weight),
    )


def _hint_code(number: float) -> str | None:
    """Return what to do about a code for missing; None where the number is none."""
    if number not in (*LOUD_CODES, *QUIET_CODES):
        return None
    return f"{number:g} may be a code for missing; leave the cell empty where nothing is known"
