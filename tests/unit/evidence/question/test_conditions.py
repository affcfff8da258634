import pytest
from tests.unit.evidence.question.records import ask, record

from stromal.evidence.question.conditions import STEPS, list_conditions, name_parts
from stromal.evidence.question.select import select_rows


def reason(row, question=None, arm=None, design=None, **more):
    """Why a row does not answer; None where it does."""
    arms = [] if arm is None else [{"study": "A"} | arm]
    designs = None if design is None else {"A": design}
    library = record({"study": "A"} | row, arms=arms, designs=designs)
    found = select_rows(library, *ask(question, **more))
    return None if found.chosen.height else (found.left_out[0].step, found.left_out[0].reason)


KIDS = {"population": {"indications": ("acute_gvhd_treatment",), "age_groups": ("children",)}}


@pytest.mark.parametrize(
    ("row", "arm", "more", "step", "words"),
    [
        ({"indication": "itp"}, {}, {}, "indication", "another indication: itp"),
        ({}, {"age_group": "mixed"}, KIDS, "population", "age of the patients: mixed"),
        ({}, {"age_group": "animals"}, {}, "population", "animals"),
        ({}, {"source": "vesicles"}, {}, "intervention", "vesicles, no cells"),
        ({}, {"source": "none"}, {}, "intervention", "no cells were given"),
        (
            {}, {"source": "adipose"}, {"intervention": {"sources": ("bone_marrow",)}},
            "intervention", "tissue of the cells: adipose",
        ),
        (
            {}, {"donor": "autologous"}, {"intervention": {"donors": ("third_party",)}},
            "intervention", "donor of the cells: autologous",
        ),
        ({}, {}, {"intervention": {"cells": "none"}}, "intervention", "cells were given"),
        ({"scale": "survival"}, {}, {}, "outcome", "printed as survival"),
        ({"range_end": "range low"}, {}, {}, "usable", "one end of a range"),
        ({"subgroup": "responders"}, None, {}, "usable", "a part of the arm: responders"),
    ],
)  # fmt: skip
def test_each_condition_says_why(row, arm, more, step, words):
    assert reason(row, arm=arm, **more) == (step, words)


@pytest.mark.parametrize("design", ["review", "meta_analysis"])
def test_numbers_of_reviews_are_never_pooled(design):
    step, words = reason({}, design=design)
    assert (step, words) == ("usable", "a figure of a review over other studies, shown beside")


@pytest.mark.parametrize(
    ("day", "asked", "answers"),
    [
        (28.0, {"day": 28.0}, True),
        (30.0, {"day": 28.0}, False),
        (30.0, {"days": (21.0, 35.0)}, True),
        (36.0, {"days": (21.0, 35.0)}, False),
        (None, {"day": 28.0}, False),
        (28.0, {}, False),
        (None, {}, True),
    ],
)
def test_numbers_of_other_days_do_not_answer(day, asked, answers):
    assert (reason({"day": day}, asked) is None) is answers


def test_a_part_answers_where_it_is_named():
    parts = {"population": {"indications": ("acute_gvhd_treatment",), "parts": ("acute",)}}
    assert reason({"subgroup": "acute"}, **parts) is None
    assert reason({"subgroup": "acute"}, {"parts": ("acute",)}) is None
    evidence, question = ask({"parts": ("a",)}, **parts)
    assert name_parts(evidence, question) == ("a", "acute")


def test_conditions_come_in_the_order_of_the_steps():
    names = [condition.step for condition in list_conditions(*ask())]
    order = [step.name for step in STEPS]
    assert [name for at, name in enumerate(names) if name not in names[:at]] == order
    assert names == sorted(names, key=order.index)
