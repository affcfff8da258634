"""`haemorrhagic_cystitis`: the worst grade of haemorrhagic cystitis in a window."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.endpoint import Endpoint, Need
from stromal.endpoints.records.graded_signs import SignParameters, grade_signs, list_labels
from stromal.endpoints.records.sign_rules import list_needs
from stromal.tables.patients import Patients

CRITERIA = "haemorrhagic_cystitis"
GRADES = ("0", "I", "II", "III", "IV")


def derive_haemorrhagic_cystitis(
    patients: Patients, parameters: SignParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the worst grade of haemorrhagic cystitis of every patient, recorded or from signs.

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
        One row per subject: `label` the grade 0 to IV with `value` 0 to 4, `day` [d] the first day
        of it, `lowest` and `highest` the grades that stay possible.

    Examples
    --------
    >>> signs = {"macroscopic": "yes", "clots": "yes", "renal_failure": "no"}
    >>> rows = pl.DataFrame({"subject": "1", "day": 30.0, "scale": "haematuria",
    ...                      "item": list(signs), "value": list(signs.values())})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> derive_haemorrhagic_cystitis(patients, SignParameters())["reason"].item()
    'macroscopic haematuria with clots on day 30, grade III'
    """
    return grade_signs(patients, parameters, CRITERIA, GRADES, reasons=reasons)


def _needs(parameters: SignParameters) -> tuple[Need, ...]:
    del parameters
    return list_needs(CRITERIA)


HAEMORRHAGIC_CYSTITIS = Endpoint(
    name="haemorrhagic_cystitis",
    title="Worst haemorrhagic cystitis",
    kind="grade",
    parameters=SignParameters,
    derive=derive_haemorrhagic_cystitis,
    needs=_needs,
    criteria=CRITERIA,
    labels=list_labels("haemorrhagic cystitis", GRADES),
)
