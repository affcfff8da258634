import pytest

from stromal.analyses.strata import check_strata, place_strata, read_strata
from stromal.estimates.cox import fit_cox
from stromal.estimates.log_rank import compare_survival
from tests.unit.analyses import many

ASKED = {"estimate": "survival", "endpoint": "survival", "by": "marker"}


def test_a_stratum_is_a_level_of_every_name_and_none_where_one_is_not_known():
    own = many.setting()
    strata = read_strata(own, ["marker", "late"])
    assert strata["stratum"].n_unique() == 4
    assert read_strata(own, []) is None
    assert read_strata(own, ["nobody"])["stratum"].null_count() == many.N


def test_the_test_and_the_ratio_are_those_within_strata():
    (found,) = many.answers(ASKED | {"strata": ["late"]})
    own = many.setting()
    times = own.outcomes.filter(endpoint="survival")
    people = own.patients.subjects.select("subject", "marker", "late")
    joined = times.join(people, on="subject", maintain_order="left")
    strata = place_strata(times, read_strata(own, ["late"]))
    expected = compare_survival(joined, joined["marker"], strata=strata)
    rows = found.estimates
    assert rows.filter(statistic="log-rank p")["value"].item() == pytest.approx(expected.p_value)
    assert rows.filter(statistic="log-rank p")["method"].item().startswith("stratified")
    cox = fit_cox(joined, joined.select("marker"), strata=strata, references={"marker": "no"})
    ratio = rows.filter(statistic="hazard ratio")["value"].item()
    assert ratio == pytest.approx(cox.effects[0].ratio.value)
    (plain,) = many.answers(ASKED)
    assert ratio != plain.estimates.filter(statistic="hazard ratio")["value"].item()


def test_a_name_that_makes_no_strata_is_an_issue():
    (issue,) = check_strata(["stag"], many.protocol())
    assert issue.column == "strata[0]"
