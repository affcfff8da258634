import polars as pl
from tests.unit.endpoints.rules.gvhd.staged import patient

from stromal.endpoints.rules.gvhd.ends import find_ends, mark_before
from stromal.tables.windows import Window


def test_treatment_counts_after_the_baseline_and_death_always():
    events = [(0, "systemic_gvhd_treatment"), (9, "systemic_gvhd_treatment"), (30, "death")]
    row = find_ends(patient(events=events), 0.0).row(0, named=True)
    assert (row["treatment_day"], row["death_day"], row["treatment_undated"]) == (9, 30, False)
    assert find_ends(patient(events=[(None, "death")]), 0.0)["death_undated"].item()
    assert find_ends(patient(events=[(3, "relapse")]), 0.0).is_empty()


def test_an_end_comes_before_an_assessment_or_before_the_last_day_it_was_due():
    rows = pl.DataFrame(
        {
            "has_now": [True, True, False, False],
            "now_day": [28.0, 28.0, None, None],
            "death_day": [28.0, 27.0, 31.0, 32.0],
            "treatment_day": [None, 9.0, None, None],
        }
    ).with_columns(mark_before(Window(day=28, before=3, after=3)))
    assert rows["died_before"].to_list() == [False, True, True, False]
    assert rows["treated_before"].to_list() == [None, True, None, None]
