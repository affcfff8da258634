"""Who is enrolled: candidates are followed up to a day, and an endpoint is asked of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stromal.endpoints.derive import derive_outcomes
from stromal.errors import InvalidInput, Issue
from stromal.protocol.simulation import Eligible
from stromal.simulate.numbering import Members
from stromal.simulate.population import draw_people
from stromal.simulate.rounds import run_course
from stromal.simulate.schedule import derive_doses
from stromal.simulate.tables import tabulate
from stromal.simulate.trial import Trial

MOST = 400
"""Candidates for each patient after whom nobody is looked for any more."""

Wholes = NDArray[np.int64]
Truths = NDArray[np.bool_]


def enrol(trial: Trial, members: Members, rule: Eligible, *, threads: int | None) -> Members:
    """Find the candidate that each patient is: the first, second ... who is eligible.

    Parameters
    ----------
    trial
        Ready to run.
    members
        Who is wanted, by their place among the enrolled.
    rule
        Which endpoint is asked, on which day.
    threads
        To solve on.

    Returns
    -------
    Members
        With the place of each among the candidates; it does not depend on who else is wanted.

    Raises
    ------
    InvalidInput
        Too few of the candidates are eligible: such a population cannot be drawn.
    """
    block = np.stack([members.replicate, members.arm])
    blocks, of = np.unique(block, axis=1, return_inverse=True)
    of = of.ravel()
    wanted = np.zeros(blocks.shape[1], np.int64)
    np.maximum.at(wanted, of, members.place + 1)
    found: list[list[int]] = [[] for _ in wanted]
    begun, size = 0, int(wanted.max()) * 2 + 4
    while open_blocks := [index for index, own in enumerate(found) if len(own) < wanted[index]]:
        if begun >= MOST * int(wanted.max()) + MOST:
            raise InvalidInput([_too_few(rule, begun)])
        replicate, arm = (np.repeat(row[open_blocks], size) for row in blocks)
        place = np.tile(np.arange(begun, begun + size), len(open_blocks))
        fit = _ask(trial, Members(replicate, arm, place), rule, threads=threads)
        for number, index in enumerate(open_blocks):
            own = fit[number * size : (number + 1) * size]
            found[index] += (begun + np.flatnonzero(own)).tolist()
        begun, size = begun + size, size * 2
    places = zip(of.tolist(), members.place.tolist(), strict=True)
    candidate = np.array([found[index][place] for index, place in places], np.int64)
    return replace(members, candidate=candidate)


def _ask(trial: Trial, members: Members, rule: Eligible, *, threads: int | None) -> Truths:
    """Follow candidates up to the day and ask, (N,); who failed or died is not eligible."""
    until = replace(trial, times=trial.times[trial.times <= rule.day])
    people = draw_people(trial.cohort, trial.protocol, trial.numbering, members)
    doses, _ = derive_doses(trial.protocol, people.subjects)
    course = run_course(until, people, doses, threads=threads)
    patients = tabulate(until, people, course)
    bound = trial.endpoints[rule.endpoint]
    labels = derive_outcomes(patients, [bound], reasons=False)["label"]
    asked = labels.is_in(list(rule.labels)).fill_null(value=False).to_numpy()
    alive = (patients.subjects["last_day"] >= rule.day).fill_null(value=False).to_numpy()
    return np.asarray(asked & alive & ~course.failed)


def _too_few(rule: Eligible, candidates: int) -> Issue:
    listed = ", ".join(rule.labels)
    return Issue(
        f"of {candidates} candidates of an arm, too few have `{rule.endpoint}` {listed} on day "
        f"{rule.day:g}",
        "protocol.toml",
        column="simulation.eligible",
        hint="such a population cannot be drawn; choose other labels, or other parameters",
    )
