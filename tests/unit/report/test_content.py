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


def test_definitions_are_found_by_endpoint(content):
    assert content.definition("grade").criteria == "MAGIC (Harris 2016)"
    assert content.definition("survival") is None
