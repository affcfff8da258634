"""Reading ports: frozen values with their lines, or every issue of the file and no traceback."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stromal.errors import InvalidInput, Issue
from stromal.models.ports import Ports, ProductPort, read_ports

TEXT = """
[products.msc]
state = "MB"
unit = "cell/kg"
amount = { human = 1e6, mouse = 1e8 }
lag = 0.5

[products.fludarabine]
kind = "drug"
state = "CH"
unit = "mg/m2"
amount = { human = 25 }

[covariates.weight_kg]
parameter = "BW"

[outputs.platelets]
output = "PLT"
unit = "10^9/L"

[events.death]
hazard = "h"

[events.relapse]
output = "LK"
threshold = 5
direction = "above"

[stages.acute_gvhd_stage.skin]
output = "SK"
cuts = [0.1, 0.3, 0.5, 0.8]
"""


@pytest.fixture
def ports(tmp_path: Path) -> Ports:
    (tmp_path / "ports.toml").write_text(TEXT, "utf-8")
    return read_ports(tmp_path)


def issues_of(folder: Path, text: str | bytes) -> tuple[Issue, ...]:
    content = text.encode() if isinstance(text, str) else text
    (folder / "ports.toml").write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        read_ports(folder / "ports.toml")
    return caught.value.issues


def test_every_table_of_ports(ports: Ports) -> None:
    assert ports.products["msc"].lag == 0.5
    assert ports.covariates["weight_kg"].parameter == "BW"
    assert ports.outputs["platelets"].unit == "10^9/L"
    assert ports.events["death"].hazard == "h"
    assert ports.events["relapse"].threshold == 5.0
    assert ports.stages["acute_gvhd_stage"]["skin"].cuts == (0.1, 0.3, 0.5, 0.8)


def test_ports_are_values(ports: Ports) -> None:
    assert pickle.loads(pickle.dumps(ports)).products == ports.products
    with pytest.raises(TypeError):
        ports.products["drug"] = ports.products["msc"]  # type: ignore[index]


def test_an_amount_is_of_a_species(ports: Ports) -> None:
    msc, drug = ports.products["msc"], ports.products["fludarabine"]
    assert [msc.amount_of(species) for species in ("human", "mouse", "rat")] == [1e6, 1e8, None]
    assert [drug.amount_of(species) for species in ("human", "mouse")] == [25.0, None]
    assert ProductPort(state="x", unit="Gy").amount_of("mouse") == 1.0


def test_a_product_has_its_own_port_or_that_of_its_kind(ports: Ports) -> None:
    assert ports.product("lot_a", "msc") == ports.products["msc"]
    assert ports.product("fludarabine", "drug") == ports.products["fludarabine"]
    assert ports.product("busulfan", "drug") is None
    assert ports.product("fludarabine", "msc") == ports.products["msc"]
    assert ports.product("anything", "fludarabine") is None


def test_an_issue_has_the_line_of_its_key(ports: Ports) -> None:
    issue = ports.issue("no", ("products", "fludarabine", "unit"), "do")
    assert issue.place == "ports.toml row 11 column products.fludarabine.unit"
    assert ports.issue("no", (), "do").place == "ports.toml"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[products.msc]\nstate = 3\nunit = "Gy"', "expected a text in double quotes"),
        ("products = []", "expected a table, found a list"),
        ("[products]\nmsc = 3", "expected a table, found a whole number"),
        ('[products.msc]\nstate = ""\nunit = "Gy"', "`state` is empty"),
        ('[products.msc]\nstate = "x"\nunit = "Gy"\nlag = -1', "-1 is out of range"),
        ('[products.msc]\nstate = "x"\nunit = "Gy"\namount = 2', "expected a table"),
        (
            '[products.msc]\nstate = "x"\nunit = "Gy"\namount = { rat = 2 }',
            "key `rat` is not known",
        ),
        ('[products.msc]\nstate = "x"\nunit = "Gy"\namount = { human = 0 }', "0 is out of range"),
        ('[products.MSC]\nstate = "x"\nunit = "Gy"', "`MSC` is not a name"),
        ("[stages.acute_gvhd_stage]\nskin = 1", "expected a table"),
        ('[stages.ice.score]\noutput = "x"\ncuts = []', "`cuts` is empty"),
        ('[events.death]\noutput = "x"\nthreshold = nan', "not a number that can be used"),
        ('[events.death]\noutput = "x"\ndirection = "up"', "`up` is not one of the values"),
        ("[events.death.very.deep]\nx = 1", "key `very` is not known"),
        ("[ports]\n", "key `ports` is not known here"),
        ("[outputs.platelets\n", "this is not TOML"),
        ("a = " + "[" * 5000, "this is not TOML"),
        ("[" + "a." * 600 + "b]", "this is not TOML"),
        (b"\xff\xfe", "the text is not UTF-8"),
        (b"#" * 1_000_001, "the file has 1,000,001 bytes, more than the 1,000,000 of a file of"),
    ],
)
def test_a_wrong_file_gives_issues(tmp_path: Path, text: str | bytes, message: str) -> None:
    issues = issues_of(tmp_path, text)
    assert any(message in issue.message for issue in issues), [str(issue) for issue in issues]
    assert all(issue.table == "ports.toml" and issue.hint for issue in issues)


def test_every_issue_of_a_file_at_once(tmp_path: Path) -> None:
    text = TEXT.replace('"MB"', "1").replace('hazard = "h"', "hasard = 1").replace("0.3", '"b"')
    assert [issue.row for issue in issues_of(tmp_path, text)] == [3, 22, 31]


def test_an_absent_file_is_an_issue(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no such file"):
        read_ports(tmp_path)


@given(st.integers(0, len(TEXT) - 1), st.characters(codec="utf-8"))
def test_any_wrong_letter_gives_ports_or_issues(
    tmp_path_factory: pytest.TempPathFactory, place: int, letter: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "any_ports.toml"
    file.write_text(TEXT[:place] + letter + TEXT[place + 1 :], "utf-8")
    try:
        found: Ports | tuple[Issue, ...] = read_ports(file)
    except InvalidInput as error:
        found = error.issues
    assert isinstance(found, Ports) or all(issue.hint for issue in found)
