from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy

from stromal.errors import InvalidInput
from stromal.models import arithmetic
from stromal.models.arithmetic import remake
from stromal.models.derive import derive_odes
from stromal.models.model import (
    Compartment,
    Model,
    Parameter,
    Participant,
    Reaction,
    Species,
    symbol,
)
from stromal.models.odes import TIME
from stromal.models.parse import read_model
from stromal.models.shared import find_shared, substitute, walk
from tests.shared import shared_file

K, S, V, X = map(symbol, ("k", "S", "V", "x"))


def odes_of(text):
    return derive_odes(read_model(text))


def test_a_species_is_integrated_as_its_amount():
    odes = odes_of("compartment V = 2; species S in V; S = 3; k = 0.5; J: S -> ; k*S*V;")
    assert odes.states == (S,)
    assert odes.rates == (-K * S,)
    assert odes.initial == (3 * V,)
    assert odes.outputs["S"] == S / V
    assert odes.outputs["amount(S)"] == S
    assert odes.outputs["concentration(S)"] == S / V
    assert dict(zip(odes.parameters, odes.defaults, strict=True)) == {V: 2.0, K: 0.5}


def test_a_species_that_nothing_changes_can_be_dosed_and_a_constant_is_a_parameter():
    odes = odes_of("compartment V = 1; species S in V; const $C in V; S = 3; C = 4;")
    assert odes.states == (S,)
    assert odes.rates == (0,)
    assert symbol("C") in odes.parameters


def test_the_concentration_in_a_growing_compartment_is_thinned():
    odes = odes_of("compartment V = 1; V' = 1; species S in V; S = 3; r := rateOf(S);")
    assert odes.states == (S, V)
    assert odes.rates == (0, 1)
    assert sympy.simplify(odes.outputs["r"] + S / V**2) == 0


def test_constants_that_rest_on_others_are_written_out():
    odes = odes_of("a = 2; b = 3*a; c = 1/4; x = b; x' = -b*x + c;")
    a, c = symbol("a"), symbol("c")
    assert odes.parameters == (a, c)
    assert odes.defaults == (2.0, 0.25)
    assert odes.rates == (c - 3 * a * X,)
    assert odes.initial == (3 * a,)
    assert odes.outputs["b"] == 3 * a


def test_assignments_are_written_out_in_any_order():
    odes = odes_of("y := 2*z; z := x + time; x = 1; x' = y;")
    assert odes.rates == (2 * (X + TIME),)
    assert odes.outputs["z"] == X + TIME


def test_start_values_are_those_of_time_zero():
    assert odes_of("x = y + 1; y := time + 5; x' = 0;").initial == (6,)


REACTING = Model(
    "m",
    compartments=(Compartment("V", 1.0),),
    species=(Species("S", "V", amount=1.0, conversion="f"),),
    parameters=(Parameter("f", 10.0), Parameter("n", 2.0), Parameter("k", 3.0)),
    reactions=(
        Reaction("J", (), (Participant("S", symbol("n")), Participant("S", None, "s")), (), K),
    ),
    initial_assignments={"s": symbol("n") + 1},
)


def test_conversion_and_stoichiometry():
    n, f = symbol("n"), symbol("f")
    (rate,) = derive_odes(REACTING).rates
    assert sympy.expand(rate - f * K * (2 * n + 1)) == 0


def test_names_that_are_not_defined_are_refused_with_their_place():
    with pytest.raises(InvalidInput, match="rate of J: `k` is not defined"):
        derive_odes(replace(REACTING, parameters=REACTING.parameters[:2]))


def test_a_value_that_is_needed_and_missing_is_an_issue_with_what_needs_it():
    with pytest.raises(InvalidInput) as caught:
        odes_of("x = 1; x' = -k*x*m; y := q; var k; var m; var q;")
    assert [(i.column, i.message) for i in caught.value.issues] == [
        ("rate of x", "`k` has no value"),
        ("rate of x", "`m` has no value"),
        ("assignment of y", "`q` has no value"),
    ]


def test_a_value_that_nothing_needs_may_be_missing():
    odes = odes_of("compartment V = 1; species S in V, Q in V; S = 1; var k; J: S -> ; S;")
    assert odes.states == (S,)
    assert odes.outputs["Q"] is sympy.nan
    assert odes.outputs["k"] is sympy.nan


def test_circles_are_refused():
    model = Model(
        "m",
        parameters=(Parameter("a", None), Parameter("b", None)),
        assignment_rules={"a": symbol("b"), "b": symbol("a")},
    )
    with pytest.raises(InvalidInput, match="go round in a circle"):
        derive_odes(model)


def test_what_is_never_real_is_refused():
    with pytest.raises(InvalidInput, match="never a real number"):
        odes_of("x = 1; x' = sqrt(-x^2);")


def test_a_formula_that_is_too_deep_ends_in_an_issue():
    deep = symbol("x")
    for _ in range(250):
        deep = sympy.exp(deep)
    x = Parameter("x", 1.0, constant=False)
    model = Model("m", parameters=(x,), rate_rules={"x": deep})
    with pytest.raises(InvalidInput, match="rate rule of x: the formula is nested more than 200"):
        derive_odes(model)


