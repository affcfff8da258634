"""Drawings in an SBML document, which say nothing of its mathematics and are passed over."""

from __future__ import annotations

import re
from xml.parsers import expat

_DRAWING = re.compile(r"/(layout|render)/|/bcb/sbml/level2$|/projects/bcb/sbml", re.IGNORECASE)
_ROOT = re.compile(r"<(?!\?|!)[^>]*>")
_LEVEL_2 = re.compile(r"""\slevel=["']2["']""")
_SPACE = re.compile(r"""xmlns:([\w.-]+)=["']([^"']*)["']""")
_FREE = ("annotation", "notes")
"""Elements that may hold anything; libsbml passes them over itself."""


def drop_drawings(text: str) -> str:
    r"""Leave out the drawings (layout, render) of a Level 2 document; lines stay where they were.

    Programs write them among the elements of the model, where the schema has no place for them. In
    Level 3 they are packages, which libsbml knows.

    Parameters
    ----------
    text
        A well-formed document, in UTF-8.

    Examples
    --------
    >>> drop_drawings('<a level="2" xmlns:d="http://x.org/layout/1"><d:list>\n</d:list><b/></a>')
    '<a level="2" xmlns:d="http://x.org/layout/1">\n<b/></a>'
    """
    root = _ROOT.search(text)
    if root is None or not _LEVEL_2.search(root[0]) or not _DRAWING.search(root[0]):
        return text
    drawn = [prefix for prefix, space in _SPACE.findall(root[0]) if _DRAWING.search(space)]
    plain = re.sub(rf"""\s(?:{"|".join(drawn) or "-"}):required=["'][^"']*["']""", "", root[0])
    data = (text[: root.start()] + plain + text[root.end() :]).encode("utf-8")
    kept, after = [], 0
    for begin, end in _find_drawings(data):
        kept += [data[after:begin], b"\n" * data.count(b"\n", begin, end)]
        after = end
    return b"".join([*kept, data[after:]]).decode("utf-8")


def _find_drawings(data: bytes) -> list[tuple[int, int]]:
    """Where each outermost element of a drawing begins and ends, in bytes."""
    parser = expat.ParserCreate("UTF-8", namespace_separator=" ")
    found: list[tuple[int, int]] = []
    begun: list[int] = []
    depth = free = inside = 0

    def start(name: str, _: object) -> None:
        nonlocal depth, free, inside
        depth += 1
        space, _, own = name.rpartition(" ")
        if not free and not inside and own in _FREE:
            free = depth
        elif not free and not inside and _DRAWING.search(space):
            inside = depth
            begun.append(parser.CurrentByteIndex)

    def end(_: str) -> None:
        nonlocal depth, free, inside
        if inside == depth:
            inside = 0
            # an element that is closed in its own tag has been read to the end of that
            here = parser.CurrentByteIndex
            own_tag = data[here : here + 2] != b"</" and data[here - 1 : here] == b">"
            found.append((begun[-1], here if own_tag else data.index(b">", here) + 1))
        free = 0 if free == depth else free
        depth -= 1

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(data, True)  # noqa: FBT003 - the last piece
    return found
