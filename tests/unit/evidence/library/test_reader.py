"""The record is read whole, and a record of one's own with every issue at once."""

from __future__ import annotations

import csv
import re
import shutil
from importlib.resources import as_file, files

import polars as pl
import pytest
from tests.shared import shared_file

from stromal.errors import InvalidInput
from stromal.evidence.library.reader import read_contradictions, read_library, read_primary_checks
from stromal.evidence.pooled import pool_record

PRIMARY = ("zhao2022", "gao2016", "chen2024")
"""Papers of studies themselves; the other rows are what reviews and a cohort tell."""


@pytest.fixture
def copied(tmp_path):
    with as_file(files("stromal").joinpath("evidence", "library", "data")) as shipped:
        for name in ("studies", "arms", "outcomes"):
            shutil.copy(shipped / f"{name}.csv", tmp_path)
    return tmp_path


def _row(name: str) -> dict[str, object]:
    return read_library().outcomes.row(by_predicate=pl.col("row") == name, named=True)


def test_shipped_record():
    library = read_library()
    assert (library.studies.height, library.outcomes.height) == (75, 373)
    assert library.outcomes["row"].to_list() == [f"E{i:04d}" for i in range(1, 374)]


def test_a_record_of_ones_own_is_the_same(copied):
    assert read_library(copied).outcomes.equals(read_library().outcomes)


def test_every_issue_at_once(copied):
    path = copied / "outcomes.csv"
    text = path.read_text("utf-8")
    text = text.replace(
        "E0036,Baron2010,MSC,,lin2023,acute_gvhd_prophylaxis,overall_survival",
        "E0036,Baron2010,MSC,,lin2023,acute_gvhd_prophylaxis,overall_survivel",
        1,
    )
    text = text.replace("E0034,Baron2010", "E0033,Baron2010", 1).replace(
        "E0035,Baron2010,MSC", "E0035,Baron2010,sham", 1
    )
    path.write_text(text, "utf-8")
    with (copied / "studies.csv").open("a", encoding="utf-8") as file:
        file.write("New2025,New,2025,a paper,single_arm,,\n")
    with pytest.raises(InvalidInput) as caught:
        read_library(copied)
    places = {(issue.table, issue.row, issue.column) for issue in caught.value.issues}
    assert ("outcomes.csv", 37, "outcome") in places
    assert ("outcomes.csv", 35, "row") in places
    assert ("outcomes.csv", 36, "read_in") in places
    assert ("studies.csv", 77, "study") in places


def test_printed_and_used_differ_with_a_reason_alone():
    rows = read_library().outcomes
    differ = rows.filter((pl.col("printed_value").cast(pl.Float64) - pl.col("value")).abs() > 0.5)
    assert set(differ["row"]) >= {"E0077", "E0146", "E0179"}
    assert differ["reason"].null_count() == 0
    assert "use" not in set(differ["status"])


def test_kurtzberg_is_used_once():
    assert _row("E0108")["status"] == "exclude"
    assert (_row("E0110")["events"], _row("E0110")["total"]) == (43, 75)
    assert _row("E0114")["status"] == "exclude"


def test_dotoli_is_used_of_all_patients():
    used = [(_row(name)["events"], _row(name)["total"]) for name in ("E0091", "E0092", "E0093")]
    assert used == [(3, 46), (14, 46), (6, 46)]
    assert _row("E0091")["printed_total"] == 23


@pytest.mark.parametrize("study", ["LiuZ2017", "Zhou2010"])
def test_doses_that_cannot_be_are_printed_and_not_used(study):
    arm = read_library().arms.row(by_predicate=pl.col("study") == study, named=True)
    assert arm["dose_printed"]
    assert arm["dose_median"] is arm["dose_low"] is arm["dose_high"] is None
    assert arm["status"] == "note"


def test_contradictions_are_all_there():
    listed = read_contradictions()
    names = listed.filter(pl.col("found_by") == "list")["contradiction"].to_list()
    assert names == [f"C{i:02d}" for i in range(1, 48)]


def test_primary_papers_are_all_there():
    assert read_primary_checks().height == 33


def test_printed_numbers_are_those_of_the_tables():
    with shared_file("evidence", "arm_outcomes.csv").open(encoding="utf-8", newline="") as file:
        source = list(csv.DictReader(file))
    told = read_library().outcomes.filter(~pl.col("read_in").is_in(PRIMARY))
    for old, new in zip(source, told.iter_rows(named=True), strict=True):
        assert (old["row_id"], old["study_id"]) == (new["row"], new["study"])
        if new["printed_value"] is not None:
            assert float(new["printed_value"]) == float(old["value"])
        if new["printed_events"] is not None and old["events"]:
            assert new["printed_events"] == int(old["events"])
        if old["total"]:
            assert new["printed_total"] == int(old["total"])
        # headings are capitals in the paper, and the extraction lowered what are abbreviations
        assert new["locator"].casefold() == old["locator"].casefold()
        assert new["read_in"] == old["read_in"]


def test_places_write_abbreviations_as_the_papers_do():
    places = " ".join(read_library().outcomes["locator"].unique())
    assert not re.findall(r"\b(?:mscs?|gvhd|hsct|car-t|Mscs|Gvhd|Hsct)\b", places)


def test_papers_of_the_studies_settle_what_reviews_leave_open():
    rows = read_library().outcomes.filter(pl.col("read_in").is_in(PRIMARY))
    assert set(rows["study"]) == {"ZhaoK2022", "Gao2016", "ChenY2024"}
    assert set(rows["locator"]) == {"Abstract"}
    control = _row("E0360")
    assert (control["arm"], control["events"], control["total"]) == ("control", 70, 99)
    gao = _row("E0367")
    assert (gao["value"], gao["low"], gao["high"]) == (27.4, 16.2, 38.6)
    for again in ("E0055", "E0059", "E0060"):
        assert _row(again)["status"] == "exclude"
    split = rows.filter(pl.col("subgroup").is_not_null())
    assert (split["events"].sum(), split["total"].sum()) == (8, 18)  # as E0353 has all of them


def test_a_controlled_trial_has_both_its_arms():
    found = pool_record(read_library()).row(
        by_predicate=(pl.col("outcome") == "overall_response")
        & (pl.col("day") == 28)
        & (pl.col("of") == "MSC against control"),
        named=True,
    )
    assert found["patients"] >= 198
