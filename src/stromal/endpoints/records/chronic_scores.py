"""Organ scores of chronic GVHD, 0 to 3: as somebody scored them, or from signs and values.

A score is the highest of its parts; the parts of the skin are its surface and its sclerosis. The
cuts are those of the NIH consensus of 2014, in `criteria/nih_2014.json`. [jagasia2015]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import polars as pl

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Need, Parameters
from stromal.endpoints.records.labs import derive_daily_values
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.analytes import ANALYTES
from stromal.tables.windows import Window, find_nearest

CRITERIA = "nih_2014"
RECORDED, SIGNS, OTHER_CAUSE = (
    "chronic_gvhd_score",
    "chronic_gvhd_signs",
    "chronic_gvhd_other_cause",
)
HIGHEST = 3
ORGAN_LABELS: Mapping[str, str] = {
    "skin": "skin",
    "mouth": "mouth",
    "eyes": "eyes",
    "gi": "gastrointestinal tract",
    "liver": "liver",
    "lungs": "lungs",
    "joints": "joints and fascia",
    "genital": "genital tract",
}
"""Organs of the score and what sentences call them."""

_PARTS: Mapping[str, Mapping[str, int]] = {
    "skin": {"skin_bsa": 3, "skin_sclerosis": 3},
    "gi": {
        "gi_weight_loss_percent": 3,
        "gi_diarrhoea": 3,
        "gi_symptoms": 1,
        "gi_supplement_or_dilation": 3,
    },
    "liver": {"bilirubin": 3, "alt": 2, "alp": 1},
    "lungs": {"fev1_percent": 3},
}
"""Parts of the organs that signs and values score, and the highest score of each part."""

_ANALYTES = ("bilirubin", "alt", "alp", "fev1_percent")
_DIGITS = 15
_WITHIN = 1e-9
Derivable = Literal["skin", "gi", "liver", "lungs"]


class ChronicScoreParameters(Parameters):
    """Where organ scores come from.

    Parameters
    ----------
    derived
        Organs that are scored from signs (scale `chronic_gvhd_signs`) and laboratory values; all
        others are taken as they were scored (scale `chronic_gvhd_score`).
    unrecorded_signs
        A part of an organ that nobody recorded is missing, so that the score is open where the part
        would matter, or absent; only for organs with another part on record.
    """

    derived: tuple[Derivable, ...] = ()
    unrecorded_signs: Literal["missing", "absent"] = "missing"

    def list_parts(self, organ: str) -> dict[str, int]:
        """List the parts of an organ's score, each with its highest score."""
        return dict(_PARTS[organ]) if organ in self.derived else {organ: HIGHEST}

    def list_needs(self, organs: Iterable[str]) -> tuple[Need, ...]:
        """Return what the scores of organs are read from."""
        needs = []
        for organ in organs:
            parts = tuple(self.list_parts(organ))
            if parts[0] in _ANALYTES:
                needs += [Need("labs", (part,)) for part in parts]
            else:
                scale = SIGNS if organ in self.derived else RECORDED
                needs.append(Need("assessments", tuple(f"{scale}.{part}" for part in parts)))
        return tuple(needs)


def derive_part_scores(
    patients: Patients,
    parameters: ChronicScoreParameters,
    organs: Iterable[str],
    inside: tuple[float | None, float | None] = (None, None),
) -> pl.DataFrame:
    """Derive the scores of the parts of organs, day by day.

    Parameters
    ----------
    patients
        `assessments` with the scales of chronic GVHD; `labs`, in internal units, where liver or
        lungs are derived.
    parameters
        Which organs are derived.
    organs
        Which organs are scored.
    inside
        First and last day [d] of the laboratory values that count; None leaves an end open.

    Returns
    -------
    polars.DataFrame
        `subject`, `day` [d], `part`, `least`, `most`: the scores that a value or bound allows.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": ["1"], "day": [100.0], "scale": ["chronic_gvhd_signs"]})
    >>> rows = rows.with_columns(item=pl.lit("skin_bsa"), value=pl.lit("19"))
    >>> from_signs = ChronicScoreParameters(derived=("skin",))
    >>> derive_part_scores(Patients.of(assessments=rows), from_signs, ["skin"]).row(0)
    ('1', 100.0, 'skin_bsa', 2, 2)
    """
    organs = tuple(organs)
    parts = [(organ, part) for organ in organs for part in parameters.list_parts(organ)]
    frames = [_recorded(patients, [organ for organ in organs if organ not in parameters.derived])]
    for organ, part in parts:
        if part in _ANALYTES:
            frames.append(_measured(patients, organ, part, inside))
        elif organ in parameters.derived:
            frames.append(_signed(patients, organ, part))
    return pl.concat(frames)


