"""Sheets as hospitals have them: each case is read as it should be, or refused in the right words.

The cases stand in `clinic/`; each is reduced from a fault that people report of the tools they use.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from stromal.patients.observed.read import read_patients
from stromal.study.analyse import analyse
from stromal.study.check import check_study
from stromal.study.read import read_study

CLINIC = Path(__file__).parent / "clinic"

COLUMNS = "subject, day, analyte, value, unit"


def issues(case):
    """Issues of a case: place, message and hint, without what concerns the protocol."""
    found = [i for i in check_study(CLINIC / case) if i.table != "protocol.toml"]
    return [(f"{i.severity} {i.place}", i.message, i.hint) for i in found]


def patients(case):
    return read_patients(CLINIC / case / "patients", None)[0]


def test_a_bound_is_read_as_a_bound():
    labs = patients("below-detection").labs
    below = labs.filter(labs["subject"] == "1", labs["day"].is_between(4, 10))
    assert below.select("value", "bound").rows() == [(0.1, "below")] * 4
    assert labs["bound"].null_count() == labs.height - 4
    assert issues("below-detection") == []


def test_an_emptied_cell_stays_unknown():
    labs = patients("below-detection-as-hinted").labs
    assert labs["value"].null_count() == 4
    assert labs["bound"].null_count() == labs.height


def test_a_code_for_missing_is_refused_where_it_stands():
    for case, cell in (
        ("missing-code-in-day", "2147483621"),
        ("missing-code-in-day-double", "8.98846567431158e+307"),
    ):
        ((place, message, hint),) = issues(case)
        assert place == "error subjects.csv row 2 column last_day"
        assert message == f"`{cell}` is a code for missing"
        assert hint.startswith("Stata writes a missing")


def test_merged_cells_are_one_issue():
    ((place, message, hint),) = issues("merged-cells")
    assert place == "error labs.csv row 3 column subject"
    assert message == "the cell is empty, and so is that of rows 4, 6, 9"
    assert "fill down from the row above" in hint


def test_odd_cells_are_refused_and_nothing_is_guessed():
    rows = {2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 16, 17, 18, 19, 20, 21}
    assert {place for place, _, _ in issues("odd-cells")} == {
        f"error labs.csv row {row} column value" for row in rows
    }
    values = patients("odd-cells").labs
    assert values["value"].drop_nulls().to_list() == [33.0, 33.0, 1000.0, 18.0]
    assert values["bound"].drop_nulls().to_list() == ["above"]
    hints = {message: hint for _, message, hint in issues("odd-cells")}
    assert "not done or not detected" in hints["`ND` is not a number"]
    assert hints["`−18` is not a number"].endswith("`-18`")
    assert "`<0.1`" in hints["`<LOD` is not a number"]


def test_text_in_another_code_is_refused():
    assert [message for _, message, _ in issues("gbk")] == [
        "is not UTF-8: byte 0xD5 cannot be read",
        "is not UTF-8: byte 0xD5 cannot be read",
        "no patient is in arm `a`",
    ]


def test_dates_are_refused_by_name():
    said = issues("dates-as-text")
    found = {message.split("`")[1]: hint for _, message, hint in said if "`" in message}
    dates = ("2024-05-18", "18/07/2024", "2024-01-09 07:30", "9-Jan-24", "Jan 20 2024")
    assert all("looks like a date" in found[cell] for cell in (*dates, "2024年1月21日"))
    assert "this is the date 2024-01-19 without its signs; write days counted from day 0" in {
        hint for _, _, hint in said
    }
    assert found["D+7"].endswith("`7`")
    assert found["Day 14"].endswith("`14`")
    assert found["−3"].endswith("`-3`")


def test_serial_dates_are_named():
    found = issues("excel-serial-days")
    places = [place for place, message, _ in found if "more row" not in message]
    assert places == [
        "error subjects.csv row 2 column first_day",
        "error subjects.csv row 2 column last_day",
        "error labs.csv row 2 column day",
        "error events.csv row 2 column day",
    ]
    assert found[0][1:] == (
        "day 45292 is 124 years after day 0",
        "45292 is 2024-01-01 as a spreadsheet counts days; write days counted from day 0",
    )


def test_codes_for_missing_that_stand_out_are_questioned():
    found = {place: (message, hint) for place, message, hint in issues("sentinels")}
    assert list(found) == [
        *(f"error labs.csv row {row}" for row in (3, 4, 5, 7)),
        "error subjects.csv row 2 column last_day",
        "error subjects.csv row 3 column last_day",
        "error labs.csv row 8 column day",
        "error labs.csv row 6 column value",
    ]
    message, hint = found["error labs.csv row 6 column value"]
    assert message == "platelets 999 may be a code for missing: the others are 20"
    assert "leave the cell empty where nothing is known" in hint
    assert "`not_missing = [999]`" in hint
    for row in (3, 4, 5):
        assert "may be a code for missing" in found[f"error labs.csv row {row}"][1]


def test_identifiers_that_lost_their_zeros_are_named():
    found = issues("leading-zeros")
    assert [(place, message, hint.split(",")[0]) for place, message, hint in found] == [
        (
            f"error labs.csv row {row} column subject",
            f"subject `{who}` is not in subjects",
            f"`{whole}` is",
        )
        for row, who, whole in ((2, "1", "001"), (3, "2", "002"), (4, "10", "010"))
    ]


def test_records_after_the_last_follow_up_are_questioned():
    assert issues("last-known-alive") == [
        (
            "warning labs.csv row 3 column day",
            "day 95 is after the last follow-up of subject 1 on day 40; it counts as contact",
            "correct the day, or that of last_follow_up: the last day known alive",
        )
    ]


def test_a_table_with_a_column_for_each_analyte_is_named():
    found = [
        (place, message, hint)
        for place, message, hint in issues("wide-export")
        if place.startswith("error")
    ]
    assert found == [
        (
            "error labs.csv row 3",
            "the names of the columns stand here, below other text",
            "delete the rows above, so that the names stand in the first row",
        ),
        (
            "error labs.csv",
            "columns `WBC`, `ANC`, `PLT` are analytes, and labs holds one row for each value",
            "write columns subject, day, analyte, value, unit; a row is `1,7,leukocytes,4,10^9/L`",
        ),
        (
            "error labs.csv",
            "column `subject` is missing",
            "is column `Patient ID` meant? rename it",
        ),
        (
            "error labs.csv",
            "column `day` is missing",
            "write days counted from day 0, from the dates of column `Sample date`",
        ),
    ]


def test_whoever_has_a_record_was_alive_then(tmp_path):
    """S(65) and S(80) once the last follow-up is put where the last record is."""
    study = tmp_path / "last-known-alive"
    shutil.copytree(CLINIC / "last-known-alive", study)
    events = study / "patients" / "events.csv"
    events.write_text(events.read_text().replace("1,40,", "1,95,"))
    estimates = analyse(read_study(study)).estimates
    shares = estimates.filter(
        pl.col("statistic") == "survival probability", pl.col("day").is_in([65.0, 80.0])
    )
    assert shares["value"].to_list() == pytest.approx([0.75, 0.5])
