from stromal.tables.estimates import ESTIMATES
from stromal.tables.predictions import PREDICTIONS


def test_the_key_is_that_of_estimates_without_the_cohort():
    assert set(PREDICTIONS.key) == set(ESTIMATES.key) - {"origin", "replicate"}


def test_every_number_has_a_unit():
    for column in PREDICTIONS.columns:
        assert (column.unit is None) == (column.kind.value == "text"), column.name
