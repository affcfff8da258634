"""The picture in the documentation is the one that its code draws."""

from __future__ import annotations

import importlib.util

from tests.shared import ROOT

SCRIPT = ROOT / "docs" / "_ext" / "physiology_picture.py"


def test_the_picture_is_fresh():
    spec = importlib.util.spec_from_file_location("physiology_picture", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    picture = (ROOT / "docs" / "_static" / "physiology.svg").read_text("utf-8")
    assert picture == module.draw()
    assert all(line in picture for label in module.PARTS for line in label.split("\n"))
