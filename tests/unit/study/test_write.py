from stromal.study.analyse import analyse
from stromal.study.library import find_study
from stromal.study.read import read_study
from stromal.study.write import write_run


def test_tables_are_written_with_and_without_a_page(tmp_path):
    findings = analyse(read_study(find_study("itp-dose")))
    tables = write_run(findings, tmp_path / "tables", seed=None, page=False)
    names = {path.name for path in tables.folder.iterdir()}
    assert names == {
        "outcomes.parquet",
        "outcomes.csv",
        "estimates.csv",
        "manifest.json",
        "evidence",
    }
    page = write_run(findings, tmp_path / "page", seed=7, page=True)
    assert (page.folder / "report.html").exists()
    names = {path.stem for path in (page.folder / "figures").glob("*.svg")}
    text = (page.folder / "report.html").read_text("utf-8")
    assert len(names) == text.count("<figure>") > 0
    assert any(name.startswith("evidence-") for name in names)
    assert (
        tables.manifest.run["command"],
        page.manifest.run["command"],
        page.manifest.run["seed"],
    ) == (
        "analyse",
        "run",
        7,
    )
