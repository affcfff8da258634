"""Arms of the protocol and of the patients, and ages outside the population."""

from __future__ import annotations

from stromal.errors import Issue, Severity
from stromal.likeness import find_nearest
from stromal.protocol.protocol import Protocol
from stromal.tables.fold import fold_rows, fold_values
from stromal.tables.patients import Patients


def check_arms(patients: Patients, protocol: Protocol) -> tuple[Issue, ...]:
    """Arms that the protocol does not have, and arms of the protocol without a patient."""
    arms = patients.subjects["arm"]
    names = tuple(protocol.arms)

    def say(text: str, position: int) -> Issue:
        table, row = patients.place("subjects", position)
        near = find_nearest(text, names)
        hint = f"is `{near}` meant?" if near else f"the arms are {', '.join(names)}"
        return Issue(f"arm `{text[:60]}` is not in the protocol", table, row, "arm", hint)

    table = patients.place("subjects", 0)[0]
    filled = set(arms.drop_nulls().unique().to_list())
    empty = [
        Issue(f"no patient is in arm `{name}`", table, severity=Severity.WARNING)
        for name in names
        if name not in filled
    ]
    return (*fold_values(arms.is_not_null() & ~arms.is_in(names), arms, say), *empty)


def check_ages(patients: Patients, protocol: Protocol) -> tuple[Issue, ...]:
    """Ages and weights that cannot be, and ages outside the limits of the population."""
    ages, weights = patients.subjects["age_years"], patients.subjects["weight_kg"]
    population = protocol.population
    low = population.age_min_years if population.age_min_years is not None else 0.0
    high = population.age_max_years if population.age_max_years is not None else 120.0

    def say_age(position: int) -> Issue:
        table, row = patients.place("subjects", position)
        limits = f"outside {low:g} to {high:g} of the population"
        message = f"age is {ages[position]:g} years, {limits}"
        return Issue(message, table, row, severity=Severity.WARNING)

    def say_impossible(position: int) -> Issue:
        table, row = patients.place("subjects", position)
        return Issue(f"age is {ages[position]:g} years", table, row, "age_years")

    def say_weight(position: int) -> Issue:
        table, row = patients.place("subjects", position)
        hint = "write body weight in kg"
        return Issue(f"weight is {weights[position]:g} kg", table, row, "weight_kg", hint)

    impossible = (ages < 0) | (ages > 120)
    return (
        *fold_rows(impossible, say_impossible),
        *fold_rows(~impossible & ((ages < low) | (ages > high)), say_age),
        *fold_rows((weights <= 0) | (weights > 400), say_weight),
    )
