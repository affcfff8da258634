import dataclasses

import pytest

from stromal.report.content import Content


def test_content_is_frozen_and_empty_unless_told(content):
    bare = Content(content.protocol, content.patients)
    assert bare.estimates.is_empty()
    assert bare.disagreements.columns == ["analysis", "subject", "ours", "reported", "reason"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        bare.issues = ()


def test_definitions_are_found_by_endpoint(content):
    assert content.definition("grade").criteria == "MAGIC (Harris 2016)"
    assert content.definition("survival") is None
