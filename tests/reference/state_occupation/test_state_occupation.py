import polars as pl
import pytest

from stromal.estimates.cumulative_incidence import estimate_cumulative_incidence
from stromal.estimates.kaplan_meier import estimate_survival
from stromal.estimates.state_occupation import estimate_state_occupation
from tests.reference.recorded import read_data, read_recorded, transplants

RECORDED = read_recorded("state_occupation")


def courses(unit=1):
    """Stays after transplant: platelets recover or not, then relapse, death or the end."""
    bmt = read_data("KMsurv_bmt").with_row_index("subject")
    end = pl.when(pl.col("d2") == 1).then(pl.lit("relapse"))
    end = end.when(pl.col("d1") == 1).then(pl.lit("death"))
    recovered = (pl.col("dp") == 1) & (pl.col("tp") < pl.col("t2"))
    moved = pl.when(recovered)
    first = bmt.select(
        "subject",
        "group",
        entry_day=pl.lit(0.0),
        day=moved.then(pl.col("tp")).otherwise(pl.col("t2")),
        state=pl.lit("transplanted"),
        into=moved.then(pl.lit("recovered")).otherwise(end),
    )
    second = bmt.filter(recovered).select(
        "subject",
        "group",
        entry_day="tp",
        day="t2",
        state=pl.lit("recovered"),
        into=end,
    )
    both = pl.concat([first, second], how="vertical_relaxed")
    return both.with_columns((pl.col("entry_day", "day") / unit).ceil() * unit)


def entered_late():
    later = pl.max_horizontal("entry_day", pl.lit(20.0))
    entry = pl.when(pl.col("group") == 1).then(later).otherwise("entry_day")
    return courses().with_columns(entry_day=entry)


def estimated(case):
    return {
        "all states": lambda: estimate_state_occupation(courses()),
        "late entries": lambda: estimate_state_occupation(entered_late()),
        "tens of days": lambda: estimate_state_occupation(courses(10)),
        "from recovered on day 50": lambda: estimate_state_occupation(
            courses(), start_day=50, start="recovered"
        ),
        "from transplanted on day 15": lambda: estimate_state_occupation(
            courses(), start_day=15, start="transplanted"
        ),
        "log interval": lambda: estimate_state_occupation(courses(), interval="log"),
    }[case]()


@pytest.mark.parametrize("case", RECORDED["case"].unique(maintain_order=True))
def test_states_are_those_of_r(case):
    table = estimated(case).table
    for _, quantity, day, value in RECORDED.filter(case=case).rows():
        name, state = quantity.split()
        rows = table.filter(pl.col("state") == state, pl.col("day") <= day)
        ours = rows[name][-1]
        if value is None or (name in ("low", "high") and ours is None):
            continue
        assert ours == pytest.approx(value, rel=1e-9, abs=1e-12)


def test_probabilities_add_up_to_one():
    for case in ("all states", "late entries", "from recovered on day 50"):
        table = estimated(case).table
        sums = table.group_by("day").agg(pl.col("probability").sum())["probability"]
        assert sums.to_list() == pytest.approx([1.0] * sums.len())


def test_one_event_is_kaplan_meier_and_greenwood():
    bmt = transplants()
    into = pl.when(pl.col("free") == 1).then(pl.lit("ill"))
    stays = bmt.with_row_index("subject").select(
        "subject", pl.col("day").cast(float), entry_day=pl.lit(0.0), state=pl.lit("free"), into=into
    )
    ours = estimate_state_occupation(stays).table.filter(state="free")
    curve = estimate_survival(bmt.select(pl.col("day").cast(float), status="free")).table
    for name in ("probability", "low", "high"):
        both = zip(ours[name], curve[name], strict=True)
        assert all(a == pytest.approx(b, rel=1e-9) for a, b in both if b is not None)


def test_competing_events_are_their_cumulative_incidence():
    bmt = transplants()
    names = {0: None, 1: "relapse", 2: "death"}
    into = pl.col("cause").replace_strict(names, return_dtype=pl.String)
    stays = bmt.with_row_index("subject").select(
        "subject",
        pl.col("day").cast(float),
        entry_day=pl.lit(0.0),
        state=pl.lit("free"),
        into=into,
    )
    ours = estimate_state_occupation(stays).table
    outcomes = bmt.select(pl.col("day").cast(float), status="cause")
    for cause, state in ((1, "relapse"), (2, "death")):
        curve = estimate_cumulative_incidence(outcomes, cause).table
        assert ours.filter(state=state)["probability"].to_list() == pytest.approx(
            curve["probability"].to_list()
        )
