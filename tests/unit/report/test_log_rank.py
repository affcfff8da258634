import polars as pl

from stromal.report.log_rank import find_test, is_test


def rows(method="log-rank test, 2 degrees of freedom"):
    return pl.DataFrame(
        {"statistic": ["survival probability", "log-rank chi-squared", "log-rank p"],
         "value": [0.5, 13.8037, 0.001006], "method": ["km", method, method],
         "events": [1, 83, 83], "n": [2, 137, 137]}
    )  # fmt: skip


def test_statistic_freedom_and_p_stand_together():
    test = find_test(rows())
    assert test.words.replace("\u00a0", " ") == "χ² = 13.80, 2 df, P = 0.001"
    assert (test.events, test.n) == (83, 137)
    assert find_test(rows("log-rank test")).words.count("df") == 0


def test_without_both_numbers_there_is_no_test():
    assert find_test(rows().head(2)) is None
    assert find_test(rows().with_columns(pl.lit(None, pl.Float64).alias("value"))) is None
    assert rows().filter(is_test()).height == 2
