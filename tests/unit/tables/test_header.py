from stromal.errors import Severity
from stromal.tables.assessments import ASSESSMENTS
from stromal.tables.events import EVENTS
from stromal.tables.header import match_columns
from stromal.tables.labs import LABS


def test_columns_are_found_in_any_order_and_optional_ones_may_be_absent():
    places, issues = match_columns(["event", "day", "subject"], EVENTS, "events.csv")
    assert places == {"subject": 2, "day": 1, "event": 0}
    assert issues == ()


def test_a_column_that_is_there_twice_is_an_error_and_the_first_is_read():
    places, (issue,) = match_columns(["subject", "day", "event", "day"], EVENTS, "events.csv")
    assert places["day"] == 1
    assert issue.severity is Severity.ERROR
    assert "`day` is there twice" in issue.message


def test_an_unknown_column_is_a_warning_that_suggests_a_free_one():
    names = ["subject", "day", "event", "detial", "ward"]
    _, issues = match_columns(names, EVENTS, "events.csv")
    assert [issue.severity for issue in issues] == [Severity.WARNING] * 2
    assert issues[0].hint == "is `detail` meant?"
    assert issues[1].hint is None


def test_a_derived_column_is_not_read():
    names = ["subject", "day", "analyte", "value", "unit", "reported_unit"]
    places, (issue,) = match_columns(names, LABS, "labs.csv")
    assert "reported_unit" not in places
    assert "derived" in issue.message


def test_a_column_is_no_slip_of_another_because_they_share_letters():
    _, issues = match_columns(["subject", "day", "Age"], ASSESSMENTS, "assessments.csv")
    assert not [issue.hint for issue in issues if issue.hint]


def test_columns_that_are_analytes_are_one_issue():
    names = ["subject", "day", "WBC", "PLT [10^9/L] d7"]
    places, (issue,) = match_columns(names, LABS, "labs.csv")
    assert set(places) == {"subject", "day"}
    assert "`WBC`, `PLT [10^9/L] d7` are analytes" in issue.message
    assert "one row for each value" in issue.message


def test_other_words_for_columns_are_suggested():
    _, issues = match_columns(["Patient-ID", "Sample date", "Test", "Result"], LABS, "labs.csv")
    hints = {issue.message: issue.hint for issue in issues}
    assert hints["column `subject` is missing"] == "is column `Patient-ID` meant? rename it"
    assert hints["column `analyte` is missing"] == "is column `Test` meant? rename it"
    assert "days counted from day 0" in hints["column `day` is missing"]


def test_many_unknown_columns_are_counted():
    names = ["subject", "day", "event", *(f"ward_{number}" for number in range(50))]
    _, issues = match_columns(names, EVENTS, "events.csv")
    assert len(issues) == 21
    assert issues[-1].message == "and 30 more columns that are not read"
