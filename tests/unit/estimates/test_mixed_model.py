import polars as pl
import pytest

from stromal.estimates.mixed_model import fit_mixed_model

VALUES = [4.0, 6.0, 9.0, 5.0, 20.0, 24.0, 30.0, 44.0]
ARMS = list("aaaabbbb")
SUBJECTS = [1, 1, 2, 2, 3, 3, 4, 4]


def fitted(values=VALUES, arms=ARMS, subjects=SUBJECTS, **options):
    covariates = pl.DataFrame({"arm": arms}, schema={"arm": pl.String})
    subjects = pl.Series(subjects, dtype=pl.Int64)
    return fit_mixed_model(pl.Series(values, dtype=pl.Float64), covariates, subjects, **options)


def test_differences_of_values_are_of_their_means():
    found = fitted(scale="identity").effects[0]
    assert found.estimate.value == pytest.approx(29.5 - 6)
    assert found.degrees == pytest.approx(2, rel=1e-3)
    assert found.estimate.low < 29.5 - 6 < found.estimate.high


@pytest.mark.parametrize(
    ("values", "subjects", "reason"),
    [
        ([], [], "there are no two patients"),
        ([1.0, 2.0], [1, 1], "there are no two patients"),
        ([1.0, 2.0, 3.0], [1, 2, 3], "no patient has two measurements"),
        ([2.0, 2.0, 2.0, 2.0], [1, 1, 2, 2], "all values are the same"),
        ([1.0, 0.0, 2.0, 2.0], [1, 1, 2, 2], "1 values are 0 or below, and have no logarithm"),
    ],
)
def test_what_cannot_be_estimated_says_why(values, subjects, reason):
    found = fitted(values, ["a", "b"] * (len(values) // 2) + ["a"] * (len(values) % 2), subjects)
    assert found.reason == reason
    assert all(effect.reason and effect.estimate.value is None for effect in found.effects)


def test_more_terms_than_measurements_are_refused():
    found = fitted([1.0, 2.0, 3.0], ["a", "b", "c"], [1, 1, 2])
    assert found.reason == "there are no more measurements than terms"


def test_a_covariate_with_one_level_leaves_the_others_unharmed():
    covariates = pl.DataFrame({"arm": ARMS, "site": ["x"] * 8})
    found = fit_mixed_model(pl.Series(VALUES), covariates, pl.Series(SUBJECTS))
    assert found.effects[1].reason == "it is the same in all patients"
    assert found.effects[0].estimate.value == pytest.approx(fitted().effects[0].estimate.value)


def test_rows_without_a_covariate_are_counted():
    covariates = pl.DataFrame({"arm": [*ARMS, None]})
    found = fit_mixed_model(pl.Series([*VALUES, 7.0]), covariates, pl.Series([*SUBJECTS, 4]))
    assert (found.left_out, found.n, found.patients) == (1, 8, 4)


def test_patients_who_do_not_differ_are_noted():
    found = fitted([1.0, 3.0, 3.0, 1.0, 2.0, 4.0, 4.0, 2.0], scale="identity")
    assert found.sd_patients == 0
    assert found.note == "patients do not spread more than their measurements explain"
    assert found.effects[0].degrees == pytest.approx(6, rel=1e-3)


def test_the_order_of_rows_changes_nothing():
    turned = fitted(VALUES[::-1], ARMS[::-1], SUBJECTS[::-1])
    assert turned == fitted()


def test_the_unit_of_the_day_changes_the_slope_alone():
    days = pl.Series([0.0, 7.0] * 4)
    one, other = (
        fit_mixed_model(
            pl.Series(VALUES),
            pl.DataFrame({"arm": ARMS, "day": days / unit}),
            pl.Series(SUBJECTS),
        )
        for unit in (1, 7)
    )
    assert other.effects[0].coefficient == pytest.approx(one.effects[0].coefficient)
    assert other.effects[1].coefficient == pytest.approx(7 * one.effects[1].coefficient)
