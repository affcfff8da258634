from __future__ import annotations

import libsbml
import pytest

from stromal.models.sbml_links import FEWEST, cut_links


def document_of(links: int) -> libsbml.SBMLDocument:
    document = libsbml.SBMLDocument(3, 2)
    model = document.createModel()
    for number in range(links + 1):
        parameter = model.createParameter()
        parameter.setId(f"a{number}")
        parameter.setConstant(False)
        rule = model.createAssignmentRule()
        rule.setVariable(f"a{number}")
        rule.setMath(libsbml.parseL3Formula(f"2 * a{number - 1} + k" if number else "time"))
    return document


def formulas(document: libsbml.SBMLDocument) -> list[str]:
    rules = document.getModel().getListOfRules()
    return [libsbml.formulaToL3String(rule.getMath()) for rule in rules]


def test_definitions_are_cut_apart_in_a_copy() -> None:
    document = document_of(FEWEST)
    before = formulas(document)
    cut = formulas(cut_links(document))
    assert formulas(document) == before
    assert cut[:2] == ["time", "2 * stand_in_for_what_is_defined + k"]
    assert not any("a1" in formula for formula in cut)


def test_a_short_document_stays_as_it_is() -> None:
    document = document_of(5)
    assert cut_links(document) is document


def test_what_is_wrong_is_still_found() -> None:
    document = document_of(FEWEST)
    document.getModel().getRule(3).setMath(libsbml.parseL3Formula("2 * nowhere"))
    checked = cut_links(document)
    checked.checkConsistency()
    assert any("nowhere" in checked.getError(i).getMessage() for i in range(checked.getNumErrors()))


@pytest.mark.parametrize("asked", ["rateOf(a1)", "2 * rateOf(a1)"])
def test_the_rate_of_a_name_is_left_as_it_is(asked: str) -> None:
    document = document_of(FEWEST)
    document.getModel().getRule(3).setMath(libsbml.parseL3Formula(asked))
    assert formulas(cut_links(document))[3] == asked
