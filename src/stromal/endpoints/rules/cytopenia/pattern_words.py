"""The cases of a pattern in one lineage, in order, and their words."""

from __future__ import annotations

import polars as pl

from stromal.endpoints.records.words import number_text, write_number
from stromal.endpoints.rules.cytopenia.pattern_parameters import CytopeniaPatternParameters
from stromal.endpoints.verdict import Case

_EITHER = ("yes", "no")


def list_cases(parameters: CytopeniaPatternParameters, lineage: str) -> list[Case]:
    """List the cases of a pattern; the first that holds for a patient decides.

    Parameters
    ----------
    parameters
        Pattern, grade and days [d].
    lineage
        Which low count.
    """
    p = parameters
    grade = "of any grade" if p.threshold_grade == 1 else f"grade >= {p.threshold_grade}"
    what = f"{lineage} {grade}"
    assessed, shows, late = pl.col("assessed"), pl.col("shows"), write_number(p.late_day)
    supported = pl.col("support").fill_null("")
    shown, denied = _episode_words(p, what)
    unseen = (
        pl.lit(p.pattern == "late_onset")
        & (pl.col("last_looked") < p.late_day)
        & ~(pl.col("ended") < p.late_day).fill_null(value=False)
    )
    # fewer assessments show no pattern that all of them do not, unless nobody looked late enough
    undated = pl.col("undated").is_not_null()
    may_show = pl.any_horizontal(
        pl.lit(p.pattern == "late_onset"),
        pl.col("shows", "possible").fill_null(value=False),
    )
    # an episode that is cut off is open, and may be long
    cut = pl.lit(p.pattern == "prolonged") & undated
    told = shows & pl.col("certain").fill_null(value=True)
    return [
        Case(
            assessed.is_null(),
            None,
            f"no assessment of {lineage} on or after day 0 that can be graded",
            possible=_EITHER,
        ),
        Case(
            undated & may_show,
            None,
            pl.format(f"cannot judge {what}: {{}} recorded without a day", "undated"),
            possible=_EITHER,
        ),
        Case(pl.col("possible") & ~pl.col("certain"), None, _unclear(what), possible=_EITHER),
        Case(told & pl.col("surely"), "yes", pl.concat_str(shown, supported)),
        Case(told, "yes", pl.concat_str(shown, _gap_words(p), supported), possible=_EITHER),
        Case(
            pl.col("certain"),
            "yes",
            pl.format(
                f"{p.pattern.replace('_', '-')} {what}, whatever the grades of {{}} assessments "
                "that cannot be graded",
                "unclear_number",
            ),
        ),
        Case(
            unseen,
            None,
            pl.format(
                f"cannot judge late-onset {what}: no assessment on or after day {late}, the last "
                "on day {}",
                number_text("last_looked"),
            ),
            possible=_EITHER,
        ),
        Case(pl.col("start").is_null(), "no", _none(what)),
        Case(pl.col("maybe") | cut, "no", pl.concat_str(denied, supported), possible=_EITHER),
        Case(pl.lit(value=True), "no", pl.concat_str(denied, supported)),
    ]


def _number_unclear() -> pl.Expr:
    return pl.col("looked") - pl.col("assessed").fill_null(0)


def _unclear(what: str) -> pl.Expr:
    """Say which assessments leave the pattern open; those before day 0 are not counted."""
    later = pl.format(
        f"cannot judge {what}: {{}} of {{}} assessments cannot be graded, the first on day {{}} "
        "({})",
        _number_unclear(),
        "looked",
        number_text("unclear_on"),
        "unclear_why",
    )
    before = pl.format(
        f"cannot judge {what}: the assessment on day {{}} cannot be graded ({{}})",
        number_text("unclear_on"),
        "unclear_why",
    )
    return pl.when(pl.col("unclear_on") >= 0).then(later).otherwise(before)


def _gap_words(p: CytopeniaPatternParameters) -> pl.Expr:
    """Say that an episode may have begun earlier; the days of a long one say enough."""
    if p.pattern != "late_onset" or p.late_is_there:
        return pl.lit("")
    before = pl.format(
        "; it may have begun earlier, as the assessment before it is of day {}",
        number_text("before"),
    )
    return pl.coalesce(before, pl.lit("; it may have begun earlier, as it is the first assessment"))


def _none(what: str) -> pl.Expr:
    """Say how often a patient was assessed without an episode."""
    one = pl.when(pl.col("assessed") == 1).then(pl.lit("assessment"))
    return pl.format(
        f"no {what} in {{}} {{}}, the last on day {{}}",
        "assessed",
        one.otherwise(pl.lit("assessments")),
        number_text("last_assessed"),
    )


def _episode_words(p: CytopeniaPatternParameters, what: str) -> tuple[pl.Expr, pl.Expr]:
    """The episode that shows the pattern, and the one that comes nearest and does not."""
    since = " after day 0" if p.counted_from == "day_zero" else ""
    still_open = pl.when("open").then(pl.lit(", still open at the last assessment"))
    episode = pl.format(
        f"{what} from day {{}} to day {{}}, {{}} days{since}{{}}",
        number_text("start"),
        number_text("end"),
        number_text("duration"),
        still_open.otherwise(pl.lit("")),
    )
    late = write_number(p.late_day)
    if p.pattern == "prolonged":
        return episode, pl.format(f"{{}} (under {write_number(p.min_duration)})", episode)
    if p.late_is_there:
        return episode, pl.format(f"{{}} (none was there on or after day {late})", episode)
    if p.pattern == "late_onset":
        return episode, pl.format(
            f"no {what} that began on or after day {late} (the last from day {{}})",
            number_text("start"),
        )
    return (
        pl.format(
            f"{what} again from day {{}}, after recovery on day {{}}",
            number_text("start"),
            number_text("recovered"),
        ),
        pl.format(f"{{}} (no second episode after recovery from one before day {late})", episode),
    )
