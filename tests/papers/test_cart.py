"""The counts of Xia 2024, reproduced from invented patients that have its margins."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from stromal.estimates.compare import compare_published
from stromal.study.analyse import Findings, analyse
from stromal.study.read import read_study
from tests.papers.cart_synthetic import N, build_tables
from tests.shared import ROOT

STUDY = ROOT / "studies" / "cart-cytopenia"
MONTH = 30.4375


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    folder = write_study(tmp_path_factory.mktemp("cart") / "study")
    return analyse(read_study(folder))


def write_study(folder: Path) -> Path:
    """The shipped protocol and printed numbers, with the invented patients."""
    shutil.copytree(STUDY, folder)
    (folder / "patients").mkdir()
    for name, table in build_tables().items():
        table.write_csv(folder / "patients" / f"{name}.csv")
    return folder


def test_nobody_ships_with_the_study() -> None:
    assert not (STUDY / "patients").exists()


def test_every_number_says_that_its_patients_are_synthetic(findings: Findings) -> None:
    patients = findings.estimates.filter(pl.col("origin") != "published")
    assert set(patients["origin"]) == {"synthetic"}
    assert set(findings.outcomes["origin"]) == {"synthetic"}


def test_every_printed_count_is_reproduced(findings: Findings) -> None:
    rows = compare_published(findings.study.published, findings.estimates)
    counts = rows.filter(pl.col("statistic") == "proportion")
    assert counts.height == 16
    wrong = counts.filter((pl.col("agrees") != "yes") | (pl.col("our_n") != N))
    assert wrong.select("endpoint", "label", "printed_events", "our_events").rows() == []


def test_printed_medians_are_reproduced_in_months(findings: Findings) -> None:
    medians = findings.estimates.filter(
        pl.col("statistic") == "median time", pl.col("group") == "car_t", pl.col("by") == "arm"
    )
    found = {row["endpoint"]: round(row["value"] / MONTH, 1) for row in medians.to_dicts()}
    assert found["progression_free_survival"] == 3.5
    assert found["overall_survival"] == 13.5


def test_numbers_of_lineages_are_those_printed(findings: Findings) -> None:
    def count(endpoint: str) -> dict[str, int]:
        rows = findings.outcomes.filter(endpoint=endpoint).group_by("label").len().rows()
        return dict(rows)

    assert count("lineages_grade_1")["4"] == 13
    severe = count("lineages_grade_3")
    assert N - severe.get("0", 0) == 23
    assert sum(severe.get(label, 0) for label in ("1", "2")) > N / 2


def test_baseline_is_that_of_the_paper() -> None:
    people = build_tables()["subjects"]
    counts = {
        "sex": ("male", 17), "stage": ("IV", 17), "b_symptoms": ("yes", 6),
        "bridging": ("yes", 12), "marrow": ("yes", 8), "prior_transplant": ("yes", 6),
        "conditioning": ("BEAM", 5), "target": ("CD20", 8),
    }  # fmt: skip
    for column, (level, number) in counts.items():
        assert (people[column] == level).sum() == number, column
    assert people.filter(stage="III").height == 5
    spread = {
        "age_years": (52.5, 22, 71), "ipi": (2, 0, 5), "ecog": (0, 0, 4), "ki67": (72.5, 30, 90),
        "prior_lines": (3, 1, 8), "months_from_diagnosis": (12.5, 3, 104),
    }  # fmt: skip
    for column, (median, low, high) in spread.items():
        numbers = people[column]
        assert (numbers.median(), numbers.min(), numbers.max()) == (median, low, high), column


def test_survival_is_compared_from_a_landmark_and_regressions_name_their_limits(
    findings: Findings,
) -> None:
    rows = findings.estimates.filter(
        analysis="survival_by_cytopenia", endpoint="overall_survival", by="early_neutropenia"
    )
    ratios = rows.filter(statistic="hazard ratio")
    assert ratios.select("term", "reference").rows() == [("grade 3-4", "grade 0-2")]
    assert "landmark on day 28" in ratios["method"].item()
    assert not [issue for issue in findings.issues if "decided after day 0" in issue.message]
    said = " ".join(issue.message for issue in findings.issues)
    assert "synthetic patients: " in said
