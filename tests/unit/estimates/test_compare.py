import polars as pl
import pytest

from stromal.estimates.compare import DIFFERS, NOT_ESTIMATED, YES, compare_published, count_decimals


def published(**cells):
    row = {
        "analysis": "response", "statistic": "proportion", "label": "CR",
        "day": None, "value": 56.3, "unit": "%", "source": "harris2016", "locator": "Table 2",
        "events": None, "n": None, "note": None,
    }  # fmt: skip
    return pl.DataFrame([row | cells], infer_schema_length=None)


def estimates(**cells):
    row = {
        "analysis": "response", "endpoint": "response", "statistic": "proportion",
        "label": "CR", "day": None, "value": 0.5625, "unit": "1", "events": 18, "n": 32,
        "method": "m",
    }  # fmt: skip
    return pl.DataFrame([row | cells], infer_schema_length=None)


@pytest.mark.parametrize(
    ("printed", "ours", "verdict"),
    [
        ({}, {}, YES),
        ({"value": 56.0}, {}, YES),
        ({"value": 56.2}, {}, YES),
        ({"value": 56.4}, {}, DIFFERS),
        ({"value": 57.0}, {}, DIFFERS),
        ({"value": 0.5625, "unit": "1"}, {"value": 56.25, "unit": "%"}, YES),
        ({"n": 33}, {}, DIFFERS),
        ({"n": 32, "events": 18}, {}, YES),
        ({"value": None, "n": 33, "events": 18}, {}, DIFFERS),
        ({"value": None}, {}, NOT_ESTIMATED),
        ({"label": "PR"}, {}, NOT_ESTIMATED),
        ({"day": 28.0}, {}, NOT_ESTIMATED),
        ({"unit": "day"}, {}, NOT_ESTIMATED),
        ({}, {"value": None}, NOT_ESTIMATED),
    ],
)
def test_agreement_is_judged_at_the_printed_precision(printed, ours, verdict):
    found = compare_published(published(**printed), estimates(**ours))
    assert found["agrees"].to_list() == [verdict]


@pytest.mark.parametrize(
    ("printed", "same"),
    [
        ({"value": None, "events": 18, "n": 33}, True),
        ({"value": 54.5, "events": 18, "n": 33}, True),
        ({"value": 54.54, "events": 18, "n": 33}, True),
        ({"value": 60.0, "events": 18, "n": 33}, False),
        ({"value": None, "events": 17, "n": 33}, False),
        ({"value": None, "events": 18, "n": 32}, False),
        ({"value": 54.5, "n": 33}, False),
    ],
)
def test_the_same_count_of_other_patients_is_told_apart(printed, same):
    found = compare_published(published(**printed), estimates())
    assert found["same_count"].to_list() == [same]


def test_rows_without_label_and_day_are_matched():
    found = compare_published(published(label=None), estimates(label=None))
    assert found["ours"].to_list() == [pytest.approx(56.25)]


def test_the_difference_is_in_the_printed_unit():
    row = compare_published(published(value=57.0), estimates()).row(0, named=True)
    assert row["difference"] == pytest.approx(-0.75)
    assert (row["our_events"], row["our_n"]) == (18, 32)


def test_units_that_do_not_convert_are_named():
    row = compare_published(published(unit="day", note="see text"), estimates()).row(0, named=True)
    assert row["why"] == "see text; ours is in 1, which does not convert"


def test_every_printed_number_stays_in_its_order():
    both = pl.concat([published(label="PR"), published()])
    assert compare_published(both, estimates())["label"].to_list() == ["PR", "CR"]


def test_decimals_are_those_that_were_written():
    assert [count_decimals(value) for value in (0.0, 75.75, 100.0)] == [0, 2, 0]
