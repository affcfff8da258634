from __future__ import annotations

import sympy

from stromal.models.meaning import Meaning, missing, missing_name
from stromal.models.model import RATE_OF, symbol
from stromal.models.parse import read_model

MEANING = Meaning(
    read_model(
        """model m()
        compartment V = 2, W = 1; species S in V, $B in V, T in W; substanceOnly species A in V;
        S = 1; B = 2; T = 1; A = 1; k = 1; V' = 1; y := 2*S; z = 1; z' = k;
        J: 2 S -> T; k*S; at time >= 1: k2 = 5; k2 = 1;
        end"""
    )
)


def test_states_are_what_rules_reactions_doses_and_events_move():
    assert set(MEANING.states) == {"S", "B", "T", "A", "V", "z", "k2"}
    assert MEANING.states[:4] == ("S", "B", "T", "A")
    assert set(MEANING.constants) == {"k", "W"}


def test_names_of_species_mean_concentrations_or_amounts():
    assert MEANING.holds_amount("S")
    assert MEANING.counts("A")
    assert not MEANING.holds_amount("A")


def test_rates_of_states():
    assert MEANING.state_rate("S") == -2 * symbol("J")
    assert MEANING.state_rate("T") == symbol("J")
    assert MEANING.state_rate("B") == 0
    assert MEANING.state_rate("z") == symbol("k")


def test_rate_of_a_concentration_in_a_growing_compartment():
    rate = MEANING.define(RATE_OF(symbol("S"))).math
    thinned = -2 * symbol("J") - symbol("S") * RATE_OF(symbol("V"))
    assert sympy.expand(rate * symbol("V") - thinned) == 0


def test_rate_of_an_assignment_follows_its_parts():
    assert MEANING.define(RATE_OF(symbol("y"))).math == 2 * RATE_OF(symbol("S"))
    assert MEANING.define(RATE_OF(symbol("k"))).math == 0


def test_a_missing_value_has_a_name_that_no_model_can_have():
    assert missing_name(missing("k")) == "k"
    assert missing_name(symbol("k")) is None


def test_outputs_give_amounts_and_concentrations():
    outputs = dict(MEANING.outputs())
    assert outputs["amount(S)"] == symbol("S") * symbol("V")
    assert outputs["concentration(A)"] == symbol("A") / symbol("V")
    assert {"J", "V", "k", "y"} <= outputs.keys()
