import polars as pl
import pytest

from stromal.tables.gathered import GatheredOutcomes
from stromal.tables.outcomes import OUTCOMES


def rows(first, last):
    """Outcomes of two endpoints, patient by patient, with what is hard to keep."""
    frame = pl.DataFrame(
        {
            "subject": [f"p{number}" for number in range(first, last) for _ in "ab"],
            "endpoint": ["grade", "time"] * (last - first),
            "kind": ["grade", "time"] * (last - first),
            "value": [-0.0, 0.1 + 0.2] * (last - first),
            "label": [None, "é"] * (last - first),
            "status": [None, 1] * (last - first),
        }
    )
    return OUTCOMES.conform(frame)


@pytest.mark.parametrize("plain", [0, 3, 100])
@pytest.mark.parametrize("size", [1, 4, 10])
def test_rows_are_those_of_one_table_to_the_bit_however_they_come(plain, size):
    gathered = GatheredOutcomes(plain=plain)
    for first in range(0, 10, size):
        gathered.add(rows(first, min(first + size, 10)))
    whole = rows(0, 10)
    for name in ("grade", "time"):
        own = whole.filter(pl.col("endpoint") == name)
        assert gathered.of(name).equals(own)
        bits = [one["value"].to_numpy().tobytes() for one in (own, gathered.of(name))]
        assert bits[0] == bits[1]
    assert gathered.table().equals(whole.sort("endpoint", maintain_order=True))
    assert gathered.of("time", "grade")["endpoint"].to_list() == ["time"] * 10 + ["grade"] * 10


def test_what_nobody_asked_for_has_no_rows_and_no_kind():
    gathered = GatheredOutcomes()
    assert gathered.of("grade").equals(OUTCOMES.empty())
    assert gathered.kind_of("grade") == ""
    assert gathered.table().equals(OUTCOMES.empty())


def test_many_patients_take_a_small_part_of_their_table():
    gathered, whole = GatheredOutcomes(plain=0), rows(0, 20_000)
    gathered.add(whole)
    kept = sum(len(part) for parts in gathered._packed.values() for part in parts)
    assert not gathered._parts
    assert kept < whole.estimated_size() / 10
