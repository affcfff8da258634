"""`icans_grade`: the worst grade of neurotoxicity after CAR-T cells."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.endpoint import Endpoint, Need
from stromal.endpoints.records.graded_signs import SignParameters, grade_signs, list_labels
from stromal.endpoints.records.sign_rules import list_needs
from stromal.tables.patients import Patients

CRITERIA = "icans_astct_2019"


def derive_icans_grade(
    patients: Patients, parameters: SignParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the worst grade of neurotoxicity in a window, one row per patient.

    The worst of encephalopathy score, consciousness, seizures, weakness and oedema grades a day.

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
    >>> rows = pl.DataFrame({"subject": ["1"], "day": [3.0], "scale": ["ice"],
    ...                      "item": ["score"], "value": ["4"]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> derive_icans_grade(patients, SignParameters(unrecorded_signs="absent"))["label"].item()
    '2'
    """
    return grade_signs(patients, parameters, CRITERIA, reasons=reasons)


def _needs(parameters: SignParameters) -> tuple[Need, ...]:
    del parameters
    return list_needs(CRITERIA)


ICANS_GRADE = Endpoint(
    name="icans_grade",
    title="Neurotoxicity of immune effector cells (ICANS)",
    kind="grade",
    parameters=SignParameters,
    derive=derive_icans_grade,
    needs=_needs,
    criteria=CRITERIA,
    labels=list_labels("ICANS"),
)