def find_organ_scores(
    patients: Patients,
    parameters: ChronicScoreParameters,
    organs: Iterable[str],
    window: Window,
) -> pl.DataFrame:
    """Find the scores of organs nearest to the day of a window, each part on its nearest day.

    Of two days equally near the worse counts. An organ whose abnormality was recorded to have
    another cause, on its nearest day, is not involved.

    Parameters
    ----------
    patients, parameters, organs
        As for `derive_part_scores`.
    window
        Day [d], and the days around it that still count.

    Returns
    -------
    polars.DataFrame
        One row per subject with a score in the window: `subject`, `day` [d] of the latest score,
        and for each organ `least_<organ>`, `most_<organ>`, null where nothing was recorded of it.
    """
    organs = tuple(organs)
    scores = derive_part_scores(patients, parameters, organs, (window.first, window.last))
    near = find_nearest(scores, window, ("subject", "part"), ties="all")
    parts = _spread(near, ["subject"], parameters, organs, pl.col("day").max())
    wide = parts.join(_other_causes(patients, organs, window), on="subject", how="left")
    return _score(wide, ["subject", "day"], parameters, organs)


def derive_score_days(
    patients: Patients, parameters: ChronicScoreParameters, organs: Iterable[str]
) -> pl.DataFrame:
    """Derive the scores of organs on every whole day on which any part of one was recorded.

    An organ whose abnormality was recorded to have another cause on that day is not involved.

    Parameters
    ----------
    patients, parameters, organs
        As for `derive_part_scores`.

    Returns
    -------
    polars.DataFrame
        `subject`, `day` [d], and for each organ `least_<organ>`, `most_<organ>`, null where nothing
        was recorded of it on that day; sorted.
    """
    organs = tuple(organs)
    rows = derive_part_scores(patients, parameters, organs).drop_nulls("day")
    rows = rows.with_columns(pl.col("day").floor())
    parts = _spread(rows, ["subject", "day"], parameters, organs)
    causes = patients.assessments.filter(
        pl.col("scale") == OTHER_CAUSE, pl.col("item").is_in(list(organs))
    ).drop_nulls(["value", "day"])
    other = causes.group_by("subject", pl.col("day").floor()).agg(_other_columns(organs))
    wide = parts.join(other, on=["subject", "day"], how="left")
    return _score(wide, ["subject", "day"], parameters, organs).sort("subject", "day")


def _spread(
    rows: pl.DataFrame,
    by: list[str],
    parameters: ChronicScoreParameters,
    organs: tuple[str, ...],
    *more: pl.Expr,
) -> pl.DataFrame:
    """The worst score of each part, in a row."""
    return rows.group_by(by).agg(
        *more,
        *(
            pl.col(end).filter(pl.col("part") == part).max().alias(f"_{end}_{part}")
            for organ in organs
            for part in parameters.list_parts(organ)
            for end in ("least", "most")
        ),
    )


def _score(
    wide: pl.DataFrame,
    keys: list[str],
    parameters: ChronicScoreParameters,
    organs: tuple[str, ...],
) -> pl.DataFrame:
    """The scores of organs by those of their parts; 0 where another cause was recorded."""
    return wide.select(
        *keys,
        *(
            pl.when(f"_other_{organ}").then(pl.lit(0, pl.Int8)).otherwise(score).alias(name)
            for organ in organs
            for name, score in _combine(parameters, organ)
        ),
    )


def _combine(parameters: ChronicScoreParameters, organ: str) -> list[tuple[str, pl.Expr]]:
    """The least and the most that an organ can score; null where none of its parts is known."""
    parts = parameters.list_parts(organ)
    known = pl.any_horizontal(pl.col(f"_least_{part}").is_not_null() for part in parts)
    absent = parameters.unrecorded_signs == "absent"
    least = pl.max_horizontal(pl.col(f"_least_{part}").fill_null(0) for part in parts)
    most = pl.max_horizontal(
        pl.col(f"_most_{part}").fill_null(0 if absent else highest)
        for part, highest in parts.items()
    )
    return [
        (f"least_{organ}", pl.when(known).then(least)),
        (f"most_{organ}", pl.when(known).then(most)),
    ]


