import polars as pl

from stromal.errors import Issue
from stromal.tables.fold import SHOWN, fold_issues, fold_rows, fold_values


def say(position):
    return Issue(
        "bad",
        "labs.csv",
        position + 2,
        "value",
        "do",
    )


def test_few_issues_are_all_shown():
    issues = [say(row) for row in range(SHOWN)]
    assert fold_issues(issues, SHOWN) == tuple(issues)
    assert fold_issues([], 0) == ()


def test_many_issues_end_with_a_count_that_loses_none():
    issues = fold_rows(pl.Series([True] * (SHOWN + 12_340)), say)
    assert len(issues) == SHOWN + 1
    assert str(issues[-1]) == "labs.csv value: and 12 340 more rows like this."
    assert fold_rows(pl.Series([True] * (SHOWN + 1)), say)[-1].message.startswith("and 1 more row ")


def test_missing_is_not_wrong():
    assert fold_rows(pl.Series([None, False], dtype=pl.Boolean), say) == ()


def test_each_text_is_said_once_with_its_count():
    texts = pl.Series(["a", "b", "a", None])
    issues = fold_values(pl.Series([True] * 4), texts, lambda text, at: Issue(text, "t", at))
    assert [(i.message, i.row) for i in issues] == [
        ("a", 0),
        ("and 1 more row like this", None),
        ("b", 1),
        ("", 3),
    ]


def test_many_texts_are_counted():
    texts = pl.Series([f"x{n}" for n in range(50)])
    issues = fold_values(pl.Series([True] * 50), texts, lambda text, at: Issue(text, "t", at))
    assert len(issues) == SHOWN + 1
    assert issues[-1].message == "and 30 more values"
