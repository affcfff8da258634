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
