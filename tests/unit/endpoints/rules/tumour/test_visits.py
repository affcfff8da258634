"""Responses by visit: order, ranks, events that end them."""

from __future__ import annotations

from tests.unit.endpoints.rules.tumour.assessed import assessed

from stromal.endpoints.rules.tumour.visits import (
    LABELS,
    find_first,
    find_undated,
    read_ranks,
    read_visits,
)


def test_visits_are_in_order_and_ranked():
    visits = read_visits(assessed({90: "NE", 28: "PR", 60: None, -3: "PD"}), 1)
    assert visits.select("day", "response", "rank").rows() == [
        (28, "PR", 2),
        (60, None, None),
        (90, "NE", None),
    ]


def test_every_category_but_ne_has_a_rank():
    assert set(read_ranks()) == {label.name for label in LABELS} - {"NE"}


def test_the_first_event_and_one_without_a_day_are_found():
    patients = assessed({}, [(50, "relapse"), (40, "progression"), (None, "relapse")])
    names = ["progression", "relapse"]
    assert find_first(patients, names, 1).row(0) == ("1", 40, "progression")
    assert find_first(patients, names, 45)["what"].to_list() == ["relapse"]
    assert find_undated(patients, names).row(0) == ("1", "relapse")
