"""`crs_grade`: the worst grade of cytokine release syndrome after CAR-T cells."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.endpoint import Endpoint, Need
from stromal.endpoints.records.graded_signs import SignParameters, grade_signs, list_labels
from stromal.endpoints.records.sign_rules import list_needs
from stromal.tables.patients import Patients

CRITERIA = "crs_astct_2019"


def derive_crs_grade(
    patients: Patients, parameters: SignParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the worst grade of cytokine release syndrome in a window, one row per patient.

    Fever opens a day; what hypotension and hypoxia needed grades it.

    Parameters
    ----------
    patients
        The five tables; `subjects` and `assessments` are read.
    parameters
        Window [d], and what a sign that nobody recorded means.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `value` and `label` the grade, `day` [d] the first day of it, `lowest`
        and `highest` the grades that signs nobody recorded leave possible.

    Examples
    --------
    >>> signs = {"fever": "yes", "hypotension": "one_pressor", "hypoxia": "low_flow"}
    >>> rows = pl.DataFrame({"subject": "1", "day": 3.0, "scale": "crs_signs",
    ...                      "item": list(signs), "value": list(signs.values())})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> derive_crs_grade(patients, SignParameters())["reason"].item()
    'hypotension, by what it needed on day 3, grade 3'
    """
    return grade_signs(patients, parameters, CRITERIA, reasons=reasons)


def _needs(parameters: SignParameters) -> tuple[Need, ...]:
    del parameters
    return list_needs(CRITERIA)


CRS_GRADE = Endpoint(
    name="crs_grade",
    title="Cytokine release syndrome (ASTCT)",
    kind="grade",
    parameters=SignParameters,
    derive=derive_crs_grade,
    needs=_needs,
    criteria=CRITERIA,
    labels=list_labels("cytokine release syndrome"),
)
