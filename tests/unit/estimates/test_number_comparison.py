import polars as pl

from stromal.estimates.number_comparison import split_numbers


def test_patients_without_a_number_or_a_group_are_left_out():
    values = pl.Series([1.0, None, float("nan"), float("inf"), 2.0, 3.0])
    samples = split_numbers(values, pl.Series(["a", "a", "a", "a", None, "b"]))
    assert (samples.groups, samples.n) == (("a", "b"), (1, 1))


def test_groups_stand_in_the_order_of_an_enumeration():
    groups = pl.Series(["low", "high"], dtype=pl.Enum(["low", "high"]))
    assert split_numbers(pl.Series([1, 2]), groups).groups == ("low", "high")


def test_a_reference_that_does_not_occur_gives_way_to_the_first():
    samples = split_numbers(pl.Series([1, 2]), pl.Series(["b", "a"]), "c")
    assert samples.groups[samples.reference] == "a"
    samples = split_numbers(pl.Series([1, 2]), pl.Series(["b", "a"]), "b")
    assert samples.others == (0,)


def test_nobody_has_no_groups():
    samples = split_numbers(pl.Series([None], dtype=pl.Float64), pl.Series(["a"]))
    assert (samples.groups, samples.together.size) == ((), 0)
