import math

import pytest
import sympy

from stromal.kernels.compile.flows import find_fed, find_renewing, measure_flows
from stromal.kernels.compile.graph import Graph
from stromal.kernels.compile.program import compile_program
from stromal.models.odes import Odes


@pytest.fixture
def graph():
    return Graph()


def test_a_difference_of_equal_flows_is_as_large_as_they_are(graph):
    a, k = graph.symbol("a", 0), graph.symbol("k")
    inner = graph.sum_of([(a, 1.0)], -3.0)
    rate = graph.multiply(k, inner)
    given = {a: graph.number(3.0), k: graph.number(0.5)}
    assert measure_flows(graph, [rate], given) == (3.0,)


def test_what_a_flow_is_divided_by_makes_it_no_smaller(graph):
    a = graph.symbol("a", 0)
    rate = graph.power(graph.sum_of([(a, 1.0)], -2.0), graph.number(-1.0))
    assert measure_flows(graph, [rate], {a: graph.number(2.5)}) == (2.0,)


def test_without_numbers_there_are_no_flows(graph):
    assert math.isnan(measure_flows(graph, [graph.symbol("a", 0)], {})[0])


def test_a_drug_decays_and_cells_divide_and_a_depot_feeds():
    drug, cells, depot, ke, grow = sympy.symbols("drug cells depot ke grow", real=True)
    odes = Odes(
        "three",
        (drug, cells, depot),
        (depot - ke * drug, (grow - drug) * cells, -ke * depot),
        (sympy.Integer(0), sympy.Integer(1), sympy.Integer(5)),
        (ke, grow),
        (0.3, 0.2),
        {"cells": cells},
    )
    program = compile_program(odes, outputs=["cells"], vary=["ke"], keep=False)
    assert [program.state_names[place] for place in program.renewing] == ["cells"]
    flows = dict(zip(program.state_names, program.flows, strict=True))
    # no rounding feeds what is not fed
    assert flows == {"drug": 5.0, "cells": 0.0, "depot": 0.0}


def test_fed_states_are_those_whose_rate_stays_without_them(graph):
    x, y = graph.symbol("x", 0), graph.symbol("y", 1)
    rates = [graph.multiply(x, y), graph.sum_of([(x, 1.0), (y, -1.0)])]
    assert find_fed(graph, [x, y], rates) == {1}
    assert find_renewing(graph, [x, y], rates, {}) == (0,)
