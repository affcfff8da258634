import pytest

from stromal.endpoints.registry import ENDPOINTS, find_endpoint
from stromal.errors import UnknownEndpoint


def test_names_are_unique_and_findable():
    assert all(find_endpoint(name).name == name for name in ENDPOINTS)
    with pytest.raises(UnknownEndpoint):
        find_endpoint("height")
