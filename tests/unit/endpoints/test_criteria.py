import json
from importlib.resources import files

import pytest
from pydantic import ValidationError

from stromal.endpoints.criteria import Criteria, read_criteria
from stromal.sources import find_source

NAMES = sorted(
    path.name.removesuffix(".json")
    for path in files("stromal.endpoints").joinpath("criteria").iterdir()
    if path.name.endswith(".json")
)


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_named_for_its_criteria_and_cites_known_sources(name):
    criteria = read_criteria(name)
    assert criteria.name == name
    assert all(find_source(key).id == key for key in criteria.sources)
    assert criteria.provenance


def test_criteria_without_a_source_must_be_a_choice():
    given = {"name": "x", "title": "x", "version": "1", "sources": [], "rules": {}}
    assert Criteria.model_validate({**given, "provenance": "choice: none printed"}).sources == ()
    with pytest.raises(ValidationError):
        Criteria.model_validate({**given, "provenance": "seen"})


def test_an_unknown_key_is_refused():
    text = files("stromal.endpoints").joinpath("criteria/magic_2016.json").read_text("utf-8")
    with pytest.raises(ValidationError):
        Criteria.model_validate({**json.loads(text), "threshold": 3})
