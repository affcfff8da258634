"""The answers to the questions of a study as tables, to be written beside its estimates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from stromal.evidence.question.answer import EvidenceAnswer
from stromal.evidence.question.pooling import Told

STUDY_COLUMNS = (
    "study", "first_author", "year", "reference", "design", "read_in", "locator", "row", "arm",
    "subgroup", "outcome", "scale", "day", "source", "donor", "age_group", "n", "dose_low",
    "dose_median", "dose_high", "infusions_low", "infusions_high", "events", "total",
    "reference_row", "reference_events", "reference_total", "shown", "shown_low", "shown_high",
    "shown_unit", "interval", "weight", "status", "reason", "why",
)  # fmt: skip

POOLED = {
    "question": pl.String(), "what": pl.String(), "left_out": pl.String(), "value": pl.Float64(),
    "low": pl.Float64(), "high": pl.Float64(), "prediction_low": pl.Float64(),
    "prediction_high": pl.Float64(), "level": pl.Float64(), "studies": pl.Int64(),
    "patients": pl.Int64(), "events": pl.Int64(), "tau2": pl.Float64(), "tau2_low": pl.Float64(),
    "tau2_high": pl.Float64(), "i2": pl.Float64(), "q": pl.Float64(), "q_p": pl.Float64(),
    "method": pl.String(), "sources": pl.String(), "reason": pl.String(),
}  # fmt: skip

GROUPS = {
    "question": pl.String(), "by": pl.String(), "group": pl.String(), "value": pl.Float64(),
    "low": pl.Float64(), "high": pl.Float64(), "level": pl.Float64(), "studies": pl.Int64(),
    "patients": pl.Int64(), "events": pl.Int64(), "method": pl.String(), "q": pl.Float64(),
    "degrees": pl.Int64(), "p": pl.Float64(), "sources": pl.String(), "reason": pl.String(),
}  # fmt: skip

Cells = dict[str, Any]


def list_tables(answers: Sequence[EvidenceAnswer]) -> dict[str, pl.DataFrame]:
    """Return the tables of the answers by the name of their file.

    `studies` has the studies that answer, `left_out` those that do not, with the reason, `flow` how
    many are left after each step, `pooled` every model and every sensitivity, `groups` parts of the
    studies with the test between them, `moderators` the regressions, `new_study` the quantiles of a
    new study's true effect, `reviews` figures of meta-analyses and reviews. Shares and differences
    [1], doses [cells/kg], tau squared on the scale of the effects (log odds, log ratios).

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> from stromal.evidence.question.answer import answer_protocol
    >>> from stromal.protocol.read import read_protocol
    >>> found = answer_protocol(read_protocol("studies/itp-dose"), read_library())
    >>> {name: table.height for name, table in list_tables(found.answers).items()}
    {'studies': 1, 'left_out': 76, 'flow': 7, 'pooled': 4, 'groups': 0, 'moderators': 1, \
'new_study': 9, 'reviews': 0}
    """
    return {
        "studies": _stack(answers, lambda answer: answer.rows.select(STUDY_COLUMNS)),
        "left_out": _stack(answers, _list_left_out),
        "flow": _stack(answers, _list_flow),
        "pooled": pl.DataFrame(
            [row for answer in answers for row in _list_pooled(answer)], schema=POOLED
        ),
        "groups": pl.DataFrame(
            [row for answer in answers for row in _list_groups(answer)], schema=GROUPS
        ),
        "moderators": _stack(answers, _list_moderators),
        "new_study": _stack(answers, _list_quantiles),
        "reviews": _stack(answers, lambda answer: answer.published),
    }


def _stack(answers: Sequence[EvidenceAnswer], make: Any) -> pl.DataFrame:  # noqa: ANN401 - of each
    frames = [
        make(answer).select(pl.lit(answer.question.name).alias("question"), pl.all())
        for answer in answers
    ]
    return pl.concat(frames) if frames else pl.DataFrame()


def _list_left_out(answer: EvidenceAnswer) -> pl.DataFrame:
    names = ("study", "year", "reference", "step", "reason", "row", "locator", "read_in")
    types = dict.fromkeys(names, pl.String()) | {"year": pl.Int64()}
    rows = [{name: getattr(item, name) for name in names} for item in answer.left_out]
    return pl.DataFrame(rows, schema=types)


def _list_flow(answer: EvidenceAnswer) -> pl.DataFrame:
    rows = [
        {
            "step": step.name,
            "label": step.label,
            "studies": step.studies,
            "rows": step.rows,
            "left_out": "; ".join(f"{reason} ({count})" for reason, count in step.left_out) or None,
        }
        for step in answer.flow
    ]
    types = {"step": pl.String(), "label": pl.String(), "studies": pl.Int64(), "rows": pl.Int64(),
             "left_out": pl.String()}  # fmt: skip
    return pl.DataFrame(rows, schema=types)


def _list_pooled(answer: EvidenceAnswer) -> Iterator[Cells]:
    """What is told, the models beside it, and what is told of other sets of studies."""
    name, pooled = answer.question.name, answer.pooled
    yield {"question": name, "what": "told"} | _told(pooled.told)
    for what, model in (("random effects", pooled.random), ("common effect", pooled.common)):
        value, low, high = model.shown()
        found = model.heterogeneity
        ends = model.prediction
        yield {
            "question": name, "what": what, "value": value, "low": low, "high": high,
            "prediction_low": None if ends is None else model.effects.show(ends[0]),
            "prediction_high": None if ends is None else model.effects.show(ends[1]),
            "level": model.level, "studies": model.studies, "method": model.method,
            "sources": " ".join(model.sources) or None, "reason": "; ".join(model.reasons) or None,
            **({} if found is None else {
                "tau2": found.tau2, "tau2_low": found.low, "tau2_high": found.high, "i2": found.i2,
                "q": found.q, "q_p": found.p,
            }),
        }  # fmt: skip
    yield from _list_counted(answer)
    sensitivity = answer.sensitivity
    if sensitivity.without_notes is not None:
        yield {"question": name, "what": "without notes"} | _told(sensitivity.without_notes)
    for study, told in sensitivity.leave_one_out:
        yield {"question": name, "what": "one left out", "left_out": study} | _told(told)


def _list_groups(answer: EvidenceAnswer) -> Iterator[Cells]:
    """What is told of each group, and a row without a group for the test between them."""
    for found in answer.groups:
        base = {"question": answer.question.name, "by": found.by}
        for word, told in found.groups:
            cells = _told(told)
            yield base | {"group": word} | {name: cells[name] for name in cells if name in GROUPS}
        yield base | {
            "studies": sum(told.studies for _, told in found.groups),
            "q": found.q, "degrees": found.degrees, "p": found.p, "method": found.method,
            "sources": " ".join(found.sources) or None, "reason": found.reason or None,
        }  # fmt: skip


def _list_counted(answer: EvidenceAnswer) -> Iterator[Cells]:
    pooled = answer.pooled
    found = pooled.binomial or pooled.counted
    if found is None:
        return
    value, low, high = found.value, found.low, found.high
    if pooled.counted is not None:
        show = pooled.effects.show
        value, low, high = (None if end is None else show(end) for end in (value, low, high))
    ends = pooled.binomial.prediction if pooled.binomial is not None else None
    yield {
        "question": answer.question.name, "what": "counts", "value": value, "low": low,
        "high": high, "prediction_low": None if ends is None else ends[0],
        "prediction_high": None if ends is None else ends[1], "level": found.level,
        "studies": found.studies, "method": found.method,
        "tau2": pooled.binomial.tau2 if pooled.binomial is not None else None,
        "sources": " ".join(found.sources) or None, "reason": found.reason,
    }  # fmt: skip


def _told(told: Told) -> Cells:
    ends = told.prediction
    return {
        "value": told.value, "low": told.low, "high": told.high,
        "prediction_low": None if ends is None else ends[0],
        "prediction_high": None if ends is None else ends[1], "level": told.level,
        "studies": told.studies, "patients": told.patients, "events": told.events,
        "method": told.method or None, "sources": " ".join(told.sources) or None,
        "reason": told.reason or None,
    }  # fmt: skip


def _list_moderators(answer: EvidenceAnswer) -> pl.DataFrame:
    """Coefficients of each regression, on the scale of the effects; one row where there is none."""
    rows: list[Cells] = []
    for item in answer.moderated:
        found = item.regression
        if found is None:
            rows.append({"moderator": item.name, "reason": item.reason})
            continue
        columns = (found.values, found.errors, found.low, found.high, found.p)
        numbers = zip(*(column.tolist() for column in columns), strict=True)
        for name, cells in zip(found.names, numbers, strict=True):
            named = dict(zip(("value", "error", "low", "high", "p"), cells, strict=True))
            rows.append(
                {"moderator": item.name, "coefficient": name, **named, "studies": found.studies,
                 "explained": found.explained, "method": found.method}
            )  # fmt: skip
    types: dict[str, pl.DataType] = {"moderator": pl.String(), "coefficient": pl.String()}
    types |= dict.fromkeys(("value", "error", "low", "high", "p", "explained"), pl.Float64())
    types |= {"studies": pl.Int64(), "method": pl.String(), "reason": pl.String()}
    return pl.DataFrame(rows, schema=types)


def _list_quantiles(answer: EvidenceAnswer) -> pl.DataFrame:
    found = answer.predictive
    types = dict.fromkeys(("probability", "value", "size"), pl.Float64()) | {"method": pl.String()}
    if found is None:
        return pl.DataFrame(schema=types)
    rows = [
        {"probability": at, "value": value, "size": found.size, "method": found.method}
        for at, value in found.quantiles
    ]
    return pl.DataFrame(rows, schema=types)
