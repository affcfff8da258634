"""Who is enrolled: candidates are followed up to a day, and an endpoint is asked of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stromal.endpoints.derive import derive_outcomes
from stromal.errors import Issue
from stromal.protocol.simulation import Eligible
from stromal.simulate.numbering import Members
from stromal.simulate.population import draw_people
from stromal.simulate.rounds import run_course
from stromal.simulate.schedule import derive_doses
from stromal.simulate.tables import tabulate
from stromal.simulate.trial import Trial

MOST = 100
"""Candidates for each patient of an arm after whom nobody is looked for any more."""

ASKED = 400
"""Candidates of an arm who are asked before a run whether there is anybody at all."""

DRAWS = 8
"""Draws of uncertain parameters that are asked for them."""

Truths = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Who was enrolled, and whose trial found too few, (N,)."""

    members: Members
    lost: Truths


def enrol(trial: Trial, members: Members, rule: Eligible, *, threads: int | None) -> Enrolled:
    """Find the candidate that each patient is: the first, second ... who is eligible.

    An arm that is not full after `MOST` candidates for each of its patients is lost as a whole: a
    trial cannot be had with patients whom nobody finds.

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
    Enrolled
        With the place of each among the candidates; it does not depend on who else is wanted.
    """
    block = np.stack([members.replicate, members.arm])
    blocks, of = np.unique(block, axis=1, return_inverse=True)
    of = of.ravel()
    # Whether an arm is full is asked of the whole arm, whatever part of it is wanted.
    wanted = np.array(list(trial.numbering.sizes.values()))[blocks[1]]
    limit = MOST * (wanted + 1)
    found: list[list[int]] = [[] for _ in wanted]
    begun, size = 0, int(wanted.max()) * 2 + 4
    while open_blocks := [
        index
        for index, own in enumerate(found)
        if len(own) < wanted[index] and begun < limit[index]
    ]:
        replicate, arm = (np.repeat(row[open_blocks], size) for row in blocks)
        place = np.tile(np.arange(begun, begun + size), len(open_blocks))
        fit = _ask(trial, Members(replicate, arm, place), rule, threads=threads)
        for number, index in enumerate(open_blocks):
            own = fit[number * size : (number + 1) * size]
            found[index] += (begun + np.flatnonzero(own)).tolist()
        begun, size = begun + size, size * 2
    full = [
        sum(place < most for place in own) >= size
        for own, most, size in zip(found, limit.tolist(), wanted.tolist(), strict=True)
    ]
    places = zip(of.tolist(), members.place.tolist(), strict=True)
    candidate = [found[index][place] if full[index] else place for index, place in places]
    lost = np.array([not full[index] for index in of.tolist()], bool)
    return Enrolled(replace(members, candidate=np.array(candidate, np.int64)), lost)


def check_enrolment(trial: Trial) -> tuple[Issue, ...]:
    """Ask a few candidates of several draws whether anybody is eligible, before anything is run.

    Returns
    -------
    tuple of Issue
        An error for each arm in which nobody is: such a population cannot be drawn.
    """
    rule = trial.simulation.eligible
    if rule is None:
        return ()
    numbering = trial.numbering
    step = numbering.per_study * numbering.per_draw
    draws = np.arange(0, numbering.replicates, step)[:DRAWS]
    places = np.arange(ASKED // len(draws))
    issues = []
    for arm, name in enumerate(trial.protocol.arms):
        replicate = np.repeat(draws, len(places))
        place = np.tile(places, len(draws))
        members = Members(replicate, np.full(len(place), arm), place)
        if not _ask(trial, members, rule, threads=None).any():
            issues.append(_nobody(rule, len(place), name))
        if numbering.same_patients:
            break
    return tuple(issues)


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


def _nobody(rule: Eligible, candidates: int, arm: str) -> Issue:
    listed = ", ".join(rule.labels)
    return Issue(
        f"of {candidates} candidates of arm `{arm}`, none has `{rule.endpoint}` {listed} on day "
        f"{rule.day:g}",
        "protocol.toml",
        column="simulation.eligible",
        hint="such a population cannot be drawn; choose other labels, or other parameters",
    )
