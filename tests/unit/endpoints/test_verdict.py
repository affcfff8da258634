from __future__ import annotations

import polars as pl

from stromal.endpoints.verdict import Case, decide, write_reasons

X = pl.col("x")
CASES = [
    Case(X.is_null(), None, "no count", possible=("no", "yes")),
    Case(X >= 30, "yes", pl.format("count of {}", X)),
    Case(X >= 10, pl.when(X > 20).then(pl.lit("part")), "between the cuts", missing=True),
    Case(pl.lit(value=True), "no", pl.format("{} only", X)),
]
VALUES = {"no": 0.0, "part": 1.0, "yes": 2.0}
FRAME = pl.DataFrame({"x": [50, 9, None, 25, 15]})


def test_the_first_case_that_holds_gives_label_and_reason():
    decided = decide(FRAME, CASES, VALUES)
    assert decided["case"].to_list() == [1, 3, 0, 2, 2]
    assert decided["label"].to_list() == ["yes", "no", None, "part", None]
    assert decided["missing"].to_list() == [False, False, False, True, True]
    assert decided["reason"].to_list() == [
        "count of 50",
        "9 only",
        "no count",
        "between the cuts",
        "between the cuts",
    ]


def test_best_and_worst_are_the_answer_itself_or_what_stays_possible():
    decided = decide(FRAME, CASES, VALUES, reasons=False)
    assert decided.select("value", "lowest", "highest").rows() == [
        (2.0, 2.0, 2.0),
        (0.0, 0.0, 0.0),
        (None, 0.0, 2.0),
        (1.0, 1.0, 1.0),
        (None, None, None),
    ]


def test_a_case_that_may_hold_widens_the_bounds_of_those_that_pass_it():
    cases = [
        Case(pl.col("bled"), "no", "bleeding", maybe=pl.col("bled").is_null()),
        Case(X >= 30, "yes", "enough"),
        Case(pl.lit(value=True), "no", "too few"),
    ]
    frame = pl.DataFrame({"x": [50, 50, 9], "bled": [None, False, None]})
    decided = decide(frame, cases, VALUES)
    assert decided["label"].to_list() == ["yes", "yes", "no"]
    assert decided.select("lowest", "highest").rows() == [(0.0, 2.0), (2.0, 2.0), (0.0, 0.0)]


def test_a_case_that_may_hold_and_has_no_bounds_leaves_none():
    odd = pl.col("odd")
    cases = [Case(odd, None, "odd", maybe=odd.is_null()), Case(pl.lit(value=True), "yes", "even")]
    decided = decide(
        pl.DataFrame({"odd": [None, False]}, schema={"odd": pl.Boolean}), cases, VALUES
    )
    assert decided["lowest"].to_list() == [None, 2.0]


def test_words_are_written_for_those_who_ask():
    decided = decide(FRAME, CASES, reasons=False)
    assert decided["reason"].null_count() == FRAME.height
    asked = write_reasons(decided, CASES, pl.col("label") == "yes")
    assert asked.to_list() == ["count of 50", None, None, None, None]
    assert write_reasons(decided, CASES).equals(decide(FRAME, CASES)["reason"])


def test_no_rows_and_no_case_that_holds_give_nulls():
    assert decide(FRAME.clear(), CASES, VALUES).height == 0
    row = decide(FRAME.head(1), [Case(X < 0, "no", "below")], VALUES)
    assert row.select("case", "label", "reason").row(0) == (None, None, None)
