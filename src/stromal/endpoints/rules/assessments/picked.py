"""Which of the records of an item is asked for: near a day, the first, the last."""

from __future__ import annotations

import polars as pl
from pydantic import model_validator

from stromal.endpoints.endpoint import Need, Parameters
from stromal.endpoints.records.words import name_window, window_words
from stromal.tables.patients import Patients
from stromal.tables.vocabulary.scales import SCALES
from stromal.tables.windows import Day, Window, find_nearest, within
from stromal.toml.part import Name

CRITERIA = "recorded_assessment"


class ItemParameters(Parameters):
    """Which item of which scale, and on which days.

    Parameters
    ----------
    scale
        Name of a scale that every study knows, or that the protocol declares.
    item
        Name of an item of it.
    window
        Day [d] of `at_day`, and the days around it that still count; a visit gives it.
    from_day
        First day [d] that counts, included; none: open.
    to_day
        Last day [d] that counts, included; none: open.
    """

    scale: Name
    item: Name
    window: Window | None = None
    from_day: Day | None = None
    to_day: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> ItemParameters:
        both = self.from_day is not None and self.to_day is not None
        if both and (self.to_day or 0.0) < (self.from_day or 0.0):
            raise ValueError("`to_day` is before `from_day`; give the later day as `to_day`")
        return self

    @property
    def days(self) -> str:
        """Write the days that count."""
        return name_window(self.window) if self.window else window_words(self.from_day, self.to_day)

    @property
    def what(self) -> str:
        """Name the item in words."""
        known = SCALES.get(self.scale)
        item = None if known is None else known.items.get(self.item)
        return f"{self.scale} {self.item}".replace("_", " ") if item is None else item.label


def read_item(patients: Patients, parameters: ItemParameters) -> pl.DataFrame:
    """Read the records of an item with a day, on the days from the first to the last.

    Returns
    -------
    polars.DataFrame
        `subject`, `day` [d], `value` (text, null where the item was listed without one), sorted by
        subject and day.
    """
    p = parameters
    own = (pl.col("scale") == p.scale) & (pl.col("item") == p.item) & pl.col("day").is_not_null()
    rows = patients.assessments.filter(own, within(p.from_day, p.to_day))
    return rows.select("subject", "day", "value").sort("subject", "day", "value")


def pick_row(rows: pl.DataFrame, statistic: str, window: Window | None) -> pl.DataFrame:
    """Pick the record of each subject nearest to a day, the first or the last.

    Examples
    --------
    >>> rows = pl.DataFrame({"subject": ["1"] * 2, "day": [0.0, 9.0], "value": ["1", "3"]})
    >>> pick_row(rows, "last", None)["value"].to_list()
    ['3']
    """
    told = rows.drop_nulls("value")
    if statistic == "at_day" and window is not None:
        return find_nearest(told, window)
    ordered = told.sort("day", descending=statistic == "last", maintain_order=True)
    return ordered.unique("subject", keep="first", maintain_order=True)


def list_needs(parameters: ItemParameters) -> tuple[Need, ...]:
    """Return what is read: the item."""
    return (Need("assessments", (f"{parameters.scale}.{parameters.item}",)),)


def check_window(statistic: str, window: Window | None) -> None:
    """Raise ValueError where the value near a day is asked for and no day is given."""
    if statistic == "at_day" and window is None:
        raise ValueError("statistic `at_day` needs `window`, or a visit that gives it")
