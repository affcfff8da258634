"""An outcome of the evidence in sentences, and the captions of its figures."""

from __future__ import annotations

from stromal.report.evidence.shown import Answered
from stromal.report.evidence.summary_of_findings import write_pooled
from stromal.report.figures.forest import Forest, write_interval
from stromal.report.words import SPACE, count_noun, decapitalise


def describe_answer(answer: Answered) -> str:
    """Say what the studies give together, and what a new study may show.

    Examples
    --------
    >>> from stromal.report.figures.forest import ForestPool
    >>> pools = (ForestPool("Random effects", 0.66, 0.5, 0.87, prediction=(0.3, 1.4)),)
    >>> describe_answer(Answered("a", "Chronic GVHD", Forest("Risk ratio", (), pools,
    ...     scale="ratio"), 5, 412))
    'Risk ratio 0.66 (0.50–0.87) over 5 studies with 412 patients. The true effect in a new study \
lies between 0.30 and 1.40.'
    """
    pool, forest = answer.pooled, answer.forest
    patients = "" if answer.patients is None else f" with {count_noun(answer.patients, 'patient')}"
    studies = f"{count_noun(answer.studies, 'study', 'studies')}{patients}"
    if pool is None or pool.value is None:
        reason = "" if pool is None or not pool.reason else f": {pool.reason}"
        return f"{forest.measure} is not estimable over {studies}{reason}."
    # the heading above has said what a share is of
    named = "" if forest.scale in ("share", "log-odds") else f"{forest.measure} "
    over = "in" if answer.studies == 1 else "over"
    said = f"{named}{write_pooled(pool, forest)} {over} {studies}."
    if pool.prediction is not None:
        ends = write_interval(pool.prediction, forest).strip("()")
        ends = ends.replace(" to ", " and ") if " to " in ends else ends.replace("–", " and ")
        unit = f"{SPACE}%" if forest.scale in ("share", "log-odds") else ""
        said += f" The true effect in a new study lies between {ends}{unit}."
    return said


def caption_forest(forest: Forest) -> str:
    """Return what the parts of a forest plot are, as far as this one has them.

    Examples
    --------
    >>> caption_forest(Forest("Response", ()))
    'Squares: studies, their area by weight, with 95\u00a0% intervals.'
    """
    level = f"{100 * forest.level:g}{SPACE}%"
    said = [f"Squares: studies, their area by weight, with {level} intervals"]
    kinds = {pool.kind for pool in forest.pools if pool.value is not None}
    if "random" in kinds:
        said.append("filled diamonds: random effects")
    if "common" in kinds:
        said.append("hollow diamonds: common effect")
    if any(row.value is not None and row.reason for row in forest.rows):
        said.append("hollow squares: shown and not pooled")
    if any(pool.prediction is not None for pool in forest.pools):
        said.append("bar: prediction interval of a new study")
    if forest.null is not None:
        said.append("solid line: no effect")
    text = "; ".join(said) + "."
    lost = sum(row.value is None for row in forest.rows)
    if lost:
        lines = "the reason stands in the line" if lost == 1 else "the reasons stand in the lines"
        text += f" {count_noun(lost, 'study', 'studies')} cannot be estimated; {lines}."
    return text


def title_forest(answer: Answered) -> str:
    """Return the title of the forest plot of an outcome.

    Examples
    --------
    >>> title_forest(Answered("a", "Overall response", Forest("Share", ()), 3))
    'Studies of overall response'
    """
    return f"Studies of {decapitalise(answer.title)}"
