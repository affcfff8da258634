import polars as pl

from stromal.patients.check.day_columns import DAYS, find_days
from stromal.tables.patients import PATIENT_TABLES, Patients


def test_every_column_of_days_is_on_the_list():
    written = {
        (name, column.name)
        for name, schema in PATIENT_TABLES.items()
        for column in schema.columns
        if column.unit == "day"
    }
    assert set(DAYS) == written


def test_columns_without_a_day_are_left_out():
    labs = pl.DataFrame(
        {"subject": ["1", "2"], "day": [None, None]}, schema_overrides={"day": float}
    )
    assert list(find_days(Patients.of(labs=labs))) == []
