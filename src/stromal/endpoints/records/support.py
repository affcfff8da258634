"""Values near support: on a day of a transfusion or of G-CSF, or soon after it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.tables.patients import Patients

PATTERNS = "cytopenia_pattern_xia_2024"
GRADES = "ctcae_v5"


@cache
def list_support() -> Mapping[str, str]:
    """Return the event that lifts an analyte without recovery of the marrow, by analyte.

    Examples
    --------
    >>> list_support()["platelets"]
    'transfusion_platelets'
    """
    lineages = read_criteria(GRADES).rules["lineages"]
    support = read_criteria(PATTERNS).rules["support"]
    return MappingProxyType({lineages[name]["analyte"]: event for name, event in support.items()})


def flag_supported(patients: Patients, rows: pl.DataFrame, analyte: str, days: float) -> pl.Series:
    """Tell which values lie on a day of support of their analyte, or at most so many days after.

    Parameters
    ----------
    patients
        Patients with their events.
    rows
        Values with `subject` and `day` [d]; neither is null.
    analyte
        Analyte of all of them; one that no support lifts has no such values.
    days
        Days [d] after support that still count.

    Returns
    -------
    polars.Series
        In the order of the rows.

    Examples
    --------
    >>> events = pl.DataFrame({"subject": ["1"], "event": ["transfusion_platelets"], "day": [4.0]})
    >>> rows = pl.DataFrame({"subject": ["1"] * 3, "day": [3.0, 6.0, 12.0]})
    >>> flag_supported(Patients.of(events=events), rows, "platelets", 7).to_list()
    [False, True, False]
    """
    event = list_support().get(analyte, "")
    given = patients.events.filter(pl.col("event") == event).drop_nulls("day")
    given = given.select(pl.col("subject").cast(pl.String), "day", _given="day").sort("day")
    placed = rows.select(pl.col("subject").cast(pl.String), "day").with_row_index("_at")
    found = placed.sort("day").join_asof(
        given, on="day", by="subject", strategy="backward", check_sortedness=False
    )
    near = (pl.col("day") - pl.col("_given") <= days).fill_null(value=False)
    return found.sort("_at").select(near.alias("supported"))["supported"]
