"""How wide letters are, and text cut or broken so that it fits a width.

Widths are those of the font that matplotlib carries, so a layout does not depend on the machine;
the reader's own font is narrower, so what fits here fits there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from re import fullmatch

SIZE = 8.0
_ELLIPSIS = "…"


def measure_text(text: str, size: float = SIZE, *, bold: bool = False) -> float:
    """Return the width of a line of text [pt].

    Examples
    --------
    >>> measure_text("ii") < measure_text("mm"), measure_text("")
    (True, 0.0)
    >>> measure_text("mm", 16) == 2 * measure_text("mm", 8)
    True
    """
    return size * sum(_advance(letter, bold) for letter in text)


@cache
def _advance(letter: str, bold: bool) -> float:  # noqa: FBT001  (a key of the cache)
    """Width of a letter beside the size of the font; one that the font lacks is taken as wide."""
    from matplotlib.font_manager import FontProperties, findfont, get_font  # noqa: PLC0415

    weight = "bold" if bold else "normal"
    font = get_font(findfont(FontProperties(family="DejaVu Sans", weight=weight)))
    if not font.get_char_index(ord(letter)):
        return 1.0
    # at 100 pt and 72 dots an inch, a dot is a hundredth of the size
    font.set_size(100, 72)
    return float(font.load_char(ord(letter)).linearHoriAdvance) / 65536 / 100


def fit_text(text: str, width: float, size: float = SIZE, *, bold: bool = False) -> str:
    """Return the text, cut with an ellipsis where it is wider than `width` [pt].

    Examples
    --------
    >>> fit_text("umbilical cord", 40), fit_text("cord", 40)
    ('umbilic…', 'cord')
    """
    if measure_text(text, size, bold=bold) <= width:
        return text
    kept = text
    while kept and measure_text(kept.rstrip() + _ELLIPSIS, size, bold=bold) > width:
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS


def fit_name(text: str, width: float, size: float = SIZE) -> str:
    """Return the name of a study, cut where it is wider than `width` [pt]; its year stays.

    Examples
    --------
    >>> fit_name("Hernandez-Villanueva 2014", 70)
    'Hernand… 2014'
    """
    found = fullmatch(r"(.+?) ((?:19|20)\d\d\S*(?: \(\w+\))?)", text)
    if found is None or measure_text(text, size) <= width:
        return fit_text(text, width, size)
    author, year = found.groups()
    return f"{fit_text(author, width - measure_text(f' {year}', size), size)} {year}"


def count_columns(labels: Sequence[str], width: float, size: float = 8.5) -> int:
    """Return how many columns of a legend fit a width [pt]; one at least.

    Handles and gaps of matplotlib's legends are 4.5 times the size of the letters.

    Examples
    --------
    >>> count_columns(["MSC", "control"], 300), count_columns(["MSC", "a long name " * 3], 300)
    (2, 1)
    """
    widest = max((measure_text(label, size) for label in labels), default=0.0)
    return max(1, min(len(labels), int(width / (widest + 4.5 * size))))


def break_text(
    text: str, width: float, size: float = SIZE, *, most: int = 9, bold: bool = False
) -> list[str]:
    """Return the lines of a text broken at spaces to a width [pt], at most `most` of them.

    A space that does not break holds. A word that is wider than the width, and what does not fit
    the last line, is cut.

    Examples
    --------
    >>> break_text("tissue of the umbilical cord", 60)
    ['tissue of the', 'umbilical cord']
    """
    lines: list[str] = []
    words = [word for word in text.split(" ") if word]
    while words:
        line = words.pop(0)
        while words and measure_text(f"{line} {words[0]}", size, bold=bold) <= width:
            line = f"{line} {words.pop(0)}"
        if len(lines) == most - 1:
            line = " ".join([line, *words])
            words = []
        lines.append(fit_text(line, width, size, bold=bold))
    return lines
