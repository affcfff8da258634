import dataclasses

import polars as pl
import pytest

from stromal.analyses.kind import AnalysisKind, Answer, Setting
from stromal.protocol.protocol import AnalysisPart
from tests.unit.analyses import example


def test_a_kind_that_only_has_keys_says_and_shows_nothing():
    kind = AnalysisKind(name="x", title="X", use=AnalysisPart)
    setting = Setting(example.protocol(), example.patients(), example.outcomes())
    answer = Answer(AnalysisPart(name="a"), setting)
    assert kind.estimate(answer.use, setting).rows == ()
    assert (kind.describe(answer), kind.plot(answer), answer.endpoint) == ([], None, "")
    assert not kind.tabulate(answer)
    assert list(kind.check(answer.use, setting.protocol, {})) == []


def test_the_kind_of_an_endpoint_is_that_of_its_outcomes():
    setting = Setting(example.protocol(), example.patients(), example.outcomes())
    assert setting.kind_of("relapse") == "time"
    assert setting.kind_of("nothing") == ""


def test_answers_are_frozen():
    setting = Setting(example.protocol(), example.patients(), pl.DataFrame())
    with pytest.raises(dataclasses.FrozenInstanceError):
        setting.origin = "simulated"  # type: ignore[misc]
