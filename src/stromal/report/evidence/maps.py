"""Evidence maps of the record: which cells for what, and which outcomes were reported."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from stromal.evidence.library.reader import Library
from stromal.report.evidence.names import name_word, title_word
from stromal.report.figures.evidence_map import EvidenceMap, MapCell

_NO_STUDIES = ("meta_analysis", "review")
_NO_OUTCOMES = ("adults", "children", "follow_up", "randomised", "steroid_refractory")
"""Words of the record that say who was studied, and not what became of them."""
_MOST = 14
"""Outcomes of a map, those of most studies; the record has more than a hundred words."""


def map_sources(library: Library, rows: Iterable[str] | None = None) -> EvidenceMap:
    """Return the map of the tissue of the cells by indication; studies of animals are in it not.

    Examples
    --------
    >>> from stromal.evidence.library.reader import read_library
    >>> shown = map_sources(read_library())
    >>> shown.rows[0], len(shown.columns)
    ('Bone marrow', 8)
    """
    return _count(_select(library, rows), "source", "Source of the cells")


def map_outcomes(library: Library, rows: Iterable[str] | None = None) -> EvidenceMap:
    """Return the map of the outcomes that most studies report, by indication."""
    shown = _select(library, rows).filter(
        ~pl.col("outcome").str.starts_with("baseline") & ~pl.col("outcome").is_in(_NO_OUTCOMES)
    )
    often = shown.group_by("outcome").agg(pl.col("study").n_unique().alias("k"))
    names = often.sort(["k", "outcome"], descending=[True, False])["outcome"].head(_MOST)
    return _count(shown.filter(pl.col("outcome").is_in(names.to_list())), "outcome", "Outcome")


def _select(library: Library, rows: Iterable[str] | None) -> pl.DataFrame:
    """Rows of treated arms with their source and patients, without reviews and animals."""
    key = ["study", "arm", "subgroup", "read_in"]
    shown = library.outcomes.filter((pl.col("arm") == "MSC") & (pl.col("status") != "exclude"))
    if rows is not None:
        shown = shown.filter(pl.col("row").is_in(list(rows)))
    arms = library.arms.select(*key, "source", "n")
    designs = library.studies.select("study", "design")
    joined = shown.join(arms, on=key, how="left", nulls_equal=True, maintain_order="left").join(
        designs, on="study", how="left", maintain_order="left"
    )
    return joined.filter(~pl.col("design").is_in([*_NO_STUDIES, "animal"]))


def _count(shown: pl.DataFrame, by: str, rows_are: str) -> EvidenceMap:
    """Studies and patients of each place; a study that is told twice counts its patients once."""
    per_study = shown.group_by(by, "indication", "study").agg(pl.col("n").max())
    counted = per_study.group_by(by, "indication").agg(
        pl.len().alias("studies"),
        pl.col("n").sum().alias("patients"),
        pl.col("n").is_not_null().any().alias("known"),
    )
    rows, columns = _order(counted, by), _order(counted, "indication")
    cells = [
        MapCell(
            title_word(cell[by]), name_word(cell["indication"]), cell["studies"],
            cell["patients"] if cell["known"] else None,
        )
        for cell in counted.sort(by, "indication").iter_rows(named=True)
    ]  # fmt: skip
    names = (tuple(map(title_word, rows)), tuple(map(name_word, columns)))
    return EvidenceMap(rows_are, "Indication", tuple(cells), *names)


def _order(counted: pl.DataFrame, column: str) -> list[str]:
    """Words of a column, those of most studies first."""
    summed = counted.group_by(column).agg(pl.col("studies").sum())
    return summed.sort(["studies", column], descending=[True, False])[column].to_list()
