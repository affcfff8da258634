"""`neutrophil_phenotype`: quick, intermittent or aplastic recovery after CAR-T cells."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Parameters
from stromal.endpoints.records.episodes import derive_episodes
from stromal.endpoints.records.labs import derive_daily_values
from stromal.endpoints.records.words import number_text, window_words, write_number
from stromal.endpoints.verdict import Case, decide
from stromal.tables.patients import Patients
from stromal.tables.windows import Day

CRITERIA = "neutrophil_phenotype_rejeski_2021"
_RULES = read_criteria(CRITERIA).rules
_VALUES = {"quick": 0.0, "intermittent": 1.0, "aplastic": 2.0, "unclassified": 3.0}
LABELS = (
    Label("quick", "a quick recovery", rank=0, tone="good"),
    Label("intermittent", "an intermittent recovery", rank=1, tone="mixed"),
    Label("aplastic", "an aplastic phenotype", rank=2, tone="poor"),
    Label("unclassified", "none of the three phenotypes", rank=3, tone="neutral"),
)


class NeutrophilPhenotypeParameters(Parameters):
    """The days that are looked at.

    Parameters
    ----------
    from_day, to_day
        First and last day [d], both included.
    """

    from_day: Day = _RULES["from_day"]
    to_day: Day = _RULES["to_day"]


def derive_neutrophil_phenotype(
    patients: Patients, parameters: NeutrophilPhenotypeParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive how neutrophils recovered after CAR-T cells, one row per patient.

    A count that is a bound or empty decides nothing that it leaves open.

    Parameters
    ----------
    patients
        The five tables; `subjects` and `labs` are read.
    parameters
        First and last day [d].
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject: `label`, `value` its rank, `reason`. Null where nothing was counted,
        where counts leave more than one phenotype possible, and where they end too early for quick.

    Examples
    --------
    >>> counts = {0.0: 2.0, 5.0: 0.3, 9.0: 1.6, 25.0: 0.8, 40.0: 2.0}
    >>> labs = pl.DataFrame({"subject": "1", "day": list(counts), "analyte": "neutrophils",
    ...                      "value": list(counts.values()), "unit": "10^9/L"})
    >>> patients = Patients.of(subjects=pl.DataFrame({"subject": ["1"]}), labs=labs)
    >>> given = NeutrophilPhenotypeParameters()
    >>> derive_neutrophil_phenotype(patients, given).select("label", "reason").row(0)
    ('intermittent', 'recovery on day 9, neutrophils below 1 x 10^9/L again on day 25')
    """
    p = parameters
    days = (p.from_day, p.to_day)
    daily = derive_daily_values(patients.labs, _RULES["analyte"], empty=True, inside=days)
    rows = patients.subjects.select("subject")
    for frame in (
        daily.group_by("subject").agg(pl.col("day").last().alias("last")),
        _severe(daily, "most", "aplastic"),
        _severe(daily, "least", "aplastic_maybe"),
        _recovery(daily, certain=True),
        _recovery(daily, certain=False).select(
            "subject", pl.exclude("subject").name.suffix("_maybe")
        ),
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    decided = decide(rows, _cases(p), reasons=reasons)
    return decided.select(
        "subject",
        pl.col("label")
        .replace_strict(_VALUES, default=None, return_dtype=pl.Float64)
        .alias("value"),
        "label",
        "reason",
        pl.lit(read_criteria(CRITERIA).title).alias("criteria"),
    )


def _severe(daily: pl.DataFrame, end: str, name: str) -> pl.DataFrame:
    """The first severe episode that is long enough, where every count is at this end."""
    low = (pl.col(end) < _RULES["severe"]).alias("affected")
    episodes = derive_episodes(daily.select("subject", "day", low))
    long = episodes.filter(pl.col("end") - pl.col("start") >= _RULES["severe_days"])
    return long.unique("subject", keep="first", maintain_order=True).select(
        "subject", pl.col("start").alias(name), pl.col("end").alias(f"{name}_end")
    )


def _recovery(daily: pl.DataFrame, *, certain: bool) -> pl.DataFrame:
    """The first recovery that is certain, or possible, and the dips after it that are."""
    highest, lowest = ("least", "most") if certain else ("most", "least")
    fell = (pl.col(lowest) <= _RULES["recovered"]).cum_max().shift(1).over("subject")
    up = (pl.col(highest) > _RULES["recovered"]) & fell.fill_null(value=False)
    recovered = daily.filter(up).group_by("subject").agg(pl.col("day").min().alias("recovered"))
    after = daily.join(recovered, on="subject").filter(pl.col("day") > pl.col("recovered"))
    dips = after.filter(pl.col(lowest) < _RULES["dip"])
    late = pl.col("day") > _RULES["dip_after_day"]
    return recovered.join(
        dips.group_by("subject").agg(
            pl.col("day").min().alias("dip"), pl.col("day").filter(late).min().alias("late_dip")
        ),
        on="subject",
        how="left",
    )


def _cases(p: NeutrophilPhenotypeParameters) -> list[Case]:
    def known(name: str) -> pl.Expr:
        return pl.col(name).is_not_null()

    aplastic, intermittent = known("aplastic"), known("late_dip")
    quick = known("recovered") & ~known("dip_maybe")
    open_ = (
        (known("aplastic_maybe") & ~aplastic)
        | (~aplastic & known("late_dip_maybe") & ~intermittent)
        | (~aplastic & ~intermittent & known("recovered_maybe") & ~known("dip") & ~quick)
    )
    severe, dip = write_number(_RULES["severe"]), write_number(_RULES["dip"])
    recovered = pl.format("recovery on day {}", number_text("recovered"))
    long = pl.format(
        f"neutrophils below {severe} x 10^9/L from day {{}} to day {{}}",
        number_text("aplastic"),
        number_text("aplastic_end"),
    )
    again = pl.format(
        f"{{}}, neutrophils below {dip} x 10^9/L again on day {{}}",
        recovered,
        number_text("late_dip"),
    )
    ends = pl.format(
        f"{{}}, but counts end on day {{}}, and quick needs one after day "
        f"{write_number(_RULES['dip_after_day'])}",
        recovered,
        number_text("last"),
    )
    never = pl.when(pl.col("recovered").is_null()).then(
        pl.format("no recovery by day {}", number_text("last"))
    )
    early = pl.format(
        f"{{}}, neutrophils below {dip} x 10^9/L again on day {{}} only",
        recovered,
        number_text("dip"),
    )
    kept = pl.format(f"{{}}, no dip below {dip} until day {{}}", recovered, number_text("last"))
    return [
        Case(~known("last"), None, f"no neutrophils {window_words(p.from_day, p.to_day)}"),
        Case(open_, None, "neutrophils that are bounds or missing leave the phenotype open"),
        Case(aplastic, "aplastic", long),
        Case(intermittent, "intermittent", again),
        Case(quick & (pl.col("last") <= _RULES["dip_after_day"]), None, ends),
        Case(quick, "quick", kept),
        Case(pl.lit(value=True), "unclassified", never.otherwise(early)),
    ]


def _needs(parameters: NeutrophilPhenotypeParameters) -> tuple[Need, ...]:
    del parameters
    return (Need("labs", (_RULES["analyte"],)),)


NEUTROPHIL_PHENOTYPE = Endpoint(
    name="neutrophil_phenotype",
    title="Phenotype of neutrophil recovery after CAR-T cells",
    kind="response",
    parameters=NeutrophilPhenotypeParameters,
    derive=derive_neutrophil_phenotype,
    needs=_needs,
    criteria=CRITERIA,
    labels=LABELS,
)
