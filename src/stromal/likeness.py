"""Which known word an unknown one is a slip of: the rules of every "did you mean".

A hint that could change a value, a product or an analyte is worse than none. So a word is suggested
only where one letter is wrong, missing, too many or exchanged with its neighbour, where figures and
signs agree, and where no second word is as near. Other names of a thing (`Hb`, `PLT`) are data of
the vocabularies and no likeness. Names within one model are short and mean what their author says;
for them alone the nearest one is suggested.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

SHORTEST = 4
"""Letters that a word must have for one of them to be wrong; `alt` is not a slip of `alp`."""

_NUMBERING = {"id", "no", "nr", "number"}
_ROMAN = re.compile(r"[ivx]+")


def find_nearest(name: str, choices: Iterable[str]) -> str | None:
    """Return the choice that `name` is most likely a slip of; None where none is near.

    Capitals, spaces, hyphens and underscores do not count, nor do British and American spellings
    of one word. Words of fewer than four letters must agree but for an exchange of neighbours.

    Examples
    --------
    >>> find_nearest("Hemoglobine", ("haemoglobin", "platelets"))
    'haemoglobin'
    >>> find_nearest("haptoglobin", ("haemoglobin", "platelets")) is None
    True
    >>> find_nearest("10^4/uL", ("10^3/uL", "10^9/L")) is None
    True
    """
    given = _words(name[:100])
    near = [choice for choice in choices if _is_slip(given, _words(choice))]
    same = [choice for choice in near if "".join(_words(choice)) == "".join(given)]
    found = same or near
    return found[0] if len(found) == 1 else None


def find_similar(name: str, choices: Iterable[str]) -> str | None:
    """Return the name of a model that is most like another text; None where none is.

    Examples
    --------
    >>> find_similar("kee", ("ke", "ka")), find_similar("dose", ("ke", "ka"))
    ('ke', None)
    """
    near = get_close_matches(name[:200], list(choices), n=1, cutoff=0.6)
    return near[0] if near else None


def _words(text: str) -> tuple[str, ...]:
    text = text.casefold().replace("ae", "e").replace("oe", "e")
    return tuple(re.split(r"[\s_-]+", text.strip()))


def _is_slip(given: tuple[str, ...], choice: tuple[str, ...]) -> bool:
    """Tell whether one letter in all makes the difference."""
    one, other = "".join(given), "".join(choice)
    if not one or not other:
        return False
    if one == other or (len(given) > 1 and given[-1] in _NUMBERING and given[:-1] == choice):
        return True
    if re.sub(r"[^\W\d_]", "", one) != re.sub(r"[^\W\d_]", "", other):
        return False
    # In a formula every letter is a prefix or a unit of its own.
    if "/" in one or len(given) != len(choice):
        return False
    differing = [(a, b) for a, b in zip(given, choice, strict=True) if a != b]
    return len(differing) == 1 and _one_letter(*differing[0])


def _one_letter(one: str, other: str) -> bool:
    """Tell whether two words differ by one letter; only an exchange where one of them is short."""
    short, long = sorted((one, other), key=len)
    start = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), None)
    at = len(short) if start is None else start
    swapped = short[at : at + 2] == long[at : at + 2][::-1]
    if len(short) == len(long) and swapped and short[at + 2 :] == long[at + 2 :]:
        return True
    if _ROMAN.fullmatch(one) and _ROMAN.fullmatch(other):
        return False
    if len(short) == len(long):
        return len(short) >= SHORTEST and short[at + 1 :] == long[at + 1 :]
    # `skn` is a slip of `skin` and `lab` of `labs`, but `mch` is not one of `mchc`.
    sure = len(short) >= SHORTEST or (len(long) >= SHORTEST and (0 < at < len(short)))
    missing = len(long) == len(short) + 1 and short[at:] == long[at + 1 :]
    return missing and (sure or (long == f"{short}s" and len(long) >= SHORTEST))
