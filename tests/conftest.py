"""How properties are searched: without a clock, and in CI always in the same order."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A slow machine is no failure of a property.
settings.register_profile(
    "local", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")
