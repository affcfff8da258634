"""Tables with a column for each analyte, where `labs` has a row for each value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from stromal.errors import Issue, Severity
from stromal.tables.vocabulary.vocabulary import SHARED

_UNIT = re.compile(r"\s*[\[(].*")
_DAY = re.compile(r"(?i)[\s_]+(?:d|day|tag|t)?\s*[+-]?\d+$")
_SHOWN = 5


def name_analyte(column: str) -> str | None:
    """Return the analyte that a column is named for, without its unit and day; None where none.

    Examples
    --------
    >>> name_analyte("PLT"), name_analyte("Hb [g/dl] d-7"), name_analyte("subject")
    ('platelets', 'haemoglobin', None)
    """
    text = _UNIT.sub("", column)
    return SHARED.find_analyte(text) or SHARED.find_analyte(_DAY.sub("", text))


def describe_wide(columns: Sequence[str], schema: str, table: str) -> Issue:
    """Return the issue of a table in which these columns are analytes, one issue for all of them.

    Examples
    --------
    >>> print(describe_wide(["WBC", "ANC"], "labs", "labs.csv"))
    labs.csv: columns `WBC`, `ANC` are analytes, and labs holds one row for each value.
    hint: write columns subject, day, analyte, value, unit; a row is `1,7,leukocytes,4,10^9/L`
    """
    shown = ", ".join(f"`{name[:40]}`" for name in columns[:_SHOWN])
    left = len(columns) - _SHOWN
    more = f" and {left} more" if left > 0 else ""
    are = "are analytes" if len(columns) > 1 else "is an analyte"
    named = f"column{'s' if len(columns) > 1 else ''} {shown}{more} {are}"
    found = Counter(name_analyte(name) for name in columns).most_common(1)[0][0]
    analyte = SHARED.analytes[found or "platelets"]
    usual = next((limit for limit in analyte.normal if limit is not None), 1.0)
    row = f"`1,7,{analyte.name},{usual:g},{analyte.unit}`"
    if schema == "labs":
        hint = f"write columns subject, day, analyte, value, unit; a row is {row}"
        return Issue(f"{named}, and labs holds one row for each value", table, hint=hint)
    hint = f"laboratory values stand in labs, one row for each, such as {row}"
    return Issue(f"{named}, not read from {schema}", table, hint=hint, severity=Severity.WARNING)
