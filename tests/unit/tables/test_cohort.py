from stromal.tables.cohort import COHORT, KEY, OBSERVED, ORIGINS
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import PATIENT_TABLES


def test_every_patient_table_and_the_outcomes_are_kept_apart_by_origin_and_replicate():
    for schema in (*PATIENT_TABLES.values(), OUTCOMES):
        assert schema.key[: len(KEY)] == KEY
        assert [schema.column(column.name) for column in COHORT] == list(COHORT)


def test_observed_comes_first_among_the_origins():
    assert ORIGINS[0] == OBSERVED
