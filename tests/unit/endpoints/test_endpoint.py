import pytest
from pydantic import ValidationError

from stromal.endpoints.endpoint import Statuses
from stromal.endpoints.registry import ENDPOINTS
from stromal.endpoints.rules.gvhd.acute_gvhd_grade import ACUTE_GVHD_GRADE
from stromal.endpoints.rules.survival.vital_status import VITAL_STATUS


def test_parameters_refuse_names_and_values_they_do_not_know():
    with pytest.raises(ValidationError):
        ACUTE_GVHD_GRADE.read_parameters({"systems": "magic"})
    with pytest.raises(ValidationError):
        ACUTE_GVHD_GRADE.read_parameters({"system": "seattle"})


def test_parameters_are_frozen():
    parameters = ACUTE_GVHD_GRADE.read_parameters({"system": "magic", "window": {"day": 0}})
    with pytest.raises(ValidationError):
        parameters.system = "ibmtr"


def test_labels_are_those_of_the_rule_unless_parameters_narrow_them():
    vital = VITAL_STATUS.read_parameters({})
    assert VITAL_STATUS.labels_under(vital) == VITAL_STATUS.labels
    magic = ACUTE_GVHD_GRADE.read_parameters({"system": "magic", "window": {"day": 0}})
    narrowed = ACUTE_GVHD_GRADE.labels_under(magic)
    assert set(narrowed) < set(ACUTE_GVHD_GRADE.labels)


def test_a_time_has_the_labels_of_its_statuses():
    relapse = ENDPOINTS["relapse"]
    names = [label.name for label in relapse.labels_under(relapse.read_parameters({}))]
    assert names == ["relapse", "death without relapse", "censored"]
    alone = Statuses("death")
    assert [label.name for label in alone.labels] == ["death", "censored"]
    assert alone.neither == "death"


def test_criteria_are_read_where_they_are_used():
    assert VITAL_STATUS.criteria_under(VITAL_STATUS.read_parameters({})).name == "time_to_event"
