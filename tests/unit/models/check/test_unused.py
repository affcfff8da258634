"""What no formula speaks of, what is written twice, what reaches no output."""

from __future__ import annotations

import pytest

from stromal.models.check.unused import check_duplicates, check_paths, check_unused
from tests.unit.models.check.examples import tell

TEXT = "k = 1; x = 1; y = 1; z = 1; x' = -k*x; y' = x - y; z' = -z; w := 2*y"


def test_unused(snapshot):
    text = (
        "compartment C = 1; species S in C = 1; species A in C = 1; k = 1; idle = 2; J: A -> ; k*A"
    )
    assert tell(check_unused, text) == snapshot


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "a = 2; x = a; x' = -x",
        "t0 = 5; x = 1; x' = -x; at (time > t0): x = 2",
        "compartment C = 1; species S in C = 1; n = 2; S -> ; n*S",
    ],
)
def test_everything_is_used(text):
    assert tell(check_unused, text) == ""


def test_duplicate_formulas(snapshot):
    assert (
        tell(check_duplicates, "x = 1; x' = -x; a := x + 1; b := x + 1; c := x; d := x") == snapshot
    )


def test_duplicate_meanings(snapshot):
    rows = [
        {"name": "k", "value": 1.0, "meaning": "Loss of  cells"},
        {"name": "m", "value": 1.0, "meaning": "loss of cells"},
        {"name": "n", "value": 1.0, "meaning": "gain"},
        {"name": "o", "value": 1.0, "meaning": None},
    ]
    assert tell(check_duplicates, "k = 1; m = 1; n = 2", *rows) == snapshot


def test_paths(snapshot):
    assert tell(check_paths, TEXT) == ""
    assert tell(check_paths, TEXT, outputs=("w",)) == snapshot
    assert tell(check_paths, TEXT, outputs=("x", "v")) == snapshot
    assert tell(check_paths, TEXT, outputs=("w", "z")) == ""
    assert tell(check_paths, TEXT, outputs=("u", "v", "w", "z")) == snapshot


def test_an_event_is_a_path():
    text = "x = 1; y = 1; x' = -x; y' = -y; at (time > 3): y = y + x"
    assert tell(check_paths, text, outputs=("y",)) == ""


def test_the_size_of_a_compartment_is_read_whatever_is_asked_for():
    text = "compartment V = 1; V' = -V; species A in V; A = 1; A' = -A; x = 1; x' = -x"
    told = tell(check_paths, text, outputs=("x",))
    assert "state `A` has no path" in told
    assert "`V`" not in told
