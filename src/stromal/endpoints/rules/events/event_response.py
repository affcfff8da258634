"""`event_response`: the response of a recorded event, such as pure red cell aplasia."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Parameters
from stromal.endpoints.records.assessed import find_nearest_items
from stromal.endpoints.records.occurrences import read_conventions
from stromal.endpoints.records.words import name_window, number_text
from stromal.endpoints.rules.events.counted import label_event
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.windows import Window
from stromal.toml.part import Name

CRITERIA = "recorded_events"
SCALE = "condition_response"
LABELS = (
    Label("CR", "a complete response", rank=0, tone="best"),
    Label("PR", "a partial response", rank=1, tone="good"),
    Label("NR", "no response", rank=2, tone="poor"),
)
_VALUES = {"NR": 0.0, "PR": 1.0, "CR": 2.0}
_ANY = ("NR", "CR")


class EventResponseParameters(Parameters):
    """Which event, and the day of its response.

    Parameters
    ----------
    event
        Name of an event; its response is the item of that name of the scale `condition_response`,
        which a protocol may extend.
    window
        Day [d] of the response, and the days around it that still count; a visit gives it. The
        record nearest to the day is taken.
    """

    event: Name
    window: Window = Window(day=28.0, before=7.0, after=7.0)


def derive_event_response(
    patients: Patients, parameters: EventResponseParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive the reported response of patients who had the event by the visit.

    Patients without the event are not judged, so that the denominator is those who had it.

    Parameters
    ----------
    patients
        The five tables; `subjects`, `assessments` and `events` are read.
    parameters
        Event and window [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `label` CR, PR or NR, `value` 2, 1 or 0, `day` [d] of the record,
        `lowest` and `highest` what stays possible, `reason`.

    Examples
    --------
    >>> events = pl.DataFrame({"subject": ["1"], "day": [-30.0], "event": "pure_red_cell_aplasia"})
    >>> told = pl.DataFrame({"subject": ["1"], "day": [28.0], "scale": "condition_response",
    ...                      "item": "pure_red_cell_aplasia", "value": ["PR"]})
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"]}), events=events, assessments=told
    ... )
    >>> parameters = EventResponseParameters(event="pure_red_cell_aplasia")
    >>> derive_event_response(patients, parameters)["reason"].item()
    'pure red cell aplasia on day -30, PR on day 28'
    """
    p = parameters
    own = patients.events.filter(pl.col("event") == p.event)
    own = own.filter(pl.col("day").is_null() | (pl.col("day") <= p.window.last))
    deaths = patients.events.filter(
        pl.col("event").is_in(read_conventions()["death"]), pl.col("day") <= p.window.last
    )
    found = find_nearest_items(patients, SCALE, (p.event,), p.window)
    rows = patients.subjects.select("subject")
    for frame in (
        own.group_by("subject").agg(
            pl.col("day").min().alias("began"), pl.lit(value=True).alias("had")
        ),
        found.select("subject", "day", pl.col(p.event).alias("response")),
        deaths.group_by("subject").agg(pl.col("day").min().alias("death_day")),
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    decided = decide(rows, _cases(p), _VALUES, reasons=reasons)
    return decided.select(
        "subject",
        "value",
        "label",
        pl.when(pl.col("label").is_not_null()).then("day").alias("day"),
        "lowest",
        "highest",
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _cases(p: EventResponseParameters) -> list[Case]:
    name = label_event(p.event)
    response, known = pl.col("response"), pl.col("response").is_in(list(_VALUES))
    began = pl.format(f"{name} on day {{}}", number_text("began")).fill_null(
        f"{name} on a day that was not recorded"
    )
    dead = pl.format("{}, death on day {}", began, number_text("death_day"))
    told = pl.format("{}, {} on day {}", began, response, number_text("day"))
    missing = pl.format(f"{{}}, no response recorded {name_window(p.window)}", began)
    return [
        Case(pl.col("had").is_null(), None, f"no {name} recorded: nothing to respond"),
        Case(known, response, told),
        Case(pl.col("death_day").is_not_null(), "NR", dead),
        Case(response.is_not_null(), None, pl.format("{}, which is no response", told)),
        Case(pl.lit(value=True), None, missing, possible=_ANY),
    ]


def _needs(parameters: EventResponseParameters) -> tuple[Need, ...]:
    p = parameters
    return (Need("events", (p.event,)), Need("assessments", (f"{SCALE}.{p.event}",)))


EVENT_RESPONSE = Endpoint(
    name="event_response",
    title="Response of a recorded event",
    kind="response",
    parameters=EventResponseParameters,
    derive=derive_event_response,
    needs=_needs,
    criteria=CRITERIA,
    labels=LABELS,
)
