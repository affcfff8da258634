"""What is asked during a run, and when: rules of the ward, and regimens that go on by rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from stromal.protocol.protocol import Regimen
from stromal.protocol.simulation import Action
from stromal.simulate.schedule import spread_regimen
from stromal.simulate.trial import Trial

Give = Callable[[pl.DataFrame, float], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked on a day: the rule, in which arm, and what is given where the answer is yes."""

    day: float
    action: Action
    key: str
    arm: str | None = None
    once: bool = False
    regimen: Give | None = None


def list_questions(trial: Trial) -> tuple[Question, ...]:
    """Return all questions of a run, in the order of their days, then of the protocol."""
    found = [*_of_actions(trial), *_of_repeats(trial)]
    return tuple(sorted(found, key=lambda question: question.day))


def _of_actions(trial: Trial) -> Iterator[Question]:
    end = float(trial.times[-1])
    for action in trial.simulation.actions:
        last = end if action.to_day is None else action.to_day
        asks = action.analyte or action.endpoint or action.happened
        if asks is None and action.every_days is None:
            days = [action.from_day]
        elif action.every_days is not None:
            steps = int((min(last, end) - action.from_day) / action.every_days + 1e-9)
            days = [action.from_day + step * action.every_days for step in range(steps + 1)]
        else:
            days = [
                sampling.day
                for sampling in trial.samplings
                if action.analyte is None or action.analyte in sampling.analytes
            ]
        give = None
        if action.product is not None:
            regimen = Regimen(
                product=action.product, dose=action.dose, unit=action.unit or "", note="by rule"
            )
            give = _giving(regimen)
        for day in sorted(set(days)):
            if action.from_day <= day <= last and day < end:
                yield Question(day, action, action.name, regimen=give)


def _of_repeats(trial: Trial) -> Iterator[Question]:
    end = float(trial.times[-1])
    for arm, regimens in trial.repeats.items():
        for index, regimen in enumerate(regimens):
            repeat = regimen.repeat
            if repeat is None:
                continue
            key = f"{arm}[{index}]"
            action = Action(
                name=f"repeat_{index}", endpoint=repeat.rule.endpoint, labels=repeat.rule.labels
            )
            for step in range(repeat.count):
                day = repeat.from_day + step * repeat.every_days
                if day < end:
                    yield Question(day, action, key, arm, once=True, regimen=_giving(regimen))


def _giving(regimen: Regimen) -> Give:
    """Return what gives a dose of a regimen to some patients on a day."""

    def give(subjects: pl.DataFrame, day: float) -> pl.DataFrame:
        once = regimen.model_copy(update={"days": (day,), "repeat": None})
        return spread_regimen(once, subjects)

    return give


def list_question_days(trial: Trial) -> tuple[float, ...]:
    """Return the days on which something is asked, each once, in order."""
    days = np.array([question.day for question in list_questions(trial)])
    return tuple(np.unique(days).tolist())
