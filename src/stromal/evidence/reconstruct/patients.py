"""Patients of the house's tables from a digitised curve, marked as reconstructed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import ndtri

from stromal.estimates.kaplan_meier import estimate_survival
from stromal.evidence.reconstruct.digitised import Digitised
from stromal.evidence.reconstruct.steps import EVEN, INSIDE, Floats, Points, invert_curve
from stromal.kernels.draws.uniforms import draw_uniforms
from stromal.tables.outcomes import CENSORED, EVENT, OUTCOMES
from stromal.tables.patients import Patients

ORIGIN = "reconstructed"
SOURCES = ("guyot2012",)
METHOD = "patients reconstructed from the digitised curve"

AT_STEP = "a step of the digitised curve"
OF_NUMBERS = "left between two numbers at risk; the day is not known"


@dataclass(frozen=True, slots=True)
class Digitising:
    """How much a second reading of the figure would differ.

    Parameters
    ----------
    survival
        Standard deviation of the survival of a point [1].
    days
        Standard deviation of the day of a point [d].

    Examples
    --------
    >>> Digitising().survival
    0.005
    """

    survival: float = 0.005
    days: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Reconstruction:
    """Patients of one arm as a curve and its numbers at risk have them.

    Parameters
    ----------
    patients
        Tables `subjects` and `events`, with `origin` reconstructed.
    outcomes
        Their times as rows of `outcomes`, which every estimator of survival takes.
    digitised
        What they were made from.
    largest, mean
        Difference of the survival of the patients from that of the points, in absolute value [1].
    missing
        Events of the paper beyond those for which the curve has steps; None where it tells none.
    assumptions
        What stands in for what the figure does not print, in words.
    """

    patients: Patients
    outcomes: pl.DataFrame
    digitised: Digitised
    largest: float
    mean: float
    missing: int | None
    assumptions: tuple[str, ...] = ()
    method: str = METHOD
    sources: tuple[str, ...] = field(default=SOURCES)

    @property
    def events(self) -> int:
        """Events found."""
        return self.patients.events.height


def reconstruct_patients(digitised: Digitised, arm: str, event: str = "death") -> Reconstruction:
    """Reconstruct the patients of an arm from its digitised curve.

    As many are at risk on each printed day as printed, and there are never more events than the
    paper tells. Within an interval of numbers at risk nobody knows who was censored when; they are
    spread evenly. [guyot2012]

    Parameters
    ----------
    digitised
        Curve and numbers at risk of one arm.
    arm
        Name of the arm; subjects are named after it.
    event
        What the curve is free of, a word of the table `events`.

    Returns
    -------
    Reconstruction
        Patients, never to be pooled with patients of another origin.

    Examples
    --------
    >>> from stromal.evidence.reconstruct.digitised import digitise
    >>> curve = pl.DataFrame({"time": [2.0, 6.0, 8.0], "survival": [0.9, 0.45, 0.45]})
    >>> numbers = pl.DataFrame({"time": [0.0, 5.0], "at_risk": [10, 8]})
    >>> found = reconstruct_patients(digitise(curve, numbers), "msc")
    >>> found.events, found.patients.subjects["origin"].unique().to_list()
    (5, ['reconstructed'])
    >>> found.outcomes.filter(pl.col("day") < 5).select("day", "label").rows()
    [(2.0, 'death'), (2.5, 'censored')]

    Witness: R survival::survfit of the true patients, tests/reference/reconstruct.
    """
    days, happened = invert_curve(_points(digitised))
    return _gather(digitised, days[0], happened[0], (arm, event))


def repeat_outcomes(
    digitised: Digitised,
    arm: str,
    *,
    repetitions: int = 200,
    digitising: Digitising | None = None,
    seed: int = 0,
) -> tuple[pl.DataFrame, ...]:
    """Reconstruct an arm again and again, as other readings and other censorings would have it.

    Each repetition draws an error of each point and a day of each censoring within its interval.
    Numbers are counter-based: repetition r is the same however many there are.

    Parameters
    ----------
    digitised
        Curve and numbers at risk of one arm.
    arm
        Name of the arm; arms have draws of their own.
    repetitions
        How many.
    digitising
        Error of a reading; that of a careful one where None.
    seed
        Of the draws.

    Returns
    -------
    tuple of DataFrame
        `day` [d], `status`, `arm`; n rows each.

    Examples
    --------
    >>> from stromal.evidence.reconstruct.digitised import digitise
    >>> curve = pl.DataFrame({"time": [2.0, 6.0, 8.0], "survival": [0.9, 0.45, 0.45]})
    >>> found = digitise(curve, pl.DataFrame({"time": [0.0, 5.0], "at_risk": [10, 8]}))
    >>> every = repeat_outcomes(found, "msc", repetitions=3)
    >>> every[1].equals(repeat_outcomes(found, "msc", repetitions=2)[1])
    True
    """
    n = digitised.n
    error = digitising or Digitising()
    shape = (repetitions, digitised.days.size)
    survival = digitised.survival + error.survival * _normal(seed, f"{arm}/survival", shape)
    moved = digitised.days + error.days * _normal(seed, f"{arm}/days", shape)
    places = draw_uniforms(seed, f"{arm}/censoring", 0, repetitions * n).reshape(repetitions, n)
    points = _points(digitised)
    drawn = Points(
        _within(moved, points),
        _falling(survival, digitised.survival),
        points.first,
        points.edges,
        points.at_risk,
        points.events,
        places,
    )
    days, happened = invert_curve(drawn)
    return tuple(
        pl.DataFrame({"day": day, "status": status.astype(np.int64), "arm": arm})
        for day, status in zip(days, happened, strict=True)
    )


def _points(digitised: Digitised) -> Points:
    """Return the curve as one repetition without error, its censorings evenly spread."""
    first = np.searchsorted(digitised.days, digitised.risk_days, side="left")
    return Points(
        digitised.days[None, :],
        digitised.survival[None, :],
        np.append(first, digitised.days.size).astype(np.int64),
        np.append(digitised.risk_days, digitised.days[-1]),
        digitised.at_risk.astype(np.int64),
        digitised.events,
        EVEN,
    )


def _normal(seed: int, stream: str, shape: tuple[int, int]) -> Floats:
    drawn = draw_uniforms(seed, f"reconstruct/{stream}", 0, shape[0] * shape[1])
    return np.asarray(ndtri(drawn)).reshape(shape)


def _falling(survival: Floats, told: Floats) -> Floats:
    """Return readings with error as curves that fall; points at 1 and at 0 are seen as such.

    The mean of the running minimum and of the running maximum from the end: either alone would
    lean to one side, by more the more points there are.
    """
    bounded = np.clip(survival, 0.0, 1.0)
    bounded = np.where((told >= 1.0) | (told <= 0.0), told, bounded)
    from_left = np.minimum.accumulate(bounded, axis=1)
    from_right = np.maximum.accumulate(bounded[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((from_left + from_right) / 2)


def _within(days: Floats, points: Points) -> Floats:
    """Return moved points in order, each within the interval of numbers at risk that it is of."""
    held = np.array(days)
    for at in range(points.at_risk.size):
        low, high = float(points.edges[at]), float(points.edges[at + 1])
        span = slice(int(points.first[at]), int(points.first[at + 1]))
        open_end = at + 1 < points.at_risk.size
        held[:, span] = np.clip(
            held[:, span], low, low + (INSIDE if open_end else 1) * (high - low)
        )
    return np.asarray(np.sort(held, axis=1))


def _gather(
    digitised: Digitised, days: Floats, happened: npt.NDArray[np.bool_], words: tuple[str, str]
) -> Reconstruction:
    """Return the patients in order of their days, with what tells how well they fit the curve."""
    arm, event = words
    order = np.lexsort((~happened, days))
    days, happened = days[order], happened[order]
    width = len(str(days.size))
    subjects = [f"{arm}-{number:0{width}d}" for number in range(1, days.size + 1)]
    whole = pl.DataFrame(
        {
            "subject": subjects,
            "origin": ORIGIN,
            "arm": arm,
            "endpoint": event,
            "kind": "time",
            "value": days,
            "unit": "day",
            "label": np.where(happened, event, "censored"),
            "day": days,
            "last_day": days,
            "status": np.where(happened, EVENT, CENSORED),
            "reason": np.where(happened, AT_STEP, OF_NUMBERS),
            "event": event,
        }
    )
    patients = Patients.of(
        subjects=whole.select("subject", "origin", "arm", "last_day"),
        events=whole.filter(status=EVENT).select("subject", "origin", "day", "event"),
    )
    outcomes = OUTCOMES.conform(whole.select(set(whole.columns) & set(OUTCOMES.names)))
    distance = _distance(digitised, outcomes)
    told = digitised.events
    return Reconstruction(
        patients,
        outcomes,
        digitised,
        largest=float(distance.max()),
        mean=float(distance.mean()),
        missing=None if told is None else told - int(happened.sum()),
        assumptions=_assume(digitised),
    )


def _distance(digitised: Digitised, outcomes: pl.DataFrame) -> Floats:
    """Return how far the patients' survival is from the last point of each day, (K,)."""
    table = estimate_survival(outcomes).table
    places = np.searchsorted(table["day"].to_numpy(), digitised.days, side="right") - 1
    last = np.append(np.diff(digitised.days) > 0, [True])
    found = table["probability"].to_numpy()[places]
    return np.asarray(np.abs(found - digitised.survival)[last])


def _assume(digitised: Digitised) -> tuple[str, ...]:
    """Say what stands in for numbers that the figure does not print."""
    said = ["patients are censored evenly between numbers at risk"]
    if digitised.events is None and digitised.at_risk.size == 1:
        said.append("nobody is censored before the curve ends: neither numbers at risk nor events")
    elif digitised.events is None:
        said.append("behind the last number at risk patients are censored at the rate before it")
    return tuple(said)
