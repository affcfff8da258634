"""`poor_graft_function`: an engrafted graft that needs frequent support, or keeps counts low."""

from __future__ import annotations

from functools import reduce
from typing import Any, Literal

import polars as pl
from pydantic import Field

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Parameters
from stromal.endpoints.records.follow_up import derive_follow_up
from stromal.endpoints.records.labs import label_analyte
from stromal.endpoints.records.occurrences import derive_first, name_event, pick_occurrences
from stromal.endpoints.records.words import number_text, write_number
from stromal.endpoints.rules.engraftment.donor_chimerism import (
    Lineage,
    judge_chimerism,
    read_chimerism,
)
from stromal.endpoints.rules.engraftment.low_counts import derive_low_days, find_low_runs
from stromal.endpoints.rules.engraftment.recovered import REPORTED, Source, find_recovered
from stromal.endpoints.verdict import Case, decide
from stromal.errors import join_words
from stromal.tables.events import EVENT_NAMES
from stromal.tables.patients import Patients
from stromal.tables.windows import Day, Window, find_nearest

CRITERIA = "poor_graft_function_astct_2021"
POOR = Label("poor graft function", "poor graft function", rank=1, tone="poor")
NONE = Label("no poor graft function", "no poor graft function", rank=0, tone="good")
_VALUES = {POOR.name: 1.0, NONE.name: 0.0}
_EITHER = (NONE.name, POOR.name)
_LINEAGES: tuple[Lineage, ...] = ("myeloid", "lymphoid")


def _rules(name: str) -> Any:  # noqa: ANN401 - what the criteria hold is data
    return read_criteria(CRITERIA).rules[name]


class PoorGraftFunctionParameters(Parameters):
    """What shows poor graft function, from when, and what explains it otherwise.

    Parameters
    ----------
    shown_by
        Frequent `support`, or low `counts`.
    cuts
        The cuts of the counts: all three below the `severe` ones, or any one below the `looser`
        ones; only for `counts`.
    from_day
        First day [d] that counts.
    source
        Neutrophil recovery from `counts`, or as `reported`.
    explained_by
        Names of events from whose first day on there is another explanation.
    chimerism
        Full donor chimerism is `ignored`, or `required`.
    """

    shown_by: Literal["support", "counts"] = "support"
    cuts: Literal["severe", "looser"] = "severe"
    from_day: Day = Field(default_factory=lambda: _rules("from_day"))
    source: Source = "counts"
    explained_by: tuple[str, ...] = Field(default_factory=lambda: tuple(_rules("explained_by")))
    chimerism: Literal["ignored", "required"] = "ignored"


