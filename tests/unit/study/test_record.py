import json

import polars as pl
import pytest

from stromal.errors import InvalidInput
from stromal.study.record import write_record


def test_the_page_holds_maps_outcomes_and_contradictions(tmp_path):
    done = write_record({}, tmp_path / "page")
    page = (done.folder / "report.html").read_text("utf-8")
    for words in ("What has been studied", "All outcomes", "Contradictions", "47", "E0107"):
        assert words in page
    assert (
        done.rows.height == pl.read_csv(done.folder / "rows.csv", infer_schema_length=None).height
    )
    assert len(list((done.folder / "figures").glob("*.svg"))) == page.count("<figure>") == 2
    again = write_record({}, tmp_path / "again")
    assert (again.folder / "manifest.json").read_bytes() == (
        done.folder / "manifest.json"
    ).read_bytes()


def test_filters_limit_every_part_of_the_page(tmp_path):
    done = write_record({"study": ["MaciasSanchez2022"]}, tmp_path / "page")
    assert set(done.rows["study"]) == {"MaciasSanchez2022"}
    page = (done.folder / "report.html").read_text("utf-8")
    assert "1 study" in page
    assert "Kurtzberg" not in page
    assert "C04" in page
    manifest = json.loads((done.folder / "manifest.json").read_text())
    assert manifest["run"]["command"] == "evidence --study MaciasSanchez2022 -o FOLDER"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"indication": ["itp"], "source": ["adipose"]}, "no row of the record meets all"),
        ({"indication": ["itpp"]}, "`itpp` is not an indication of the record"),
    ],
)
def test_nothing_is_written_where_no_row_is_meant(tmp_path, asked, words):
    with pytest.raises(InvalidInput, match=words):
        write_record(asked, tmp_path / "page")
    assert not (tmp_path / "page").exists()


def test_a_folder_in_use_is_left_alone(tmp_path):
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "kept").write_text("x")
    with pytest.raises(InvalidInput, match="not empty"):
        write_record({"indication": ["itp"]}, tmp_path / "page")
    assert [path.name for path in (tmp_path / "page").iterdir()] == ["kept"]
