import pytest

from stromal.estimates.proportion import estimate_proportion
from tests.reference.recorded import read_recorded

RECORDED = read_recorded("proportion")


@pytest.mark.parametrize("case", RECORDED["case"].unique(maintain_order=True))
def test_intervals_are_those_of_r(case):
    counts, level = case.split(" at ")
    events, n = (int(count) for count in counts.split("/"))
    rows = RECORDED.filter(case=case)
    recorded = dict(zip(rows["quantity"], rows["value"], strict=True))
    for interval in ("clopper-pearson", "wilson"):
        ours = estimate_proportion(events, n, float(level), interval)
        found = (ours.value, ours.low, ours.high)
        expected = (recorded["value"], recorded[f"{interval} low"], recorded[f"{interval} high"])
        assert found == pytest.approx(expected, rel=1e-10, abs=1e-14)


@pytest.mark.parametrize(
    ("events", "n", "low", "high"),
    [(8, 18, 21.5, 69.2), (23, 26, 69.8, 97.6), (39, 55, 57.1, 82.4), (136, 301, 39.5, 51.0)],
)
def test_intervals_are_those_that_papers_print(events, n, low, high):
    ours = estimate_proportion(events, n)
    assert (round(100 * ours.low, 1), round(100 * ours.high, 1)) == (low, high)
