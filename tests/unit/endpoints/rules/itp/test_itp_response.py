from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.shared import shared_file

from stromal.endpoints.rules.itp.itp_response import ItpResponseParameters, derive_itp_response
from stromal.tables.patients import Patients

SUBJECTS = pl.DataFrame({"subject": ["1"], "arm": ["msc"]})


def _patients(
    counts: dict[float, float],
    events: list[tuple[float | None, str]] | None = None,
    bleeding: dict[float, int] | None = None,
) -> Patients:
    labs = pl.DataFrame(
        list(counts.items()), schema={"day": pl.Float64, "value": pl.Float64}, orient="row"
    ).with_columns(subject=pl.lit("1"), analyte=pl.lit("platelets"), unit=pl.lit("10^9/L"))
    happened = pl.DataFrame(
        events or [], schema={"day": pl.Float64, "event": pl.String}, orient="row"
    ).with_columns(subject=pl.lit("1"))
    assessed = pl.DataFrame(
        list((bleeding or {}).items()),
        schema={"day": pl.Float64, "value": pl.Int64},
        orient="row",
    ).with_columns(subject=pl.lit("1"), scale=pl.lit("bleeding"), item=pl.lit("who"))
    return Patients.of(subjects=SUBJECTS, labs=labs, events=happened, assessments=assessed)


def _row(patients: Patients, **parameters: object) -> dict:
    given = ItpResponseParameters.model_validate(parameters)
    return derive_itp_response(patients, given).row(0, named=True)


@pytest.mark.parametrize(
    ("counts", "label", "day"),
    [
        ({0: 9, 7: 120, 14: 110}, "CR", 7),
        ({0: 9, 7: 51, 14: 120, 21: 100}, "CR", 14),
        ({0: 60, 7: 105, 14: 110}, "CR", 7),  # a complete response needs no doubling
        ({0: 9, 7: 120, 14: 99, 21: 120}, "R", 7),  # 99 fails between two complete ones
        ({0: 15, 7: 30, 14: 30}, "R", 7),
        ({0: 15, 3: 29.9, 7: 30, 13.9: 30}, "NR", None),
        ({0: 16, 7: 31, 14: 31}, "NR", None),
        ({0: 9, 7: 51}, "NR", None),
    ],
)
def test_label_and_first_day(counts, label, day):
    row = _row(_patients(counts))
    assert (row["label"], row["day"]) == (label, day)
    assert row["value"] == {"NR": 0, "R": 1, "CR": 2}[label]


def test_reason_names_counts_days_and_that_bleeding_was_not_recorded():
    assert _row(_patients({0: 9, 7: 51, 14: 60}))["reason"] == (
        "platelets 51 x 10^9/L on day 7, confirmed and held to day 14, baseline 9; "
        "bleeding not recorded"
    )
    recorded = _row(_patients({0: 9, 7: 51, 14: 60}, bleeding={7: 0}))
    assert "bleeding" not in recorded["reason"]


def test_one_count_is_enough_only_where_that_is_asked_for_and_is_called_unconfirmed():
    patients = _patients({0: 9, 11: 51})
    assert _row(patients)["label"] == "NR"
    row = _row(patients, confirmation_days=0)
    assert row["label"] == "R"
    assert row["reason"].startswith("platelets 51 x 10^9/L on day 11, unconfirmed, baseline 9")


def test_the_baseline_is_the_nearest_count_and_not_part_of_the_search():
    patients = _patients({-6: 40, -1: 9, 3: 20, 10: 20})
    row = _row(patients, baseline={"day": -1, "before": 7, "after": 5})
    assert (row["label"], row["reason"].split(", ")[1]) == (
        "NR",
        "baseline 9; bleeding not recorded",
    )
    with_response = _patients({-1: 200, 7: 120, 14: 120})
    assert _row(with_response, from_day=-1)["day"] == -1


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ({7: 120, 14: 120}, "no platelet count at baseline (from day -7 to day 0)"),
        ({0: 9}, "no platelet count after baseline up to day 28"),
        ({0: 9, 40: 120}, "no platelet count after baseline up to day 28"),
    ],
)
def test_what_is_missing_gives_null_and_is_named(counts, reason):
    row = _row(_patients(counts), to_day=28)
    assert (row["label"], row["value"], row["reason"]) == (None, None, reason)


RESPONSE = {0: 9, 7: 120, 14: 110, 30: 10}


