"""Definitions that name each other, cut apart while the library of SBML validates a document.

As in Antimony (`antimony_text.links`), the library's search for circles takes a time that grows
with the cube of the number of definitions; `resolve` finds circles in a time that grows with it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeAlias

FEWEST = 6
"""Definitions up to which they are left as they are: the search goes down every way through them,
2^n ways where each names its predecessor twice."""

_STAND_IN = "stand_in_for_what_is_defined"
_RATE_OF = "rateOf"

_Element: TypeAlias = Any  # an object of libsbml, which has no types


def cut_links(document: _Element) -> _Element:
    """A copy whose definitions speak of a constant where they speak of each other.

    The document itself where it has few; lines are numbered in the copy as they were.

    Examples
    --------
    >>> from libsbml import readSBMLFromString
    >>> document = readSBMLFromString('<sbml level="3" version="1"/>')
    >>> cut_links(document) is document
    True
    """
    model = document.getModel()
    count = 0 if model is None else model.getNumRules() + model.getNumInitialAssignments()
    if count <= FEWEST or model.getElementBySId(_STAND_IN) is not None:
        return document
    copy = document.clone()
    model = copy.getModel()
    rules = [rule for rule in model.getListOfRules() if rule.isAssignment()]
    first = list(model.getListOfInitialAssignments())
    defined = {rule.getVariable() for rule in rules} | {each.getSymbol() for each in first}
    for each in (*rules, *first):
        if each.isSetMath():
            _rename(each.getMath(), defined)
    stand_in = model.createParameter()
    stand_in.setId(_STAND_IN)
    stand_in.setConstant(True)
    stand_in.setValue(1.0)
    return copy


def _rename(math: _Element, names: Collection[str]) -> None:
    """Write the constant where names stand; the rate of a name is left as it is."""
    waiting = [math]
    while waiting:
        node = waiting.pop()
        if node.isName() and node.getName() in names:
            node.setName(_STAND_IN)
        elif node.getName() != _RATE_OF:
            waiting.extend(node.getChild(place) for place in range(node.getNumChildren()))
