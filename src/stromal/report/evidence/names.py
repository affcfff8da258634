"""Words of the record and numbers of its arms, as they are printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from re import fullmatch, sub
from types import MappingProxyType

from stromal.report.words import MISSING, SPACE, capitalise, render_number, render_range

_SPOKEN: Mapping[str, str] = MappingProxyType(
    {
        "gvhd": "GVHD",
        "itp": "ITP",
        "cart": "CAR-T",
        "crs": "CRS",
        "icans": "ICANS",
        "ii": "II",
        "iii": "III",
        "iv": "IV",
        "mrna": "mRNA",
        "bm": "BM",
        "msc": "MSC",
    }
)
_MILLION = 1e6


def name_word(word: str) -> str:
    """Return a word of the record's lists as it is printed.

    Examples
    --------
    >>> name_word("acute_gvhd_treatment"), name_word("acute_gvhd_iii_iv")
    ('acute GVHD treatment', 'acute GVHD III–IV')
    """
    text = " ".join(_SPOKEN.get(part, part) for part in word.split("_") if part)
    text = sub(r"\b(II|III) IV\b", r"\1–IV", text)
    return sub(r"\bgrade (\d) up\b", rf"grade ≥{SPACE}\1", text)


def spell(text: str) -> str:
    """Return words of the record within a sentence with their abbreviations as they are printed.

    Examples
    --------
    >>> spell("another indication: acute gvhd treatment")
    'another indication: acute GVHD treatment'
    """
    return sub(r"\b(gvhd|itp|cart|msc)\b", lambda found: _SPOKEN[found[1]], text)


def title_word(word: str) -> str:
    """Return a word of the record's lists with a capital.

    Examples
    --------
    >>> title_word("overall_response")
    'Overall response'
    """
    return capitalise(name_word(word))


def name_study(author: str | None, year: int | None, study: str) -> str:
    """Return a study by its first author and year; by its name where the author is not known.

    Examples
    --------
    >>> name_study("Le Blanc K", 2008, "LeBlanc2008"), name_study(None, 2020, "NCT02913261")
    ('Le Blanc 2008', 'NCT02913261')
    """
    if not author:
        return study
    # `Wu Y (listed as Yamei)` tells of the paper, not of the author
    words = author.partition(" (")[0].split()
    # initials follow the family name: `Le Blanc K`, `Kurtzberg J`
    while len(words) > 1 and words[-1].isupper() and len(words[-1]) <= 3:
        words.pop()
    return f"{' '.join(words)} {year}" if year else " ".join(words)


def spell_study(study: str) -> str:
    """Return the name of a study in the record as it is read, where nothing else is known of it.

    Examples
    --------
    >>> spell_study("Kurtzberg2020_P3"), spell_study("NCT02913261"), spell_study("WuKH2013a")
    ('Kurtzberg 2020 (P3)', 'NCT02913261', 'WuKH 2013a')
    """
    found = fullmatch(r"(\D+)((?:19|20)\d\d[a-z]?)(?:_(\w+))?", study)
    if found is None:
        return study
    part = f" ({found[3]})" if found[3] else ""
    return f"{found[1]} {found[2]}{part}"


def tell_apart(labels: Sequence[str], studies: Sequence[str]) -> list[str]:
    """Return the labels of studies; those that several share get the end of the study's name.

    Examples
    --------
    >>> tell_apart(["Kurtzberg 2020"] * 2, ["Kurtzberg2020_P3", "Kurtzberg2020_EAP"])
    ['Kurtzberg 2020 (P3)', 'Kurtzberg 2020 (EAP)']
    """
    own: dict[str, set[str]] = {}
    for label, study in zip(labels, studies, strict=True):
        own.setdefault(label, set()).add(study)
    return [
        f"{label} ({study.rpartition('_')[2]})" if len(own[label]) > 1 else label
        for label, study in zip(labels, studies, strict=True)
    ]


def write_dose(low: float | None, median: float | None, high: float | None) -> str:
    """Return doses in millions of cells per kg: the median, or the range of doses.

    Examples
    --------
    >>> write_dose(0.54e6, 1.18e6, 2.8e6), write_dose(1e6, None, 1e6), write_dose(None, None, None)
    ('1.18 (0.54–2.80)', '1', '–')
    """
    ends = [None if end is None else end / _MILLION for end in (low, high)]
    first, last = ends
    span = "" if None in ends or first == last else render_range(first, last)
    if median is not None:
        text = render_number(median / _MILLION)
        return f"{text} ({span})" if span else text
    single = next((end for end in ends if end is not None), None)
    return span or (MISSING if single is None else render_number(single))


def write_infusions(low: int | None, high: int | None) -> str:
    """Return how many infusions were given.

    Examples
    --------
    >>> write_infusions(1, 4), write_infusions(2, 2), write_infusions(None, None)
    ('1–4', '2', '–')
    """
    known = [number for number in (low, high) if number is not None]
    return "–".join(str(number) for number in dict.fromkeys(known)) or MISSING
