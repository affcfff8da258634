"""The share of responders in two arms: the right P is that of R fisher.test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stromal.study.analyse import analyse
from stromal.study.read import read_study

CASE = Path(__file__).parent / "clinic" / "two-arms-response"
ASKED = """
[[analyses]]
name = "compared"
estimate = "proportion_comparison"
endpoint = "response"
by = "arm"
labels = ["CR", "PR"]
test = "fisher"
"""


def test_two_arms_are_compared_by_the_exact_test(tmp_path: Path) -> None:
    study = shutil.copytree(CASE, tmp_path / "study")
    protocol = study / "protocol.toml"
    protocol.write_text(protocol.read_text("utf-8") + ASKED, "utf-8")
    rows = analyse(read_study(study)).estimates.filter(analysis="compared")
    # R 4.2.2: fisher.test(matrix(c(3, 9, 9, 3), 2))$p.value
    assert rows.filter(statistic="p")["value"].item() == pytest.approx(0.0391, abs=5e-5)
    assert {"risk difference", "risk ratio", "odds ratio"} <= set(rows["statistic"])
