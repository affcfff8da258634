import polars as pl
import pytest

from stromal.errors import InvalidInput, Severity
from stromal.study.analyse import analyse_folder
from stromal.study.evidence import FOLDER, gather_evidence, write_tables
from stromal.study.library import find_study
from stromal.study.write import write_run


def test_a_study_without_patients_runs_on_what_was_published(tmp_path):
    findings = analyse_folder(find_study("cart-cytopenia"))
    done = write_run(findings, tmp_path / "run", seed=None, page=True)
    assert done.outcomes.is_empty()
    assert done.estimates["origin"].unique().to_list() == ["published"]
    assert [issue.severity for issue in done.issues] == [Severity.NOTE]
    assert "no patients" in done.issues[0].message
    page = (done.folder / "report.html").read_text()
    assert "The folder of the study holds no patients." in page
    assert (done.folder / FOLDER / "flow.csv").exists()


def test_published_rows_stand_beside_observed_ones():
    found = analyse_folder(find_study("agvhd-children"))
    same = found.estimates.filter(
        analysis="response", statistic="proportion", label="overall_response"
    ).filter(pl.col("group").is_null(), pl.col("day").is_null())
    assert same["origin"].to_list() == ["observed", "published"]
    assert found.evidence is not None


def test_patients_estimates_do_not_change_by_what_was_published():
    found = analyse_folder(find_study("itp-dose"))
    own = found.estimates.filter(pl.col("origin") != "published")
    assert own.height + 2 == found.estimates.height


def test_the_folder_is_written_once(tmp_path):
    found = gather_evidence(find_study("itp-dose"), tmp_path / "out")
    assert found.folder == tmp_path / "out"
    page = (found.folder / "report.html").read_text("utf-8")
    assert "Published evidence" in page
    assert "stromal evidence itp-dose" in page
    assert len(list((found.folder / "figures").glob("*.svg"))) == page.count("<figure>") > 0
    with pytest.raises(InvalidInput):
        gather_evidence(find_study("itp-dose"), tmp_path / "out")
    write_tables(found.answers, tmp_path)
    assert (tmp_path / FOLDER / "pooled.csv").exists()


def test_rows_of_ones_own_join_the_record(tmp_path):
    (tmp_path / "own").mkdir()
    with pytest.raises(InvalidInput):
        gather_evidence(find_study("itp-dose"), record=tmp_path / "absent")
    before = gather_evidence(find_study("itp-dose"))
    assert before.folder is None
