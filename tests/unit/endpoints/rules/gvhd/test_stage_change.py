"""Two stagings side by side: one gut or two, what changed, what was not staged."""

import polars as pl
import pytest

from stromal.endpoints.records.stages import ORGANS
from stromal.endpoints.rules.gvhd.stage_change import (
    compare_stages,
    find_unstaged,
    find_unstaged_before,
    name_organs,
    unite_gut,
    write_changes,
)


def pair(base, now):
    names = [f"{when}_{item}" for when in ("base", "now") for item in ORGANS]
    given = {f"base_{item}": stage for item, stage in base.items()}
    given |= {f"now_{item}": stage for item, stage in now.items()}
    row = {name: [given.get(name)] for name in names}
    return pl.DataFrame(row, schema=dict.fromkeys(names, pl.Int8))


@pytest.mark.parametrize(
    ("base", "now", "gut"),
    [
        ({"gut": 2}, {"upper_gi": 1, "lower_gi": 3}, (2, 3)),
        ({"gut": 2}, {"lower_gi": 3}, (2, 3)),
        ({"gut": 2}, {"lower_gi": 0}, (2, None)),
        ({"upper_gi": 1, "lower_gi": 0}, {"upper_gi": 0, "lower_gi": 0}, (None, None)),
        ({"gut": 1}, {"gut": 0}, (1, 0)),
    ],
)
def test_a_gut_staged_in_one_piece_is_compared_in_one_piece(base, now, gut):
    row = pair(base, now).with_columns(unite_gut()).row(0, named=True)
    assert (row["base_gut"], row["now_gut"]) == gut


@pytest.mark.parametrize(
    ("base", "now", "changes"),
    [
        ({"skin": 3}, {"skin": 1}, (True, False, False)),
        ({"skin": 3, "liver": 0}, {"skin": 0, "liver": 1}, (True, True, False)),
        ({"skin": 3}, {"skin": 0}, (True, False, True)),
        ({"skin": 3}, {"skin": 3}, (False, False, False)),
    ],
)
def test_changes_are_of_organs_that_both_staged(base, now, changes):
    row = pair(base, now).select(compare_stages(1)).row(0, named=True)
    assert (row["improved"], row["worsened"], row["resolved"]) == changes


def test_organs_are_named():
    rows = pair({"skin": 3, "liver": 1}, {"skin": 1, "lower_gi": 2})
    words = rows.select(
        write_changes().alias("changes"),
        name_organs(find_unstaged()).alias("gone"),
        name_organs(find_unstaged_before()).alias("new"),
    )
    assert words.row(0) == ("skin 3 to 1", "liver", "lower GI")
