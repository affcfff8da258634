import polars as pl
from tests.unit.analyses.example import answer

from stromal.analyses.kinds.cumulative_incidence import name_causes

CURVES = {"estimate": "cumulative_incidence", "endpoint": "relapse", "days": [30]}


def test_sentences_tell_the_event_of_interest():
    kind, found = answer(CURVES)
    assert kind.describe(found)[0].startswith("The cumulative incidence of")
    assert "at day 30 was 50 %" in kind.describe(found)[0]


def test_every_cause_is_stacked():
    kind, found = answer(CURVES)
    figure = kind.plot(found)
    assert "death without relapse" in figure.svg
    assert figure.caption.startswith("Aalen-Johansen estimates")


def test_causes_with_one_name_are_told_apart():
    both = pl.DataFrame({"status": [1, 2], "label": ["death", "death"]})
    assert name_causes(both) == {1: "event", 2: "competing event"}
