import pytest

from stromal.tables.statistics import STATISTICS


@pytest.mark.parametrize("name", STATISTICS)
def test_a_statistic_is_listed_under_its_own_name(name):
    assert STATISTICS[name].name == name


def test_names_are_those_of_files_already_written():
    # `published.csv` of a study and tables that have left the house name statistics by these words.
    assert {"proportion", "median time", "survival probability", "log-rank p"} <= set(STATISTICS)


def test_probabilities_and_means_to_a_day_are_of_a_day():
    assert {item.scale for item in STATISTICS.values() if item.dated} == {"share", "time"}
