"""Whether what is told hangs on noted rows, on one study, or on how studies were done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from stromal.evidence.pool.effects import Effects, Floats
from stromal.evidence.pool.inverse_variance import Regression, regress_effects
from stromal.evidence.question.pooling import Told, tell_rows

MOST_STUDIES = 200
"""Studies beyond which none is left out in turn: one in hundreds moves nothing."""

FEWEST_STUDIES = 4
FEW = "fewer than four studies have it and an effect"
ALIKE = "all studies are alike in it"


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What is told of other sets of the studies.

    `without_notes` leaves out rows of status `note`; None where there is none of them.
    `leave_one_out` names the study that is left out; empty with fewer than three studies.
    """

    without_notes: Told | None
    leave_one_out: tuple[tuple[str, Told], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Moderated:
    """The regression of the effects on a moderator; None, with `reason`, where there is none.

    `dose` is the natural logarithm of the dose [cells/kg]; `grade` is the share of patients above
    grade II before treatment, in tenths; `source`, `donor`, `age_group` and `design` have a
    coefficient for each word beside the commonest.
    """

    name: str
    regression: Regression | None
    reason: str = ""


def assess_sensitivity(rows: pl.DataFrame, scale: str) -> Sensitivity:
    """Pool the rows again without those of status `note`, and without each study in turn.

    Parameters
    ----------
    rows, scale
        As of `pool_rows`, with `study` and `status`.

    Examples
    --------
    >>> rows = pl.DataFrame({"study": ["A", "B", "C"], "status": ["use", "use", "note"],
    ...     "events": [46, 157, 38], "total": [75, 241, 54], "why": [None] * 3})
    >>> found = assess_sensitivity(rows, "proportion")
    >>> found.without_notes.studies, [study for study, _ in found.leave_one_out]
    (2, ['A', 'B', 'C'])
    """
    known = rows.filter(pl.col("why").is_null())
    used = known.filter(pl.col("status") == "use")
    without = tell_rows(used, scale) if used.height < known.height else None
    if not 3 <= known.height <= MOST_STUDIES:
        return Sensitivity(without)
    return Sensitivity(
        without,
        tuple(
            (study, tell_rows(known.filter(pl.col("study") != study), scale))
            for study in known["study"]
        ),
    )


def regress_moderators(
    rows: pl.DataFrame, effects: Effects, names: Iterable[str]
) -> tuple[Moderated, ...]:
    """Regress effects on each moderator alone: dose, tissue, donor, age, grade, year, design.

    Parameters
    ----------
    rows
        With the columns of the moderators: `year`, doses [cells/kg], `grade` [%], words.
    effects
        Of the rows, in their order.
    names
        Of the moderators.

    Examples
    --------
    >>> rows = pl.DataFrame({"year": [2001, 2005, 2010, 2020]})
    >>> effects = Effects(np.array([0.1, 0.4, 1.0, 2.1]), np.full(4, 0.1), "difference")
    >>> found = regress_moderators(rows, effects, ["year"])[0]
    >>> round(float(found.regression.values[1]), 3)
    0.107

    Witness: R metafor::rma(mods = ), tests/reference/pool.
    """
    return tuple(_regress(rows, effects, name) for name in names)


def find_dose(row: Mapping[str, Any]) -> float | None:
    """Return the dose of a study [cells/kg]: the median, else the middle of the logarithms.

    Examples
    --------
    >>> find_dose({"dose_low": 1e6, "dose_median": None, "dose_high": 4e6})
    2000000.0
    """
    low, median, high = (row[name] for name in ("dose_low", "dose_median", "dose_high"))
    if median is not None:
        return float(median)
    if low is None or high is None:
        only = high if low is None else low
        return None if only is None else float(only)
    return float(np.sqrt(low * high))


def _regress(rows: pl.DataFrame, effects: Effects, name: str) -> Moderated:
    columns, labels = _describe(rows, effects, name)
    known = effects.known & np.isfinite(columns).all(axis=1)
    if known.sum() < max(FEWEST_STUDIES, len(labels) + 2):
        return Moderated(name, None, FEW)
    if not labels or np.any(np.ptp(columns[known], axis=0) < 1e-9):
        return Moderated(name, None, ALIKE)
    return Moderated(name, regress_effects(effects, columns, labels))


def _describe(rows: pl.DataFrame, effects: Effects, name: str) -> tuple[Floats, list[str]]:
    """Columns of a moderator, NaN where it is not known, and their names."""
    if name == "year":
        return rows["year"].cast(pl.Float64).to_numpy()[:, None], ["year"]
    if name == "dose":
        doses = [find_dose(row) for row in rows.iter_rows(named=True)]
        logs = [np.nan if dose is None else np.log(dose) for dose in doses]
        return np.array(logs, float)[:, None], ["log dose"]
    if name == "grade":
        return rows["grade"].cast(pl.Float64).to_numpy()[:, None] / 10, ["tenth above grade II"]
    known = rows[name].is_in(["unspecified", "mixed"]).not_() & pl.Series(effects.known)
    counts = rows.filter(known)[name].value_counts(sort=True)
    words = counts.sort(["count", name], descending=[True, False])[name].to_list()
    columns = np.array([[float(one == word) for word in words[1:]] for one in rows[name]], float)
    columns = columns.reshape(rows.height, max(0, len(words) - 1))
    columns[~known.to_numpy()] = np.nan
    return columns, words[1:]
