"""What stands in a picture: its words with the room they take, and its filled shapes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from itertools import combinations

from stromal.report.figures.lettering import measure_text

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Box:
    """A text or a shape and its edges, in points from the top left corner."""

    what: str
    left: float
    right: float
    top: float
    bottom: float

    @property
    def width(self):
        return self.right - self.left

    @property
    def middle(self):
        return (self.left + self.right) / 2

    def meets(self, other, slack=0.4):
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > slack and down > slack


def read_texts(svg):
    """Every upright text with its box; the measure is that of the layout."""
    found = []
    for item in ET.fromstring(svg).iter(f"{SVG}text"):
        style, text = item.get("style"), "".join(item.itertext())
        if "rotate(-90" in (item.get("transform") or ""):
            continue
        size = float(re.search(r"([\d.]+)px", style)[1])
        wide = measure_text(text, size, bold="700" in style or "bold" in style)
        x, y = float(item.get("x")), float(item.get("y"))
        anchor = re.search(r"text-anchor: (\w+)", style)
        left = x - {"end": wide, "middle": wide / 2}.get(anchor[1] if anchor else "start", 0)
        found.append(Box(text, left, left + wide, y - 0.75 * size, y + 0.2 * size))
    return found


def read_shapes(svg, fill):
    """Every closed shape of a fill colour with its box, and the points it is drawn by."""
    found = []
    for item in ET.fromstring(svg).iter(f"{SVG}path"):
        if f"fill: {fill}" not in (item.get("style") or "") or "C" in item.get("d"):
            continue
        numbers = [float(text) for text in re.findall(r"-?\d+(?:\.\d+)?", item.get("d"))]
        x, y = numbers[::2], numbers[1::2]
        found.append(Box(item.get("d"), min(x), max(x), min(y), max(y)))
    return found


def find_overlaps(svg):
    """Pairs of texts that share room."""
    texts = [text for text in read_texts(svg) if text.what.strip()]
    return [(a.what, b.what) for a, b in combinations(texts, 2) if a.meets(b)]


def find_outside(svg):
    """Texts that leave the picture."""
    _, _, width, height = map(float, re.search(r'viewBox="([^"]+)"', svg)[1].split())
    return [
        text.what
        for text in read_texts(svg)
        if text.left < -0.5 or text.right > width + 0.5 or text.top < -0.5 or text.bottom > height
    ]
