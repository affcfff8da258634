from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sympy

from stromal.errors import InvalidInput
from stromal.models import odes
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


DECAY = "x = 2; y = 0; x' = -x; "
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
        (DECAY + "at (x < 1): y = 2", "event _E0 is triggered by more than the time: `x`"),
        (DECAY + "at x after (time > 1): y = 2", "has a delay that depends on a state: `x`"),
        (DECAY + "at (time > 1), priority = x: y = 2", "priority that depends on a state: `x`"),
        (DECAY + "z := 2*x; at (z > 1): y = 2", "triggered by more than the time: `z`"),
        (DECAY + "at (time > 1): y = x; at (y > 1): x = 2", "event _E1 is triggered by more"),
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
        read_model(DECAY + "at x after (x > 1), priority = x: y = 2")
    assert len(caught.value.issues) == 3


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


def test_an_event_is_a_condition_and_what_it_sets():
    (found,) = read_model(event()).events
    assert (found.name, found.trigger, found.assignments) == ("E", odes.TIME >= 1, (("x", 2),))


@pytest.mark.parametrize(
    "text", ["<sbml/>", "<html></html>", "model", "x := (", "<", "<?xml version='1.0'?>"]
)
def test_what_is_no_model_is_an_issue(text):
    with pytest.raises(InvalidInput) as caught:
        read_model(text)
    assert caught.value.issues[0].hint


@pytest.mark.parametrize("text", ["", "  \r\n\t", "\ufeff", "// nothing", "/* nothing */;"])
def test_a_text_of_nothing_is_an_issue(text, tmp_path):
    path = tmp_path / "m.ant"
    path.write_text(text, "utf-8")
    for source in (text, path):
        with pytest.raises(InvalidInput, match="there is no model in the text"):
            read_model(source)


def test_an_empty_model_is_a_model():
    assert read_model("model m; end").parameters == ()


@pytest.mark.parametrize(
    ("source", "kind", "hint"),
    [
        (None, "NoneType", "give one of them"),
        (5, "int", "give one of them"),
        (["x = 1"], "list", "give one of them"),
        (b"x = 1", "bytes", "decode bytes, as `data.decode()`"),
    ],
)
def test_what_is_neither_a_path_nor_a_text(source, kind, hint):
    with pytest.raises(
        InvalidInput, match=f"a model is a path or a text, and not {kind}"
    ) as caught:
        read_model(source)
    assert caught.value.issues[0].hint == hint


@pytest.mark.parametrize("name", ["m.xml.gz", "m.sbmll", "m"])
@pytest.mark.parametrize("kind", [str, Path])
def test_suffixes_that_say_nothing(name, kind, tmp_path):
    path = tmp_path / name
    path.write_text("x = 1")
    with pytest.raises(
        InvalidInput, match="does not say whether the file is Antimony or SBML"
    ) as it:
        read_model(kind(path))
    assert it.value.issues[0].table == name
    assert "SBML `.xml` or `.sbml`; unpack what is packed" in it.value.issues[0].hint


@pytest.mark.parametrize("kind", [str, Path])
@pytest.mark.parametrize("name", ["folder", "folder.xml"])
def test_folders_are_no_models(name, kind, tmp_path):
    (tmp_path / name).mkdir()
    with pytest.raises(InvalidInput, match=f"{name}: the file cannot be read") as caught:
        read_model(kind(tmp_path / name))
    assert caught.value.issues[0].hint == "give one file in it"


@pytest.mark.parametrize("name", ["m.ant", "m.TXT", "a=1;b.ant", " m.ant "])
def test_names_of_files_that_are_read(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(name.strip()).write_text("\ufeffx = 1", "utf-8")
    assert read_model(name).source == name.strip()


@pytest.mark.parametrize("name", ["nothing.ant", "nothing.XML", "a\0.xml", "a" * 5000 + ".xml"])
def test_files_that_are_not_there(name):
    with pytest.raises(InvalidInput, match="the file cannot be read"):
        read_model(name)


@pytest.mark.parametrize("name", ["nothing.json", "folder/nothing"])
def test_a_text_that_may_be_a_path(name):
    with pytest.raises(InvalidInput) as caught:
        read_model(name)
    assert "if it is a path, there is no such file" in caught.value.issues[0].hint


@pytest.mark.parametrize(
    "text", ["x = 1 // as in model.xml", "x = 1; y is 'a.ant", "x = 1\n// a.ant"]
)
def test_a_text_that_ends_like_a_path_is_a_text(text):
    if "'" in text:
        with pytest.raises(InvalidInput, match="this is not Antimony"):
            read_model(text)
    else:
        assert read_model(text).parameters[0].value == 1.0


def test_sbml_in_a_file_of_antimony(tmp_path):
    path = tmp_path / "m.ant"
    path.write_text(sbml(""))
    with pytest.raises(InvalidInput, match=r"m\.ant: this is SBML in a file of Antimony") as caught:
        read_model(path)
    assert caught.value.issues[0].hint == "name the file `.xml`"


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_antimony_is_utf_8(encoding, tmp_path):
    path = tmp_path / "m.ant"
    path.write_bytes("x = 1 // é".encode(encoding))
    with pytest.raises(InvalidInput, match=r"m\.ant: the text cannot be read as utf-8"):
        read_model(path)


@pytest.mark.parametrize(
    "text", ["\ufeffx = 1", "x = 1\r\n", "\rx = 1\r", 'x = 1; x is "é"', "x = 1 // é"]
)
def test_odd_texts_that_are_right(text):
    assert [(item.name, item.value) for item in read_model(text).parameters] == [("x", 1.0)]


@pytest.mark.parametrize(
    ("text", "rows"),
    [("é = 1\nx = 1e400\nx = 2", [1, 2, 3]), ("model a x = 1; end\ny = 0x10\ny := 3", [1, 2, 3])],
)
def test_all_that_antimony_would_pass_over_is_said(text, rows, tmp_path):
    path = tmp_path / "m.ant"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_model(path)
    assert [(issue.table, issue.row) for issue in caught.value.issues] == [
        ("m.ant", r) for r in rows
    ]


def test_numbers_of_sbml_are_said_with_their_file_and_row(tmp_path):
    path = tmp_path / "m.xml"
    path.write_text(event(trigger=TRIGGER.replace("<cn>1</cn>", "\n<cn>1,5</cn>")))
    with pytest.raises(InvalidInput, match=r"m\.xml row 2: `1,5` is no number"):
        read_model(path)


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
    assert model.events[0].trigger.free_symbols == {symbol("k"), odes.TIME}


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


def test_units_that_only_level_2_knows_are_read_and_say_nothing():
    core = "http://www.sbml.org/sbml/level3/version1/core"
    names = " ".join(
        f'{one}Units="{one}"' for one in ("substance", "volume", "area", "length", "time")
    )
    model = read_model(
        f'<sbml xmlns="{core}" level="3" version="1"><model id="m" {names}><listOfParameters>'
        '<parameter id="k" value="2" units="volume" constant="true"/></listOfParameters>'
        "</model></sbml>"
    )
    assert (model.time_unit, model.volume_unit, model.parameters[0].unit) == (None, None, None)


def test_a_unit_that_nobody_knows_is_refused_still():
    core = "http://www.sbml.org/sbml/level3/version1/core"
    with pytest.raises(InvalidInput, match="10313"):
        read_model(
            f'<sbml xmlns="{core}" level="3" version="1"><model id="m" timeUnits="fortnight"/>'
            "</sbml>"
        )
