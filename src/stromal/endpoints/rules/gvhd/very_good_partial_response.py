"""`very_good_partial_response`: acute GVHD of which hardly anything is left on a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import polars as pl
from pydantic import model_validator

from stromal.endpoints.criteria import read_criteria
from stromal.endpoints.endpoint import Endpoint, Label, Need, Parameters
from stromal.endpoints.records.labs import derive_daily_values, is_below, write_bound
from stromal.endpoints.records.stages import ORGANS, derive_nearest_stages, derive_recorded_stages
from stromal.endpoints.records.words import amount_text, name_window, number_text
from stromal.endpoints.rules.gvhd.ends import UNDATED, find_ends, mark_before
from stromal.endpoints.verdict import Case, decide, report_change
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.scales import SCALES
from stromal.tables.windows import Window, find_nearest

CRITERIA = "vgpr_2009"
VGPR = Label("VGPR", "a very good partial response or better", rank=0, tone="best")
NONE = Label("no VGPR", "no very good partial response", rank=1, tone="poor")
_VALUES = {VGPR.name: 1.0, NONE.name: 0.0}
_EITHER = (NONE.name, VGPR.name)
_SCALE = "vgpr_signs"
_DIGITS = 15


class VeryGoodResponseParameters(Parameters):
    """Which days are compared, and what signs and assessments that are missing mean.

    Parameters
    ----------
    window
        Day [d] of the assessment, and the days around it that still count; a visit gives it.
    baseline
        Day [d] of the baseline, and the days around it that still count; a visit gives it.
    unrecorded_signs
        A sign that nobody recorded is missing, so that its organ is open, or it is as the response
        asks for.
    missing
        Count a missing assessment as no outcome, or as no response, as trials do.
    """

    window: Window = Window(day=28.0, before=3.0, after=3.0)
    baseline: Window = Window(day=0.0)
    unrecorded_signs: Literal["missing", "absent"] = "missing"
    missing: Literal["null", "no response"] = "null"

    @model_validator(mode="after")
    def _check_days(self) -> VeryGoodResponseParameters:
        if self.window.day <= self.baseline.day:
            raise ValueError("the day of `window` is not after that of `baseline`")
        return self


def derive_very_good_partial_response(
    patients: Patients, parameters: VeryGoodResponseParameters, *, reasons: bool = True
) -> pl.DataFrame:
    """Derive whether skin, liver and gut meet the signs of a very good partial response.

    A complete response meets them too. An organ with signs or a bilirubin that nobody recorded is
    open, unless another organ denies the response. [martin2009]

    Parameters
    ----------
    patients
        `assessments` with the scales `vgpr_signs` and `acute_gvhd_signs` (`skin_bsa`), `labs` with
        bilirubin, `events` with `death` and `systemic_gvhd_treatment`.
    parameters
        Days, and what missing records mean.
    reasons
        Write the reasons; without them `reason` is null.

    Returns
    -------
    polars.DataFrame
        One row per subject, in order: `value` 1 or 0, `label`, `day` [d] of the assessment,
        `lowest`, `highest`, `reason`, `criteria`.

    Examples
    --------
    >>> signs = {"bullae": "yes", "eating_or_enteral": "yes"}
    >>> rows = pl.DataFrame({"subject": "1", "day": 28.0, "scale": "vgpr_signs",
    ...                      "item": list(signs), "value": list(signs.values())})
    >>> rash = rows.head(1).with_columns(
    ...     scale=pl.lit("acute_gvhd_signs"), item=pl.lit("skin_bsa"), value=pl.lit("10")
    ... )
    >>> patients = Patients.of(
    ...     subjects=pl.DataFrame({"subject": ["1"]}), assessments=pl.concat([rows, rash])
    ... )
    >>> response = VeryGoodResponseParameters()
    >>> derive_very_good_partial_response(patients, response)["reason"].item()
    'bullae: yes'
    """
    p = parameters
    later = pl.col("day") > p.baseline.last
    signs = patients.assessments.filter(later)
    rows = patients.subjects.select("subject")
    for frame in (
        _nearest_signs(signs, p.window),
        _nearest_surface(signs, p.window),
        _nearest_bilirubin(patients.labs.filter(later), p.window, "now"),
        _nearest_bilirubin(patients.labs, p.baseline, "base"),
        _uninvolved(patients, p.baseline),
        find_ends(patients, p.baseline.day),
    ):
        rows = rows.join(frame, on="subject", how="left", maintain_order="left")
    days = ("signs_day", "skin_day", "now_day_of_value")
    rows = (
        rows.with_columns(pl.max_horizontal(*days).alias("now_day"))
        .with_columns(pl.col("now_day").is_not_null().alias("has_now"))
        .with_columns(mark_before(p.window))
        .with_columns(_organs(absent=p.unrecorded_signs == "absent"))
    )
    decided = decide(rows, _cases(p), _VALUES, reasons=reasons)
    return report_change(decided, CRITERIA)


def _rules(organ: str) -> Mapping[str, Any]:
    rules: Mapping[str, Any] = read_criteria(CRITERIA).rules[organ]
    return rules


def _wanted() -> dict[str, str]:
    """What each sign must be."""
    return {**_rules("skin")["signs"], **_rules("gut")["signs"]}


def _nearest_signs(signs: pl.DataFrame, window: Window) -> pl.DataFrame:
    """Whether each sign is as the response asks for, on its nearest day: a column per sign."""
    wanted = _wanted()
    rows = signs.filter(pl.col("scale") == _SCALE, pl.col("item").is_in(list(wanted)))
    near = find_nearest(rows.drop_nulls("value"), window, ("subject", "item"), ties="all")
    fits = pl.col("value") == pl.col("item").replace_strict(wanted, default=None)
    return near.group_by("subject").agg(
        pl.col("day").max().alias("signs_day"),
        *(fits.filter(pl.col("item") == item).min().alias(item) for item in wanted),
    )


def _nearest_surface(signs: pl.DataFrame, window: Window) -> pl.DataFrame:
    """Surface with erythema [%] on its nearest day: `surface`, `skin_day`."""
    rows = signs.filter(
        pl.col("scale") == "acute_gvhd_signs", pl.col("item") == "skin_bsa"
    ).with_columns(pl.col("value").cast(pl.Float64, strict=False))
    near = find_nearest(rows.drop_nulls("value"), window, ties="all")
    return near.group_by("subject").agg(
        pl.col("day").max().alias("skin_day"), pl.col("value").max().alias("surface")
    )


def _nearest_bilirubin(labs: pl.DataFrame, window: Window, prefix: str) -> pl.DataFrame:
    """Bilirubin nearest to the day of a window: `<prefix>_value`, `_bound`, `_unit`, and so on."""
    days = (window.first, window.last)
    near = find_nearest(derive_daily_values(labs, "bilirubin", "highest", inside=days), window)
    return near.select(
        "subject",
        pl.col("value", "bound", "unit", "least", "most").name.prefix(f"{prefix}_"),
        pl.col("day").alias(f"{prefix}_day_of_value"),
    )


def _uninvolved(patients: Patients, baseline: Window) -> pl.DataFrame:
    """Patients with organ stages at baseline, none of them above 0."""
    wide = derive_nearest_stages(derive_recorded_stages(patients), baseline)
    return wide.filter(pl.max_horizontal(*ORGANS) == 0).select(
        "subject", pl.lit(value=True).alias("uninvolved")
    )


def _organs(*, absent: bool) -> list[pl.Expr]:
    """Whether each organ meets the response; null where records leave it open."""

    def sign(item: str) -> pl.Expr:
        return pl.col(item).fill_null(value=True) if absent else pl.col(item)

    skin, liver, gut = (_rules(organ) for organ in ("skin", "liver", "gut"))
    surface = pl.col("surface")
    free = pl.all_horizontal(sign(item) for item in skin["signs"])
    value, bound = pl.col("now_value"), pl.col("now_bound")
    parts = [
        (pl.col(end) * float(liver["below_part_of_baseline"])).round_sig_figs(_DIGITS)
        for end in ("base_least", "base_most")
    ]
    surely, possibly = (is_below(part, value, bound) for part in parts)
    part = pl.when(surely).then(pl.lit(value=True)).when(~possibly).then(pl.lit(value=False))
    return [
        pl.when(surface == 0)
        .then(pl.lit(value=True))
        .otherwise((surface < float(skin["bsa_below"])) & free)
        .alias("skin"),
        (is_below(pl.lit(float(liver["below"])), value, bound) | part).alias("liver"),
        pl.all_horizontal(sign(item) for item in gut["signs"]).alias("gut"),
    ]


def _cases(p: VeryGoodResponseParameters) -> list[Case]:
    """Every patient is one of these, in this order."""
    organs = pl.all_horizontal("skin", "liver", "gut")
    treated = pl.format(
        "additional systemic treatment on day {} before the assessment",
        number_text("treatment_day"),
    )
    died = pl.format("died on day {} before the assessment", number_text("death_day"))
    undated_death = pl.col("death_undated").fill_null(value=False) & ~pl.col("has_now")
    none = None if p.missing == "null" else NONE.name
    assessed = f"assessed {name_window(p.window)}"
    met = pl.format(
        "erythema on {} % of body surface, {}, no sign against it", _surface(), _liver()
    )
    opened = pl.format(f"not {assessed}: {{}}", _unknown(p))
    return [
        Case(pl.col("uninvolved"), None, "no organ involved at baseline"),
        Case(pl.col("treated_before"), NONE.name, treated),
        Case(pl.col("died_before"), NONE.name, died),
        Case(undated_death, NONE.name, "died on a day not recorded, not assessed"),
        Case(pl.col("treatment_undated"), None, UNDATED, possible=_EITHER),
        Case(~pl.col("has_now"), none, f"not {assessed}", missing=True, possible=_EITHER),
        Case(~organs, NONE.name, _against()),
        Case(organs, VGPR.name, met),
        Case(pl.lit(value=True), None, opened, possible=_EITHER),
    ]


def _surface() -> pl.Expr:
    return number_text("surface")


def _liver() -> pl.Expr:
    amount = pl.format(
        "bilirubin {}{}", write_bound(pl.col("now_bound")), amount_text("now_value", "now_unit")
    )
    before = pl.format(
        "{}, {}{} at baseline",
        amount,
        write_bound(pl.col("base_bound")),
        amount_text("base_value", "base_unit"),
    )
    return pl.coalesce(before, amount)


def _against() -> pl.Expr:
    """What denies the response, in words."""
    wide = pl.col("surface") >= float(_rules("skin")["bsa_below"])
    rash = pl.when(wide).then(pl.format("erythema on {} % of body surface", _surface()))
    bilirubin = pl.when(~pl.col("liver")).then(_liver())
    signs = []
    for item, wanted in _wanted().items():
        found = "no" if wanted == "yes" else "yes"
        denies = ~pl.col(item) & ~(
            (pl.col("surface") == 0).fill_null(value=False) & (item == "bullae")
        )
        signs.append(pl.when(denies).then(pl.lit(f"{_label(item)}: {found}")))
    return pl.concat_str([rash, *signs, bilirubin], separator=", ", ignore_nulls=True)


def _unknown(p: VeryGoodResponseParameters) -> pl.Expr:
    """What was not recorded and leaves an organ open, in words."""
    skin_open, liver_open = pl.col("skin").is_null(), pl.col("liver").is_null()
    surface = pl.when(skin_open & pl.col("surface").is_null()).then(pl.lit("surface with erythema"))
    measured = pl.format("{}, which does not decide", _liver())
    bilirubin = pl.when(liver_open).then(pl.coalesce(measured, pl.lit("bilirubin")))
    signs = [
        pl.when(pl.col(item).is_null() & pl.col(organ).is_null()).then(pl.lit(_label(item)))
        for organ in ("skin", "gut")
        for item in _rules(organ)["signs"]
    ]
    asked = [] if p.unrecorded_signs == "absent" else signs
    return pl.concat_str([surface, *asked, bilirubin], separator=", ", ignore_nulls=True)


def _label(item: str) -> str:
    return SCALES[_SCALE].items[item].label


def _needs(parameters: VeryGoodResponseParameters) -> tuple[Need, ...]:
    del parameters
    return (
        Need("assessments", ("acute_gvhd_signs.skin_bsa",)),
        Need("assessments", tuple(f"{_SCALE}.{item}" for item in _rules("gut")["signs"])),
        Need("labs", ("bilirubin",)),
    )


VERY_GOOD_PARTIAL_RESPONSE = Endpoint(
    name="very_good_partial_response",
    title="Very good partial response of acute GVHD",
    kind="flag",
    parameters=VeryGoodResponseParameters,
    derive=derive_very_good_partial_response,
    needs=_needs,
    criteria=CRITERIA,
    labels=(VGPR, NONE),
)
