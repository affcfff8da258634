"""Which unit each name has."""

from __future__ import annotations

import polars as pl

from stromal.models.check.quantities import Quantities, check_units_known
from stromal.models.check.subject import Subject
from stromal.models.parameters import PARAMETERS
from stromal.models.parse import read_model
from stromal.units import read_measure
from tests.unit.models.check.examples import tell

UNITS = "unit perday = 1/(86400 second); unit time_unit = 86400 second; unit substance = mole; "


def test_units_of_the_model():
    text = UNITS + "k = 1; k has perday; compartment C = 1; species S in C = 1; S -> ; k*S"
    found = Quantities(Subject(read_model(text)))
    assert found.known["k"].fits(read_measure("1/day"))
    assert found.time.fits(read_measure("day"))
    assert found.extent is None or found.extent.fits(read_measure("mol"))


def test_the_table_wins():
    rows = pl.DataFrame({"name": ["k"], "value": [1.0], "unit": ["10^9/L/day"]})
    subject = Subject(read_model(UNITS + "k = 1; k has perday"), PARAMETERS.conform(rows))
    assert Quantities(subject).known["k"].fits(read_measure("10^9/L/day"))


def test_nothing_has_a_unit(snapshot):
    assert tell(check_units_known, "k = 1; x = 1; y = 1; x' = -k*x; y' = -k*y") == snapshot


def test_unknown_units_are_told(snapshot):
    rows = [
        {"name": "k", "value": 1.0, "unit": "1/furlong"},
        {"name": "x", "value": 1.0, "unit": "1"},
    ]
    assert tell(check_units_known, UNITS + "k = 1; x = 1; x' = -k*x", *rows) == snapshot


def test_no_unit_of_time(snapshot):
    rows = [{"name": "k", "value": 1.0, "unit": "1/day"}, {"name": "x", "value": 1.0, "unit": "1"}]
    assert tell(check_units_known, "k = 1; x = 1; x' = -k*x", *rows) == snapshot


def test_everything_has_a_unit():
    rows = [{"name": "k", "value": 1.0, "unit": "1/day"}, {"name": "x", "value": 1.0, "unit": "1"}]
    assert tell(check_units_known, UNITS + "k = 1; x = 1; x' = -k*x", *rows) == ""
