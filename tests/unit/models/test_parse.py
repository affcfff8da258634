from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sympy

from stromal.errors import InvalidInput
from stromal.models.model import symbol
from stromal.models.parse import read_model
from tests.shared import shared_file

CORE = 'xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1"'
MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML">'
TIME = '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>'
TRIGGER = f"<apply><geq/>{TIME}<cn>1</cn></apply>"


def sbml(body, head=CORE):
    return f'<?xml version="1.0" encoding="UTF-8"?><sbml {head}><model id="m">{body}</model></sbml>'


def event(extra="", trigger=TRIGGER):
    return sbml(
        '<listOfParameters><parameter id="x" value="1" constant="false"/></listOfParameters>'
        '<listOfEvents><event id="E" useValuesFromTriggerTime="true">'
        f'<trigger initialValue="true" persistent="true">{MATH}{trigger}</math></trigger>{extra}'
        f'<listOfEventAssignments><eventAssignment variable="x">{MATH}<cn>2</cn></math>'
        "</eventAssignment></listOfEventAssignments></event></listOfEvents>"
    )


RULE = (
    '<listOfParameters><parameter id="x" value="1" constant="false"/></listOfParameters>'
    f"<listOfRules><algebraicRule>{MATH}<ci>x</ci></math></algebraicRule></listOfRules>"
)
SPECIES = (
    '<listOfCompartments><compartment id="C" size="1" constant="true"/></listOfCompartments>'
    '<listOfSpecies><species id="S" compartment="C" initialAmount="1" constant="false" '
    'hasOnlySubstanceUnits="false" boundaryCondition="false"/></listOfSpecies>'
)
MAKES = (
    '<listOfProducts><speciesReference species="S" stoichiometry="1" constant="true"/>'
    "</listOfProducts>"
)
FAST = (
    f'{SPECIES}<listOfReactions><reaction id="J" reversible="false" fast="true">{MAKES}'
    "</reaction></listOfReactions>"
)
NAMED_TIME = '<listOfParameters><parameter id="time" value="1" constant="true"/></listOfParameters>'
LEVEL_1 = (
    "<sbml xmlns='http://www.sbml.org/sbml/level1' level='1' version='2'><model name='m'>"
    "<listOfCompartments><compartment name='c'/></listOfCompartments></model></sbml>"
)
PACKAGES = "http://www.sbml.org/sbml/level3/version1"
COMP = f'{CORE} xmlns:comp="{PACKAGES}/comp/version1" comp:required="true"'
FBC = (
    f'{CORE} xmlns:fbc="http://www.sbml.org/sbml/level3/version1/fbc/version2" fbc:required="false"'
)
OWN = f'{CORE} xmlns:own="http://example.org/own/version1" own:required="true"'
LAYOUT = (
    f'{CORE} xmlns:layout="http://www.sbml.org/sbml/level3/version1/layout/version1" '
    'layout:required="false"'
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (sbml(RULE), "algebraic rules are not supported"),
        (sbml(FAST), "reaction J is fast"),
        (sbml("", COMP), "the SBML package `comp` is not supported"),
        (sbml("", FBC.replace("version2", "version1")), "the SBML package `fbc` is not supported"),
        (sbml("", OWN), "the SBML package `own` is not supported"),
        (event(f"<delay>{MATH}<cn>1</cn></math></delay>"), "event E has a delay"),
        (event(f"<priority>{MATH}<cn>1</cn></math></priority>"), "event E has a priority"),
        (event(trigger="<apply><gt/><ci>x</ci><cn>2</cn></apply>"), "event E is triggered by more"),
        ("x := delay(y, 2); y = 1", "delay is not supported"),
        (sbml(NAMED_TIME), "the name `time` means the time"),
        (LEVEL_1, "SBML Level 1"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(text, message):
    with pytest.raises(InvalidInput, match=message) as caught:
        read_model(text)
    assert all(issue.hint for issue in caught.value.issues)


def test_every_issue_comes_at_once():
    with pytest.raises(InvalidInput) as caught:
        read_model(event(f"<priority>{MATH}<cn>1</cn></math></priority>"
                         f"<delay>{MATH}<cn>1</cn></math></delay>"))  # fmt: skip
    assert len(caught.value.issues) == 2


def test_layout_is_no_part_of_the_mathematics():
    assert read_model(sbml("", LAYOUT)).name == "m"


def test_what_libsbml_finds_is_an_issue_with_its_row(tmp_path):
    path = tmp_path / "m.xml"
    path.write_text(sbml('\n<listOfParameters><parameter id="1x" value="1"/></listOfParameters>'))
    with pytest.raises(InvalidInput) as caught:
        read_model(path)
    first = caught.value.issues[0]
    assert (first.table, first.row) == ("m.xml", 2)
    assert "of the SBML specification" in first.hint


def test_an_event_at_a_fixed_time():
    (found,) = read_model(event()).events
    assert (found.name, found.time, found.assignments) == ("E", 1, (("x", 2),))


@pytest.mark.parametrize(
    "text", ["<sbml/>", "<html></html>", "model", "x := (", "<", "<?xml version='1.0'?>"]
)
def test_what_is_no_model_is_an_issue(text):
    with pytest.raises(InvalidInput) as caught:
        read_model(text)
    assert caught.value.issues[0].hint


def test_an_empty_text_is_an_empty_model():
    assert read_model("").parameters == ()


def test_antimony_says_what_is_wrong():
    with pytest.raises(InvalidInput, match=r"this is not Antimony: .*syntax error"):
        read_model("this is }{ not")


def test_other_files_are_not_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("other.ant").write_text("model other() x = 1; end")
    with pytest.raises(InvalidInput, match="imports another file"):
        read_model('import "other.ant"\nmodel m() A: other(); end')


def test_nothing_of_one_model_is_left_for_the_next():
    read_model("model first() x = 1; end")
    with pytest.raises(InvalidInput):
        read_model("model second() A: first(); end")


def test_models_are_read_on_many_threads():
    texts = [f"model m{n}() k = {n}; x = 1; x' = -k*x; end" for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        models = list(pool.map(read_model, texts))
    assert [model.name for model in models] == [f"m{n}" for n in range(40)]


def test_everything_has_its_place():
    model = read_model(
        """model all()
        compartment V = 2; species S in V, $B in V; S = 3; B = 1;
        unit day = 86400 second; k = 0.1; k has day;
        J: 2 S -> B; k*S; y := S + time; z = 2*k; z' = y; at time >= k: S = 0;
        end"""
    )
    assert [(s.name, s.compartment, s.concentration, s.boundary) for s in model.species] == [
        ("S", "V", 3.0, False),
        ("B", "V", 1.0, True),
    ]
    assert model.compartments[0].size == 2.0
    assert model.units["day"].factors == (("second", 1.0),)
    assert model.units["day"].multiplier == 86400.0
    assert model.reactions[0].reactants[0].stoichiometry == 2
    assert model.reactions[0].rate == symbol("k") * symbol("S")
    assert model.initial_assignments["z"] == 2 * symbol("k")
    assert model.events[0].time.free_symbols == {symbol("k")}


def test_local_parameters_are_named_after_their_reaction():
    law = (
        f'{SPECIES}<listOfParameters><parameter id="k" value="1" constant="true"/>'
        '</listOfParameters><listOfReactions><reaction id="J" reversible="false" fast="false">'
        f"{MAKES}<kineticLaw>{MATH}<ci>k</ci></math><listOfLocalParameters>"
        '<localParameter id="k" value="7"/></listOfLocalParameters></kineticLaw></reaction>'
        "</listOfReactions>"
    )
    model = read_model(sbml(law))
    assert [(p.name, p.value) for p in model.parameters] == [("k", 1.0), ("J.k", 7.0)]
    assert model.reactions[0].rate == symbol("J.k")


def test_formulas_without_mathematics_change_nothing():
    rule = (
        '<listOfParameters><parameter id="x" value="1" constant="false"/></listOfParameters>'
        '<listOfRules><rateRule variable="x"/></listOfRules>'
    )
    head = CORE.replace("version1", "version2").replace('version="1"', 'version="2"')
    assert dict(read_model(sbml(rule, head)).rate_rules) == {}


def test_numbers_of_text_are_doubles():
    (parameter,) = read_model("k = 0.1").parameters
    assert parameter.value == 0.1
    assert read_model("y := 10^(10^10)").assignment_rules["y"] is sympy.oo


def test_published_models_are_read():
    folder = shared_file("data", "sbml_models")
    models = [read_model(path) for path in sorted(folder.glob("*.xml"))]
    assert [len(model.species) for model in models] == [3, 2, 6, 3, 5, 2, 4]
