"""Every check of patients, listed in one place and all of them run."""

from __future__ import annotations

from collections.abc import Callable

from stromal.errors import Issue
from stromal.patients.check.arms import check_ages, check_arms
from stromal.patients.check.baselines import check_baselines
from stromal.patients.check.codes import check_codes
from stromal.patients.check.day_zero import check_day_zero
from stromal.patients.check.days import (
    check_deaths,
    check_follow_up,
    check_last_contact,
    check_records_after_contact,
    check_records_after_death,
    check_records_in_follow_up,
)
from stromal.patients.check.doses import check_amounts, check_products, check_units
from stromal.patients.check.drift import check_drift
from stromal.patients.check.identifiers import check_identifiers, check_subjects_known
from stromal.patients.check.keys import check_duplicates
from stromal.patients.check.origins import check_cohorts, check_origins
from stromal.patients.check.plausible_days import check_late_days, check_lifetimes, check_spans
from stromal.patients.check.values import check_limits, check_values
from stromal.protocol.protocol import Protocol
from stromal.tables.cohorts import name_apart
from stromal.tables.patients import Patients

Check = Callable[[Patients, Protocol], tuple[Issue, ...]]

# The first look at origins as they were written, the others at names that origins made unique.
FIRST_CHECKS: tuple[Check, ...] = (check_origins, check_cohorts)
CHECKS: tuple[Check, ...] = (
    check_duplicates,
    check_subjects_known,
    check_identifiers,
    check_arms,
    check_ages,
    check_products,
    check_units,
    check_amounts,
    check_values,
    check_limits,
    check_drift,
    check_spans,
    check_late_days,
    check_lifetimes,
    check_day_zero,
    check_codes,
    check_follow_up,
    check_last_contact,
    check_records_in_follow_up,
    check_records_after_contact,
    check_deaths,
    check_records_after_death,
    check_baselines,
)


def check_patients(patients: Patients, protocol: Protocol) -> tuple[Issue, ...]:
    """Return what cannot be in these patients, and what looks wrong, in the order of the checks.

    Parameters
    ----------
    patients
        Patients of any origin, in internal units.
    protocol
        The protocol they are to follow.

    Returns
    -------
    issues
        Errors for what cannot be (an id without a subject, a platelet count of -4), warnings for
        what is unlikely or off the protocol, notes for what only wants to be known.

    Examples
    --------
    >>> import polars as pl
    >>> from stromal.protocol.read import read_protocol
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "arm": ["msc"], "last_day": [90.0]}),
    ...     events=pl.DataFrame({"subject": ["1"], "day": [120.0], "event": ["death"]}),
    ... )
    >>> for issue in check_patients(patients, read_protocol("studies/agvhd-children")):
    ...     print(issue)
    events day: day 120 is after the last day of subject 1, 90.
    hint: correct the day, or the subject's days in subjects
    """
    apart = name_apart(patients)
    return (
        *(issue for check in FIRST_CHECKS for issue in check(patients, protocol)),
        *(issue for check in CHECKS for issue in check(apart, protocol)),
    )