def derive_poor_graft_function(
    patients: Patients, parameters: PoorGraftFunctionParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive poor graft function (value 1) or none (value 0) by the end of follow-up.

    Neutrophils had recovered, and then growth factor or transfusions were needed often, or counts
    stayed low, before anything that would explain it. [kharfandabaja2021] [sureda2024]

    Parameters
    ----------
    patients
        The five tables; `labs` in internal units.
    parameters
        What shows it, from which day [d], and what explains it otherwise.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject, in order: `value`, `label`, `day` [d] on which it began, `lowest` and
        `highest` what bounds, days that were not recorded and chimerism leave open, `reason`.

    Examples
    --------
    >>> days = [15.0, 40.0, 44.0, 48.0]
    >>> names = ["neutrophil_recovery", "g_csf", "g_csf", "g_csf"]
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"], "last_day": [200]}),
    ...     events=pl.DataFrame({"subject": "1", "day": days, "event": names}),
    ... )
    >>> reported = PoorGraftFunctionParameters(source="reported")
    >>> derive_poor_graft_function(patients, reported)["reason"].item()
    'granulocyte colony-stimulating factor on 3 days from day 40 to day 48'
    """
    p = parameters
    barriers = pick_occurrences(patients, p.explained_by)
    first = derive_first(patients.subjects.unique("subject"), barriers)
    known = find_recovered(patients, p.source, "neutrophils").join(
        first.select("subject", pl.col("day").alias("barrier"), "event"), on="subject", how="left"
    )
    shown = (
        _supports(patients, p, known) if p.shown_by == "support" else _counts(patients, p, known)
    )
    # a death without a day comes after all else
    undated = barriers.filter(pl.col("day").is_null(), pl.col("event") != "death")
    undated = undated.select("subject").unique()
    rows = patients.subjects.select("subject")
    for frame in (
        known,
        derive_follow_up(patients).unique("subject"),
        undated.with_columns(pl.lit(value=True).alias("undated")),
        _undated_support(patients, p),
        *shown,
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    rows = rows.join(_full_donor(patients, rows), on="subject", how="left", maintain_order="left")
    decided = decide(rows, _cases(p), _VALUES, reasons=reasons)
    return decided.select(
        "subject",
        "value",
        "label",
        pl.when(pl.col("label") == POOR.name).then("surely_from").alias("day"),
        "lowest",
        "highest",
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _eligible(p: PoorGraftFunctionParameters, since: str) -> pl.Expr:
    """Days that count: after recovery, from the first day on, before another explanation."""
    day = pl.col("day")
    free = pl.col("barrier").is_null() | (day < pl.col("barrier").floor())
    return (day >= p.from_day) & (day >= pl.col(since)) & free


def _supports(
    patients: Patients, p: PoorGraftFunctionParameters, known: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The first time of frequent support, surely and possibly: `_from`, `_to` [d], `_words`."""
    rule = _rules("support")
    events = patients.events.filter(pl.col("event").is_in(list(rule["days"])))
    days = (
        events.select("subject", "event", pl.col("day").floor())
        .drop_nulls()
        .unique()
        .join(known.drop("event"), on="subject")
        .sort("subject", "event", "day")
    )
    found = []
    for name, since in (("surely", "recovered"), ("possibly", "recovered_maybe")):
        own = days.filter(_eligible(p, since))
        frames = [
            _frequent(own, event, n, rule["within_days"]) for event, n in rule["days"].items()
        ]
        first = (
            pl.concat(frames)
            .sort("from", "words")
            .unique("subject", keep="first", maintain_order=True)
        )
        found.append(first.select("subject", pl.exclude("subject").name.prefix(f"{name}_")))
    return found[0], found[1]


def _frequent(days: pl.DataFrame, event: str, n: int, within: float) -> pl.DataFrame:
    """Times in which an event was recorded on `n` days within some days: `from`, `to`, `words`."""
    rows = days.filter(pl.col("event") == event)
    last = pl.when(pl.col("subject").shift(1 - n) == pl.col("subject")).then(
        pl.col("day").shift(1 - n)
    )
    words = pl.format(
        f"{EVENT_NAMES[event]} on {n} days from day {{}} to day {{}}",
        number_text("day"),
        number_text("to"),
    )
    return (
        rows.with_columns(last.alias("to"))
        .filter(pl.col("to") - pl.col("day") < within)
        .select("subject", pl.col("day").alias("from"), "to", words.alias("words"))
    )


def _undated_support(patients: Patients, p: PoorGraftFunctionParameters) -> pl.DataFrame:
    """Patients with support whose day was not recorded, where support is what counts."""
    wanted = list(_rules("support")["days"]) if p.shown_by == "support" else []
    rows = patients.events.filter(pl.col("event").is_in(wanted), pl.col("day").is_null())
    return rows.select("subject").unique().with_columns(pl.lit(value=True).alias("open_support"))


