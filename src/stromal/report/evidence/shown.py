"""What the page shows of published evidence, as frozen values that know no query and no library."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from stromal.report.blocks import Fact
from stromal.report.figures.bubbles import Bubbles
from stromal.report.figures.evidence_map import EvidenceMap
from stromal.report.figures.forest import Forest, ForestPool
from stromal.report.figures.funnel import Funnel
from stromal.report.figures.study_flow import FlowStep
from stromal.tables.estimates import ESTIMATES


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An arm that could have answered and does not, with the reason; `sources` name where read."""

    study: str
    what: str
    reason: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModeratorLine:
    """A coefficient of a regression of studies; None, with `reason`, where there is none."""

    name: str
    term: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    studies: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GroupLine:
    """What is told of a group of studies, `number` in words; None where it names the test.

    `by` is the column of the record; `remark` says the model, or the test between the groups.
    """

    by: str
    group: str | None
    number: str
    studies: int
    patients: int | None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """An outcome of the question and what the studies say to it.

    Parameters
    ----------
    name
        Unique on the page; letters, digits and underscores.
    title
        The outcome in words.
    forest
        Its studies and pooled effects.
    studies, patients
        Behind the pooled effect; None where the number of patients is not known.
    heterogeneity
        How the studies differ, in one line.
    doubts
        What lowers confidence, a sentence each.
    funnel, bubbles
        Where there are enough studies for them.
    method, sources
        How it was pooled, and the citation keys of that.
    read_in
        Citation keys of where the numbers were read.
    left_out
        Arms that do not answer, with the reason.
    notes
        What is to be minded of single studies.
    flow
        How many studies are left after each step.
    moderators, groups, sensitivity
        What the pooled effect hangs on: regressions, parts of the studies, and sentences.
    """

    name: str
    title: str
    forest: Forest
    studies: int
    patients: int | None = None
    heterogeneity: str = ""
    doubts: tuple[str, ...] = ()
    funnel: Funnel | None = None
    bubbles: Bubbles | None = None
    method: str = ""
    sources: tuple[str, ...] = ()
    read_in: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    flow: tuple[FlowStep, ...] = ()
    moderators: tuple[ModeratorLine, ...] = ()
    groups: tuple[GroupLine, ...] = ()
    sensitivity: tuple[str, ...] = ()

    @property
    def pooled(self) -> ForestPool | None:
        """The number that is told: the first pooled effect of all, or that of the one study."""
        whole = [pool for pool in self.forest.pools if not pool.group]
        if whole:
            return whole[0]
        known = [row for row in self.forest.rows if row.value is not None and not row.reason]
        if len(known) != 1:
            return None
        return ForestPool(known[0].label, known[0].value, known[0].low, known[0].high)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A contradiction of the papers: what is said, how it is read, and what found it.

    `found_by` are checks that find it, or why none can.
    """

    name: str
    topic: str
    said: str
    reading: str
    found_by: str = ""
    found: bool = False


@dataclass(frozen=True, slots=True)
class ChangedNumber:
    """A printed number that is used in another way, or not at all, with reason and place."""

    row: str
    study: str
    what: str
    printed: str
    used: str
    reason: str
    place: str
    sources: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    found_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Synthesis:
    """A published meta-analysis, and our number for the same question where there is one."""

    label: str
    what: str
    printed: str
    printed_of: str
    ours: str
    ours_of: str
    why: str
    place: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PooledLine:
    """A number that several studies of the record print, pooled; `remark` is to be minded."""

    outcome: str
    what: str
    number: str
    studies: int
    patients: int
    remark: str = ""


@dataclass(frozen=True, slots=True)
class NumberLine:
    """A number of the record as printed and as used, with its place."""

    row: str
    study: str
    arm: str
    outcome: str
    printed: str
    used: str
    status: str
    place: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedOutcomes:
    """All numbers of an indication, and what several studies print of it."""

    title: str
    pooled: tuple[PooledLine, ...]
    numbers: tuple[NumberLine, ...]


@dataclass(frozen=True, slots=True)
class ShownEvidence:
    """Everything that a page shows of published evidence; what is empty is left out.

    `estimates` hold published numbers beside those of patients, told apart by `origin`.
    """

    question: tuple[Fact, ...] = ()
    flow: tuple[FlowStep, ...] = ()
    answers: tuple[Answered, ...] = ()
    maps: tuple[EvidenceMap, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    changed: tuple[ChangedNumber, ...] = ()
    syntheses: tuple[Synthesis, ...] = ()
    outcomes: tuple[ListedOutcomes, ...] = ()
    estimates: pl.DataFrame = field(default_factory=ESTIMATES.empty)
