"""Answers of the record to the questions of a protocol, as the page shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from stromal.evidence.library.words import list_words
from stromal.evidence.pool.small_studies import assess_asymmetry, trim_and_fill
from stromal.evidence.question.answer import EvidenceAnswer, StudyEvidence
from stromal.evidence.question.pooling import PooledStudies, Told
from stromal.evidence.question.select import Step
from stromal.protocol.evidence import Evidence
from stromal.report.blocks import Fact
from stromal.report.evidence.build import (
    StudyArm,
    build_bubbles,
    build_forest,
    build_funnel,
    describe_heterogeneity,
    show_pooled,
    write_tau2,
)
from stromal.report.evidence.groups import list_groups
from stromal.report.evidence.moderators import describe_sensitivity, list_moderators
from stromal.report.evidence.names import name_study, name_word, spell, spell_study, tell_apart
from stromal.report.evidence.record import Record, show_record
from stromal.report.evidence.shown import Answered, LeftOut, ShownEvidence
from stromal.report.evidence.summary_of_findings import list_doubts
from stromal.report.figures.effect_axis import EffectScale
from stromal.report.figures.forest import ForestPool
from stromal.report.figures.study_flow import FlowStep
from stromal.report.words import capitalise

CONTROLLED = (
    "randomised_blinded",
    "randomised_open",
    "randomised",
    "controlled",
    "historical_control",
)
"""Designs that have a comparison."""

FUNNEL_FROM = 5
"""Studies from which a funnel is drawn; below them nothing has a shape."""

SCALES: Mapping[str, EffectScale] = {
    "proportion": "share",
    "survival": "share",
    "cumulative_incidence": "share",
    "risk_ratio": "ratio",
    "odds_ratio": "ratio",
    "risk_difference": "difference",
    "median": "amount",
}
"""How a forest plot shows the scale of a question."""

_MEASURES = {"proportion": "Share of patients", "survival": "Share alive or free"}
_MOST_REASONS = 6
_FEWER = ("fewer with MSC", "more with MSC")


def show_evidence(found: StudyEvidence, record: Record) -> ShownEvidence:
    """Return what a page shows of a study's published evidence.

    Contradictions are those of the rows that answer, and of those that nearly do.

    Parameters
    ----------
    found
        The answers to the questions of the protocol.
    record
        The record, and what was found about it.
    """
    answers = [show_answer(answer) for answer in found.answers]
    pairs = [
        (row, shown)
        for answer, shown in zip(found.answers, answers, strict=True)
        for row in answer.published["row"]
    ]
    first = next((answer for answer in answers if len(answer.forest.rows) > 1), None)
    return show_record(
        record,
        answers=answers,
        pairs=pairs,
        rows=list_concerned(found.answers),
        question=describe_question(found.evidence),
        flow=() if first is None else first.flow,
    )


def list_concerned(answers: Iterable[EvidenceAnswer]) -> list[str]:
    """Return the rows of the record that answer, or that are left out at the last step."""
    rows: dict[str, None] = {}
    for answer in answers:
        rows |= dict.fromkeys(answer.row_names)
        rows |= dict.fromkeys(item.row for item in answer.left_out if item.row is not None)
    return list(rows)


def describe_question(evidence: Evidence) -> tuple[Fact, ...]:
    """Return population, intervention and comparison as facts.

    Examples
    --------
    >>> table = {"population": {"indications": ("itp",), "age_groups": ("adults",)},
    ...          "questions": ({"name": "response", "outcomes": ("overall_response",)},)}
    >>> [fact.text for fact in describe_question(Evidence.model_validate(table))]
    ['ITP; adults', 'mesenchymal stromal cells', 'none']
    """
    population, given = evidence.population, evidence.intervention
    who = [", ".join(name_word(word) for word in population.indications)]
    who += [", ".join(name_word(word) for word in population.age_groups)]
    cells = {"msc": "mesenchymal stromal cells", "vesicles": "their vesicles", "none": "no cells"}
    what = [cells[given.cells]]
    what += [
        ", ".join(name_word(word) for word in words) for words in (given.sources, given.donors)
    ]
    compared = {evidence.comparison_of(question) for question in evidence.questions}
    return (
        Fact("Population", "; ".join(part for part in who if part)),
        Fact("Intervention", "; ".join(part for part in what if part)),
        Fact("Comparison", ", ".join(sorted(compared))),
    )


def show_answer(answer: EvidenceAnswer) -> Answered:
    """Return an answer as the page shows it: forest, funnel, doses, and what lowers confidence.

    Parameters
    ----------
    answer
        To one question of a protocol.
    """
    pooled, told = answer.pooled, answer.pooled.told
    arms = list_arms(answer)
    scale = SCALES[answer.question.scale]
    forest = build_forest(
        name_measure(answer),
        arms,
        list_pools(pooled),
        scale,
        level=told.level,
        favours=_FEWER if answer.question.has_two_groups else None,
    )
    unit = next(iter(answer.rows["shown_unit"].drop_nulls()), "") if scale == "amount" else ""
    forest = replace(forest, unit=unit, digits=0 if scale == "amount" else 2)
    shown = Answered(
        name=answer.question.name,
        title=answer.title,
        forest=forest,
        studies=told.studies if told.value is not None else answer.rows.height,
        patients=told.patients if told.value is not None else None,
        heterogeneity=_describe_differences(pooled),
        method=told.method,
        sources=told.sources,
        read_in=tuple(dict.fromkeys(answer.rows["read_in"])),
        left_out=tuple(_list_left_out(answer)),
        notes=tuple(_list_notes(answer)),
        flow=tuple(list_flow(answer.flow)),
        moderators=list_moderators(answer.moderated),
        groups=list_groups(answer.groups, forest),
        sensitivity=describe_sensitivity(answer, forest, _name_studies(answer, arms)),
    )
    shown = _add_figures(shown, answer, arms)
    return replace(shown, doubts=_find_doubts(shown, answer))


def _add_figures(shown: Answered, answer: EvidenceAnswer, arms: Sequence[StudyArm]) -> Answered:
    """Funnel and doses, where there are enough studies for them."""
    pooled, labels = answer.pooled, [arm.label for arm in arms]
    effects, measure = pooled.effects, shown.forest.measure
    if pooled.random.studies >= FUNNEL_FROM:
        funnel = build_funnel(
            measure, labels, effects, pooled.random, assess_asymmetry(effects),
            trim_and_fill(effects),
        )  # fmt: skip
        shown = replace(shown, funnel=funnel)
    dose = next((item for item in answer.moderated if item.name == "dose"), None)
    if dose is None:
        return shown
    bubbles = build_bubbles(measure, arms, effects, dose.regression, reason=dose.reason)
    return replace(shown, bubbles=bubbles)


def _find_doubts(shown: Answered, answer: EvidenceAnswer) -> tuple[str, ...]:
    known = answer.rows.filter(pl.col("why").is_null())
    alone = known.filter(~pl.col("design").is_in(list(CONTROLLED))).height
    found = answer.pooled.random.heterogeneity
    whole = answer.pooled.random.studies > 1 and answer.pooled.told.model != "counts"
    i2 = found.i2 if found is not None and whole else None
    single = 0 if answer.question.has_two_groups else alone
    return list_doubts(shown, single_arms=single, i2=i2)


def name_measure(answer: EvidenceAnswer) -> str:
    """Return what the numbers of a question are: `Share of patients`, `Risk ratio`."""
    scale = answer.question.scale
    return _MEASURES.get(scale) or capitalise(scale.replace("_", " "))


def _name_studies(answer: EvidenceAnswer, arms: Sequence[StudyArm]) -> dict[str, str]:
    return dict(zip(answer.rows["study"], (arm.label for arm in arms), strict=True))


def list_arms(answer: EvidenceAnswer) -> list[StudyArm]:
    """Return the studies of an answer as a forest plot tells of them."""
    rows = answer.rows.to_dicts()
    labels = tell_apart([_label(row) for row in rows], [row["study"] for row in rows])
    return [_show_arm(row, label) for row, label in zip(rows, labels, strict=True)]


def _label(row: Mapping[str, Any]) -> str:
    named = name_study(row["first_author"], row["year"], row["study"])
    return f"{named}, {row['subgroup']}" if row["subgroup"] else named


def _show_arm(row: Mapping[str, Any], label: str) -> StudyArm:
    return StudyArm(
        label=label,
        source=row["source"] if row["source"] in list_words("source") else "",
        dose=(row["dose_low"], row["dose_median"], row["dose_high"]),
        infusions=(row["infusions_low"], row["infusions_high"]),
        n=row["total"] if row["total"] is not None else row["n"],
        events=row["events"],
        reference_n=row["reference_total"],
        reference_events=row["reference_events"],
        value=row["shown"],
        low=row["shown_low"],
        high=row["shown_high"],
        weight=row["weight"],
        reason=row["why"] or "",
    )


def list_pools(pooled: PooledStudies) -> list[ForestPool]:
    """Return the diamonds of an answer: what is told first, then the other models."""
    told = pooled.told
    if told.value is None:
        return [ForestPool("Pooled effect", reason=told.reason)]
    if told.studies < 2:
        return []
    note = _describe_differences(pooled)
    common = told.model == "counts" and pooled.binomial is None
    # how two studies differ is a guess, and so is where a third would lie
    prediction = told.prediction if told.studies > 2 else None
    main = ForestPool(
        _name_told(pooled, told), told.value, told.low, told.high, prediction, note,
        kind="common" if common else "random",
    )  # fmt: skip
    others: list[ForestPool] = []
    if told.model != "random effects" and pooled.random.studies > 1:
        inverse = show_pooled(pooled.random, "Random effects, inverse variance")
        others.append(replace(inverse, prediction=None, note=""))
    if pooled.counted is not None and told.model != "counts":
        counted, show = pooled.counted, pooled.effects.show
        ends = [None if end is None else show(end) for end in (counted.low, counted.high)]
        value = None if counted.value is None else show(counted.value)
        label, reason = "Common effect, Mantel-Haenszel", counted.reason or ""
        others.append(ForestPool(label, value, ends[0], ends[1], kind="common", reason=reason))
    elif pooled.common.studies > 1:
        others.append(show_pooled(pooled.common, "Common effect, inverse variance"))
    return [main, *others]


def _name_told(pooled: PooledStudies, told: Told) -> str:
    if told.model == "random effects":
        return "Random effects, inverse variance"
    binomial = pooled.binomial is not None
    return "Random effects, counts" if binomial else "Common effect, Mantel-Haenszel"


def _describe_differences(pooled: PooledStudies) -> str:
    """How studies differ, in the model that is told; I² and Q know no study with an empty cell."""
    found, told = pooled.random.heterogeneity, pooled.told
    words = ""
    if found is not None and pooled.random.studies > 1:
        words = describe_heterogeneity(found)
    if told.model != "counts":
        return words
    parts = []
    if pooled.binomial is not None and pooled.binomial.tau2 is not None:
        parts.append(f"τ² = {write_tau2(pooled.binomial.tau2)} of the log odds")
    if words:
        known = f"{pooled.random.studies} of {told.studies} studies"
        parts.append(f"in the {known} without an empty cell {words}")
    return "; ".join(parts)


def list_flow(steps: Sequence[Step]) -> list[FlowStep]:
    """Return the flow of studies; what a step costs stands beside the step before it.

    Examples
    --------
    >>> steps = [Step("record", "studies in the record", 75, 359),
    ...          Step("indication", "of the indication", 1, 6, (("another", 74),))]
    >>> [(step.label, step.count, step.reasons) for step in list_flow(steps)]
    [('Studies in the record', 75, (('another', 74),)), ('Of the indication', 1, ())]
    """
    costs = [step.left_out for step in steps[1:]] + [()]
    return [
        FlowStep(
            capitalise(step.label), step.studies, detail=f"{step.rows} numbers",
            reasons=tuple((spell(why), number) for why, number in _shorten(cost)),
        )
        for step, cost in zip(steps, costs, strict=True)
    ]  # fmt: skip


def _shorten(costs: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """The commonest reasons, and the others together."""
    if len(costs) <= _MOST_REASONS + 1:
        return tuple(costs)
    rest = sum(number for _, number in costs[_MOST_REASONS:])
    return (*costs[:_MOST_REASONS], ("other reasons", rest))


def _list_left_out(answer: EvidenceAnswer) -> Iterable[LeftOut]:
    """Rows that nearly answer; studies of other questions are counted in the flow alone."""
    for item in answer.left_out:
        if item.row is not None:
            sources = () if item.read_in is None else (item.read_in,)
            what = ", ".join(part for part in (item.row, item.locator) if part)
            yield LeftOut(spell_study(item.study), what, spell(item.reason), sources)


def _list_notes(answer: EvidenceAnswer) -> Iterable[str]:
    for row in answer.rows.iter_rows(named=True):
        if row["why"] is not None:
            yield f"{_label(row)}: {row['why']}"
        if row["status"] != "use" and row["reason"]:
            yield f"{_label(row)}: {row['reason']}"
