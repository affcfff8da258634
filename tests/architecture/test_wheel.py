"""What is installed holds the data the code reads: studies, thresholds, citations, templates."""

from __future__ import annotations

import zipfile

from hatchling.builders.wheel import WheelBuilder

from tests.architecture.tree import PACKAGE
from tests.shared import ROOT


def test_wheel_holds_the_data(tmp_path):
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        held = set(wheel.namelist())
    folders = (
        "endpoints/criteria",
        "evidence/library/data",
        "models/library/physiology",
        "references",
        "report/templates",
        "tables/vocabulary",
        "tables/vocabulary/scales",
    )
    data = [file for folder in folders for file in (PACKAGE / folder).iterdir() if file.is_file()]
    expected = {f"stromal/{file.relative_to(PACKAGE).as_posix()}" for file in data}
    studies = [file for file in (ROOT / "studies").rglob("*") if file.is_file()]
    expected |= {f"stromal/{file.relative_to(ROOT).as_posix()}" for file in studies}
    expected.add("stromal/py.typed")
    assert len(studies) > 10
    assert not expected - held
