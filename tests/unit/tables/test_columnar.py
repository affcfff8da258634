import datetime as dt

import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.tables.columnar import read_columnar
from stromal.tables.events import EVENTS


def read(tmp_path, **columns):
    frame = pl.DataFrame(
        {"subject": ["1", "2"], "day": [0.0, 1.0], "event": ["death"] * 2} | columns
    )
    frame.write_parquet(tmp_path / "events.parquet")
    return read_columnar(tmp_path / "events.parquet", EVENTS)


def test_whole_numbers_may_name_subjects_and_count_days(tmp_path):
    frame, issues = read(tmp_path, subject=[1, 2], day=[3, None])
    assert frame.select("subject", "day").rows() == [("1", 3.0), ("2", None)]
    assert issues == ()


@pytest.mark.parametrize(
    ("column", "cells", "message"),
    [
        ("day", ["1", "2"], "column `day` holds text, not numbers"),
        ("day", [dt.date(2024, 1, 1)] * 2, "column `day` holds dates or times, not numbers"),
        ("day", [True, False], "column `day` holds truth values, not numbers"),
        ("event", [1.5, 2.5], "column `event` holds numbers with decimals, not text"),
        ("event", [[1], [2]], "column `event` holds something else, not text"),
    ],
)
def test_a_column_of_another_type_is_an_issue_and_null(tmp_path, column, cells, message):
    frame, issues = read(tmp_path, **{column: cells})
    assert [issue.message for issue in issues] == [message]
    assert frame[column].to_list() == [None, None]


def test_nan_is_missing_and_infinity_an_issue(tmp_path):
    frame, (issue,) = read(tmp_path, day=[float("nan"), float("inf")])
    assert frame["day"].to_list() == [None, None]
    assert (issue.row, issue.column) == (2, "day")


def test_a_file_that_is_not_parquet_is_refused(tmp_path):
    path = tmp_path / "events.parquet"
    for data in (b"", b"PAR1", b"PAR1" + b"\xff" * 100 + b"PAR1", b"subject,day\n"):
        path.write_bytes(data)
        with pytest.raises(InvalidInput, match="not a Parquet file"):
            read_columnar(path, EVENTS)
