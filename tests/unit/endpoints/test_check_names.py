import pytest

from stromal.endpoints.check_names import check_names
from stromal.endpoints.endpoint import Need
from stromal.tables.vocabulary.analytes import Analyte
from stromal.tables.vocabulary.vocabulary import SHARED


@pytest.mark.parametrize(
    ("need", "said"),
    [
        (Need("labs", ("platelets",)), None),
        (Need("labs", ("luck",)), "declare it under [analytes] of the protocol"),
        (Need("events", ("death", "relapse")), None),
        (Need("events", ("deth",)), "did you mean `death`?"),
        (Need("assessments", ("acute_gvhd_stage.skin",)), None),
        (Need("assessments", ("pain.now",)), "declare it under [scales] of the protocol"),
    ],
)
def test_names_that_nobody_declared_are_issues(need, said):
    issues = list(check_names([need], SHARED, "endpoints[0]"))
    assert [issue.hint for issue in issues] == ([] if said is None else [said])


def test_a_declared_name_is_known():
    own = {"luck": Analyte("luck", "luck", "1")}
    extended = SHARED.extended(own, {"fall": "a fall"}, {})
    needs = [Need("labs", ("luck",)), Need("events", ("fall",))]
    assert list(check_names(needs, extended, "endpoints[0]")) == []
