"""Meta-analyses and reviews that the record holds as rows, for the outcomes of a question."""

from __future__ import annotations

import polars as pl

from stromal.evidence.library.reader import Library
from stromal.evidence.library.syntheses import read_syntheses
from stromal.evidence.question.conditions import POOLED_DESIGNS
from stromal.evidence.question.select import list_candidates
from stromal.protocol.evidence import Evidence, EvidenceQuestion

COLUMNS = (
    "row", "study", "first_author", "year", "reference", "design", "arm", "subgroup", "outcome",
    "scale", "range_end", "day", "age_group", "events", "total", "value", "unit", "low", "high",
    "reason", "locator", "read_in",
)  # fmt: skip


def list_published(
    library: Library, evidence: Evidence, question: EvidenceQuestion
) -> pl.DataFrame:
    """Return what meta-analyses and reviews of the record say to the outcomes of a question.

    Patients may be of any age, cells of any source, and days any: why they differ is said in
    `differs`. None of them is ever pooled.

    Parameters
    ----------
    library
        The record.
    evidence, question
        The table of the protocol, and one of its questions.

    Returns
    -------
    DataFrame
        A row for each printed number, in the order of years: `COLUMNS`, and of those that the
        record describes `studies`, `included` and `differs`. Units are as printed.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> table = {"population": {"indications": ("acute_gvhd_treatment",)},
    ...          "questions": ({"name": "response", "outcomes": ("overall_response",)},)}
    >>> evidence = Evidence.model_validate(table)
    >>> found = list_published(read_library(), evidence, evidence.questions[0])
    >>> found.filter(design="meta_analysis").select("first_author", "value", "studies").rows()
    [('Chen X', 68.1, 13), ('Morata-Tarifa C', 67.0, 35)]
    """
    asked = [text for text in question.outcomes if "+" not in text]
    found = list_candidates(library).filter(
        pl.col("design").is_in(list(POOLED_DESIGNS)),
        pl.col("indication").is_in(list(evidence.population.indications)),
        pl.col("outcome").is_in(asked),
        pl.col("status") != "exclude",
    )
    return (
        found.select(COLUMNS)
        .join(
            read_syntheses().select("study", "studies", "included", "differs"),
            on="study", how="left", maintain_order="left",
        )
        .sort("year", "study", maintain_order=True)
    )  # fmt: skip
