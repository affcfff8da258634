import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.evidence.library.find import COLUMNS, find_rows
from stromal.evidence.library.reader import read_library


@pytest.fixture(scope="module")
def library():
    return read_library()


def test_all_rows_are_found_where_nothing_is_asked(library):
    found = find_rows(library, {})
    assert tuple(found.columns) == COLUMNS
    assert found["row"].to_list() == library.outcomes["row"].to_list()
    assert found["source"].null_count() == 0


def test_words_of_one_kind_are_any_and_of_several_all(library):
    asked = {"indication": ["itp", "cart_cytopenia"], "source": ["umbilical_cord"]}
    found = find_rows(library, asked)
    assert set(found["indication"]) == {"itp"}
    assert find_rows(library, {"indication": ["itp", "cart_cytopenia"]}).height > found.height
    assert find_rows(library, {"study": ["Ball2013"]})["study"].unique().to_list() == ["Ball2013"]


def test_every_unknown_word_is_named(library):
    asked = {"indication": ["itpp"], "outcome": ["overall_respons"], "study": ["Nobody"]}
    with pytest.raises(InvalidInput) as found:
        find_rows(library, asked)
    columns = [issue.column for issue in found.value.issues]
    assert columns == ["--indication", "--outcome", "--study"]
    assert found.value.issues[1].hint == "did you mean `overall_response`?"


def test_nothing_found_is_an_empty_table(library):
    found = find_rows(library, {"indication": ["itp"], "source": ["adipose"]})
    assert found.is_empty()
    assert isinstance(found, pl.DataFrame)
