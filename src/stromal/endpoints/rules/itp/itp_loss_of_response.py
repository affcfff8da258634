"""`itp_loss_of_response`: whether a response of immune thrombocytopenia was lost."""

from __future__ import annotations

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label
from stromal.endpoints.records.words import number_text, write_number
from stromal.endpoints.rules.itp.itp_response_duration import list_needs
from stromal.endpoints.rules.itp.loss import CRITERIA, LossParameters, derive_losses
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients

LABELS = (
    Label("no", "a response that was kept", rank=0, tone="good"),
    Label("yes", "a loss of response", rank=1, tone="poor"),
)
_VALUES = {"no": 0.0, "yes": 1.0}
_EITHER = ("no", "yes")


class LossOfResponseParameters(LossParameters):
    """How the response is found, what ends it, and how long it is watched.

    Parameters
    ----------
    within_days
        Days [d] from the first day of the response within which a loss counts; a response must have
        been seen that long to be kept. None: as long as it was seen.
    """

    within_days: float | None = Field(None, gt=0, allow_inf_nan=False)


def derive_itp_loss_of_response(
    patients: Patients, parameters: LossOfResponseParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive whether each responder lost the response; others are not judged.

    A loss is confirmed as the working group asks for it. [rodeghiero2009]

    Parameters
    ----------
    patients
        The five tables; `subjects`, `labs`, `assessments` and `events` are read.
    parameters
        How the response is found, what ends it, and how long it is watched.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `label` yes or no, `value` 1 or 0, `day` [d] of the loss, `lowest` and
        `highest` what stays possible, `reason`.

    Examples
    --------
    >>> labs = pl.DataFrame({"subject": "1", "day": [0.0, 7.0, 14.0, 28.0, 35.0],
    ...                      "analyte": "platelets", "unit": "10^9/L",
    ...                      "value": [9.0, 60.0, 65.0, 20.0, 15.0]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=labs)
    >>> rows = derive_itp_loss_of_response(patients, LossOfResponseParameters())
    >>> rows["label"].item(), rows["day"].item()
    ('yes', 28.0)
    """
    found = derive_losses(patients, parameters, reasons=reasons).rename({"label": "response"})
    decided = decide(found, _cases(parameters.within_days), _VALUES, reasons=reasons)
    return decided.select(
        "subject",
        "value",
        "label",
        pl.when(pl.col("label") == "yes").then("lost").alias("day"),
        "lowest",
        "highest",
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _cases(within_days: float | None) -> list[Case]:
    response, lost, start = pl.col("response"), pl.col("lost"), pl.col("start")
    begun = pl.format("{} from day {} on", response, number_text("start"))
    ended = pl.format("{}, lost on day {}: {}", begun, number_text("lost"), "cause")
    seen = pl.format("{}, last seen on day {}", begun, number_text("held"))
    opened = pl.format("{}; counts are empty or printed as limits and leave its loss open", begun)
    failing = (pl.col("failing") > pl.col("held")).fill_null(value=False)
    once = pl.format("{}; the count of day {} was not repeated", seen, number_text("failing"))
    start_of = [
        Case(response.is_null(), None, pl.format("response not judged: {}", "told")),
        Case(start.is_null(), None, pl.format("no response: {}", "told")),
        Case(pl.col("open"), None, opened, possible=_EITHER),
    ]
    if within_days is None:
        return [
            *start_of,
            Case(lost.is_not_null(), "yes", ended),
            Case(failing, None, once, possible=_EITHER),
            Case(pl.lit(value=True), "no", seen),
        ]
    limit = start + within_days
    short = pl.format(f"{{}}, not seen for {write_number(within_days)} days", seen)
    return [
        *start_of,
        Case(lost <= limit, "yes", ended),
        # lost later, but kept for so long only as far as it was seen
        Case(pl.col("held") >= limit, "no", seen),
        Case(pl.lit(value=True), None, short, possible=_EITHER),
    ]


ITP_LOSS_OF_RESPONSE = Endpoint(
    name="itp_loss_of_response",
    title="Loss of response of immune thrombocytopenia",
    kind="flag",
    parameters=LossOfResponseParameters,
    derive=derive_itp_loss_of_response,
    needs=list_needs,
    criteria=CRITERIA,
    labels=LABELS,
)
