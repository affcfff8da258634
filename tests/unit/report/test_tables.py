import polars as pl

from stromal.protocol.protocol import MedianAnalysis
from stromal.report.tables import (
    is_judged,
    render_estimates,
    render_flow,
    render_issues,
    render_regimens,
    render_value,
)
from stromal.tables.estimates import ESTIMATES


def texts(view):
    return [[cell.text for cell in row] for row in view.rows]


def test_regimens_and_arms_without_one(content):
    assert texts(render_regimens(content.protocol))[:2] == [
        ["MSC 2 x 10^6/kg", "MSC", "2\u00a0×\u00a010⁶\u00a0cells/kg", "0", ""],
        ["No MSC", "observation only", "", "", ""],
    ]


def test_flow_counts_who_can_be_judged_and_says_why_not(content):
    rows = texts(render_flow(content))
    assert rows[0] == ["Patients in the data", "2", "1", "0", "3", ""]
    assert rows[1] == ["Evaluable: Response", "2", "0", "0", "2", "1: no count after day 0"]
    assert content.outcomes.filter(is_judged()).height == 4


def test_estimates_are_ordered_and_name_absent_labels(content):
    view = render_estimates(content, content.protocol.analyses[0])
    assert texts(view)[0] == ["MSC 2\u00a0×\u00a010⁶/kg", "CR", "50 %", "10 to 90 %", "1/2"]
    assert texts(view)[-1] == ["", "overall response", "33 %", "10 to 90 %", "1/3"]
    assert view.note.endswith("No patient had: PR.")


def test_medians_have_one_line_per_group(content):
    median = MedianAnalysis(name="days", estimate="median", endpoint="response")
    names = ("median", "minimum", "maximum", "lower quartile", "upper quartile")
    rows = [
        {"analysis": "days", "endpoint": "response", "group": "all", "statistic": name,
         "value": value, "unit": "day", "n": 4, "method": "median"}
        for name, value in zip(names, (13.5, 7.0, 16.0, 11.5, 14.5), strict=True)
    ]  # fmt: skip
    estimates = ESTIMATES.conform(pl.DataFrame(rows))
    changed = type(content)(content.protocol, content.patients, estimates=estimates)
    assert texts(render_estimates(changed, median)) == [
        ["All patients", "4", "13.5", "11.5–14.5", "7–16"]
    ]


def test_issues_keep_their_words(content):
    assert texts(render_issues(content)) == [
        ["warning", "subjects.csv row 3", "age is missing.", "add it"]
    ]


def test_values_in_their_units():
    assert render_value(0.5, "1") == "50 %"
    assert render_value(13.8, "1") == "13.8"
    assert render_value(418.0, "day") == "418\u00a0days"
    assert render_value(None, "1") == "–"
