"""The answer of the record to a question of a protocol: everything found, as values."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from stromal.evidence.library.reader import Library
from stromal.evidence.pool.predictive import Predictive
from stromal.evidence.question.groups import Grouped, pool_groups
from stromal.evidence.question.pooling import PooledStudies, estimate_row, pool_rows
from stromal.evidence.question.predicted import predict_answer
from stromal.evidence.question.published import list_published
from stromal.evidence.question.select import LeftOut, Step, select_rows
from stromal.evidence.question.sensitivity import (
    Moderated,
    Sensitivity,
    assess_sensitivity,
    regress_moderators,
)
from stromal.protocol.check_evidence import target_of
from stromal.protocol.evidence import Evidence, EvidenceQuestion
from stromal.protocol.protocol import Protocol

SHOWN = ("shown", "shown_low", "shown_high", "shown_unit", "interval", "weight")
"""Columns that `rows` have beside those of `choose_rows`."""

GRADE = "baseline_grade_above_ii"
"""Outcome of the record that says how severe GVHD was before treatment."""


@dataclass(frozen=True, slots=True, eq=False)
class EvidenceAnswer:
    """What the record says to one question.

    Parameters
    ----------
    question, analysis, endpoint
        What is asked, and the analysis and endpoint of the protocol that it answers.
    rows
        A row for each study that answers, in the order of years and of `pooled.effects`: `row`
        (rows of the record, several where they are added), `study`, `first_author`, `year`,
        `reference`, `design`, `read_in`, `locator`, `source`, `donor`, `age_group`, doses
        [cells/kg], infusions, `n`, `events` of `total`, of the control `reference_events` of
        `reference_total`, `day`, `status`, `reason`; `shown` with `shown_low` and `shown_high` is
        the number as readers know it, in `shown_unit` (1: a share or a ratio), its interval of
        95 % by `interval`; `weight` [%] in the random-effects mean; `why` a study has no effect.
    left_out
        Studies and rows that do not answer, with the step at which they are lost and the reason.
    flow
        How many studies are left after each step; the last is of those pooled.
    pooled
        Every model, and what is told.
    sensitivity, moderated
        Without noted rows, without each study; on each moderator that the protocol names.
    groups
        Studies pooled apart by what the question names, and tested.
    published
        Meta-analyses and reviews of the record, shown beside and never pooled.
    predictive
        A new study's true effect; None with `predictive_reason`.
    """

    question: EvidenceQuestion
    analysis: str
    endpoint: str
    rows: pl.DataFrame
    left_out: tuple[LeftOut, ...]
    flow: tuple[Step, ...]
    pooled: PooledStudies
    sensitivity: Sensitivity
    moderated: tuple[Moderated, ...]
    groups: tuple[Grouped, ...]
    published: pl.DataFrame
    predictive: Predictive | None
    predictive_reason: str = ""

    @property
    def title(self) -> str:
        """The question in words."""
        return self.question.label or self.question.name.replace("_", " ").capitalize()

    @property
    def row_names(self) -> tuple[str, ...]:
        """Names of the rows of the record that are used, of both groups in a comparison."""
        names = [*self.rows["row"], *self.rows["reference_row"].drop_nulls()]
        return tuple(name for text in names for name in text.split())


@dataclass(frozen=True, slots=True, eq=False)
class StudyEvidence:
    """The published evidence of a study: its table, and the answer to each question."""

    evidence: Evidence
    answers: tuple[EvidenceAnswer, ...]


def answer_protocol(protocol: Protocol, library: Library) -> StudyEvidence | None:
    """Answer every question of a protocol; None where it has no table `[evidence]`.

    Parameters
    ----------
    protocol
        A protocol whose words were checked.
    library
        The record.

    Returns
    -------
    StudyEvidence
        Answers in the order of the questions.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> from stromal.protocol.read import read_protocol
    >>> found = answer_protocol(read_protocol("studies/itp-dose"), read_library())
    >>> told = found.answers[0].pooled.told
    >>> f"{told.value:.2f} ({told.low:.2f} to {told.high:.2f}); {told.reason}"
    '0.44 (0.22 to 0.69); one study: its own interval, nothing is pooled'
    """
    evidence = protocol.evidence
    if evidence is None:
        return None
    answers = tuple(
        answer_question(library, evidence, question, *target_of(protocol, question))
        for question in evidence.questions
    )
    return StudyEvidence(evidence, answers)


def answer_question(
    library: Library,
    evidence: Evidence,
    question: EvidenceQuestion,
    analysis: str = "",
    endpoint: str = "",
) -> EvidenceAnswer:
    """Answer one question: select, pool, and ask how much hangs on what.

    Parameters
    ----------
    library
        The record.
    evidence, question
        The table of the protocol, and one of its questions.
    analysis, endpoint
        What it answers; by default the name of the question.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> table = {"population": {"indications": ("acute_gvhd_treatment",),
    ...                         "age_groups": ("children",)},
    ...          "questions": ({"name": "day_28", "outcomes": ("overall_response",), "day": 28.0},)}
    >>> evidence = Evidence.model_validate(table)
    >>> found = answer_question(read_library(), evidence, evidence.questions[0])
    >>> found.rows["study"].to_list()
    ['Kurtzberg2014', 'Kurtzberg2020_EAP', 'Kurtzberg2020_P3']
    >>> found.flow[-1].name, found.flow[-1].studies
    ('pooled', 3)
    """
    chosen = select_rows(library, evidence, question)
    pooled = pool_rows(chosen.chosen, question.scale)
    predictive, reason = predict_answer(chosen.chosen, question.scale)
    rows = _show_rows(chosen.chosen, pooled)
    last = chosen.flow[-1]
    behind = pooled.told.studies if pooled.told.studies > 1 else 0
    costs = tuple(
        (why, rows.filter(pl.col("why") == why).height)
        for why in dict.fromkeys(rows["why"].drop_nulls())
    )
    if pooled.told.studies == 1:
        costs = (*costs, (pooled.told.reason, 1))
    step = replace(last, name="pooled", label="pooled", studies=behind, rows=behind, left_out=costs)
    return EvidenceAnswer(
        question=question,
        analysis=analysis or question.name,
        endpoint=endpoint or question.name,
        rows=rows,
        left_out=chosen.left_out,
        flow=(*chosen.flow, step),
        pooled=pooled,
        sensitivity=assess_sensitivity(chosen.chosen, question.scale),
        moderated=regress_moderators(
            _add_grade(chosen.chosen, library), pooled.effects, evidence.moderators
        ),
        groups=pool_groups(chosen.chosen, pooled.effects, question.scale, question.groups),
        published=list_published(library, evidence, question),
        predictive=predictive,
        predictive_reason=reason,
    )


def _add_grade(rows: pl.DataFrame, library: Library) -> pl.DataFrame:
    """Rows with `grade`: patients of the study's cell arm above grade II before treatment [%]."""
    told = library.outcomes.filter(
        pl.col("outcome") == GRADE, pl.col("arm") == "MSC", pl.col("subgroup").is_null(),
        pl.col("unit") == "%", pl.col("status") != "exclude",
    )  # fmt: skip
    grades = told.unique("study", keep="first", maintain_order=True)
    return rows.join(
        grades.select("study", pl.col("value").alias("grade")), on="study", how="left",
        maintain_order="left",
    )  # fmt: skip


