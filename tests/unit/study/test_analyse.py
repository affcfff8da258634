import polars as pl

from stromal.study.analyse import analyse
from stromal.study.library import find_study
from stromal.study.read import read_study
from stromal.tables.estimates import ESTIMATES


def test_nothing_is_written_and_no_figure_is_drawn(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    findings = analyse(read_study(find_study("agvhd-children")))
    assert list(tmp_path.iterdir()) == []
    assert findings.outcomes["origin"].unique().to_list() == ["observed"]
    assert not findings.estimates.select(ESTIMATES.key).is_duplicated().any()


def _two_origins(folder, *, replicates: str = ""):
    source = find_study("itp-dose")
    (folder / "patients").mkdir(parents=True)
    for name in ("protocol.toml", "published.csv"):
        (folder / name).write_bytes((source / name).read_bytes())
    for path in (source / "patients").glob("*.csv"):
        table = pl.read_csv(path, infer_schema=False)
        simulated = table.with_columns(pl.lit("simulated").alias("origin"))
        if path.stem == "labs":
            value = pl.col("value").cast(pl.Float64) * 3
            simulated = simulated.with_columns(value.cast(pl.String).alias("value"))
        observed = table.with_columns(pl.lit("observed").alias("origin"))
        both = pl.concat([observed, simulated])
        if replicates:
            again = simulated.with_columns(pl.lit(replicates).alias("replicate"))
            first = simulated.with_columns(pl.lit("1").alias("replicate"))
            none = observed.with_columns(pl.lit("").alias("replicate"))
            both = pl.concat([none, first, again])
        both.write_csv(folder / "patients" / path.name)
    return folder


def test_observed_and_simulated_patients_are_analysed_apart(tmp_path):
    study = read_study(_two_origins(tmp_path / "both"))
    assert list(study.cohorts) == ["observed", "simulated"]
    said = [issue for issue in study.issues if "are analysed apart" in issue.message]
    assert len(said) == 1
    findings = analyse(study)
    alone = analyse(read_study(find_study("itp-dose")))
    observed = findings.estimates.filter(origin="observed")
    assert observed.equals(alone.estimates.filter(origin="observed"))
    assert findings.outcomes.filter(origin="observed").equals(alone.outcomes)
    simulated = findings.estimates.filter(origin="simulated")
    assert simulated.height == observed.height
    assert not simulated["value"].equals(observed["value"])


def test_replicates_have_estimates_of_their_own(tmp_path):
    study = read_study(_two_origins(tmp_path / "both", replicates="2"))
    findings = analyse(study)
    cohorts = [(cohort.setting.origin, cohort.setting.replicate) for cohort in findings.cohorts]
    assert cohorts == [("observed", None), ("simulated", 1), ("simulated", 2)]
    one, two = (
        findings.estimates.filter(origin="simulated", replicate=number).drop("replicate")
        for number in (1, 2)
    )
    assert one.equals(two)
    assert set(findings.outcomes["subject"]) == set(map(str, range(1, 14)))


def test_what_is_doubtful_in_the_answers_stands_among_the_issues():
    findings = analyse(read_study(find_study("hsct-engraftment")))
    said = [issue for issue in findings.issues if "not corrected for their number" in issue.message]
    assert [(issue.table, issue.column) for issue in said] == [("protocol.toml", "analyses")]
    assert said[0].row
