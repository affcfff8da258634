"""Targets of a model: what was observed, and whether a version may be fitted to it.

Role C rows may be fitted to, V rows are checked, H rows are held out: nothing that fits may read
them. `first_role` is the role a row had before it was looked at for mending the model.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from stromal.models.library.read import find_folder

ROLES = ("C", "V", "H")
_NUMBERS = ("value", "low", "high", "events", "n", "weight")


def read_targets(name: str, roles: Sequence[str] = ROLES) -> pl.DataFrame:
    """Return the targets of a model that have one of some roles.

    Parameters
    ----------
    name
        One of `list_library_models()`.
    roles
        Some of `C` (fitted), `V` (checked) and `H` (held out).

    Returns
    -------
    DataFrame
        One row per number: `id`, `target`, `role`, `statistic`, `value`, `low` and `high` [unit],
        `events` of `n`, and `shares_patients`: rows with the same word there speak of the same
        patients, who must not be counted twice. A direction has no value.

    Examples
    --------
    >>> rows = read_targets("physiology", roles=["C"])
    >>> rows.filter(id="B5.1c").select("events", "n", "shares_patients").row(0)
    (6.0, 12.0, 'chen2024-18')
    """
    path = find_folder(name) / "targets.csv"
    header = path.read_text("utf-8").partition("\n")[0].split(",")
    types = {column: pl.Float64 if column in _NUMBERS else pl.String for column in header}
    return pl.read_csv(path, schema=types).filter(pl.col("role").is_in(list(roles)))
