"""How properties are searched, and where what is compiled is kept.

Properties are searched without a clock, and in CI always in the same order. Compiled programs are
kept in one folder for the whole session, which the workers of pytest-xdist share and which goes
away at its end; the loops that serve all programs stay in `build`, for they take half a minute. A
folder that STROMAL_CACHE names is used instead, and stays.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.shared import ROOT

# A slow machine is no failure of a property.
settings.register_profile(
    "local", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


CACHE = "STROMAL_CACHE"


def pytest_configure(config: pytest.Config) -> None:
    """Name the folder before any worker is started, so that workers inherit the name."""
    if CACHE not in os.environ:
        folder = tempfile.mkdtemp(prefix="stromal-tests-")
        loops = ROOT / "build" / "loops"
        loops.mkdir(parents=True, exist_ok=True)
        (Path(folder) / "loops").symlink_to(loops)
        os.environ[CACHE] = folder
        config.add_cleanup(lambda: _forget(folder))


def _forget(folder: str) -> None:
    os.environ.pop(CACHE, None)
    shutil.rmtree(folder, ignore_errors=True)
