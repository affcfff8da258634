import polars as pl

from stromal.analyses.tests import find_test, find_tests, is_test


def rows(degrees=2.0):
    return pl.DataFrame(
        {"statistic": ["survival probability", "log-rank chi-squared", "log-rank p"],
         "value": [0.5, 13.8037, 0.001006], "method": ["km", "log-rank test", "log-rank test"],
         "term": None, "degrees": [None, degrees, degrees],
         "events": [1, 83, 83], "n": [2, 137, 137]}
    )  # fmt: skip


def test_statistic_freedom_and_p_stand_together():
    test = find_test(rows())
    assert test.words.replace("\u00a0", " ") == "χ² = 13.80, 2 df, P = 0.001"
    assert (test.name, test.events, test.n) == ("log-rank test", 83, 137)
    assert find_test(rows(degrees=None)).words.count("df") == 0


def test_a_test_without_a_statistic_has_its_p():
    exact = pl.DataFrame(
        {"statistic": ["p"], "value": [0.0391], "method": ["Fisher exact test"], "term": [None],
         "degrees": [None], "events": [12], "n": [24]}
    )  # fmt: skip
    test = find_test(exact)
    assert (test.name, test.words.replace("\u00a0", " ")) == ("Fisher exact test", "P = 0.039")


def test_without_a_p_there_is_no_test():
    assert find_test(rows().head(2)) is None
    assert find_test(rows().with_columns(pl.lit(None, pl.Float64).alias("value"))) is None
    assert rows().filter(is_test()).height == 2


def test_tests_of_several_labels_are_told_apart():
    two = pl.DataFrame(
        {"statistic": ["p", "p"], "label": ["any", "severe"], "value": [0.5, 0.01],
         "method": ["x", "x"], "term": [None] * 2, "degrees": [None] * 2, "events": [1, 2],
         "n": [9, 9]},
        schema_overrides={"term": pl.String, "degrees": pl.Float64},
    )  # fmt: skip
    assert [(label, test.p_value) for label, test in find_tests(two)] == [
        ("any", 0.5), ("severe", 0.01)
    ]  # fmt: skip
    assert find_test(two).p_value == 0.5
