"""Where the shared material lies, and the visible skip where it does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def shared_file(*parts: str) -> Path:
    """Path of a shared file; skips the test, naming the file, where it is absent."""
    folder = Path(os.environ.get("STROMAL_SHARED", str(ROOT.parent / "shared")))
    path = folder.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{'/'.join(parts)} is not here (STROMAL_SHARED names its folder)")
    return path
