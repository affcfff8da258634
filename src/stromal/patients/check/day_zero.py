"""Days without a day 0, as study days of CDISC are counted."""

from __future__ import annotations

import polars as pl

from stromal.errors import Issue, Severity
from stromal.patients.check.day_columns import find_days
from stromal.protocol.protocol import Protocol
from stromal.tables.patients import Patients

FEW = 3


def check_day_zero(patients: Patients, protocol: Protocol) -> tuple[Issue, ...]:
    """Days that skip from -1 to 1, or first doses all on day 1: study days of CDISC are such."""
    for _, _, days in find_days(patients):
        if ((days > -1) & (days < 1)).any():
            return ()
    found = _first_doses(patients, protocol) or _find_skips(patients)
    if found is None:
        return ()
    message, table = found
    hint = (
        "study days of CDISC have no day 0, and day 1 is the first dose; if these are such, "
        f"subtract 1 from every day of 1 or later, so that day 0 is the "
        f"{protocol.study.day_zero.replace('_', ' ')}"
    )
    return (Issue(message, table, None, "day", hint, Severity.WARNING),)


def _first_doses(patients: Patients, protocol: Protocol) -> tuple[str, str] | None:
    """Tell whether the first dose of everybody is on day 1 though no regimen has a day 1."""
    planned = {day for arm in protocol.arms.values() for use in arm.regimen for day in use.days}
    firsts = patients.doses.group_by("subject").agg(pl.col("day").min())["day"].drop_nulls()
    if 1 in planned or firsts.is_empty() or not (firsts == 1).all():
        return None
    table = patients.place("doses", 0)[0]
    return "every first dose is on day 1, and nothing is on day 0", table


def _find_skips(patients: Patients) -> tuple[str, str] | None:
    """Tell whether several subjects have a day -1 and a day 1, and nobody a day 0."""
    for name in ("labs", "assessments", "events"):
        frame = patients.table(name)
        beside = frame.filter(pl.col("day").is_in([-1.0, 1.0])).group_by("subject")
        both = beside.agg(pl.col("day").n_unique()).filter(pl.col("day") == 2).height
        before = frame.filter(pl.col("day") < 0)["subject"].n_unique()
        if both >= FEW and 2 * both >= before:
            message = f"{both} subjects have a day -1 and a day 1, and nobody a day 0"
            return message, patients.place(name, 0)[0]
    return None
