"""Numbers of an SBML document that its library would read as other numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from stromal.errors import Issue
from stromal.models.foreign_text import beyond_double

_MATHML = "http://www.w3.org/1998/Math/MathML "
_PROSE = ("annotation", "notes")
_REAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_HEXADECIMAL = re.compile(r"\s*[+-]?0[xX]")
_ATTRIBUTES = frozenset(
    (
        "exponent",
        "initialAmount",
        "initialConcentration",
        "multiplier",
        "size",
        "spatialDimensions",
        "stoichiometry",
        "value",
        "volume",
    )
)
_HINT = "write figures with a point, as 1000, 1.5 or 1.5e-3"
_SHOWN = 30


def check_numbers(text: str) -> list[Issue]:
    """Numbers that are not written as SBML writes them, or that no double holds.

    libsbml takes the part of a `cn` that it understands: `1,5` is 1, and so is `1_000`. It leaves
    the rest unsaid.

    Examples
    --------
    >>> head = '<math xmlns="http://www.w3.org/1998/Math/MathML">'
    >>> print(*check_numbers(f"{head}<cn> 1,5 </cn></math>"))
    row 1: `1,5` is no number.
    hint: write figures with a point, as 1000, 1.5 or 1.5e-3
    """
    reading = _Reading()
    reading.parser.Parse(text.encode("utf-8"), True)  # noqa: FBT003 - the last piece
    return reading.issues


@dataclass
class _Reading:
    """A document being walked through; what is inside notes and annotations is none of it."""

    issues: list[Issue] = field(default_factory=list)
    prose: int = 0
    number: dict[str, str] | None = None  # attributes of the `cn` that is open
    parts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parser = expat.ParserCreate("UTF-8", namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._words

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self.prose += local in _PROSE
        if self.prose:
            return
        if name == f"{_MATHML}cn":
            self.number, self.parts = attributes, [""]
        elif name == f"{_MATHML}sep" and self.number is not None:
            self.parts.append("")
        for key in _ATTRIBUTES & attributes.keys():
            if _HEXADECIMAL.match(attributes[key]):
                self._say(f"{key} is `{attributes[key][:_SHOWN]}`, which is no decimal number")

    def _words(self, words: str) -> None:
        if self.number is not None:
            self.parts[-1] += words

    def _end(self, name: str) -> None:
        self.prose -= name.rpartition(" ")[2] in _PROSE
        if name == f"{_MATHML}cn" and self.number is not None:
            message = _wrong(self.number, [part.strip() for part in self.parts])
            self.number = None
            if message:
                self._say(message)

    def _say(self, message: str) -> None:
        self.issues.append(Issue(message, row=self.parser.CurrentLineNumber, hint=_HINT))


def _wrong(attributes: dict[str, str], parts: list[str]) -> str:
    """What is wrong with a number; empty when nothing is."""
    kind = attributes.get("type", "real").strip()
    patterns = {
        "real": [_REAL],
        "integer": [_WHOLE],
        "rational": [_WHOLE, _WHOLE],
        "e-notation": [_REAL, _WHOLE],
    }.get(kind)
    if patterns is None:
        return ""  # libsbml refuses any other
    shown = "<sep/>".join(parts)[:_SHOWN]
    sort = "number" if kind == "real" else f"number of type {kind}"
    if attributes.get("base", "10").strip() != "10":
        return f"`{shown}` has the base {attributes['base'][:_SHOWN]}, which is not supported"
    if len(parts) != len(patterns) or not all(
        pattern.fullmatch(part) for pattern, part in zip(patterns, parts, strict=True)
    ):
        return f"`{shown}` is no {sort}"
    if kind in ("real", "e-notation"):
        beyond = beyond_double("e".join(parts), shown)
        return beyond[0] if beyond else ""
    return ""
