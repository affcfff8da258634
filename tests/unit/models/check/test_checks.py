"""All checks together: on small models, and on the drafts whose faults are known."""

from __future__ import annotations

import polars as pl
import pytest

from stromal.errors import Severity, has_errors
from stromal.models.check.checks import CHECKS, check_model
from stromal.models.model import Model
from stromal.models.parameters import PARAMETERS
from stromal.models.parse import read_model
from tests.shared import shared_file

GOOD = """
unit time_unit = 86400 second
x' = production - loss*x
"""
ROWS = pl.DataFrame(
    {
        "name": ["production", "loss", "x"],
        "value": [3.0, 0.5, 6.0],
        "unit": ["10^9/L/day", "1/day", "10^9/L"],
        "meaning": ["cells that are made", "loss of cells", "cells"],
        "source": ["assumed"] * 3,
        "locator": ["an example"] * 3,
    }
)


@pytest.fixture(scope="module")
def draft():
    """Text of the physiology draft."""
    return shared_file("prototypes", "physiology", "unified_draft.ant").read_text("utf-8")


@pytest.fixture(scope="module")
def told(draft):
    """What is said of the physiology draft."""
    return check_model(read_model(draft))


def _of(issues, *words):
    return [issue for issue in issues if all(word in str(issue) for word in words)]


def test_a_good_model_has_no_issue():
    assert check_model(read_model(GOOD), PARAMETERS.conform(ROWS)) == ()


def test_each_check_is_listed_once():
    assert len(set(CHECKS)) == len(CHECKS)
    assert all(check.__doc__ for check in CHECKS)


def test_an_empty_model_has_no_issue():
    assert check_model(Model("nothing")) == ()


def test_a_value_that_is_written_twice_is_told(snapshot):
    issues = check_model(read_model(GOOD + "loss = 0.4"), PARAMETERS.conform(ROWS))
    assert "\n".join(map(str, issues)) == snapshot


def test_the_draft_as_a_whole(told, snapshot):
    assert "\n".join(f"{issue.severity}: {issue}" for issue in told) == snapshot


def test_the_negative_tumour_is_found(told):
    (fault,) = _of(told, "ln(KT/(TU + 1.0e-9))")
    assert fault.severity is Severity.ERROR
    assert "max(TU, 0)" in fault.hint
    assert _of(told, "TU can run away below zero")


def test_the_pole_of_the_antigen_is_found(told):
    assert _of(told, "TU = ", "-5 (1/(Ag + KAg) in assignment of A)")


def test_the_kink_of_the_niche_is_found(told):
    assert _of(told, "CX = 0.02", "kink")


def test_the_pole_of_the_stem_cells_is_found(told):
    assert _of(told, "1/(Lt + sig)", "L = -2e-05")


def test_powers_that_production_holds_are_left_alone(told):
    assert not _of(told, "^hGp")
    assert not _of(told, "^hTk")
    assert not _of(told, "LY0/LY")


def test_the_cure_is_accepted(draft):
    cured = draft.replace("KT/(TU+1e-9)", "KT/(max(TU,0)+1e-9)").replace(
        "TU/TUref", "max(TU,0)/TUref"
    )
    assert not _of(check_model(read_model(cured)), "TU")
    assert not has_errors(check_model(read_model(cured)))


def test_the_power_of_fludarabine_is_found():
    text = shared_file("prototypes", "ensemble", "model.ant").read_text("utf-8")
    cure = "(FLU^2 + 1e-8)^(0.5*hF)"
    assert cure in text
    assert not _of(check_model(read_model(text)), "FLU is below")
    (fault,) = _of(check_model(read_model(text.replace(cure, "FLU^hF"))), "FLU^hF has no value")
    assert fault.severity is Severity.WARNING
