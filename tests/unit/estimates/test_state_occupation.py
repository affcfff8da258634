import polars as pl
import pytest

from stromal.estimates.state_occupation import estimate_state_occupation


def stays(*rows):
    names = ["subject", "entry_day", "day", "state", "into"]
    schema = dict(
        zip(names, [pl.String, pl.Float64, pl.Float64, pl.String, pl.String], strict=True)
    )
    return pl.DataFrame(rows, schema=schema, orient="row")


COURSE = stays(
    ("a", 0, 4, "well", "ill"),
    ("a", 4, 9, "ill", "dead"),
    ("b", 0, 6, "well", "dead"),
    ("c", 0, 8, "well", None),
)


def at(found, day, state):
    rows = found.table.filter(pl.col("day") <= day, pl.col("state") == state)
    return rows["probability"][-1]


def test_shares_of_states_by_hand():
    found = estimate_state_occupation(COURSE)
    assert found.states == ("dead", "ill", "well")
    assert (found.n, found.events) == (3, 3)
    assert [at(found, 5, state) for state in found.states] == pytest.approx([0, 1 / 3, 2 / 3])
    assert [at(found, 9, state) for state in found.states] == pytest.approx([2 / 3, 0, 1 / 3])


def test_transition_probabilities_begin_in_one_state():
    found = estimate_state_occupation(COURSE, start_day=4, start="ill")
    assert [at(found, 9, state) for state in found.states] == [1, 0, 0]
    assert "from ill" in found.method
    found = estimate_state_occupation(COURSE, start_day=4, start="well")
    assert at(found, 9, "dead") == pytest.approx(0.5)


def test_a_course_told_in_parts_is_the_same():
    parts = stays(
        ("a", 0, 4, "well", "ill"),
        ("a", 4, 9, "ill", "dead"),
        ("b", 0, 2, "well", None),
        ("b", 2, 6, "well", "dead"),
        ("c", 0, 8, "well", None),
    )
    one, other = (estimate_state_occupation(rows).table for rows in (COURSE, parts))
    both = one.join(other, on=["day", "state"])
    assert both.height == one.height
    for name in ("probability", "error"):
        assert both[name].to_list() == pytest.approx(both[f"{name}_right"].to_list())


@pytest.mark.parametrize(
    ("rows", "options", "reason"),
    [
        ([], {}, "nobody was under observation after the start"),
        ([("a", 5, 5, "well", None)], {}, "nobody was under observation after the start"),
        ([("a", 0, 5, "well", None)], {"start": "ill"}, "nobody was ever in state ill"),
        ([("a", 2, 5, "well", None)], {}, "somebody came under observation after the start"),
        (
            [("a", 0, 5, "well", "ill"), ("a", 3, 9, "ill", None)],
            {},
            "patient a is in two states at once on day 3",
        ),
        (
            [("a", 0, 5, "well", "ill"), ("a", 5, 9, "well", None)],
            {},
            "patient a is in ill and in well on day 5",
        ),
    ],
)
def test_what_cannot_be_estimated_says_why(rows, options, reason):
    found = estimate_state_occupation(stays(*rows), **options)
    assert found.reason.startswith(reason)
    assert found.table.is_empty()
    assert set(found.table.columns) == set(estimate_state_occupation(COURSE).table.columns)


def test_rows_that_cannot_be_used_are_counted():
    rows = pl.concat([COURSE, stays(("d", 7, 3, "well", None), (None, 0, 3, "well", None))])
    found = estimate_state_occupation(rows)
    assert found.left_out == 2
    assert found.table.equals(estimate_state_occupation(COURSE).table)


def test_the_order_of_rows_changes_nothing():
    assert estimate_state_occupation(COURSE.reverse()).table.equals(
        estimate_state_occupation(COURSE).table
    )


def test_the_name_of_a_state_changes_nothing():
    named = COURSE.with_columns(pl.col("state", "into").replace({"dead": "z", "well": "a"}))
    one, other = estimate_state_occupation(COURSE), estimate_state_occupation(named)
    for name, new in (("dead", "z"), ("ill", "ill"), ("well", "a")):
        ours, theirs = one.table.filter(state=name), other.table.filter(state=new)
        assert ours["probability"].to_list() == pytest.approx(theirs["probability"].to_list())
        assert ours["error"].to_list() == pytest.approx(theirs["error"].to_list())
