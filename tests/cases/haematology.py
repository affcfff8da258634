"""Adapters from acceptance cases to endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ADAPTERS: dict[str, Callable[[dict[str, Any]], Any]] = {}
