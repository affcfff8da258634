from tests.unit.analyses import many

from stromal.analyses.guards.tests import guard_multiplicity

SHARE = {"estimate": "proportion", "endpoint": "infection"}
SURVIVAL = {"estimate": "survival", "endpoint": "survival"}


def test_several_tests_without_correction_are_counted():
    asked = [SHARE | {"by": "marker"}, SHARE | {"by": "late"}, SURVIVAL | {"by": "marker"}]
    (issue,) = guard_multiplicity(many.answers(*asked))
    assert issue.message.startswith("3 tests are not corrected")
    assert "0.14" in issue.message


def test_one_test_or_none_is_not_questioned():
    assert list(guard_multiplicity(many.answers(SHARE | {"by": "marker"}))) == []
    assert list(guard_multiplicity(many.answers(SHARE, SURVIVAL))) == []


def test_the_primary_endpoint_is_no_exploration():
    endpoints = [
        {"name": "infection", "rule": "x", "primary": True},
        {"name": "survival", "rule": "x"},
    ]
    asked = [SHARE | {"by": "marker"}, SURVIVAL | {"by": "marker"}]
    assert list(guard_multiplicity(many.answers(*asked, endpoints=endpoints))) == []


def test_corrected_tests_are_not_questioned():
    family = {"estimate": "proportions", "endpoints": ["infection", "infection_2"], "by": "marker"}
    endpoints = [{"name": name, "rule": "x"} for name in ("infection", "infection_2", "survival")]
    frame = many.outcomes()
    second = frame.filter(endpoint="infection").with_columns(endpoint=many.pl.lit("infection_2"))
    both = many.pl.concat([frame, second])
    assert list(guard_multiplicity(many.answers(family, endpoints=endpoints, frame=both))) == []
    plain = family | {"correction": "none"}
    (issue,) = guard_multiplicity(many.answers(plain, endpoints=endpoints, frame=both))
    assert issue.message.startswith("2 tests")
