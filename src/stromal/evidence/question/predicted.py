"""What a new study would find, from the studies that answer a question."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from stromal.evidence.pool.bayes import pool_bayesian
from stromal.evidence.pool.effects import (
    Effects,
    log_odds_ratios,
    log_risk_ratios,
    logit_proportions,
)
from stromal.evidence.pool.predictive import Predictive, predict_study
from stromal.evidence.question.pooling import COUNTS, NO_EFFECT, measure_rows

TAU_SCALES = {"logit": 1.0, "log": 0.5, "plain": 0.1}
"""Scale of the half-normal prior of tau: log odds of shares, log ratios, differences of shares."""

CORRECTION = 0.5
"""Added to the cells of a study that has an empty one; the method says so."""


def predict_answer(
    rows: pl.DataFrame, scale: str, n: int | None = None
) -> tuple[Predictive | None, str]:
    """Predict the result of a new study by Bayesian random effects.

    Parameters
    ----------
    rows, scale
        As of `pool_rows`.
    n
        Patients of the new study, of shares alone; None: its true effect.

    Returns
    -------
    tuple
        The prediction, or None and the reason.

    Examples
    --------
    >>> rows = pl.DataFrame({"events": [46, 157, 38], "total": [75, 241, 54], "why": [None] * 3})
    >>> found, _ = predict_answer(rows, "proportion")
    >>> f"{found.value:.2f} ({found.low:.2f} to {found.high:.2f})"
    '0.65 (0.38 to 0.85)'

    Witness: that of `pool_bayesian`.
    """
    effects = measure_rows(rows, scale)
    effects, corrected = _fill_empty(rows, scale, effects)
    studies = int(effects.known.sum())
    if not studies:
        return None, NO_EFFECT
    found = predict_study(pool_bayesian(effects, scale=TAU_SCALES[effects.scale]), n)
    words = [found.method]
    if corrected:
        cells = "study with an empty cell" if corrected == 1 else "studies with an empty cell"
        words.append(f"{CORRECTION:g} added to each cell of {corrected} {cells}")
    if studies == 1:
        words.append("one study: how studies differ is the prior's alone")
    return replace(found, method="; ".join(words)), ""


def _fill_empty(rows: pl.DataFrame, scale: str, effects: Effects) -> tuple[Effects, int]:
    """Effects in which studies with an empty cell have one too, and how many they are."""
    usable = rows["why"].is_null().to_numpy()
    empty = usable & ~effects.known
    if not empty.any() or scale == "risk_difference":
        return effects, 0
    counts = [rows[name].to_numpy()[empty] for name in COUNTS if name in rows.columns]
    if scale == "proportion":
        filled = logit_proportions(counts[0], counts[1], CORRECTION)
    else:
        ratios = log_risk_ratios if scale == "risk_ratio" else log_odds_ratios
        filled = ratios(counts[0], counts[1], counts[2], counts[3], CORRECTION)
    values, variances = effects.values.copy(), effects.variances.copy()
    values[empty], variances[empty] = filled.values, filled.variances
    return replace(effects, values=values, variances=variances), int(empty.sum())
