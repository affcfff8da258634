import pytest

from stromal.errors import Severity
from stromal.patients.check.doses import check_amounts, check_products
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


def test_nothing_is_said_where_units_cannot_be_compared(tmp_path):
    assert check_amounts(doses(tmp_path, "msc", 500, "mg"), PROTOCOL) == ()


def test_an_unknown_product(tmp_path):
    (issue,) = check_products(doses(tmp_path, "mcs", 1, "10^6 cell/kg"), PROTOCOL)
    assert issue.hint == "is `msc` meant?"
