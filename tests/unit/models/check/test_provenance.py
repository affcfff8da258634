"""A value and a source for every constant."""

from __future__ import annotations

from stromal.models.check.provenance import check_rows, check_sources, check_values
from stromal.models.check.subject import Subject
from stromal.models.model import Model, Parameter, symbol
from tests.unit.models.check.examples import tell

TEXT = "k = 1; K = 2; x = 1; x' = -k*x/(K + x)"


def _row(name, value=1.0):
    return {"name": name, "value": value, "source": "assumed", "locator": "an example"}


def test_no_value(snapshot):
    assert tell(check_values, "x = 1; x' = -k*x + K; K has substance") == snapshot
    assert tell(check_values, "x = 1; x' = -x; idle has substance") == snapshot
    assert tell(check_values, TEXT) == ""


def test_a_ring_of_definitions_is_told(snapshot):
    y, z = symbol("y"), symbol("z")
    names = (Parameter("y", None, constant=False), Parameter("z", None, constant=False))
    model = Model("ring", parameters=names, assignment_rules={"y": z + 1, "z": 2 * y})
    assert "\n".join(map(str, check_values(Subject(model)))) == snapshot


def test_no_table_is_a_warning(snapshot):
    assert tell(check_sources, TEXT) == snapshot


def test_a_row_that_lacks_is_an_error(snapshot):
    assert tell(check_sources, TEXT, _row("k")) == snapshot
    assert tell(check_sources, TEXT, _row("k"), _row("K", 2.0)) == ""


def test_what_follows_from_others_needs_no_source():
    assert tell(check_sources, "x = 1; x' = -x; a := 2*x") == ""


def test_rows_that_do_not_fit(snapshot):
    assert tell(check_rows, TEXT, _row("kk"), _row("nothing"), _row("K", 3.0)) == snapshot
    assert tell(check_rows, TEXT, _row("k"), _row("x")) == ""


def test_species_and_compartments_are_in_the_model_too(snapshot):
    text = "compartment C = 2; species S in C = 3; S -> ; 0.1*S"
    assert tell(check_rows, text, _row("C", 2.0), _row("S", 4.0)) == snapshot