def test_infinite_constants_are_written_out():
    odes = odes_of("a = inf; x = 1; x' = 1/a;")
    assert odes.parameters == ()
    assert odes.rates == (0,)


def chain(links: int, link: str = "a{i} := 0.99*a{before} + k", first: str = "x") -> str:
    written = "; ".join(link.format(i=i, before=i - 1) for i in range(1, links + 1))
    return f"k = 0.01; x = 1; a0 := {first}; {written}; x' = -a{links}"


def test_a_chain_of_assignments_means_what_it_says() -> None:
    odes = derive_odes(read_model(chain(1000)))
    value = substitute(odes.rates[0], {X: sympy.Float(3.0), K: sympy.Float(0.01)})
    assert float(value) == pytest.approx(-(1.0 + 2.0 * 0.99**1000), rel=1e-12)
    assert odes.rates[0].free_symbols == {X, K}


@pytest.mark.parametrize(
    "link",
    [
        "a{i} := 0.99*a{before} + k",
        "a{i} := a{before}/(1 + a{before}^2)",
        "a{i} := piecewise(a{before}, a{before} > 0.5, a{before} + k)",
        "r{i} = 0.01; a{i} := 0.99*a{before} + r{i}",
    ],
)
def test_a_chain_is_written_out_in_its_length(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def operations(links: int) -> int:
        made = []

        def remake_counted(function: object, arguments: object) -> sympy.Basic:
            made.append(function)
            return remake(function, arguments)

        monkeypatch.setattr(arithmetic, "remake", remake_counted)
        odes = derive_odes(read_model(chain(links, link)))
        held = [each.content for each in find_shared(odes.rates)]
        return len(made) + sum(len(list(walk(each))) for each in (*odes.rates, *held))

    assert operations(120) < 4.5 * operations(30)


WITNESSES = [
    *(
        ("data", "sbml_models", number)
        for number in ("733", "799", "852", "879", "898", "1024", "1025")
    ),
    ("prototypes", "ensemble", "model.ant"),
    ("prototypes", "physiology", "unified_draft.ant"),
]


@pytest.mark.parametrize("place", WITNESSES, ids=lambda place: place[-1])
def test_rates_are_those_of_libroadrunner(place):
    roadrunner = pytest.importorskip("roadrunner")
    path = _witness(*place)
    odes = derive_odes(read_model(path))
    other = roadrunner.RoadRunner(_sbml(path))
    ids = list(dict.fromkeys([*other.getRateRuleIds(), *other.model.getFloatingSpeciesIds()]))
    names = [state.name for state in odes.states]
    assert set(ids) == set(names)
    everything = [*odes.states, *odes.parameters, TIME]
    rates = sympy.lambdify([everything], list(odes.rates), cse=True)
    first = sympy.lambdify([list(odes.parameters)], list(odes.initial))
    start = np.array(first(odes.defaults), dtype=float)
    assert start == pytest.approx([other.getValue(name) for name in names], rel=1e-12)
    rng = np.random.default_rng(3)
    for spread in (0.0, 0.3, 0.3, 0.3):
        state = start * rng.lognormal(0, spread, len(start)) + (0.01 if spread else 0.0)
        for name, value in zip(names, state, strict=True):
            other.setValue(name, float(value))
        theirs = dict(zip(ids, other.getRatesOfChange(), strict=True))
        wanted = np.array([theirs[name] for name in names])
        ours = np.array(rates([*state, *odes.defaults, 0.0]), dtype=float)
        noise = 1e-12 * np.maximum(np.abs(state), np.abs(wanted).max())
        assert (np.abs(ours - wanted) <= 1e-9 * np.abs(wanted) + noise).all()


def _witness(*place):
    if place[-1].endswith(".ant"):
        return shared_file(*place)
    folder = shared_file(*place[:-1])
    return next(folder.glob(f"BIOMD*{int(place[-1]):010d}__*.xml"))


def _sbml(path):
    if path.suffix == ".xml":
        return path.read_text("utf-8")
    antimony = pytest.importorskip("antimony")
    antimony.clearPreviousLoads()
    assert antimony.loadAntimonyString(path.read_text("utf-8")) >= 0
    return antimony.getSBMLString(antimony.getMainModuleName())


def _parts_of_cycles(cycles: int) -> int:
    """How many parts the equations have that count cycles by a sum of pieces in a condition."""
    begun = " + ".join(f"piecewise(1, time > {21 * n}, 0)" for n in range(1, cycles + 1))
    text = f"A = 0; n := {begun}; A' = piecewise(1, time - 21*n < 3, 0) - A"
    (rate,) = derive_odes(read_model(text)).rates
    return sum(1 for _ in walk(rate))


def test_a_piecewise_in_a_condition_is_read_in_its_length() -> None:
    assert _parts_of_cycles(40) < 5 * _parts_of_cycles(8)
    assert _parts_of_cycles(40) < 1000


def test_a_piece_that_is_not_taken_is_not_refused() -> None:
    text = "on = 1; q := piecewise(2, on > 0, 0); A = 1; A' = piecewise(3/q, on > 0, 0)"
    (rate,) = derive_odes(read_model(text)).rates
    assert str(rate) == "Piecewise((3/Piecewise((2, on > 0), (0, True)), on > 0), (0, True))"
