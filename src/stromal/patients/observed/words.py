"""Words of a column that must be on a list: brought to the list's spelling, or an issue."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import polars as pl

from stromal.errors import Issue
from stromal.likeness import find_nearest
from stromal.tables.fold import fold_values
from stromal.tables.patients import TableFile


def read_words(
    frame: pl.DataFrame,
    column: str,
    spellings: Mapping[str, str],
    what: str,
    file: TableFile,
    hint: Callable[[str], str | None] = lambda _: None,
) -> tuple[pl.DataFrame, tuple[Issue, ...]]:
    """The frame with `column` in the spelling of the list, and an issue for each unknown word.

    Parameters
    ----------
    spellings
        Every accepted spelling in small letters, and the word it stands for.
    what
        What the words are, for the message: `a sex`.
    hint
        Gives the hint for a word, where it has one; else words of the list are offered.

    Examples
    --------
    >>> frame = pl.DataFrame({"sex": ["F", "male", "x", None]})
    >>> spellings = {"f": "female", "female": "female", "male": "male"}
    >>> read, issues = read_words(frame, "sex", spellings, "a sex", TableFile("subjects.csv", 2))
    >>> read["sex"].to_list()
    ['female', 'male', None, None]
    >>> print(issues[0])
    subjects.csv row 4 column sex: `x` is not a sex.
    hint: write one of female, male
    """
    given = frame[column]
    words = given.str.to_lowercase().replace_strict(
        dict(spellings), default=None, return_dtype=pl.String
    )
    choices = tuple(dict.fromkeys(spellings.values()))

    def say(text: str, position: int) -> Issue:
        said = hint(text) or list_choices(text, choices)
        return Issue(f"`{text[:60]}` is not {what}", file.name, file.row(position), column, said)

    wrong = given.is_not_null() & words.is_null()
    return frame.with_columns(words.alias(column)), fold_values(wrong, given, say)


def list_choices(text: str, choices: Sequence[str]) -> str:
    """Return a hint: the choice that a text is a slip of, else the first of all of them.

    Examples
    --------
    >>> list_choices("relaps", ("death", "relapse"))
    'is `relapse` meant?'
    """
    near = find_nearest(text, choices)
    if near is not None:
        return f"is `{near}` meant?"
    shown = ", ".join(choices[:12])
    return f"write one of {shown}" + (" ..." if len(choices) > 12 else "")


def how_to_declare(table: str, text: str) -> str:
    """Return a hint: the table of the protocol in which a study declares a name.

    Examples
    --------
    >>> how_to_declare("analytes", "Treg cells")
    'if it is meant, declare it in the protocol as [analytes.treg_cells]'
    """
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    named = re.match(r"[a-z]", name) and len(name) <= 60
    return f"if it is meant, declare it in the protocol as [{table}.{name if named else '...'}]"
