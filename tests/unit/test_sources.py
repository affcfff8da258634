"""The list of references: complete, without doubles, and printable."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest

from stromal.errors import UnknownSource
from stromal.sources import Author, Source, find_source, read_sources


def test_a_source_is_found_by_its_key() -> None:
    assert find_source("erbey2016").doi == "10.1155/2016/1641402"
    assert find_source("erbey2016").short == "Erbey 2016"


def test_an_unknown_key_is_an_error_that_names_it() -> None:
    with pytest.raises(UnknownSource, match="nobody1900"):
        find_source("nobody1900")


def test_a_reference_is_one_line() -> None:
    assert find_source("wang2017").reference == (
        "Wang X, Yin X, Sun W, Bai J, Shen Y, Ao Q et al. Intravenous infusion umbilical "
        "cord-derived mesenchymal stem cell in primary immune thrombocytopenia: a two-year "
        "follow-up. Experimental and Therapeutic Medicine 2017;13(5):2255-2258. "
        "doi:10.3892/etm.2017.4229"
    )


def test_a_source_without_author_or_year_is_named_by_its_key() -> None:
    source = Source(id="manual", type="book", title="A manual", publisher="The press")
    assert source.short == "manual undated"
    assert source.reference == "A manual. The press."


def test_a_group_is_an_author() -> None:
    source = Source(id="a1", type="book", title="T", author=(Author(literal="The group"),))
    assert source.reference == "The group. T."


@pytest.mark.parametrize("key", sorted(read_sources()))
def test_each_source_has_what_a_reference_list_prints(key: str) -> None:
    source = find_source(key)
    assert re.fullmatch(r"[a-z]+[a-z0-9_]*", key)
    assert source.title
    assert not source.title.endswith(".")
    assert source.author
    assert not source.doi or re.fullmatch(r"10\.\d{4,9}/\S+", source.doi)


def test_no_key_is_written_twice_and_none_is_lost() -> None:
    folder = files("stromal").joinpath("references")
    written = [
        entry["id"] for file in folder.iterdir() for entry in json.loads(file.read_text("utf-8"))
    ]
    assert sorted(written) == sorted(read_sources())
