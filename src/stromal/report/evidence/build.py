"""Figures of an outcome from its studies: forest, funnel and doses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from stromal.evidence.pool.binomial import PooledShare
from stromal.evidence.pool.effects import Effects, Floats
from stromal.evidence.pool.heterogeneity import Heterogeneity
from stromal.evidence.pool.inverse_variance import Pooled, Regression
from stromal.evidence.pool.small_studies import Asymmetry, Filled
from stromal.report.evidence.names import name_word, write_dose, write_infusions
from stromal.report.figures.bubbles import Bubble, Bubbles, LinePoint
from stromal.report.figures.effect_axis import EffectScale
from stromal.report.figures.forest import Forest, ForestColumn, ForestPool, ForestRow
from stromal.report.figures.funnel import Funnel, FunnelPoint
from stromal.report.words import MISSING, render_number, render_p_value

EVENTS = "Events\u00a0/\u00a0n"
"""Heading of the column of counts."""

SCALES: dict[str, EffectScale] = {
    "log": "ratio",
    "logit": "share",
    "arcsine": "share",
    "plain": "difference",
}
"""How a forest plot shows effects that were pooled on a scale."""


@dataclass(frozen=True, slots=True)
class StudyArm:
    """A study as a forest plot tells of it: who, with which cells, how many.

    `value`, `low` and `high` are as readers know them; None, with `reason`, where there is none.
    `events` and `n` are of the arm with MSC, those of the `reference` of the other.
    """

    label: str
    source: str = ""
    dose: tuple[float | None, float | None, float | None] = (None, None, None)
    infusions: tuple[int | None, int | None] = (None, None)
    n: int | None = None
    events: int | None = None
    reference_n: int | None = None
    reference_events: int | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    weight: float | None = None
    group: str = ""
    reason: str = ""


def build_forest(
    measure: str,
    arms: Sequence[StudyArm],
    pools: Sequence[ForestPool],
    scale: EffectScale = "share",
    *,
    level: float = 0.95,
    favours: tuple[str, str] | None = None,
    remark: str = "",
) -> Forest:
    r"""Return a forest plot with the descriptors that the studies have.

    A column that would be empty for all studies is left out; events are written beside patients,
    for both arms where studies are controlled.

    Examples
    --------
    >>> arms = [StudyArm("A 2001", "bone_marrow", n=9, events=3, value=0.33)]
    >>> [column.heading for column in build_forest("Response", arms, ()).columns]
    ['Source', 'Events\xa0/\xa0n']
    """
    wanted: list[tuple[ForestColumn, Callable[[StudyArm], str]]] = [
        (ForestColumn("Source"), lambda arm: name_word(arm.source) or MISSING),
        (ForestColumn("Dose,\u00a010⁶ cells/kg", numeric=True), lambda arm: write_dose(*arm.dose)),
        (ForestColumn("Infusions", numeric=True), lambda arm: write_infusions(*arm.infusions)),
        (
            ForestColumn(EVENTS, numeric=True),
            lambda arm: _write_count(arm.events, arm.n),
        ),
        (
            ForestColumn("Control\u00a0events /\u00a0n", numeric=True),
            lambda arm: _write_count(arm.reference_events, arm.reference_n),
        ),
    ]
    kept = [(column, cell) for column, cell in wanted if any(cell(a) != MISSING for a in arms)]
    rows = tuple(
        ForestRow(
            arm.label, tuple(cell(arm) for _, cell in kept), arm.value, arm.low, arm.high,
            arm.weight, arm.group, arm.reason,
        )
        for arm in arms
    )  # fmt: skip
    columns = tuple(column for column, _ in kept)
    return Forest(
        measure, rows, tuple(pools), columns, scale, level, favours=favours, remark=remark
    )


def _write_count(events: int | None, n: int | None) -> str:
    if n is None:
        return MISSING
    return f"{MISSING if events is None else events} / {n}"


def describe_heterogeneity(found: Heterogeneity) -> str:
    """Return how studies differ in one line: tau squared, I squared, Q.

    Examples
    --------
    >>> describe_heterogeneity(Heterogeneity(0.31, 0.1, 1.1, 152.2, 12, 1e-9, 92.2, 13.0, "REML"))
    'τ² = 0.31 (0.10–1.10), I² = 92 %, Q = 152.2 on 12 degrees of freedom, P < 0.001'
    """
    parts = [f"τ² = {write_tau2(found.tau2)}"]
    if found.low is not None and found.high is not None:
        parts[0] += f" ({write_tau2(found.low)}–{write_tau2(found.high)})"
    if found.i2 is not None:
        parts.append(f"I² = {render_number(found.i2, 0)} %")
    degrees = f"{found.degrees} degree{'' if found.degrees == 1 else 's'} of freedom"
    parts.append(f"Q = {render_number(found.q, 1)} on {degrees}")
    if found.p is not None:
        parts.append(render_p_value(found.p))
    return ", ".join(parts)


def write_tau2(value: float) -> str:
    """Return a variance with two decimals; a small one with its first digit.

    Examples
    --------
    >>> write_tau2(0.3141), write_tau2(0.0021)
    ('0.31', '0.002')
    """
    small = 0 < value < 0.005
    return render_number(float(f"{value:.1g}")) if small else render_number(value, 2)


def show_pooled(pooled: Pooled, label: str = "", group: str = "") -> ForestPool:
    """Return a pooled effect as a diamond, on the scale that readers know.

    Examples
    --------
    >>> from stromal.evidence.pool.inverse_variance import pool_effects
    >>> studies = Effects(np.log([0.5, 0.6]), np.array([0.1, 0.2]), "log risk ratio", "log")
    >>> pool = show_pooled(pool_effects(studies, "common"))
    >>> pool.kind, pool.label, round(pool.value, 2)
    ('common', 'Common effect', 0.53)
    """
    common = pooled.method.startswith("common")
    value, low, high = pooled.shown()
    ends = pooled.prediction
    prediction = (
        None if ends is None else (pooled.effects.show(ends[0]), pooled.effects.show(ends[1]))
    )
    note = ""
    if pooled.heterogeneity is not None and pooled.studies > 1 and not common:
        note = describe_heterogeneity(pooled.heterogeneity)
    return ForestPool(
        label or ("Common effect" if common else "Random effects"),
        value, low, high, prediction, note, group, "common" if common else "random",
        "" if value is not None else "; ".join(pooled.reasons),
    )  # fmt: skip


def show_share(pooled: PooledShare, label: str = "Random effects (binomial)") -> ForestPool:
    """Return a share pooled by the likelihood of its counts as a diamond."""
    note = "" if pooled.tau2 is None else f"τ² = {write_tau2(pooled.tau2)} of log odds"
    return ForestPool(
        label, pooled.value, pooled.low, pooled.high, pooled.prediction, note,
        reason=pooled.reason or "",
    )  # fmt: skip


def build_funnel(
    measure: str,
    labels: Sequence[str],
    effects: Effects,
    pooled: Pooled,
    asymmetry: Asymmetry,
    filled: Filled | None = None,
) -> Funnel | None:
    """Return a funnel plot; None where fewer than three studies have an effect."""
    known = [int(place) for place in np.flatnonzero(effects.known)]
    if len(known) < 3 or pooled.value is None:
        return None
    points = [
        FunnelPoint(labels[k], float(effects.values[k]), float(np.sqrt(effects.variances[k])))
        for k in known
    ]
    if filled is not None:
        points += [
            FunnelPoint("filled in", float(value), float(np.sqrt(variance)), filled=True)
            for value, variance in zip(filled.values, filled.variances, strict=True)
        ]
    return Funnel(
        measure, tuple(points), pooled.value, _pooled_scale(effects), pooled.level,
        asymmetry.p, asymmetry.reason or "",
    )  # fmt: skip


def _pooled_scale(effects: Effects) -> EffectScale:
    return {"log": "ratio", "logit": "log-odds"}.get(effects.scale, "difference")  # type: ignore[return-value]


def build_bubbles(
    measure: str,
    arms: Sequence[StudyArm],
    effects: Effects,
    regression: Regression | None = None,
    *,
    reason: str = "",
    points: int = 40,
) -> Bubbles | None:
    """Return a bubble plot of doses; None where fewer than three studies have dose and effect.

    Parameters
    ----------
    measure
        What the effects are.
    arms, effects
        The studies, in one order.
    regression
        On the natural logarithm of the dose [cells/kg] alone; None where there is none, with the
        `reason`.
    points
        Along the line.
    """
    doses = [find_dose(arm) for arm in arms]
    known = [k for k, dose in enumerate(doses) if dose is not None and effects.known[k]]
    if len(known) < 3:
        return None
    bubbles = tuple(
        Bubble(
            arms[k].label, float(doses[k] or 0.0), float(effects.values[k]),
            1 / float(effects.variances[k]), name_word(arms[k].source),
        )
        for k in known
    )  # fmt: skip
    line: tuple[LinePoint, ...] = ()
    p = None
    if regression is not None:
        p = float(regression.p[1])
        low, high = min(b.dose for b in bubbles), max(b.dose for b in bubbles)
        line = _draw_line(regression, np.linspace(log(low), log(high), points))
    left_out = sum(dose is None for dose in doses)
    return Bubbles(
        measure, bubbles, line, _pooled_scale(effects), p=p, reason=reason, left_out=left_out
    )


def _draw_line(regression: Regression, logs: Floats) -> tuple[LinePoint, ...]:
    """The line with the interval of its mean: the reach of the coefficients' own intervals."""
    reach = float((regression.high[0] - regression.values[0]) / regression.errors[0])
    found: list[LinePoint] = []
    for place in logs:
        at = np.array([1.0, place])
        value = float(at @ regression.values)
        away = reach * float(np.sqrt(at @ regression.covariance @ at))
        found.append(LinePoint(float(np.exp(place)), value, value - away, value + away))
    return tuple(found)


def find_dose(arm: StudyArm) -> float | None:
    """Return the dose by which a study is drawn: the median, else the middle of the range.

    The middle is that of the logarithms. [cells/kg]

    Examples
    --------
    >>> find_dose(StudyArm("A", dose=(1e6, None, 4e6)))
    2000000.0
    """
    low, median, high = arm.dose
    if median is not None:
        return median
    ends = [end for end in (low, high) if end is not None]
    return float(np.sqrt(ends[0] * ends[-1])) if ends else None
