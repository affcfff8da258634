"""Stage of lymphoma from the sites that are involved, and what missing sites leave possible."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Literal

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Need, Parameters
from stromal.endpoints.records.assessed import find_nearest_items, whole_number
from stromal.errors import join_words
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.scales import SCALES
from stromal.tables.windows import Window

CRITERIA = "lugano_2014"
SCALE = "lymphoma"
SITES = ("nodal_groups", "both_sides", "spleen", "extranodal", "bulky")
_EXTRANODAL = ("none", "single", "contiguous_limited", "noncontiguous")
_SAID = ("no", "yes")


class SiteParameters(Parameters):
    """Where the stage comes from, and on which days it counts.

    Parameters
    ----------
    stage
        The stage as it was reported, or derived from the sites that are involved.
    window
        Day [d], and the days around it that still count; a visit gives it. Of each item the record
        nearest to the day is taken.
    unrecorded_sites
        A site that nobody wrote down is missing, so that the stage is open where it would matter,
        or absent; the number of nodal groups is never taken as 0. Only for derived stages.
    """

    stage: Literal["recorded", "derived"] = "recorded"
    window: Window = Window(day=0.0, before=28.0)
    unrecorded_sites: Literal["missing", "absent"] = "missing"

    @property
    def stage_needs(self) -> tuple[Need, ...]:
        """Return what the stage is read from."""
        items = ("stage",) if self.stage == "recorded" else SITES
        return (Need("assessments", tuple(f"{SCALE}.{item}" for item in items)),)


def name_stage(
    nodal_groups: int, both_sides: str, spleen: str, extranodal: str, bulky: str
) -> str | None:
    """Name the Lugano stage of the sites of a patient; None where they contradict each other.

    Examples
    --------
    >>> name_stage(1, "no", "no", "contiguous_limited", "no")
    'IIE'
    >>> name_stage(2, "yes", "no", "none", "no"), name_stage(0, "yes", "no", "none", "no")
    ('III', None)
    """
    across = "yes" in (both_sides, spleen)
    possible = (
        not (both_sides == "yes" and nodal_groups < 2),
        not (nodal_groups == 0 and (spleen == "yes" or bulky == "yes")),
        not (nodal_groups == 0 and extranodal in ("none", "contiguous_limited")),
        not (nodal_groups > 0 and extranodal == "single"),
    )
    if not all(possible):
        return None
    held = {
        "IV": extranodal == "noncontiguous",
        "III": across,
        "II bulky": nodal_groups > 1 and bulky == "yes",
        "IIE": extranodal == "contiguous_limited",
        "II": nodal_groups > 1,
        "IE": extranodal == "single",
        "I": True,
    }
    return next(stage for stage, holds in held.items() if holds)


def derive_stages(patients: Patients, parameters: SiteParameters) -> pl.DataFrame:
    """Derive the Lugano stage of every patient, as reported or from sites.

    The first of the stages from IV down that the sites reach. [cheson2014]

    Parameters
    ----------
    patients
        The five tables; `assessments` of the scale `lymphoma` are read.
    parameters
        Where the stage comes from, the window [d], and what an unrecorded site means.

    Returns
    -------
    polars.DataFrame
        One row per subject with a record: `day` [d], `stage` (null where it is open), `least` and
        `most`, the numbers 1 to 4 of the stages that stay possible, `possible`, their names (null
        where the records contradict each other or name no site), `words`, what was recorded.

    Examples
    --------
    >>> rows = pl.DataFrame({"item": ["nodal_groups", "both_sides"], "value": ["3", "yes"]})
    >>> rows = rows.with_columns(subject=pl.lit("1"), day=0.0, scale=pl.lit("lymphoma"))
    >>> derived = SiteParameters(stage="derived")
    >>> derive_stages(Patients.of(assessments=rows), derived).select("least", "most").row(0)
    (3, 4)
    """
    p = parameters
    if p.stage == "recorded":
        return _read_stages(patients, p)
    wide = find_nearest_items(patients, SCALE, SITES, p.window)
    words = pl.concat_str(map(_say, SITES), separator=", ", ignore_nulls=True)
    groups = whole_number("nodal_groups").clip(0, 2)
    said = wide.with_columns(words.alias("words")).with_columns(groups.alias("nodal_groups"))
    if p.unrecorded_sites == "absent":
        said = said.with_columns(
            pl.col("both_sides", "spleen", "bulky").fill_null("no"),
            pl.col("extranodal").fill_null("none"),
        )
    return said.join(_stages(), on=SITES, how="left", nulls_equal=True).select(
        "subject", "day", "stage", "least", "most", "possible", "words"
    )


def _read_stages(patients: Patients, p: SiteParameters) -> pl.DataFrame:
    numbers = read_criteria(CRITERIA).rules["numbers"]
    number = pl.col("stage").replace_strict(numbers, default=None, return_dtype=pl.Int64)
    return find_nearest_items(patients, SCALE, ("stage",), p.window).select(
        "subject",
        "day",
        "stage",
        number.alias("least"),
        number.alias("most"),
        pl.col("stage").alias("possible"),
        pl.lit("as reported").alias("words"),
    )


def _say(item: str) -> pl.Expr:
    label = SCALES[SCALE].items[item].label
    return pl.format(f"{label} {{}}", pl.col(item).str.replace_all("_", " ", literal=True))


@cache
def _stages() -> pl.DataFrame:
    """The stage of every combination of sites, and the least and most where some are missing."""
    numbers = read_criteria(CRITERIA).rules["numbers"]
    values: tuple[tuple[int | str, ...], ...] = ((0, 1, 2), _SAID, _SAID, _EXTRANODAL, _SAID)
    rows = []
    for given in product(*((None, *known) for known in values)):
        possible = product(
            *(known if each is None else (each,) for each, known in zip(given, values, strict=True))
        )
        named = {name_stage(*each) for each in possible}  # type: ignore[arg-type]
        stages = [stage for stage in numbers if stage in named]
        reached = [numbers[stage] for stage in stages]
        bounds = (min(reached, default=None), max(reached, default=None))
        only = stages[0] if len(stages) == 1 else None
        rows.append((*given, only, *bounds, join_words(stages, "or") or None))
    columns = dict.fromkeys(SITES, pl.String()) | {"nodal_groups": pl.Int64()}
    bounds_schema = {"least": pl.Int64(), "most": pl.Int64()}
    schema = columns | {"stage": pl.String()} | bounds_schema | {"possible": pl.String()}
    return pl.DataFrame(rows, schema=schema, orient="row")
