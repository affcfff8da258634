"""Ports against a model: every issue at once, with its line and a hint."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from stromal.errors import Severity
from stromal.models.check.ports import check_ports
from stromal.models.parameters import PARAMETERS
from stromal.models.parse import read_model
from stromal.models.ports import Ports, read_ports

MODEL = """
unit time_unit = 86400 second;
unit per_day = 1/(86400 second);
MB = 0; CH = 0; PLT = 250; LK = 0; SK = 0; HN = 0;
BW = 70; k = 1; kp = 0.1;
h := 0.001*LK;
MB' = -k*MB; CH' = -k*CH; PLT' = kp*(250 + 10*MB - CH - PLT); LK' = 0.01*LK; SK' = -k*SK; HN' = h;
k has per_day;
"""

GOOD = """
[products.msc]
state = "MB"
unit = "cell/kg"
amount = { human = 1e6, mouse = 1e8 }
[products.fludarabine]
kind = "drug"
state = "CH"
unit = "mg/m2"
[covariates.weight_kg]
parameter = "BW"
[outputs.platelets]
output = "PLT"
unit = "10^3/uL"
[events.death]
hazard = "HN"
cumulative = true
[events.relapse]
output = "LK"
threshold = 5.0
direction = "above"
[stages.acute_gvhd_stage.skin]
output = "SK"
cuts = [0.1, 0.3, 0.5, 0.8]
"""


def ports_of(text: str, folder: Path) -> Ports:
    (folder / "ports.toml").write_text(text, "utf-8")
    return read_ports(folder)


def issues(text: str, folder: Path, model: str = MODEL, units: dict[str, str] | None = None):
    frame = None
    if units is not None:
        rows = pl.DataFrame({"name": list(units), "unit": list(units.values())})
        frame = PARAMETERS.conform(rows)
    return check_ports(read_model(model), ports_of(text, folder), frame)


def only(text: str, folder: Path, **more) -> str:
    (issue,) = issues(text, folder, **more)
    return f"{issue.row} {issue.message} | {issue.hint}"


def test_good_ports_have_no_issue(tmp_path: Path) -> None:
    assert issues(GOOD, tmp_path) == ()
    units = {"PLT": "10^9/L", "HN": "1", "LK": "%", "CH": "mg/m2"}
    assert issues(GOOD, tmp_path, units=units) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"MB"', '"MC"', "3 the model has no state `MC` | there are `MB`, `CH`, `PLT`"),
        (
            '"MB"',
            '"kp"',
            "3 `kp` is no state of the model, and a dose goes into a state | there are",
        ),
        ('state = "CH"', 'state = "h"', "8 `h` is no state of the model"),
        (
            '"cell/kg"',
            '"10^9/L"',
            "4 unit `10^9/L` does not measure doses of kind msc | units that",
        ),
        ('"cell/kg"', '"cels/kg"', "4 unit `cels/kg` is not known | units that do: `cell/kg`"),
        ('"mg/m2"', '"cell/kg"', "9 unit `cell/kg` does not measure doses of kind drug"),
        (
            'kind = "drug"\n',
            "",
            "6 `fludarabine` is no kind of product | kinds here: `car_t`",
        ),
        ('"drug"', '"drugs"', "7 `drugs` is no kind of product | did you mean `drug`?"),
        (
            "[products.msc]\n",
            '[products.msc]\nkind = "drug"\n',
            "3 the port of kind `msc` says that it is of kind `drug`",
        ),
        ("{ human = 1e6, mouse = 1e8 }", "{}", "5 no species is named"),
        ('"BW"', '"BV"', "11 the model has no parameter `BV` | there are `BW`, `k` and"),
        ('"BW"', '"PLT"', "11 `PLT` is no parameter of the model, and changes by its rules"),
        ("weight_kg", "weight", "10 `weight` is no column that every study has | did you mean"),
        ('output = "PLT"', 'output = "PTL"', "13 the model has no output `PTL` | did you mean"),
        ("outputs.platelets", "outputs.platelet", "12 analyte `platelet` is not known | did you"),
        ('"10^3/uL"', '"g/L"', "14 unit `g/L` cannot be read as 10^9/L for platelets | write one"),
        ('"10^3/uL"', '"plts"', "14 unit `plts` is not known | write one that converts"),
        ('"10^3/uL"', '"10^3/ul/day"', "14 unit `10^3/ul/day` cannot be read as 10^9/L"),
        ("events.death", "events.deth", "15 event `deth` is not known | did you mean `death`?"),
        ('hazard = "HN"', 'hazard = "HM"', "16 the model has no output `HM`"),
        ('direction = "above"\n', "", "18 the threshold has no direction | write `direction"),
        ("threshold = 5.0\n", "", "18 the threshold is missing"),
        ('output = "LK"\n', "", "18 the output that crosses the threshold is missing"),
        ('hazard = "HN"\ncumulative = true\n', "", "15 nothing says when the event happens"),
        (
            "cumulative = true\n",
            'output = "LK"\nthreshold = 1\ndirection = "below"\n',
            "15 an event has a hazard or a threshold, not both",
        ),
        ("threshold = 5.0", "threshold = 5.0\ncumulative = true", "21 only a hazard is cumulative"),
        ("acute_gvhd_stage", "acute_gvhd_stages", "22 scale `acute_gvhd_stages` is not known"),
        (".skin]", ".skinn]", "22 item `skinn` is not of scale `acute_gvhd_stage` | did you mean"),
        ("acute_gvhd_stage.skin", "acute_gvhd_signs.skin_bsa", "has no stages"),
        (
            "[0.1, 0.3, 0.5, 0.8]",
            "[0.1, 0.3]",
            "24 stages 0 to 4 need 4 cuts, and there are 2",
        ),
        ("0.3, 0.5", "0.5, 0.3", "24 cuts are not in order"),
        ('output = "SK"', 'output = "SKK"', "23 the model has no output `SKK`"),
    ],
)
def test_one_mistake_has_one_issue(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert GOOD.count(old) >= 1
    assert said in only(GOOD.replace(old, new, 1), tmp_path)


def test_one_output_is_one_thing(tmp_path: Path) -> None:
    twice = '[outputs.leukocytes]\noutput = "PLT"\nunit = "10^9/L"\n'
    assert "`PLT` is platelets already" in only(GOOD + twice, tmp_path)
    gut = '[stages.acute_gvhd_stage.liver]\noutput = "SK"\ncuts = [1, 2, 3, 4]\n'
    assert "`SK` is acute_gvhd_stage.skin already" in only(GOOD + gut, tmp_path)
    age = '[covariates.age_years]\nparameter = "BW"\n'
    assert "`BW` is weight_kg already" in only(GOOD + age, tmp_path)


def test_units_of_ports_are_those_of_the_model(tmp_path: Path) -> None:
    said = only(GOOD, tmp_path, units={"PLT": "/uL"})
    assert said.startswith("14 platelets is in 10^3/uL here, and `PLT` is in")
    said = only(GOOD, tmp_path, units={"HN": "1/day"})
    assert said.startswith("16 the hazard `HN` is in 1/day in the model, not in 1")
    said = only(GOOD, tmp_path, units={"CH": "mg"})
    assert said.startswith("9 a dose is in mg/m2 and `CH` in")


def test_doses_of_a_species_are_amounts(tmp_path: Path) -> None:
    """The unit of a species is its concentration; a dose adds to the amount."""
    model = "compartment V = 1; species S in V; S = 0; k = 1; S -> ; k*S*V"
    text = '[products.drug]\nstate = "S"\nunit = "mg"\n'
    assert issues(text, tmp_path, model, {"S": "mg/L", "V": "L"}) == ()
    (issue,) = issues(text, tmp_path, model, {"S": "g/L", "V": "L"})
    assert issue.message == "a dose is in mg and `S` in 0.001 kg"


def test_time_is_in_days(tmp_path: Path) -> None:
    model = MODEL.replace("time_unit = 86400", "time_unit = 3600")
    (issue,) = issues(GOOD, tmp_path, model)
    assert issue.place == "ports.toml"
    assert issue.message.startswith("the model counts its time in 0.0416667 day")


def test_a_likely_misspelling_is_a_warning(tmp_path: Path) -> None:
    (issue,) = issues(GOOD.replace("weight_kg", "weight"), tmp_path)
    assert issue.severity is Severity.WARNING
    assert issues(GOOD.replace("weight_kg", "hb_variant"), tmp_path) == ()


def test_everything_is_wrong_at_once(tmp_path: Path) -> None:
    text = (
        GOOD.replace('"MB"', '"MC"')
        .replace("outputs.platelets", "outputs.platelet")
        .replace("events.death", "events.deth")
        .replace(".skin]", ".skinn]")
    )
    assert [issue.row for issue in issues(text, tmp_path)] == [3, 12, 15, 22]
