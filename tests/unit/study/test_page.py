from stromal.store.manifest import Manifest
from stromal.study.analyse import analyse
from stromal.study.library import find_study
from stromal.study.page import gather_content
from stromal.study.read import read_study

MANIFEST = Manifest(study="x", command="run", seed=3, versions={"python": "3"}, inputs={})


def test_the_page_holds_every_analysis_and_the_published_numbers_beside_ours():
    study = read_study(find_study("itp-dose"))
    content = gather_content(analyse(study), MANIFEST)
    (cohort,) = content.cohorts
    assert [result.analysis for result in cohort.findings] == [
        analysis.name for analysis in study.protocol.analyses
    ]
    assert content.comparison.height == study.published.height
    assert content.facts.seed == 3
