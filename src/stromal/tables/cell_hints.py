"""Words for cells that are not what their column holds: what is wrong, and what to do about it.

A hint never tells anybody to empty a cell that holds information, nor how to turn a finding into a
number: what is to be done then is known where the table was made.
"""

from __future__ import annotations

import re
from unicodedata import normalize

from stromal.tables.missing_codes import name_code

_LOOK_UP = "write the number that was measured; leave the cell empty only where none was"
_ASK = "this is a finding in words; ask the laboratory for the number or the limit of detection"
_DATE_HINT = "a spreadsheet may have made a date of a number; look the number up"
_DATE = (
    r"(?i)\d{4}[-/.]\d\d?[-/.]\d\d?([T ].*)?"
    r"|\d\d?[./-]\d\d?[./-](\d{4}|\d\d)([T ].*)?"
    r"|\d\d?[- .]*[a-zä]{3,9}[- .,]*(\d{4}|\d\d)"
    r"|[a-zä]{3,9}[- .]*\d\d?,?[- ]*\d{4}"
    r"|\d{4}年\d\d?月\d\d?日"
)
_SIGN = r"[<>≤≥≦≧⩽⩾＜＞]=?|&[lg][te];"
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_NOT_KNOWN = r"(?i)none|null|n/?a|missing|unknown|not known|-+|–|—|\?+|\.[a-z]"
_NOT_DONE_OR_DETECTED = r"(?i)n\.?\s?[dbn]\.?"
_FINDING = r"(?i)neg(ative|ativ)?\.?|pos(itive|itiv)?\.?|[+]+|\([+-]\)|traces?|absent|present"

_HINTS: tuple[tuple[str, str], ...] = (
    (r"[+-]?(?i:inf|infinity|∞)", "write a number; infinity is none"),
    (r"#.*", "a spreadsheet formula failed here; put it right there and save the table again"),
    (r"[+-]?\d[\d.]*[eE][+-]?\d+", "no measured number is as large"),
    (_NOT_KNOWN, "leave the cell empty where nothing is known"),
    (_FINDING, _ASK),
    (r"[+-]?\d{1,3}([ '’]\d{3})+([.,]\d+)?", "write no thousands separator"),
    (r"\d[\d.,]*\s*(-|–|to|bis)\s*\d[\d.,]*", _LOOK_UP),
    (r"[~≈].*|(?i:ca|about|approx)\.?\s.*", _LOOK_UP),
    (
        r"[+-]?\d[\d.,]*\s*[^\d\s.,].*",
        "write the number alone; a unit has its own column, a mark such as `L` or `*` none",
    ),
)

# Kinds of faults that need no look at the cell.
_PLAIN: dict[str, tuple[str, str | None]] = {
    "empty": ("the cell is empty", None),
    "bound": ("`{}` is not a bound", "write `below` or `above`, or nothing"),
    "unbound": ("`{}` stands without a value", "write the limit of detection in `value`"),
    "contradiction": ("`{}` contradicts the sign of the value", "keep the one that is right"),
}


def explain_cell(kind: str, cell: str, *, decimal_commas: bool) -> tuple[str, str | None]:
    """Return what is wrong with a cell and what to do about it, for a kind of fault.

    Parameters
    ----------
    kind
        Of a `Fault`: a kind of column, or `day`, `empty`, `below`, `code`, `bound`, `unbound` or
        `contradiction`.
    cell
        The cell as it stands in the file.
    decimal_commas
        Whether `0,5` is a number in this file.

    Examples
    --------
    >>> explain_cell("day", "D+7", decimal_commas=False)
    ('`D+7` is not a number', 'write the day as a number alone: `7`')
    """
    shown = _shorten(cell)
    if kind == "code":
        return _explain_code(cell, shown, decimal_commas=decimal_commas)
    if kind in _PLAIN:
        message, hint = _PLAIN[kind]
        return message.format(shown), hint
    if kind == "integer" and re.fullmatch(r"[+-]?\d+([.,]\d+)?", cell):
        return f"`{shown}` is not a whole number", "a count has no decimals; look it up"
    return f"`{shown}` is not a number", _hint(kind, cell, decimal_commas=decimal_commas)


def _explain_code(cell: str, shown: str, *, decimal_commas: bool) -> tuple[str, str]:
    bare = re.sub(r"^\s*[^\d+.,-]*", "", cell)
    number = float(bare.replace(",", ".") if decimal_commas else bare)
    whose = name_code(number)
    if whose is None:
        return f"`{shown}` is too large for anything that is measured", _LOOK_UP
    return f"`{shown}` is a code for missing", f"{whose} so; leave the cell empty"


def _hint(kind: str, cell: str, *, decimal_commas: bool) -> str:
    found = (
        _hint_not_done(kind, cell),
        _hint_comma(cell, decimal_commas=decimal_commas),
        _hint_day(cell) if kind == "day" else None,
        _hint_typography(cell),
        _hint_sign(kind, cell),
        _DATE_HINT if kind != "day" and re.fullmatch(_DATE, cell) else None,
        next((hint for pattern, hint in _HINTS if re.fullmatch(pattern, cell)), None),
        "write the day as a number, counted from day 0" if kind == "day" else _LOOK_UP,
    )
    return next(hint for hint in found if hint is not None)


def _hint_not_done(kind: str, cell: str) -> str | None:
    if not re.fullmatch(_NOT_DONE_OR_DETECTED, cell):
        return None
    asks = f"`{cell}` may say not done or not detected: leave the cell empty if it was not done"
    limit = ", write the limit, such as `<0.1`, if it was not detected"
    return asks + (limit if kind == "number or bound" else "")


def _hint_comma(cell: str, *, decimal_commas: bool) -> str | None:
    if not re.fullmatch(rf"(?:{_SIGN})?\s*[+-]?[\d.]*,[\d.,]+", cell):
        return None
    point = "" if decimal_commas else "a decimal point and "
    return f"write {point}no thousands separator"


def _hint_day(cell: str) -> str | None:
    counted = re.fullmatch(r"(?i)(?:d|day|tag|t)\s*\.?\s*([+−–-]?)\s*(\d+(?:\.\d+)?)", cell)
    if counted is not None:
        sign = "" if counted[1] in ("", "+") else "-"
        return f"write the day as a number alone: `{sign}{counted[2]}`"
    if re.fullmatch(_DATE, cell):
        return "this looks like a date; write the day counted from day 0"
    return None


def _hint_typography(cell: str) -> str | None:
    plain = normalize("NFKC", cell).replace("−", "-").replace("–", "-").strip()
    if plain == cell or not re.fullmatch(_NUMBER, plain):
        return None
    return f"write it with plain digits and signs: `{plain}`"


def _hint_sign(kind: str, cell: str) -> str | None:
    if not re.match(_SIGN, cell):
        return None
    if kind == "number or bound":
        return "write the limit of detection as a number, such as `<0.1`"
    what = "a day" if kind == "day" else "a number of this column"
    return f"{what} takes no sign; write the number itself where it is known"


def _shorten(cell: str) -> str:
    plain = "".join(char if char.isprintable() else " " for char in cell)
    return plain if len(plain) <= 40 else plain[:39] + "…"
