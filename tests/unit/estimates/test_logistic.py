import math

import polars as pl
import pytest
from scipy.special import xlogy

from stromal.estimates.logistic import fit_logistic
from stromal.estimates.regression import INFINITE


def table(a, b, c, d):
    """Patients with and without the event, of two groups: a and b exposed, c and d not."""
    happened = [1] * a + [0] * b + [1] * c + [0] * d
    arm = ["exposed"] * (a + b) + ["not"] * (c + d)
    return pl.Series(happened), pl.DataFrame({"arm": arm})


def fit(counts, **options):
    happened, arm = table(*counts)
    return fit_logistic(happened, arm, references={"arm": "not"}, **options)


def test_a_two_by_two_table_is_its_cross_product_with_woolfs_error():
    (effect,) = fit((8, 2, 3, 7)).effects
    assert effect.ratio.value == pytest.approx(8 * 7 / (2 * 3))
    assert effect.error == pytest.approx(math.sqrt(1 / 8 + 1 / 2 + 1 / 3 + 1 / 7))


def test_the_likelihood_ratio_is_that_of_the_table():
    (test,) = fit((8, 2, 3, 7)).tests
    cells, n = [8, 2, 3, 7], 20
    rows, columns = [10, 10, 10, 10], [11, 9, 11, 9]
    expected = [r * k / n for r, k in zip(rows, columns, strict=True)]
    statistic = 2 * sum(xlogy(o, o / e) for o, e in zip(cells, expected, strict=True))
    assert test.statistic == pytest.approx(statistic)


@pytest.mark.parametrize("counts", [(8, 2, 3, 7), (5, 0, 2, 6), (0, 4, 0, 9)])
def test_firth_on_a_table_is_one_half_in_every_cell(counts):
    a, b, c, d = (count + 0.5 for count in counts)
    found = fit(counts, penalty="firth")
    if counts[0] + counts[2]:
        assert found.effects[0].coefficient == pytest.approx(math.log(a * d / (b * c)), rel=1e-8)
    else:
        assert found.reason == "nobody had the event"


def test_a_separated_group_says_so_and_firth_gives_it_a_number():
    (plain,) = fit((5, 0, 2, 6)).effects
    assert (plain.reason, plain.ratio.value) == (INFINITE, None)
    (firth,) = fit((5, 0, 2, 6), penalty="firth").effects
    assert firth.ratio.low > 1
    assert firth.ratio.value == pytest.approx(5.5 * 6.5 / (0.5 * 2.5), rel=1e-8)


def test_a_profile_limit_has_fallen_by_half_a_chi_squared():
    """At the limit the deviance of the table, with the ratio held, is 3.84 above its least."""
    (effect,) = fit((8, 2, 3, 7)).effects
    (wald,) = fit((8, 2, 3, 7), interval="wald").effects
    assert effect.ratio.low != pytest.approx(wald.ratio.low, rel=1e-3)
    assert effect.ratio.low < effect.ratio.value < effect.ratio.high


def test_order_and_missing_values():
    happened, arm = table(8, 2, 3, 7)
    one = fit_logistic(happened, arm)
    other = fit_logistic(happened.reverse(), arm.reverse())
    assert one == other
    unknown = pl.concat([arm, pl.DataFrame({"arm": [None, "exposed"]}, schema={"arm": pl.String})])
    more = fit_logistic(pl.concat([happened, pl.Series([1, None])]), unknown)
    assert (more.n, more.left_out) == (20, 1)
    assert more.effects == one.effects


@pytest.mark.parametrize(
    ("happened", "reason"),
    [
        ([], "nobody had the event"),
        ([0, 0], "nobody had the event"),
        ([1], "everybody had the event"),
    ],
)
def test_what_cannot_be_estimated_says_why(happened, reason):
    covariates = pl.DataFrame({"x": [float(i) for i in range(len(happened))]})
    found = fit_logistic(pl.Series(happened, dtype=pl.Int64), covariates)
    assert found.reason == reason
    assert found.n == len(happened)
