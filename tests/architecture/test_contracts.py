"""The engine's contract names every room of the study side that is built."""

from __future__ import annotations

import tomllib

from tests.architecture.tree import PACKAGE
from tests.shared import ROOT

# Rooms below the engine, which it may use, and the engine with what measures beside it.
BELOW = {"toml", "tables", "store"}
ENGINE = {"models", "kernels", "assays"}


def test_the_engine_may_import_no_room_of_a_study():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = contracts["tool"]["importlinter"]["contracts"]
    [forbidden] = [one["forbidden_modules"] for one in contracts if one["id"] == "engine"]
    rooms = {file.parent.name for file in PACKAGE.glob("*/__init__.py")}
    assert set(forbidden) == {f"stromal.{room}" for room in rooms - BELOW - ENGINE}
