"""`who_bleeding`: the worst WHO grade of bleeding in a window."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.endpoint import Endpoint, Need
from stromal.endpoints.records.graded_signs import (
    GRADES,
    SignParameters,
    grade_signs,
    list_labels,
)
from stromal.endpoints.records.sign_rules import list_needs
from stromal.tables.patients import Patients

CRITERIA = "who_bleeding"


def derive_who_bleeding(
    patients: Patients, parameters: SignParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the worst WHO grade of bleeding of every patient, as recorded or from signs.

    Parameters
    ----------
    patients
        The five tables; `subjects`, `assessments` and the event of bleeding are read.
    parameters
        Window [d], and what a sign that nobody recorded means.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` and `label` the grade 0 to 4, `day` [d] the first day of it,
        `lowest` and `highest` the grades that stay possible.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": "1", "day": [0.0, 7.0], "scale": "bleeding",
    ...                      "item": "who", "value": ["1", "0"]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> derive_who_bleeding(patients, SignParameters())["reason"].item()
    'WHO bleeding grade on day 0, grade 1'
    """
    return grade_signs(patients, parameters, CRITERIA, reasons=reasons)


def _needs(parameters: SignParameters) -> tuple[Need, ...]:
    del parameters
    return list_needs(CRITERIA)


WHO_BLEEDING = Endpoint(
    name="who_bleeding",
    title="Worst bleeding (WHO)",
    kind="grade",
    parameters=SignParameters,
    derive=derive_who_bleeding,
    needs=_needs,
    criteria=CRITERIA,
    labels=list_labels("bleeding", GRADES[:5]),
)
