from stromal.tables.cohort import ORIGINS
from stromal.tables.schema import Kind
from stromal.tables.subjects import SEXES, SPECIES, SUBJECTS


def test_a_row_is_named_by_columns_of_the_table():
    assert set(SUBJECTS.key) <= set(SUBJECTS.names)


def test_every_number_has_a_unit_and_no_text_has_one():
    for column in SUBJECTS.columns:
        assert (column.unit is None) == (column.kind is Kind.TEXT), column.name
        assert column.meaning


def test_the_columns_are_those_of_the_design():
    assert list(SUBJECTS.names) == [
        "subject",
        "origin",
        "replicate",
        "arm",
        "species",
        "sex",
        "age_years",
        "weight_kg",
        "first_day",
        "last_day",
    ]


def test_the_default_words_are_on_their_lists():
    assert "observed" in ORIGINS
    assert SPECIES == ("human", "mouse")
    assert set(SEXES) == {"female", "male"}