def _counts(
    patients: Patients, p: PoorGraftFunctionParameters, known: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The first run of low counts, surely and possibly: `_from`, `_to` [d], `_words`."""
    cuts: dict[str, float] = _rules("counts")[p.cuts]
    tables = {
        analyte: derive_low_days(patients, analyte, cut).select("subject", "day", "low")
        for analyte, cut in cuts.items()
    }
    if _rules("any_one")[p.cuts]:
        series = [(label_analyte(analyte), table) for analyte, table in tables.items()]
    else:
        named = [each.rename({"low": f"_{name}"}) for name, each in tables.items()]
        joined = reduce(lambda left, right: left.join(right, on=["subject", "day"]), named)
        every = pl.all_horizontal(f"_{analyte}" for analyte in tables)
        words = join_words([label_analyte(analyte) for analyte in tables])
        series = [
            (words, joined.select("subject", "day", every.alias("low")).sort("subject", "day"))
        ]
    found = []
    for name, since in (("surely", "recovered"), ("possibly", "recovered_maybe")):
        frames = []
        for words, table in series:
            own = table.join(known, on="subject", maintain_order="left").filter(_eligible(p, since))
            runs = find_low_runs(own, int(_rules("values")), possible=name == "possibly")
            said = pl.format(
                f"{words} low from day {{}} to day {{}}", number_text("from"), number_text("to")
            )
            frames.append(runs.with_columns(said.alias("words")))
        first = (
            pl.concat(frames)
            .sort("from", "words")
            .unique("subject", keep="first", maintain_order=True)
        )
        found.append(first.select("subject", pl.exclude("subject").name.prefix(f"{name}_")))
    return found[0], found[1]


def _full_donor(patients: Patients, rows: pl.DataFrame) -> pl.DataFrame:
    """Whether the donor chimerism nearest to the first day was full; null where not known."""
    start = pl.coalesce("surely_from", "possibly_from")
    began = rows.select("subject", start.alias("began")).drop_nulls().unique("subject")
    days = float(_rules("chimerism_days"))
    cells = read_chimerism(patients, _LINEAGES).join(began, on="subject")
    near = find_nearest(
        cells.with_columns(pl.col("day") - pl.col("began")),
        Window(day=0, before=days, after=days),
        ("subject", "item"),
        ties="all",
    )
    wide = near.group_by("subject").agg(
        pl.col("percent").filter(pl.col("item") == lineage).min().alias(lineage)
        for lineage in _LINEAGES
    )
    least, most = (judge_chimerism(_LINEAGES, missing) for missing in (0.0, 100.0))
    full = pl.when(least == 2).then(pl.lit(value=True)).when(most < 2).then(pl.lit(value=False))
    return wide.select("subject", full.alias("full_donor"))


def _cases(p: PoorGraftFunctionParameters) -> list[Case]:
    """Every patient is one of these, in this order."""
    surely, possibly = pl.col("surely_from").is_not_null(), pl.col("possibly_from").is_not_null()
    last, maybe = pl.col("last_day"), pl.col("recovered_maybe")
    first = write_number(p.from_day)
    short = pl.format(
        f"{{}} is day {{}}, before day {first}", "followed_by", number_text("last_day")
    )
    what = "frequent support" if p.shown_by == "support" else "run of low counts"
    explained = pl.format(
        f"no {what} from day {first} on before {{}} on day {{}}",
        name_event(),
        number_text("barrier"),
    )
    none = pl.format(
        f"no {what} from day {first} to the {{}}, day {{}}", "followed_by", number_text("last_day")
    )
    opened = pl.format("possibly {}", "possibly_words")
    cases = [
        Case(
            ~pl.col("recorded"), None, "no count of neutrophils that shows whether they recovered"
        ),
        Case(
            pl.col("undated"), None, "another explanation recorded without a day", possible=_EITHER
        ),
    ]
    if p.chimerism == "required":
        full, words = pl.col("full_donor"), pl.coalesce("surely_words", "possibly_words")
        cases += [
            Case(possibly & ~full, NONE.name, pl.format("{}, without full donor chimerism", words)),
            Case(
                surely & full.is_null(),
                None,
                pl.format(
                    "{}, donor chimerism not known within "
                    f"{write_number(_rules('chimerism_days'))} days",
                    words,
                ),
                possible=_EITHER,
            ),
        ]
    return [
        *cases,
        Case(surely, POOR.name, pl.col("surely_words")),
        Case(possibly, None, opened, possible=_EITHER),
        Case(last.is_null(), None, "no follow-up is recorded"),
        Case(maybe.is_null(), NONE.name, "neutrophils have not recovered"),
        Case(pl.col("open_support"), None, "support recorded without a day", possible=_EITHER),
        Case(pl.col("barrier") <= last, NONE.name, explained),
        Case(last < p.from_day, None, short, possible=_EITHER),
        Case(pl.lit(value=True), NONE.name, none),
    ]


def _needs(parameters: PoorGraftFunctionParameters) -> tuple[Need, ...]:
    counted = parameters.source == "counts"
    recovery = (
        Need("labs", ("neutrophils",)) if counted else Need("events", (REPORTED["neutrophils"],))
    )
    if parameters.shown_by == "support":
        return (recovery, Need("events", (*_rules("support")["days"], "last_follow_up")))
    counts = (Need("labs", (analyte,)) for analyte in _rules("counts")[parameters.cuts])
    return (recovery, *counts)


POOR_GRAFT_FUNCTION = Endpoint(
    name="poor_graft_function",
    title="Poor graft function",
    kind="flag",
    parameters=PoorGraftFunctionParameters,
    derive=derive_poor_graft_function,
    needs=_needs,
    criteria=CRITERIA,
    labels=(POOR, NONE),
)
