"""`gross_haematuria_end`: time until gross haematuria has gone."""

from __future__ import annotations

from typing import Literal

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Need, Statuses
from stromal.endpoints.records.occurrences import OCCURRENCES, pick_occurrences, read_conventions
from stromal.endpoints.records.sign_rules import list_needs
from stromal.endpoints.records.times import FollowedUntil, derive_times
from stromal.endpoints.records.words import name_window, number_text
from stromal.endpoints.rules.bleeding.changes import derive_grades, derive_nearest_grades
from stromal.endpoints.rules.bleeding.haemorrhagic_cystitis import CRITERIA as GRADING
from stromal.tables.outcomes import EVENT
from stromal.tables.patients import Patients
from stromal.tables.windows import Window

CRITERIA = "haemorrhagic_cystitis_response"
STATUSES = Statuses("end of gross haematuria", "death with gross haematuria")


class HaematuriaEndParameters(FollowedUntil):
    """The baseline, and what a sign that nobody recorded means.

    Parameters
    ----------
    baseline
        Day [d] of the baseline, and the days around it that still count; a visit gives it.
    unrecorded_signs
        A sign that was not recorded on a day is missing, so that the day shows no end where it
        would matter, or absent.
    """

    baseline: Window = Window(day=0.0, before=7.0)
    unrecorded_signs: Literal["missing", "absent"] = "missing"


def derive_gross_haematuria_end(
    patients: Patients, parameters: HaematuriaEndParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the time from day 0 to the first day without gross haematuria, death competing.

    Patients without gross haematuria at baseline are not judged.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": "1", "day": [0.0, 2.0, 3.0], "scale": "haematuria",
    ...                      "item": "grade", "value": ["3", "2", "1"]})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), assessments=rows)
    >>> derive_gross_haematuria_end(patients, HaematuriaEndParameters())["reason"].item()
    'end of gross haematuria on day 3'
    """
    p, gross = parameters, read_criteria(CRITERIA).rules["gross_from_grade"]
    days = derive_grades(patients, p.unrecorded_signs, GRADING)
    nearest = derive_nearest_grades(patients, p.unrecorded_signs, GRADING, p.baseline)
    baseline = nearest.select(
        "subject",
        pl.col("least").alias("before"),
        pl.col("most").alias("before_most"),
        pl.col("day").alias("on"),
    )
    ended = days.join(baseline, on="subject").filter(
        pl.col("most") < gross, pl.col("day") > pl.col("on")
    )
    occurrences = pl.concat(
        [
            pick_occurrences(patients, (), read_conventions()["death"]),
            ended.select(
                "subject",
                "day",
                pl.lit("end_of_gross_haematuria").alias("event"),
                pl.lit(EVENT, pl.Int64).alias("status"),
                pl.lit(0, pl.Int64).alias("rank"),
                pl.lit(None, pl.String).alias("note"),
            ).select(list(OCCURRENCES)),
        ]
    )
    found = patients.subjects.select("subject").join(
        baseline, on="subject", how="left", maintain_order="left"
    )
    missing = pl.lit(f"no record of haematuria {name_window(p.baseline)}")
    other = pl.format("no gross haematuria for certain on day {}", number_text("on"))
    excluded = found.filter((pl.col("before") < gross).fill_null(value=True)).select(
        "subject",
        pl.when(pl.col("before").is_null()).then(missing).otherwise(other).alias("excluded"),
    )
    return derive_times(
        patients, occurrences, STATUSES, read_criteria(CRITERIA), p, excluded, reasons=reasons
    )


def _needs(parameters: HaematuriaEndParameters) -> tuple[Need, ...]:
    del parameters
    return list_needs(GRADING)


GROSS_HAEMATURIA_END = Endpoint(
    name="gross_haematuria_end",
    title="Time to the end of gross haematuria",
    kind="time",
    parameters=HaematuriaEndParameters,
    derive=derive_gross_haematuria_end,
    needs=_needs,
    criteria=CRITERIA,
    statuses=lambda _: STATUSES,
)
