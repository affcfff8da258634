import pytest

from stromal.errors import Severity
from stromal.patients.check.doses import check_amounts, check_products, check_units
from stromal.protocol.protocol import Regimen
from tests.unit.patients.folders import PROTOCOL, read


def doses(tmp_path, product, amount, unit):
    text = f"subject,day,product,amount,unit\n1,0,{product},{amount},{unit}\n"
    return read(tmp_path, doses=text)[0]


@pytest.mark.parametrize("amount", [1, 1.5, 2])
def test_a_dose_of_the_regimen_is_no_issue(tmp_path, amount):
    assert check_amounts(doses(tmp_path, "msc", amount, "10^6 cell/kg"), PROTOCOL) == ()


def test_a_dose_off_the_regimen_is_a_warning(tmp_path):
    (issue,) = check_amounts(doses(tmp_path, "msc", 20, "10^6 cell/kg"), PROTOCOL)
    assert issue.severity is Severity.WARNING
    assert issue.message == (
        "dose of msc is 2e+07 cell/kg; the regimen of msc gives 1e+06 to 2e+06"
    )


def test_a_dose_that_is_not_positive_is_an_error(tmp_path):
    (issue,) = check_amounts(doses(tmp_path, "msc", 0, "10^6 cell/kg"), PROTOCOL)
    assert issue.severity is Severity.ERROR


def test_units_that_cannot_be_compared_are_noted_once(tmp_path):
    text = "subject,day,product,amount,unit\n1,0,msc,500,mg\n1,7,msc,400,mg\n"
    (note,) = check_amounts(read(tmp_path, doses=text)[0], PROTOCOL)
    assert note.severity is Severity.NOTE
    assert (note.row, note.message) == (
        2,
        "doses of msc are in mg and the regimen of msc in 10^6 cell/kg: they are not compared",
    )


def planned(*regimen):
    arms = {"msc": PROTOCOL.arms["msc"].model_copy(update={"regimen": regimen})}
    return PROTOCOL.model_copy(update={"arms": arms})


def regimen(dose, unit, product="msc"):
    return Regimen(product=product, dose=dose, unit=unit, days=(0.0,))


def given(tmp_path, *rows, weights=("50",)):
    """Doses of subject 1, 2, ..., as rows of amount and unit."""
    numbers = range(1, len(weights) + 1)
    subjects = [f"{n},msc,{weight}" for n, weight in zip(numbers, weights, strict=True)]
    doses = [f"{n},0,msc,{row}" for n, row in zip(numbers, rows, strict=True)]
    return read(
        tmp_path,
        subjects="\n".join(["subject,arm,weight_kg", *subjects]),
        doses="\n".join(["subject,day,product,amount,unit", *doses]),
    )[0]


@pytest.mark.parametrize(
    ("plan", "limits"), [((50, "10^6 cell"), "1e+06 at 50 kg"), ((1, "10^6 cell/kg"), "1e+06")]
)
def test_a_flat_dose_is_compared_through_the_weight(tmp_path, plan, limits):
    protocol = planned(regimen(*plan))
    (issue,) = check_amounts(given(tmp_path, "9,10^6 cell/kg"), protocol)
    assert issue.severity is Severity.WARNING
    assert issue.message == f"dose of msc is 9e+06 cell/kg; the regimen of msc gives {limits}"
    assert check_amounts(given(tmp_path, "1,10^6 cell/kg"), protocol) == ()


def test_flat_plan_and_flat_record(tmp_path):
    protocol = planned(regimen(50, "10^6 cell"))
    assert check_amounts(given(tmp_path, "50,10^6 cell"), protocol) == ()
    assert len(check_amounts(given(tmp_path, "450,10^6 cell"), protocol)) == 1


def test_a_drug_planned_per_kg_and_recorded_whole(tmp_path):
    protocol = planned(regimen(2, "mg/kg"))
    assert check_amounts(given(tmp_path, "100,mg"), protocol) == ()
    (issue,) = check_amounts(given(tmp_path, "200,mg"), protocol)
    assert issue.message == "dose of msc is 200 mg; the regimen of msc gives 100 at 50 kg"


def test_nothing_is_said_of_patients_without_weight(tmp_path):
    protocol = planned(regimen(50, "10^6 cell"))
    rows = ["9,10^6 cell/kg"] * 3
    found = check_amounts(given(tmp_path, *rows, weights=("", "50", "")), protocol)
    assert [(issue.severity, issue.row) for issue in found] == [
        (Severity.WARNING, 3),
        (Severity.NOTE, 2),
    ]
    assert found[1].message == (
        "doses of msc to 2 patients of msc are not compared with the regimen: no body weight"
    )
    (one,) = check_amounts(given(tmp_path, rows[0], weights=("",)), protocol)
    assert "to subject 1 of msc" in one.message


def test_several_regimens_of_a_product_are_one_range(tmp_path):
    protocol = planned(regimen(50, "10^6 cell"), regimen(2, "10^6 cell/kg"))
    assert check_amounts(given(tmp_path, "1.5,10^6 cell/kg"), protocol) == ()
    (issue,) = check_amounts(given(tmp_path, "0.5,10^6 cell/kg"), protocol)
    assert issue.message.endswith("the regimen of msc gives 1e+06 to 2e+06 at 50 kg")


def test_a_regimen_without_a_dose_says_nothing(tmp_path):
    protocol = planned(Regimen(product="msc", unit="cell/kg", note="as many as there were"))
    assert check_amounts(given(tmp_path, "9,10^6 cell/kg"), protocol) == ()


def test_an_unknown_product(tmp_path):
    (issue,) = check_products(doses(tmp_path, "mcs", 1, "10^6 cell/kg"), PROTOCOL)
    assert issue.hint == "is `msc` meant?"


@pytest.mark.parametrize(
    ("unit", "wrong"),
    [("10^6 cell/kg", False), ("10^8 cells/kg", False), ("mg", True), ("10^9 particles/kg", True)],
)
def test_a_unit_measures_its_kind_of_product(tmp_path, unit, wrong):
    found = check_units(doses(tmp_path, "msc", 2, unit), PROTOCOL)
    assert bool(found) is wrong
    for issue in found:
        assert "does not measure msc, a product of kind msc" in issue.message
        assert issue.hint.startswith("units that do: cell/kg, 10^5 cell/kg")
