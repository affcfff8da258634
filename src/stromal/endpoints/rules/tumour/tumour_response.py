"""`tumour_response`: the response of the malignancy at a visit, as it was assessed."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Parameters
from stromal.endpoints.records.assessed import find_nearest_items
from stromal.endpoints.records.words import name_window, number_text
from stromal.endpoints.rules.tumour.visits import CRITERIA, LABELS, NEEDS, read_ranks
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.windows import Window


class TumourResponseParameters(Parameters):
    """The day of the assessment.

    Parameters
    ----------
    window
        Day [d], and the days around it that still count; a visit gives it. The assessment nearest
        to the day is taken.
    """

    window: Window = Window(day=28.0, before=7.0, after=7.0)


def derive_tumour_response(
    patients: Patients, parameters: TumourResponseParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the response of the malignancy of every patient at a visit.

    Parameters
    ----------
    patients
        The five tables; `subjects` and `assessments` are read.
    parameters
        The window [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `label` CR, PR, SD, PD or NE, `value` 3 to 0 (null for NE), `day` [d],
        `lowest` and `highest` what stays possible, `reason`.

    Examples
    --------
    >>> row = pl.DataFrame({"subject": ["1"], "day": [30.0], "scale": ["tumour"],
    ...                     "item": ["response"], "value": ["PR"]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=row)
    >>> derive_tumour_response(patients, TumourResponseParameters())["reason"].item()
    'PR on day 30'
    """
    found = find_nearest_items(patients, "tumour", ("response",), parameters.window)
    rows = patients.subjects.select("subject").join(
        found, on="subject", how="left", maintain_order="left"
    )
    ranks, response = read_ranks(), pl.col("response")
    missing = f"no response of the malignancy assessed {name_window(parameters.window)}"
    every = ("PD", "CR")
    cases = [
        Case(response.is_null(), None, missing),
        Case(response == "NE", "NE", pl.format("NE on day {}", number_text("day")), possible=every),
        Case(pl.lit(value=True), response, pl.format("{} on day {}", response, number_text("day"))),
    ]
    values = {name: float(rank) for name, rank in ranks.items()}
    return decide(rows, cases, values, reasons=reasons).select(
        "subject",
        "value",
        "label",
        "day",
        "lowest",
        "highest",
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _needs(parameters: TumourResponseParameters) -> tuple[Need, ...]:
    del parameters
    return NEEDS


TUMOUR_RESPONSE = Endpoint(
    name="tumour_response",
    title="Response of the malignancy at a visit",
    kind="response",
    parameters=TumourResponseParameters,
    derive=derive_tumour_response,
    needs=_needs,
    criteria=CRITERIA,
    labels=LABELS,
)
