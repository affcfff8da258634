import polars as pl
import pytest

from stromal.patients.observed.events import read_events
from stromal.tables.patients import TableFile
from tests.unit.patients.folders import PROTOCOL

FILE = TableFile("events.csv", 2)


@pytest.mark.parametrize("name", ["death", "fall", "Relapse"])
def test_shared_and_declared_events_are_known(name):
    frame, issues = read_events(pl.DataFrame({"event": [name]}), FILE, PROTOCOL.vocabulary)
    assert frame["event"].to_list() == [name.lower()]
    assert issues == ()


def test_an_event_is_only_known_where_it_is_declared():
    (issue,) = read_events(pl.DataFrame({"event": ["fall"]}), FILE)[1]
    assert issue.message == "`fall` is not an event"


def test_what_is_told_of_adverse_events_is_checked_all_at_once():
    told = {
        "event": ["adverse_event"] * 4,
        "grade": [3.0, 0.0, 2.5, None],
        "relation": ["Possible", "maybe", None, "definite"],
        "serious": ["YES", "no", "perhaps", None],
    }
    frame, issues = read_events(pl.DataFrame(told), FILE)
    assert frame["grade"].to_list() == [3, None, None, None]
    assert frame["relation"].to_list() == ["possible", None, None, "definite"]
    assert frame["serious"].to_list() == ["yes", "no", None, None]
    assert [(issue.row, issue.column) for issue in issues] == [
        (3, "relation"),
        (4, "serious"),
        (3, "grade"),
        (4, "grade"),
    ]
    assert issues[2].message == "grade 0 is no CTCAE grade"