@pytest.mark.parametrize(
    ("day", "label"), [(-1, "CR"), (0, "NR"), (10, "NR"), (28, "NR"), (29, "CR"), (None, None)]
)
def test_rescue_in_the_window_is_no_response(day, label):
    assert _row(_patients(RESPONSE, [(day, "rescue_therapy")]), to_day=28)["label"] == label


def test_other_events_can_be_rescue():
    patients = _patients(RESPONSE, [(10, "next_therapy")])
    assert _row(patients)["label"] == "CR"
    row = _row(patients, rescue_events=["next_therapy"])
    assert (row["label"], row["reason"]) == ("NR", "rescue therapy on day 10")


@pytest.mark.parametrize(
    ("day", "label"), [(7, None), (0, "NR"), (-1, None), (-8, "CR"), (8, "NR"), (15, "CR")]
)
@pytest.mark.parametrize("event", ["transfusion_platelets", "ivig"])
def test_counts_after_transfusion_or_immunoglobulin_are_left_out(day, label, event):
    # day 7 takes both counts of the search, day 0 and day 8 one of them, and a day before the
    # baseline the baseline; given on the day of the baseline, that count stays
    assert _row(_patients({0: 9, 7: 120, 14: 110}, [(day, event)]))["label"] == label


def test_no_count_left_is_said():
    row = _row(_patients({0: 9, 7: 120}, [(5, "ivig")]))
    assert row["label"] is None
    assert row["reason"] == (
        "every platelet count after baseline is within 7 days of a transfusion or immunoglobulin"
    )


@pytest.mark.parametrize(
    ("bleeding", "label"),
    [({0: 2}, "CR"), ({7: 0, 14: 0}, "CR"), ({7: 1}, "NR"), ({10: 1}, "NR"), ({20: 1}, "CR")],
)
def test_bleeding_breaks_a_response(bleeding, label):
    assert _row(_patients(RESPONSE, bleeding=bleeding))["label"] == label
    events = [(day, "bleeding") for day, grade in bleeding.items() if grade]
    assert _row(_patients(RESPONSE, events))["label"] == label


def test_bleeding_is_the_reason_where_the_counts_would_do():
    row = _row(_patients({0: 9, 7: 120, 14: 120}, bleeding={7: 1, 14: 2}))
    assert row["reason"] == "platelets up to 120 x 10^9/L but bleeding recorded"


def test_bleeding_can_be_required():
    assert _row(_patients(RESPONSE), bleeding_required=True)["label"] is None
    assert _row(_patients(RESPONSE, bleeding={7: 0}), bleeding_required=True)["label"] == "CR"


def _bounded(*counts: tuple[float, float, str | None]) -> Patients:
    given = _patients({day: value for day, value, _ in counts})
    bounds = pl.Series([bound for _, _, bound in counts], dtype=pl.String)
    return Patients.of(subjects=given.subjects, labs=given.labs.with_columns(bounds.alias("bound")))


@pytest.mark.parametrize(
    ("counts", "label", "bounds"),
    [
        ([(0, 2, "below"), (7, 60, None), (14, 60, None)], "R", (1, 1)),
        ([(0, 9, None), (7, 2, "below"), (14, 2, "below")], "NR", (0, 0)),
        ([(0, 9, None), (7, 1000, "above"), (14, 1000, "above")], "CR", (2, 2)),
        ([(0, 9, None), (7, 30, "below"), (14, 30, "below")], "NR", (0, 0)),
        ([(0, 9, None), (7, 50, "below"), (14, 50, "below")], None, (0, 1)),
        ([(0, 9, None), (7, 50, "above"), (14, 50, "above")], None, (1, 2)),
        ([(0, 40, "below"), (7, 60, None), (14, 60, None)], None, (0, 1)),
        ([(7, 60, None), (14, 60, None)], None, (0, 2)),
    ],
)
def test_a_bound_is_judged_where_it_decides(counts, label, bounds):
    row = _row(_bounded(*counts))
    assert (row["label"], (row["lowest"], row["highest"])) == (label, bounds)


@pytest.mark.parametrize(
    ("counts", "label", "bounds"),
    [
        ({0: 9, 7: 51}, "NR", (0, 1)),
        ({0: 9, 7: 120}, "NR", (0, 2)),
        ({0: 9, 7: 51, 14: 51, 20: 120}, "R", (1, 2)),
        ({0: 9, 7: 120, 10: 12}, "NR", (0, 0)),
    ],
)
def test_a_response_that_the_last_count_still_has_may_be_confirmed(counts, label, bounds):
    row = _row(_patients(counts))
    assert (row["label"], (row["lowest"], row["highest"])) == (label, bounds)
    rescued = _row(_patients(counts, [(3, "rescue_therapy")]))
    assert (rescued["lowest"], rescued["highest"]) == (0, 0)


