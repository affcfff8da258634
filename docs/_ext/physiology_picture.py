"""The picture of the physiology: its parts and what acts on what, drawn from two tables."""

from __future__ import annotations

import sys
from pathlib import Path

WIDE, HIGH, BOX = 940, 560, (170, 52)

PARTS = {
    "MSC in blood, lung,\nliver, spleen, marrow": (20, 30),
    "Secretome and\nreprogrammed cells": (250, 30),
    "MSC effect\nimmune | marrow": (480, 30),
    "Autoantibody,\nsuppressor cells (ITP)": (740, 30),
    "CAR-T cells": (20, 170),
    "Tumour": (20, 300),
    "Cytokines": (250, 170),
    "Macrophages,\nmarrow inflammation": (480, 170),
    "Stroma, CXCL12": (740, 170),
    "Chemotherapy,\nconditioning": (250, 300),
    "Stem cells, host\nand donor": (480, 300),
    "Graft": (740, 300),
    "Neutrophils, G-CSF": (250, 430),
    "Platelets, TPO": (480, 430),
    "Red cells, EPO": (20, 430),
    "GVHD: donor T cells,\nskin, gut, liver, chronic": (740, 430),
}
"""Label of each part, and the place of its box's upper left corner."""

ARROWS = (
    (0, 1, "+"), (1, 2, "+"), (2, 7, "-"), (2, 3, "-"), (2, 8, "+"), (6, 7, "+"), (4, 6, "+"),
    (4, 5, "-"), (5, 4, "+"), (7, 10, "-"), (7, 8, "-"), (8, 10, "+"), (9, 10, "-"), (11, 10, "+"),
    (11, 15, "+"), (10, 12, "+"), (10, 13, "+"), (10, 14, "+"), (9, 4, "+"), (15, 10, "-"),
)  # fmt: skip
"""Numbers of two parts, and whether the first raises or lowers the second."""

COLOURS = {"+": "#2a6f4e", "-": "#a63d2f"}


def draw() -> str:
    """Return the picture as SVG, the same text for the same tables."""
    places = list(PARTS.values())
    pairs = {(a, b) for a, b, _ in ARROWS}
    arrows = [
        _arrow(places[a], places[b], sign, 6 if (b, a) in pairs else 0) for a, b, sign in ARROWS
    ]
    boxes = [_box(label, place) for label, place in PARTS.items()]
    marks = "".join(
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
        'markerHeight="7" orient="auto">'
        f'<path d="M0 0L10 5L0 10z" fill="{COLOURS[sign]}"/></marker>'
        for sign, name in (("+", "up"), ("-", "down"))
    )
    legend = (
        f'<text x="20" y="{HIGH - 16}" fill="{COLOURS["+"]}">green: raises</text>'
        f'<text x="130" y="{HIGH - 16}" fill="{COLOURS["-"]}">red: lowers</text>'
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" '
        'font-family="sans-serif" font-size="13" role="img">'
    )
    title = "<title>Parts of the physiology and what acts on what</title>"
    ground = f'<rect width="{WIDE}" height="{HIGH}" fill="#ffffff"/>'
    defined = f"<defs>{marks}</defs>"
    return "\n".join([head, title, ground, defined, *arrows, *boxes, legend, "</svg>", ""])


def _box(label: str, place: tuple[int, int]) -> str:
    (x, y), (wide, high) = place, BOX
    lines = label.split("\n")
    first = y + high / 2 + 4 - 8 * (len(lines) - 1)
    words = "".join(
        f'<text x="{x + wide / 2:g}" y="{first + 17 * row:g}" text-anchor="middle">{line}</text>'
        for row, line in enumerate(lines)
    )
    frame = f'<rect x="{x}" y="{y}" width="{wide}" height="{high}" rx="6" fill="#f3f5f4"'
    return f'{frame} stroke="#55605a"/>{words}'


def _arrow(start: tuple[int, int], end: tuple[int, int], sign: str, aside: int) -> str:
    """Return a line between the edges of two boxes, along the line between their middles."""
    wide, high = BOX
    x0, y0 = start[0] + wide / 2, start[1] + high / 2
    x1, y1 = end[0] + wide / 2, end[1] + high / 2
    dx, dy = x1 - x0, y1 - y0
    reach = min(
        wide / 2 / abs(dx) if dx else float("inf"), high / 2 / abs(dy) if dy else float("inf")
    )
    at = [x0 + reach * dx, y0 + reach * dy, x1 - reach * dx, y1 - reach * dy]
    # the two ways between one pair stand side by side
    side = aside if (dx, dy) > (0, 0) else -aside
    shift = (side, 0) if abs(dy) > abs(dx) else (0, side)
    ends = [round(value + shift[index % 2], 1) for index, value in enumerate(at)]
    mark = "up" if sign == "+" else "down"
    return (
        f'<line x1="{ends[0]}" y1="{ends[1]}" x2="{ends[2]}" y2="{ends[3]}" '
        f'stroke="{COLOURS[sign]}" stroke-width="1.6" marker-end="url(#{mark})"/>'
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(draw(), "utf-8")
