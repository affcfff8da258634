"""Summary of findings: each outcome in a row, with what lowers confidence in it."""

from __future__ import annotations

from collections.abc import Sequence

from stromal.report.evidence.shown import Answered
from stromal.report.figures.forest import Forest, ForestPool, write_effect, write_interval
from stromal.report.view import Cell, Heading, View, view_of
from stromal.report.words import MISSING, SPACE, count_noun

_NOTE = (
    "The last column lists facts that a GRADE panel would weigh; it is no GRADE judgement, and "
    "nobody has assessed the risk of bias of single studies here. The prediction interval is that "
    "of the true effect in a new study."
)

FEW_PATIENTS = 100
"""Patients below which a pooled number counts as small (house choice)."""
WIDE_SHARE = 0.2
"""Width of an interval of a share from which it is called wide (house choice)."""
MUCH = 50.0
"""I squared [%] from which studies are said to differ much (house choice)."""


def render_summary_of_findings(answers: Sequence[Answered]) -> View:
    """Return a row for each outcome: studies, patients, pooled effect, prediction, doubts."""
    headings = [
        Heading("Outcome"),
        Heading("Studies (patients)", numeric=True),
        Heading("Pooled effect (interval)", numeric=True),
        Heading("Prediction interval", numeric=True),
        Heading("Heterogeneity", wide=True),
        Heading("What lowers confidence", wide=True),
    ]
    rows = [_write_row(answer) for answer in answers]
    return view_of("Summary of findings", headings, rows, _NOTE if rows else "", wordy=True)


def _write_row(answer: Answered) -> list[Cell]:
    pool = answer.pooled
    patients = "" if answer.patients is None else f" ({answer.patients})"
    return [
        Cell(answer.title, "strong"),
        Cell(f"{answer.studies}{patients}"),
        Cell(write_pooled(pool, answer.forest)),
        Cell(_write_prediction(pool, answer.forest)),
        Cell(answer.heterogeneity or MISSING),
        Cell("; ".join(answer.doubts) or "nothing that the numbers show"),
    ]


def write_pooled(pool: ForestPool | None, forest: Forest) -> str:
    """Return a pooled effect with its interval and unit, or that it is not estimable.

    Examples
    --------
    >>> write_pooled(ForestPool("Random effects", 0.68, 0.6, 0.75), Forest("Response", ()))
    '68 % (60–75)'
    """
    if pool is None or pool.value is None:
        return "not estimable"
    unit = " %" if forest.scale in ("share", "log-odds") else ""
    name = {"ratio": "", "difference": f" {forest.unit}".rstrip()}.get(forest.scale, "")
    ends = write_interval((pool.low, pool.high), forest)
    return f"{write_effect(pool.value, forest)}{unit}{name} {ends}".rstrip()


def _write_prediction(pool: ForestPool | None, forest: Forest) -> str:
    if pool is None or pool.prediction is None:
        return MISSING
    ends = write_interval(pool.prediction, forest).strip("()")
    return f"{ends} %" if forest.scale in ("share", "log-odds") else ends


def list_doubts(
    answer: Answered, *, single_arms: int = 0, i2: float | None = None
) -> tuple[str, ...]:
    """Return what lowers confidence in a pooled effect, as far as numbers show it.

    Parameters
    ----------
    answer
        The outcome; its own doubts are not read.
    single_arms
        Studies without a comparison.
    i2
        Share of the differences that is not chance [%].

    Examples
    --------
    >>> pools = (ForestPool("Random effects", 0.66, 0.4, 1.1),)
    >>> answer = Answered("a", "A", Forest("Risk ratio", (), pools, scale="ratio"), 3, 60)
    >>> list_doubts(answer, i2=72.0)[1:]
    ('the interval holds no effect', '60 patients in all', \
'too few studies to see whether small ones are missing')
    """
    pool, forest = answer.pooled, answer.forest
    found: list[str] = []
    if answer.studies < 2:
        return ("one study" if answer.studies else "no study",)
    if pool is None or pool.value is None:
        return ("nothing could be pooled",)
    if single_arms:
        found.append(
            "no study has a comparison"
            if single_arms >= answer.studies
            else f"{single_arms} of {count_noun(answer.studies, 'study', 'studies')} without a "
            "comparison"
        )
    if i2 is not None and i2 >= MUCH:
        found.append(f"studies differ much (I²{SPACE}{i2:.0f}{SPACE}%)")
    found += _find_imprecision(pool, forest)
    if answer.patients is not None and answer.patients < FEW_PATIENTS:
        found.append(f"{count_noun(answer.patients, 'patient')} in all")
    found += _find_small_studies(answer)
    return tuple(found)


def _find_imprecision(pool: ForestPool | None, forest: Forest) -> list[str]:
    """A wide interval, one that holds no effect, and a prediction that tells nothing."""
    if pool is None or pool.low is None or pool.high is None:
        return []
    null = forest.null
    if null is None:
        wide = pool.high - pool.low >= WIDE_SHARE
        return ["the interval is wide"] if wide else []
    if pool.low <= null <= pool.high:
        return ["the interval holds no effect"]
    ends = pool.prediction
    if ends is not None and ends[0] <= null <= ends[1]:
        return ["a new study may show no effect or the reverse"]
    return []


def _find_small_studies(answer: Answered) -> list[str]:
    if answer.studies < 10:
        return ["too few studies to see whether small ones are missing"]
    if answer.funnel is not None and answer.funnel.p is not None and answer.funnel.p < 0.1:
        return ["small studies say something else"]
    return []
