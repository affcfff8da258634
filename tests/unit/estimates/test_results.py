from stromal.estimates.results import Results
from stromal.tables.estimates import ESTIMATES


def test_results_of_nothing_are_empty_tables():
    results = Results()
    assert results.estimates.schema == ESTIMATES.empty().schema
    assert results.disagreements.columns == ["analysis", "subject", "ours", "reported", "reason"]
    assert results.curves == ()
