import polars as pl
import pytest

from stromal.evidence.library.reader import read_library
from stromal.report.evidence.maps import map_outcomes, map_sources


@pytest.fixture(scope="module")
def library():
    return read_library()


def test_studies_and_patients_are_those_of_the_record(library):
    shown = map_sources(library)
    cell = next(c for c in shown.cells if (c.row, c.column) == ("Umbilical cord", "ITP"))
    rows = library.outcomes.filter(indication="itp", arm="MSC")
    assert cell.studies == rows["study"].n_unique()
    assert cell.patients == 18


def test_a_study_told_twice_counts_its_patients_once(library):
    arms = library.arms.filter(study="Kurtzberg2014", arm="MSC")
    assert arms["read_in"].n_unique() == 2
    rows = library.outcomes.filter(study="Kurtzberg2014")["row"].to_list()
    (cell,) = [c for c in map_sources(library, rows).cells if c.row == "Bone marrow"]
    assert (cell.studies, cell.patients) == (1, 75)


def test_reviews_and_animals_are_not_on_the_map(library):
    for design in ("meta_analysis", "review", "animal"):
        studies = library.studies.filter(design=design)["study"].to_list()
        rows = library.outcomes.filter(pl.col("study").is_in(studies))["row"].to_list()
        assert map_sources(library, rows).cells == ()


def test_outcomes_of_most_studies_come_first(library):
    shown = map_outcomes(library)
    assert len(shown.rows) == 14
    assert shown.rows[0] in ("Overall survival", "Overall response")
    assert not [row for row in shown.rows if row.startswith(("Baseline", "Adults"))]
