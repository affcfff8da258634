import polars as pl

from stromal.analyses.covariates import (
    choose_references,
    label_covariate,
    label_term,
    latest_landmark,
    list_known,
    read_covariates,
)
from stromal.analyses.kind import Setting
from tests.unit.analyses import example, many


def test_numbers_levels_values_and_labels_are_read_by_their_kind():
    protocol = example.protocol(
        groupings=[{"name": "g", "of": "stage", "combine": {"x": ["late"]}}]
    )
    setting = Setting(protocol, example.patients(age_years=[1, 2, 3, 4]), example.outcomes())
    found = read_covariates(setting, ["age_years", "stage", "platelets", "response", "g"])
    assert found.dtypes[1:] == [pl.Float64, pl.String, pl.Float64, pl.String, pl.String]
    assert found["platelets"].to_list() == [12.0, 30.0, None, 18.0]
    assert found["response"].to_list() == ["CR", "R", None, "CR"]
    assert found["g"].to_list() == [None, "x", None, None]


def test_a_covariate_that_no_table_has_is_missing_in_everybody():
    setting = many.setting()
    people = setting.patients.subjects.drop("nobody")
    bare = Setting(setting.protocol, type(setting.patients).of(None, subjects=people),
                   setting.outcomes)  # fmt: skip
    assert read_covariates(bare, ["nobody"])["nobody"].null_count() == many.N


def test_the_reference_is_the_last_level_unless_one_is_asked_for():
    setting = many.setting()
    found = read_covariates(setting, ["marker", "age_years"])
    assert choose_references(setting, found, {}) == {"marker": "no"}
    assert choose_references(setting, found, {"marker": "yes"}) == {"marker": "yes"}


def test_terms_are_said_in_words():
    protocol = many.protocol(groupings=[{"name": "g", "of": "marker", "label": "Marker by day 9"}])
    assert label_term(protocol, "age_years", None, None) == "Age, per year"
    assert label_term(protocol, "marker", "yes", "no") == "Marker"
    assert label_term(protocol, "sex", "female", "male") == "Sex: female against male"
    assert label_covariate(protocol, "g") == "Marker by day 9"


def test_the_latest_landmark_is_when_all_covariates_are_known():
    groupings = [
        {"name": "a", "of": "marker", "landmark": 7.0},
        {"name": "b", "of": "late", "landmark": 28.0},
    ]
    setting = many.setting(groupings=groupings)
    assert latest_landmark(setting, ["age_years", "a", "b"]) == 28.0
    assert latest_landmark(setting, ["age_years"]) is None


def test_everything_that_can_be_a_covariate_is_listed():
    assert {"arm", "sex", "age_years", "marker", "infection"} <= set(list_known(many.protocol()))