def test_counts_printed_as_bounds_are_said_as_they_were_printed():
    row = _row(_bounded((0, 2, "below"), (7, 60, None), (14, 60, None)))
    assert row["reason"].startswith("platelets 60 x 10^9/L on day 7")
    assert "baseline <2" in row["reason"]
    row = _row(_bounded((0, 9, None), (7, 50, "below"), (14, 50, "below")))
    assert row["reason"] == "counts are empty or printed as limits: NR to R is possible"


counts = st.dictionaries(st.integers(1, 60), st.integers(0, 200), min_size=1, max_size=8)


@settings(deadline=None, max_examples=30)
@given(counts=counts, baseline=st.integers(0, 60))
def test_asking_for_more_confirmation_never_improves_a_response(counts, baseline):
    patients = _patients({0: baseline, **counts})
    values = [_row(patients, confirmation_days=days)["value"] for days in (0, 7, 14)]
    assert values == sorted(values, reverse=True)


def test_thirteen_patients_with_refractory_itp():
    printed = pl.read_csv(shared_file("evidence", "patient_level_itp_msc.csv")).with_columns(
        pl.col("pt").cast(pl.String).alias("subject")
    )
    count = {"analyte": pl.lit("platelets"), "unit": pl.lit("10^9/L")}
    before = printed.select("subject", value="plt_before", **count).with_columns(day=pl.lit(0))
    after = printed.select("subject", value="plt_after", **count, day="days_to_response")
    patients = Patients.of(
        subjects=printed.select("subject", arm="msc"),
        labs=pl.concat([before, after.select(before.columns)], how="vertical_relaxed"),
    )
    rows = derive_itp_response(patients, ItpResponseParameters(confirmation_days=0))
    complete = rows.filter(pl.col("label") == "CR")
    assert complete["subject"].to_list() == ["3", "5", "10"]
    assert rows["label"].value_counts(sort=True).rows() == [("R", 10), ("CR", 3)]
    assert rows["day"].to_list() == printed["days_to_response"].to_list()
    assert rows["reason"].str.contains("unconfirmed").all()


@pytest.mark.parametrize(
    ("counts", "event", "label", "reason"),
    [
        (
            {0: 9, 7: 110, 14: 115},
            "transfusion_platelets",
            None,
            "platelet transfusion on a day that was not recorded: what it raised is not known",
        ),
        (
            {0: 9, 7: 110, 14: 115},
            "bleeding",
            None,
            "bleeding on a day that was not recorded: it may have ended the response",
        ),
        (
            {0: 9, 7: 20, 14: 22},
            "transfusion_platelets",
            "NR",
            "platelets 22 x 10^9/L at most, baseline 9; bleeding not recorded",
        ),
        ({0: 9, 7: 20}, "bleeding", "NR", "platelets 20 x 10^9/L at most, baseline 9"),
    ],
)
def test_events_without_a_day_leave_open_what_they_may_change(counts, event, label, reason):
    row = _row(_patients(counts, [(None, event)]))
    assert (row["label"], row["reason"]) == (label, reason)
    assert (row["lowest"], row["highest"]) == ((0, 0) if label else (0, 2))


@pytest.mark.parametrize(
    ("counts", "label", "bounds"),
    [
        ({0: 9, 7: 60, 10: None, 14: 60}, None, (0, 1)),
        ({0: 50, 7: None, 14: 100, 15: 20}, None, (0, 2)),
        ({0: 9, 7: 120, 14: 110, 20: None, 21: 20}, "CR", (2, 2)),
        ({0: 9, 7: 10, 10: None, 14: 12}, "NR", (0, 0)),
        ({0: None, 7: 60, 14: 60}, None, (0, 2)),
    ],
)
def test_an_empty_count_may_be_any(counts, label, bounds):
    row = _row(_patients(counts))
    assert (row["label"], (row["lowest"], row["highest"])) == (label, bounds)


def test_a_count_after_the_search_does_not_hide_one_of_its_last_day():
    row = _row(_patients({0: 9, 7: 60, 14: 60, 14.5: 10}), to_day=14)
    assert (row["label"], row["day"]) == ("R", 7)
    first = _row(_patients({0: 9, 0.5: 40, 7.5: 40}))
    assert (first["label"], first["day"]) == ("R", 0.5)
