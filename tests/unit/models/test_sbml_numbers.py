from __future__ import annotations

import pytest

from stromal.errors import InvalidInput
from stromal.models.parse import read_model
from stromal.models.sbml_numbers import check_numbers

SPACE = "http://www.w3.org/1998/Math/MathML"


def document(number="<cn>1</cn>", value="1", around="{}"):
    rule = f'<assignmentRule variable="x"><math xmlns="{SPACE}">\n{number}</math></assignmentRule>'
    return (
        '<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1">'
        f'<model id="m">{around.format(number) if around != "{}" else ""}<listOfParameters>'
        f'<parameter id="x" constant="false"/><parameter id="k" value="{value}" constant="true"/>'
        f"</listOfParameters><listOfRules>{rule}</listOfRules></model></sbml>"
    )


def refused(text):
    with pytest.raises(InvalidInput) as caught:
        read_model(text)
    return caught.value.issues


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("<cn>1,5</cn>", "`1,5` is no number"),
        ("<cn> 0x10 </cn>", "`0x10` is no number"),
        ("<cn>1_000</cn>", "`1_000` is no number"),
        ("<cn>1d5</cn>", "`1d5` is no number"),
        ("<cn>1e5e5</cn>", "`1e5e5` is no number"),
        ("<cn>1.5 2</cn>", "`1.5 2` is no number"),
        ("<cn>abc</cn>", "`abc` is no number"),
        ("<cn/>", "`` is no number"),
        ('<cn type="integer">1.5</cn>', "`1.5` is no number of type integer"),
        ('<cn type="integer">1e3</cn>', "`1e3` is no number of type integer"),
        ('<cn type="integer" base="2">10</cn>', "`10` has the base 2, which is not supported"),
        ('<cn type="rational">1<sep/>2.5</cn>', "`1<sep/>2.5` is no number of type rational"),
        ('<cn type="rational">1</cn>', "`1` is no number of type rational"),
        (
            '<cn type="e-notation">1.5<sep/>2.5</cn>',
            "`1.5<sep/>2.5` is no number of type e-notation",
        ),
        ("<cn>1e400</cn>", "the number 1e400 is larger than a double can hold"),
        ("<cn>-1e309</cn>", "the number -1e309 is larger than a double can hold"),
        (
            "<cn>1.7976931348623157e308</cn>",
            "the number 1.7976931348623157e308 is larger than a double can hold",
        ),
        ('<cn type="e-notation">1<sep/>400</cn>', "the number 1<sep/>400 is larger than a double"),
        ("<cn>1e-400</cn>", "the number 1e-400 is closer to zero than a double can hold"),
        ("<cn>1e-310</cn>", "the number 1e-310 is closer to zero than a double can hold"),
        ('<cn type="e-notation">1<sep/>-400</cn>', "the number 1<sep/>-400 is closer to zero"),
    ],
)
def test_numbers_in_formulas_that_would_be_misread(number, message):
    (issue,) = check_numbers(document(number))
    assert issue.message.startswith(message)
    assert (issue.row, issue.hint) == (2, "write figures with a point, as 1000, 1.5 or 1.5e-3")
    assert issue in refused(document(number))


@pytest.mark.parametrize(
    "number",
    [
        "<cn> 1 </cn>",
        "<cn>-.5</cn>",
        "<cn>5.</cn>",
        "<cn>+1.5E-3</cn>",
        "<cn>0e400</cn>",
        '<cn type="real">1e308</cn>',
        '<cn type="integer"> -12 </cn>',
        '<cn type="integer" base="10">12</cn>',
        '<cn type="rational">1<sep/>3</cn>',
        '<cn type="e-notation">1.5<sep/>-3</cn>',
        "<infinity/>",
        "<notanumber/>",
    ],
)
def test_numbers_in_formulas_that_are_right(number):
    assert check_numbers(document(number)) == []
    assert len(read_model(document(number)).assignment_rules) == 1


def test_every_number_is_an_issue_of_its_own():
    number = "<apply><plus/><cn>1,5</cn>\n<cn>2,5</cn></apply>"
    assert [issue.row for issue in check_numbers(document(number))] == [2, 3]


@pytest.mark.parametrize("name", ["notes", "annotation"])
def test_notes_are_no_mathematics(name):
    inside = f'<{name}><math xmlns="{SPACE}"><cn>1,5</cn></math></{name}>'
    assert check_numbers(document(around=inside)) == []


def test_attributes_that_are_no_decimal_numbers():
    (issue,) = check_numbers(document(value="0x10"))
    assert (issue.row, issue.message) == (1, "value is `0x10`, which is no decimal number")
    assert issue in refused(document(value="0x10"))


@pytest.mark.parametrize("value", ["1e400", "1e-400", "1e-310", "1,5", "1_000", "abc"])
def test_attributes_that_libsbml_refuses(value):
    (issue,) = refused(document(value=value))
    assert (issue.row, "must be a double" in issue.message) == (1, True)


@pytest.mark.parametrize(
    ("value", "expected"), [("INF", "inf"), ("-INF", "-inf"), (" 1.5e3 ", "1500")]
)
def test_attributes_that_are_right(value, expected):
    assert read_model(document(value=value)).parameters[1].value == float(expected)
