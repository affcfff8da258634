import polars as pl

from stromal.evidence.library.reader import read_library
from stromal.evidence.library.syntheses import read_syntheses


def test_every_meta_analysis_that_pools_studies_of_msc_is_there():
    studies = read_library().studies.filter(design="meta_analysis")["study"]
    listed = set(read_syntheses()["study"])
    # the one of CAR-T cells has no patient given MSC
    assert listed == set(studies) - {"Xia2022_SR"}


def test_every_one_says_what_it_pools_and_why_it_differs():
    frame = read_syntheses()
    assert frame.select(pl.col("included", "differs").is_not_null().all()).row(0) == (True, True)


def test_numbers_of_patients_agree_with_the_record():
    outcomes = read_library().outcomes
    for study, included in read_syntheses().select("study", "included").iter_rows():
        sizes = outcomes.filter(study=study)["printed_n"].drop_nulls().unique().to_list()
        for size in sizes:
            assert size == 301 or str(size) in included
