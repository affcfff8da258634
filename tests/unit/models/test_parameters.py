"""parameters.csv: what is read, and what is said of rows that do not fit."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.models.model import Compartment, Model, Parameter
from stromal.models.parameters import (
    DISTRIBUTIONS,
    ON_A_SCALE,
    PARAMETERS,
    find_values,
    read_parameters,
    set_parameters,
)
from stromal.sources import read_sources

HEAD = "name,value,unit,meaning,source,locator,low,high,distribution,sd"
MORE = ",mouse,share,level,level_sd,confidence"
GOOD = "k,0.5,1/day,loss,assumed,half-life of 33 h,0.1,1,lognormal,0.3\n"


@pytest.fixture
def tell(tmp_path):
    """What is said of a table with these rows."""

    def told(*rows):
        path = tmp_path / "parameters.csv"
        text = "".join(rows).splitlines()
        wide = [row + "," * (14 - row.count(",")) for row in text]
        path.write_text("\n".join([HEAD + MORE, *wide]), "utf-8")
        return "\n".join(map(str, read_parameters(path)[1]))

    return told


def test_good_rows(tmp_path):
    path = tmp_path / "parameters.csv"
    source = next(iter(read_sources()))
    path.write_text(HEAD + "\n" + GOOD + f"m,2,1,number,{source},Table 1,,,,\n")
    frame, issues = read_parameters(path)
    assert issues == ()
    assert frame.columns == list(PARAMETERS.names)
    assert frame["distribution"].to_list() == ["lognormal", "fixed"]


@pytest.mark.parametrize(
    "row",
    [
        "k,,1/day,loss,assumed,why,,,,\n",
        "k,fast,1/day,loss,assumed,why,,,,\n",
        "k,1,,loss,assumed,why,,,,\n",
        "k,1,1/day,,assumed,why,,,,\n",
        "k,1,1/day,loss,,why,,,,\n",
        "k,1,1/day,loss,assumed,,,,,\n",
        "k,1,1/day,loss,nobody1900,p 1,,,,\n",
        "k,1,1/day,loss,assumed,why,2,1,,\n",
        "k,1,1/day,loss,assumed,why,2,3,,\n",
        "k,1,1/day,loss,assumed,why,,0.5,,\n",
        "k,1,1/day,loss,assumed,why,,,gamma,\n",
        "k,1,1/day,loss,assumed,why,,,lognormal,\n",
        "k,-1,1/day,loss,assumed,why,,,lognormal,0.3\n",
        "k,1,1/day,loss,assumed,why,,,normal,-0.3\n",
        "k,1,1/day,loss,assumed,why,0,,uniform,\n",
        "k,1,1/day,loss,assumed,why,,,two_values,\n",
        "k,1,1/day,loss,assumed,why,1,2,two_values,,,1.5\n",
        "k,1,1/day,loss,assumed,why,0,2,lognormal,0.3,-1\n",
        "k,0.2,1,share,assumed,why,,,beta,0.5\n",
        "k,0.2,1,share,assumed,why,,,beta,0.1,1\n",
        "k,2,1,share,assumed,why,,,logitnormal,0.1\n",
        "k,2,1,size,assumed,why,2,5,logitnormal,0.1\n",
        "k,1,1/day,loss,assumed,why,,,,,,,lot\n",
        "k,1,1/day,loss,assumed,why,,,normal,1,,,,-0.3\n",
        "k,1,1/day,loss,assumed,why,0,2,normal,1,,,lot,0.3\n",
        "k,1,1/day,loss,assumed,why,0,2,uniform,,,,lot,0.3\n",
        "k,1,1/day,loss,assumed,why,,,,,,,,,sure\n",
        GOOD + GOOD,
    ],
)
def test_rows_that_do_not_fit(row, tell, snapshot):
    assert tell(row) == snapshot


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_each_distribution_can_be_written(kind, tell):
    assert tell(f"k,0.5,1/day,loss,assumed,why,0.1,1,{kind},0.2,0.4,0.3,,,low\n") == ""
    if kind != "fixed":
        assert tell(f"k,0.5,1/day,loss,assumed,why,0.1,1,{kind},0.2,0.4,0.3,lot\n") == ""


@pytest.mark.parametrize("kind", ON_A_SCALE)
def test_deviations_of_levels_can_be_written(kind, tell):
    assert tell(f"k,0.5,1/day,loss,assumed,why,,,{kind},0.2,,,lot,0.3\n") == ""
    assert tell(f"k,0.5,1/day,loss,assumed,why,,,{kind},,,,lot,0.3\n") == ""


def test_a_file_that_is_not_there(tmp_path):
    frame, issues = read_parameters(tmp_path / "parameters.csv")
    assert frame is None
    assert issues


def test_values_are_set_where_the_text_has_none(tmp_path):
    path = tmp_path / "parameters.csv"
    rows = ["C,2,1,volume,assumed,why,,,,\n", "m,9,1,number,assumed,why,,,,\n"]
    path.write_text(HEAD + "\n" + GOOD + "".join(rows) + "other,1,1,nothing,assumed,why,,,,\n")
    frame, _ = read_parameters(path)
    model = Model(
        "m",
        compartments=(Compartment("C", None),),
        parameters=(Parameter("k", None), Parameter("m", 3.0)),
    )
    found = set_parameters(model, frame)
    assert [item.value for item in found.parameters] == [0.5, 3.0]
    assert found.compartments[0].size == 2.0


def test_the_mouse_has_its_values_or_those_of_man():
    frame = PARAMETERS.conform(
        pl.DataFrame({"name": ["k", "m"], "value": [1.0, 2.0], "mouse": [7.0, None]})
    )
    assert find_values(frame) == {"k": 1.0, "m": 2.0}
    model = Model("m", parameters=(Parameter("k", None), Parameter("m", None)))
    found = set_parameters(model, frame, "mouse")
    assert [item.value for item in found.parameters] == [7.0, 2.0]
    with pytest.raises(InvalidInput, match="species is 'rat'") as caught:
        find_values(frame, "rat")
    assert caught.value.issues[0].hint == "give human or mouse"
