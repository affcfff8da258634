import pytest

from stromal.analyses.share_effects import choose_reference, compare_shares

COUNTS = {"a": (9, 10), "b": (4, 10), "c": (2, 10)}


def rows(counts=COUNTS, **asked):
    return list(compare_shares(counts, "arm", **asked))


def test_each_group_has_one_effect_against_the_last_and_all_have_one_test():
    found = rows()
    effects = [row for row in found if row.get("term")]
    assert [(row["term"], row["reference"]) for row in effects] == [("a", "c"), ("b", "c")]
    assert {row["statistic"] for row in found} == {"risk difference", "chi-squared", "p"}
    assert all(row["by"] == "arm" and row["group"] is None for row in found)


@pytest.mark.parametrize(
    ("effect", "statistic", "value"),
    [
        ("risk_difference", "risk difference", 0.7),
        ("risk_ratio", "risk ratio", 4.5),
        ("odds_ratio", "odds ratio", 36.0),
    ],
)
def test_the_effect_asked_for_is_given(effect, statistic, value):
    first = rows(effect=effect)[0]
    assert first["statistic"] == statistic
    assert first["value"] == pytest.approx(value)
    assert first["low"] < first["value"] < first["high"]


def test_the_reference_asked_for_is_taken():
    assert [row["term"] for row in rows(reference="a") if row.get("term")] == ["b", "c"]
    assert choose_reference(("a", "b"), "nobody") is None


def test_fisher_has_a_p_and_no_statistic():
    found = rows({"a": (9, 10), "b": (4, 10)}, test="fisher")
    assert [row["statistic"] for row in found] == ["risk difference", "p"]
    assert found[-1]["value"] == pytest.approx(0.0573, abs=1e-4)


@pytest.mark.parametrize("counts", [{}, {"a": (1, 9)}, {"a": (1, 9), "b": (0, 0)}])
def test_one_group_is_compared_with_nothing(counts):
    assert rows(counts) == []
