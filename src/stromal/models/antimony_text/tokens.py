"""Words of an Antimony text, each with its row; comments and blanks are left out."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
      (?P<gap>    (?: [ \t] | \\[ \n]+ | //[^\n]* | \#[^\n]* | /\*.*?\*/ )+ )
    | (?P<text>   "[^"\n]*" | ```.*?``` | ``(?!`) )
    | (?P<open>   /\*.* | ```.* )
    | (?P<number> (?: [0-9]+\.?[0-9]* | \.[0-9]+ ) (?: [eE][+-]?[0-9]+ )? )
    | (?P<name>   [A-Za-z_][A-Za-z0-9_]* )
    | (?P<end>    \n | ; )
    | (?P<sign>   <==> | -> | => | -\| | -o(?=[ ;]) | --+ | <= | >= | != | [!-~] )
    | (?P<strange> . )
    """,
    re.VERBOSE | re.DOTALL,
)


class Kind(StrEnum):
    """What a word of Antimony is."""

    NAME = "name"
    NUMBER = "number"
    SIGN = "sign"
    TEXT = "text"  # in quotes
    END = "end"  # of a line or a statement
    OPEN = "open"  # a comment or a note that does not end
    STRANGE = "strange"  # a character that Antimony does not have


class Token(NamedTuple):
    """One word: what it is, how it is written, its row, and whether a blank stands before it.

    `place` is where it begins in the text whose lines end as `end_lines` ends them.
    """

    kind: Kind
    text: str
    row: int
    apart: bool
    place: int = 0


def read_tokens(text: str) -> list[Token]:
    r"""Words of a text, in their order; rows count from 1, whatever ends the lines.

    Examples
    --------
    >>> [token.text for token in read_tokens("x = 1.5e3 mL // a remark")]
    ['x', '=', '1.5e3', 'mL']
    >>> [token.row for token in read_tokens("x /* two \n rows */ = 2")]
    [1, 2, 2]
    """
    tokens, row, apart = [], 1, True
    for found in _TOKEN.finditer(end_lines(text)):
        kind, words = found.lastgroup or "", found[0]
        if kind != "gap":
            tokens.append(Token(Kind(kind), words, row, apart, found.start()))
        row += words.count("\n")
        apart = kind in ("gap", "end")
    return tokens


def end_lines(text: str) -> str:
    r"""The text with one sign at the end of each line.

    Examples
    --------
    >>> end_lines("a\r\nb")
    'a\nb'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")