def _other_causes(patients: Patients, organs: tuple[str, ...], window: Window) -> pl.DataFrame:
    rows = patients.assessments.filter(
        pl.col("scale") == OTHER_CAUSE, pl.col("item").is_in(list(organs))
    )
    near = find_nearest(rows.drop_nulls("value"), window, ("subject", "item"), ties="all")
    return near.group_by("subject").agg(_other_columns(organs))


def _other_columns(organs: tuple[str, ...]) -> list[pl.Expr]:
    said = pl.col("value") == "yes"
    return [said.filter(pl.col("item") == organ).min().alias(f"_other_{organ}") for organ in organs]


def _rules(organ: str) -> dict[str, Any]:
    rules: dict[str, Any] = read_criteria(CRITERIA).rules[organ]
    return rules


def _recorded(patients: Patients, organs: list[str]) -> pl.DataFrame:
    """Scores as somebody gave them; one that is empty or none of the scale's has no row."""
    number = pl.col("value").cast(pl.Float64, strict=False)
    valid = number.is_between(0, HIGHEST) & (number == number.floor())
    score = number.cast(pl.Int8)
    return patients.assessments.filter(
        pl.col("scale") == RECORDED, pl.col("item").is_in(organs), valid
    ).select(
        "subject",
        "day",
        pl.col("item").alias("part"),
        score.alias("least"),
        score.alias("most"),
    )


def _signed(patients: Patients, organ: str, part: str) -> pl.DataFrame:
    """Scores of a sign, in words or as a number."""
    rule = _rules(organ)[{"skin_bsa": "surface"}.get(part) or _name(organ, part)]
    value = pl.col("value")
    if isinstance(rule, dict):
        score = value.replace_strict(rule, default=None, return_dtype=pl.Int8)
    else:
        score = _steps(rule, value.cast(pl.Float64, strict=False))
    return (
        patients.assessments.filter(pl.col("scale") == SIGNS, pl.col("item") == part)
        .select(
            "subject", "day", pl.lit(part).alias("part"), score.alias("least"), score.alias("most")
        )
        .drop_nulls(["least"])
    )


def _name(organ: str, part: str) -> str:
    """The name of a sign's rule: `weight_loss` of `gi_weight_loss_percent`."""
    return part.removeprefix(f"{organ}_").removesuffix("_percent")


def _measured(
    patients: Patients, organ: str, analyte: str, inside: tuple[float | None, float | None]
) -> pl.DataFrame:
    """Scores of a laboratory value; two where a bound leaves several."""
    rules, worst = _rules(organ), "lowest" if analyte == "fev1_percent" else "highest"
    daily = derive_daily_values(patients.labs, analyte, worst, inside=inside)  # type: ignore[arg-type]
    usual = ANALYTES[analyte].normal[1]
    limit = pl.col("upper_limit").fill_null(pl.lit(usual, pl.Float64))
    # `<40` is not 40, and `>5` not 5
    inner = {"least": ("above", 1 + _WITHIN), "most": ("below", 1 - _WITHIN)}
    scores = []
    for end, (strict, factor) in inner.items():
        is_strict = pl.col("bound").eq_missing(pl.lit(strict))
        value = pl.when(is_strict).then(pl.col(end) * factor).otherwise(end)
        if analyte == "bilirubin":
            rule = rules["bilirubin"]
            score = (
                pl.when(value > rule["score_3_above"])
                .then(pl.lit(HIGHEST, pl.Int8))
                .when(value > limit)
                .then(pl.lit(rule["above_normal"], pl.Int8))
                .otherwise(pl.lit(0, pl.Int8))
            )
        elif analyte == "fev1_percent":
            score = _steps(rules["fev1"], value)
        else:
            score = _steps(rules[analyte], (value / limit).round_sig_figs(_DIGITS))
        scores.append(score)
    return daily.select(
        "subject",
        "day",
        pl.lit(analyte).alias("part"),
        pl.min_horizontal(scores).alias("least"),
        pl.max_horizontal(scores).alias("most"),
    )


def _steps(steps: list[dict[str, float]], value: pl.Expr) -> pl.Expr:
    """The score of the first step that holds, else 0; null without a value."""
    tests = {"above": value.__gt__, "at_least": value.__ge__, "below": value.__lt__}
    chosen = [
        pl.when(tests[name](cut)).then(pl.lit(step["score"], pl.Int8))
        for step in steps
        for name, cut in step.items()
        if name in tests
    ]
    return pl.when(value.is_not_null()).then(pl.coalesce(*chosen, pl.lit(0, pl.Int8)))
