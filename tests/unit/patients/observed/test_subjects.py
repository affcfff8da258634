import polars as pl
import pytest

from stromal.patients.observed.subjects import covariate_columns, read_subjects
from stromal.tables.patients import TableFile
from stromal.tables.schema import Kind
from stromal.tables.subjects import SUBJECTS
from tests.unit.patients.folders import PROTOCOL

FILE = TableFile("subjects.csv", 2)


def subjects(**columns):
    declared = {"tissue": None, "steroids": None, "crp_mg_l": None}
    return SUBJECTS.conform(
        pl.DataFrame(
            {name: [v] for name, v in (declared | columns).items()},
            schema_overrides={"tissue": pl.String, "steroids": pl.String},
        )
    )


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("m", "male"),
        ("M", "male"),
        ("Male", "male"),
        ("f", "female"),
        ("w", "female"),
        (None, None),
    ],
)
def test_sexes_come_in_one_spelling(given, read):
    frame, issues = read_subjects(subjects(sex=given), FILE, PROTOCOL)
    assert frame["sex"].to_list() == [read]
    assert issues == ()


@pytest.mark.parametrize(
    ("given", "read"), [("yes", "yes"), ("TRUE", "yes"), ("1", "yes"), ("0", "no")]
)
def test_flags_are_yes_or_no(given, read):
    frame, issues = read_subjects(subjects(steroids=given), FILE, PROTOCOL)
    assert frame["steroids"].to_list() == [read]
    assert issues == ()


def test_a_level_has_the_spelling_of_the_protocol_or_is_an_issue():
    assert read_subjects(subjects(tissue="cord"), FILE, PROTOCOL)[0]["tissue"].to_list() == ["Cord"]
    frame, (issue,) = read_subjects(subjects(tissue="marrow"), FILE, PROTOCOL)
    assert frame["tissue"].to_list() == [None]
    assert issue.message == "`marrow` is not a level of tissue"


def test_origin_and_species_are_filled_in():
    frame, _ = read_subjects(subjects(), FILE, PROTOCOL)
    assert frame.select("origin", "species").row(0) == ("observed", "human")
    assert read_subjects(subjects(), FILE, None)[0]["species"].to_list() == [None]


def test_covariates_are_typed_as_declared():
    kinds = {column.name: (column.kind, column.unit) for column in covariate_columns(PROTOCOL)}
    assert kinds["crp_mg_l"] == (Kind.NUMBER, "mg/L")
    assert kinds["tissue"] == (Kind.TEXT, None)
    assert covariate_columns(None) == ()
