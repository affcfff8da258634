import polars as pl

from stromal.endpoints.records.known_by import keep_until
from stromal.tables.patients import Patients


def patients():
    days = [0.0, 28.0, 28.5, None]
    return Patients.of(
        subjects=pl.DataFrame({"subject": ["1", "2", "3"], "last_day": [10.0, 90.0, None]}),
        labs=pl.DataFrame({"subject": ["1"] * 4, "day": days, "analyte": ["platelets"] * 4}),
        events=pl.DataFrame({"subject": ["2"] * 4, "day": days, "event": ["death"] * 4}),
    )


def test_the_day_itself_counts_and_later_records_do_not():
    assert keep_until(patients(), 28).labs["day"].to_list() == [0.0, 28.0, None]


def test_a_record_without_a_day_may_be_earlier_and_is_kept():
    assert keep_until(patients(), 28).events["day"].null_count() == 1


def test_follow_up_ends_on_the_day_and_is_not_invented():
    assert keep_until(patients(), 28).subjects["last_day"].to_list() == [10.0, 28.0, None]
