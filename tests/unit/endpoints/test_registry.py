import polars as pl
import pytest
from pydantic import ValidationError

from stromal.endpoints.registry import (
    ENDPOINTS,
    derive_outcomes,
    find_endpoint,
    use_parameters,
)
from stromal.errors import UnknownEndpoint
from stromal.protocol.protocol import EndpointUse, Visit
from stromal.tables.outcomes import OUTCOMES
from stromal.tables.patients import Patients

TWO = Patients.of(
    subjects=pl.DataFrame({"subject": ["b", "a"], "arm": ["msc"] * 2, "last_day": [90.0, 60.0]}),
    events=pl.DataFrame({"subject": ["a"], "day": [60.0], "event": ["death"]}),
)


def test_names_are_unique_and_findable():
    assert all(find_endpoint(name).name == name for name in ENDPOINTS)
    with pytest.raises(UnknownEndpoint):
        find_endpoint("height")


def test_outcomes_follow_the_protocol_then_the_subjects():
    uses = [
        EndpointUse(name="survival", rule="overall_survival"),
        EndpointUse(name="status", rule="vital_status"),
    ]
    outcomes = derive_outcomes(TWO, uses)
    assert outcomes.columns == list(OUTCOMES.names)
    assert outcomes["endpoint"].to_list() == ["survival"] * 2 + ["status"] * 2
    assert outcomes["subject"].to_list() == ["b", "a"] * 2
    assert outcomes.filter(endpoint="survival")["status"].to_list() == [0, 1]


def test_no_endpoints_give_an_empty_table():
    assert derive_outcomes(TWO, []).schema == OUTCOMES.empty().schema


def test_a_visit_gives_the_days_and_parameters_win():
    visits = [Visit(name="day_28", day=28, before=3), Visit(name="start", day=-1)]
    use = EndpointUse(
        name="x", rule="x", visit="day_28", baseline="start", parameters={"after": 7.0}
    )
    assert use_parameters(use, visits) == {
        "day": 28.0,
        "before": 3.0,
        "after": 7.0,
        "baseline_day": -1.0,
        "baseline_before": 0.0,
        "baseline_after": 0.0,
    }


def test_a_parameter_that_does_not_fit_is_refused():
    use = EndpointUse(name="x", rule="overall_survival", parameters={"until": 3})
    with pytest.raises(ValidationError):
        derive_outcomes(TWO, [use])
