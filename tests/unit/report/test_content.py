import dataclasses

import pytest

from stromal.report.content import Cohort, Content


def test_content_is_frozen_and_empty_unless_told(content):
    cohort = Cohort(content.cohorts[0].patients)
    assert (cohort.origin, cohort.replicate, cohort.findings) == ("observed", None, ())
    assert cohort.estimates.is_empty()
    bare = Content(content.protocol, (cohort,))
    with pytest.raises(dataclasses.FrozenInstanceError):
        bare.issues = ()


def test_endpoints_are_found_by_name(content):
    assert content.endpoint("grade").criteria.title == "MAGIC (Harris 2016)"
    assert content.endpoint("survival") is None