def _show_rows(rows: pl.DataFrame, pooled: PooledStudies) -> pl.DataFrame:
    """Rows with their number as readers know it, and their weight."""
    found: dict[str, list[object]] = {name: [] for name in SHOWN}
    for place, row in enumerate(rows.iter_rows(named=True)):
        weight = float(pooled.random.weights[place])
        found["weight"].append(None if weight != weight else weight)  # noqa: PLR0124 - NaN is none
        cells: tuple[object, ...]
        if row["why"] is None:
            one = estimate_row(row, pooled.scale)
            cells = (one.value, one.low, one.high, "1", one.interval or one.method)
        else:
            cells = _as_printed(row)
        for name, cell in zip(SHOWN, cells, strict=False):
            found[name].append(cell)
    types = dict.fromkeys(SHOWN, pl.Float64()) | {
        "shown_unit": pl.String(), "interval": pl.String(),
    }  # fmt: skip
    return rows.with_columns(
        pl.Series(name, cells, types[name], strict=False) for name, cells in found.items()
    )


def _as_printed(row: dict[str, object]) -> tuple[object, ...]:
    """The printed number, percentages as shares."""
    value, low, high = row["value"], row["low"], row["high"]
    if row["unit"] == "%":
        value, low, high = (
            None if cell is None else float(str(cell)) / 100 for cell in (value, low, high)
        )
        return value, low, high, "1", "as printed"
    return value, low, high, row["unit"], "as printed"
